"""The journal on DynamoDB does what the one on SQLite does: the same steps give the same lines (moto's DynamoDB).

usage: journal_test.py PATH_OF_drive_journal
"""

import logging
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import boto3
from moto.server import ThreadedMotoServer

DRIVE_JOURNAL = sys.argv[1]
REGION = "eu-west-1"
TABLE = "recycler-runs"
KEYS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION}


def drive(*arguments):
    ran = subprocess.run([DRIVE_JOURNAL, *arguments], capture_output=True, text=True, timeout=90)
    if ran.returncode != 0:
        raise AssertionError(f"drive_journal {arguments} ended with {ran.returncode}: {ran.stderr}{ran.stdout}")
    return ran.stdout


class Journals(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        os.environ.update(KEYS)
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        cls.server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        cls.server.start()
        host, port = cls.server.get_host_and_port()
        cls.endpoint = f"http://{host}:{port}"
        cls.addClassCleanup(cls.server.stop)
        boto3.client("dynamodb", endpoint_url=cls.endpoint, region_name=REGION).create_table(
            TableName=TABLE, BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"},
                                  {"AttributeName": "sk", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}])

    def test_both_kinds_tell_the_same(self):
        with tempfile.TemporaryDirectory(prefix="journal-test-") as folder:
            path = str(Path(folder) / "journal.db")
            sqlite = drive("sqlite", path).replace(f"journal {path}", "journal NAME")
        dynamodb = drive("dynamodb", self.endpoint, TABLE).replace(f"journal {TABLE}", "journal NAME")
        self.assertGreater(len(sqlite.splitlines()), 40)
        self.assertEqual(dynamodb.splitlines(), sqlite.splitlines())
        self.assertIn("12000 tasks", dynamodb)
        table = boto3.client("dynamodb", endpoint_url=self.endpoint, region_name=REGION)
        parts = [item for page in table.get_paginator("scan").paginate(TableName=TABLE) for item in page["Items"]
                 if item["sk"]["S"].startswith("part#")]
        self.assertGreater(len(parts), 3)
        self.assertLessEqual(max(len(item["data"]["B"]) for item in parts), 300_000)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
