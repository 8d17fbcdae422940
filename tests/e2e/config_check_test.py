"""`config check`, and the JSON schema that editors use: both must say the same of a file.

usage: ECSR_BIN=PATH_OF_ecs-recycler config_check_test.py
"""

import copy
import json
import tempfile
import unittest
from pathlib import Path

import jsonschema
import yaml

from stage import run_program

ROOT = Path(__file__).resolve().parent.parent.parent
EXAMPLE = ROOT / "docs" / "recycler.yaml"
SCHEMA = json.loads((ROOT / "docs" / "recycler.schema.json").read_text())

# What the example refers to.
SECRETS = {"SMTP_PASSWORD": "s3cret", "SLACK_URL": "https://hooks.slack.com/services/T/B/s3cret"}

# Changes of one value that make the example wrong: where, and what stands there then.
WRONG = [
    (["max_paralel"], 3),
    (["max_parallel"], 0),
    (["max_parallel"], "many"),
    (["stagger"], "5 minutes"),
    (["read_only"], "perhaps"),
    (["http", "port"], 65536),
    (["http", "prot"], 1),
    (["poll", "services"], "often"),
    (["accounts"], {"name": "prod"}),
    (["accounts", 0, "name"], None),
    (["accounts", 0, "role_arn"], "recycler"),
    (["accounts", 0, "endpoint_url"], "ftp://x"),
    (["defaults", "batch"], 0),
    (["defaults", "batch"], "25 %"),
    (["defaults", "strategy"], "blue-green"),
    (["defaults", "timeout"], "4"),
    (["defaults", "timeout"], "0s"),
    (["schedules", "nightly", "expression"], "nightly"),
    (["schedules", "nightly", "jiter"], "5m"),
    (["schedules", "nightly"], {"jitter": "5m"}),
    (["schedules", "nightly", "start"], "tomorrow"),
    (["notifications", "mails", 0, "security"], "ssl"),
    (["notifications", "mails", 0, "host"], None),
    (["notifications", "webhooks", 0, "events"], ["exploded"]),
    (["notifications", "topics"], [{"topic_arn": "ops"}]),
    (["services"], []),
    (["services", 0, "enabled"], "off"),
    (["services", 1, "order"], "alphabetical"),
    (["services", 1, "max_age"], "soon"),
    (["services", 1, "tags"], ["a"]),
    (["services", 1], {"max_age": "1d"}),
]

RIGHT = [
    (["max_parallel"], "${PARALLEL:-2}"),
    (["read_only"], True),
    (["stagger"], "0"),
    (["defaults", "batch"], "10%"),
    (["defaults", "timeout"], "0h1s"),
    (["defaults", "timeout"], "1500ms"),
    (["defaults", "batch"], 4),
    (["services", 1, "surge"], 2),
    (["defaults", "wait_for_protection"], False),
    (["defaults", "on_error"], "pause"),
    (["services", 1, "tags"], {"team": "shop"}),
    (["services", 1, "alarms"], "one"),
    (["services", 2, "max_age"], "1d12h"),
    (["services", 1, "schedule"], {"expression": "cron(0 3 ? * MON-FRI *)", "jitter": "10m"}),
    (["services", 1, "windows"], ["MON-FRI 01:00-05:00", "SAT 00:00-06:00"]),
    (["notifications", "topics"], [{"topic_arn": "arn:aws:sns:eu-west-1:111122223333:ops", "events": "failed"}]),
]


def changed(path, value):
    document = copy.deepcopy(yaml.safe_load(EXAMPLE.read_text()))
    inner = document
    for key in path[:-1]:
        inner = inner.setdefault(key, {}) if isinstance(inner, dict) else inner[key]
    inner[path[-1]] = value
    return document


def schema_takes(document):
    return jsonschema.Draft7Validator(SCHEMA).is_valid(document)


class ConfigCheck(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="ecs-recycler-config-")
        self.addCleanup(folder.cleanup)
        self.file = Path(folder.name) / "recycler.yaml"

    def check(self, document, *arguments):
        self.file.write_text(document if isinstance(document, str) else yaml.safe_dump(document))
        return run_program("config", "check", str(self.file), *arguments, **SECRETS)

    def test_the_example_is_fine_and_says_what_it_watches(self):
        done = run_program("config", "check", str(EXAMPLE), **SECRETS)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("services cart, web-* of cluster shop in prod", done.stdout)
        jsonschema.Draft7Validator.check_schema(SCHEMA)
        jsonschema.validate(yaml.safe_load(EXAMPLE.read_text()), SCHEMA)

    def test_schema_and_program_refuse_the_same(self):
        for path, value in WRONG:
            with self.subTest(path=path, value=value):
                document = changed(path, value)
                done = self.check(document)
                self.assertEqual(done.returncode, 2, done.stdout)
                self.assertFalse(schema_takes(document))

    def test_schema_and_program_take_the_same(self):
        for path, value in RIGHT:
            with self.subTest(path=path, value=value):
                document = changed(path, value)
                done = self.check(document)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertTrue(schema_takes(document))

    def test_every_problem_is_told_at_once_with_its_line(self):
        text = "max_paralel: 3\nservices:\n  - service: a\n    batch: none\n    order: best\n"
        done = self.check(text)
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        lines = done.stderr.splitlines()
        self.assertEqual([line.split(": ")[:2] for line in lines],
                         [[f"{self.file}:1", "max_paralel"], [f"{self.file}:4", "services[0].batch"],
                          [f"{self.file}:5", "services[0].order"]])
        document = json.loads(self.check(text, "--output", "json").stdout)
        self.assertEqual((document["ok"], [problem["line"] for problem in document["problems"]]), (False, [1, 4, 5]))

    def test_a_file_that_is_not_there(self):
        done = run_program("config", "check", "/nonexistent/recycler.yaml", "--output", "json")
        self.assertEqual(done.returncode, 2)
        self.assertIn("/nonexistent/recycler.yaml", done.stderr)
        self.assertIn("error", json.loads(done.stdout))


if __name__ == "__main__":
    unittest.main(verbosity=2)
