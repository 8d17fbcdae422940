"""`local up --verify-signatures`: who signs as AWS wants it gets in, who does not is refused as AWS refuses.

usage: ECSR_BIN=PATH_OF_ecs-recycler local_signatures_test.py
"""

import http.client
import json
import os
import shutil
import subprocess
import unittest

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from local_ecs import REGION, LocalEcs, refused

TARGET = "AmazonEC2ContainerServiceV20141113."
KEYS = {"aws_access_key_id": "local", "aws_secret_access_key": "local"}
ROLE = {"RoleArn": "arn:aws:iam::123456789012:role/ops", "RoleSessionName": "night-shift"}


def setUpModule():
    global LOCAL
    LOCAL = LocalEcs("--verify-signatures", "--runtime", "virtual")


def tearDownModule():
    code = LOCAL.stop()
    assert code == 0, f"local up ended with {code}"


def client(service, **keys):
    return boto3.client(service, endpoint_url=LOCAL.url, region_name=REGION, **(keys or KEYS))


def environment(**keys):
    return {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_ENDPOINT_URL": LOCAL.url, "AWS_REGION": REGION, "AWS_DEFAULT_REGION": REGION,
            "AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local", **keys}


def signed(body="{}", target="ListClusters", keys=("local", "local"), service="ecs"):
    """Headers and body as botocore signs them."""
    request = AWSRequest("POST", LOCAL.url + "/", data=body, headers={
        "X-Amz-Target": TARGET + target, "Content-Type": "application/x-amz-json-1.1"})
    SigV4Auth(Credentials(*keys), service, REGION).add_auth(request)
    return dict(request.headers.items()), body


def send(headers, body):
    """(HTTP status, error code)."""
    connection = http.client.HTTPConnection(LOCAL.url.removeprefix("http://"), timeout=30)
    try:
        connection.request("POST", "/", body, headers)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read()).get("__type")
    finally:
        connection.close()


class Accepted(unittest.TestCase):
    def test_botocore_in_every_protocol(self):
        client("ecs").create_cluster(clusterName="shop")
        self.assertIn("shop", client("ecs").list_clusters()["clusterArns"][0])
        client("elbv2").describe_load_balancers()
        client("cloudwatch").describe_alarms()
        client("application-autoscaling").describe_scalable_targets(ServiceNamespace="ecs")
        self.assertEqual(client("sts").get_caller_identity()["Account"], "000000000000")

    def test_an_assumed_role_with_its_token(self):
        role = client("sts").assume_role(**ROLE)
        keys = {"aws_access_key_id": role["Credentials"]["AccessKeyId"],
                "aws_secret_access_key": role["Credentials"]["SecretAccessKey"]}
        token = {"aws_session_token": role["Credentials"]["SessionToken"]}
        self.assertEqual(client("sts", **keys, **token).get_caller_identity()["Arn"], role["AssumedRoleUser"]["Arn"])
        client("ecs", **keys, **token).list_clusters()
        with refused(self, "UnrecognizedClientException"):
            client("ecs", **keys).list_clusters()

    @unittest.skipUnless(shutil.which("aws"), "no aws CLI")
    def test_the_aws_cli(self):
        done = subprocess.run(["aws", "ecs", "list-clusters"], env=environment(), capture_output=True, text=True,
                              timeout=120)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_our_own_client_also_with_a_role(self):
        client("ecs").create_cluster(clusterName="own")
        client("ecs").register_task_definition(family="app", containerDefinitions=[
            {"name": "app", "image": "ecs-recycler/sleeper", "memory": 64}])
        client("ecs").create_service(cluster="own", serviceName="web", taskDefinition="app", desiredCount=0)
        command = [os.environ["ECSR_BIN"], "status", "--cluster", "own", "--service", "web"]
        for more in ([], ["--role-arn", ROLE["RoleArn"]]):
            done = subprocess.run([*command, *more], env=environment(), capture_output=True, text=True, timeout=120)
            self.assertEqual(done.returncode, 0, done.stderr)
        refusal = subprocess.run(command, env=environment(AWS_SECRET_ACCESS_KEY="wrong"), capture_output=True,
                                 text=True, timeout=120)
        self.assertEqual(refusal.returncode, 5, refusal.stderr)
        self.assertIn("signature", refusal.stderr)


class Refused(unittest.TestCase):
    def test_what_was_changed_after_it_was_signed(self):
        self.assertEqual(send(*signed()), (200, None))
        headers, body = signed()
        bad_signature = (400, "InvalidSignatureException")
        self.assertEqual(send(headers, '{"maxResults":1}'), bad_signature)
        self.assertEqual(send({**headers, "X-Amz-Target": TARGET + "ListServices"}, body), bad_signature)
        self.assertEqual(send({**headers, "Content-Type": "application/x-amz-json-1.0"}, body), bad_signature)
        time = headers["X-Amz-Date"]
        another = time[:-2] + ("1Z" if time.endswith("0Z") else "0Z")
        self.assertEqual(send({**headers, "X-Amz-Date": another}, body), bad_signature)

    def test_a_stated_hash_of_another_body_does_not_help(self):
        request = AWSRequest("POST", LOCAL.url + "/", data="{}", headers={
            "X-Amz-Target": TARGET + "ListClusters", "Content-Type": "application/x-amz-json-1.1",
            "X-Amz-Content-SHA256": "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"})
        SigV4Auth(Credentials("local", "local"), "ecs", REGION).add_auth(request)
        headers = dict(request.headers.items())
        self.assertEqual(send(headers, "{}"), (200, None))
        self.assertEqual(send(headers, '{"maxResults":1}'), (400, "InvalidSignatureException"))

    def test_wrong_secrets_strange_keys_and_none(self):
        self.assertEqual(send(*signed(keys=("local", "guessed"))), (400, "InvalidSignatureException"))
        self.assertEqual(send(*signed(keys=("AKIDSTRANGER", "local"))), (400, "UnrecognizedClientException"))
        self.assertEqual(send(*signed(service="sts")), (400, "InvalidSignatureException"))
        headers, body = signed()
        del headers["Authorization"]
        self.assertEqual(send(headers, body), (400, "MissingAuthenticationTokenException"))
        with refused(self, "SignatureDoesNotMatch"):
            client("elbv2", aws_access_key_id="local", aws_secret_access_key="guessed").describe_load_balancers()
        with refused(self, "InvalidClientTokenId"):
            client("sts", aws_access_key_id="AKIDSTRANGER", aws_secret_access_key="x").get_caller_identity()

    def test_a_refused_request_has_changed_nothing(self):
        send(*signed('{"clusterName":"forged"}', "CreateCluster", keys=("local", "guessed")))
        self.assertNotIn("forged", str(client("ecs").list_clusters()["clusterArns"]))


if __name__ == "__main__":
    unittest.main()
