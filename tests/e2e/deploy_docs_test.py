"""What docs/deploy.md shows works: every command is run, against moto and a local ECS that has the service; what
Terraform does is run by tests/contract/terraform_test.py.

usage: ECSR_BIN=PATH_OF_ecs-recycler deploy_docs_test.py
"""

import json
import os
import re
import shutil
import subprocess
import tempfile
import unittest
import zipfile
from pathlib import Path

import boto3

from stage import BINARY, CLUSTER, Stage, clean_environment, wait_for

from moto_recorder import KEYS, RecordedMoto

ROOT = Path(__file__).resolve().parent.parent.parent
DOCUMENT = (ROOT / "docs" / "deploy.md").read_text()
PACKAGE = "build/lambda/ecs-recycler-lambda-x86_64.zip"
ACCOUNT, REGION = "123456789012", "us-east-1"
EMPTY_ZIP = b"PK\x05\x06" + bytes(18)
JOURNAL = ["--journal", "dynamodb://ecs-recycler-runs"]


def commands():
    blocks = [text for language, text in re.findall(r"^```(\w*)\n(.*?)^```$", DOCUMENT, re.M | re.S) if not language]
    return [line for block in blocks for line in block.splitlines()]


def pattern_of_template(service):
    """The rule's pattern for a service of cluster "shop" in moto's account."""
    moto = RecordedMoto()
    try:
        keys = {"endpoint_url": moto.url, **KEYS}
        boto3.client("s3", **keys).create_bucket(Bucket="packages")
        boto3.client("s3", **keys).put_object(Bucket="packages", Key="p.zip", Body=EMPTY_ZIP)
        given = {"EcsClusterName": CLUSTER, "EcsServiceName": service, "CodeS3Bucket": "packages",
                 "CodeS3Key": "p.zip"}
        boto3.client("cloudformation", **keys).create_stack(
            StackName="s", Capabilities=["CAPABILITY_NAMED_IAM"],
            TemplateBody=(ROOT / "deploy/cloudformation/ecs-recycler.yaml").read_text(),
            Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in given.items()])
        return boto3.client("events", **keys).describe_rule(Name="ecs-recycler-out-of-memory")["EventPattern"]
    finally:
        moto.close()


@unittest.skipUnless(shutil.which("aws"), "the aws CLI is not installed")
class DeployDocs(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stage = Stage("--runtime", "virtual", "--time-scale", "60")
        cls.addClassCleanup(cls.stage.close)
        cls.moto = RecordedMoto(runs_functions=True)
        cls.addClassCleanup(cls.moto.close)
        folder = tempfile.TemporaryDirectory(prefix="deploy-docs-")
        cls.addClassCleanup(folder.cleanup)
        cls.checkout = Path(folder.name)
        shutil.copytree(ROOT / "deploy", cls.checkout / "deploy")
        (cls.checkout / "bin").mkdir()
        (cls.checkout / "bin" / "ecs-recycler").symlink_to(BINARY)
        cls.stage.create_services(web=2)

    def make_package(self):
        """In the place of `make lambda`, which takes minutes and is a test of its own."""
        (self.checkout / PACKAGE).parent.mkdir(parents=True)
        with zipfile.ZipFile(self.checkout / PACKAGE, "w") as package:
            package.writestr("bootstrap", "what is in it does not matter here")

    def environment(self):
        ecs = self.stage.local.url
        return clean_environment(
            self.stage.home.name, AWS_ACCESS_KEY_ID="a", AWS_SECRET_ACCESS_KEY="b", AWS_REGION=REGION, AWS_PAGER="",
            AWS_DEFAULT_REGION=REGION, AWS_ENDPOINT_URL=self.moto.url, AWS_ENDPOINT_URL_ECS=ecs,
            AWS_ENDPOINT_URL_APPLICATION_AUTO_SCALING=ecs, AWS_ENDPOINT_URL_ELASTIC_LOAD_BALANCING_V2=ecs,
            PATH=f"{self.checkout / 'bin'}:{os.environ['PATH']}")

    def run_line(self, line):
        return subprocess.run(["bash", "-c", line], cwd=self.checkout, env=self.environment(), capture_output=True,
                              text=True, timeout=120, stdin=subprocess.DEVNULL)

    def run_id(self):
        listed = self.run_line("ecs-recycler runs list --output json " + " ".join(JOURNAL))
        return json.loads(listed.stdout)["runs"][0]["run_id"]

    def test_every_command_that_it_shows_works(self):
        shown = [line for line in commands() if not line.startswith("terraform ")]
        self.assertGreater(len(shown), 20)
        self.assertEqual(shown[0], "make lambda")
        self.make_package()
        for line in shown[1:]:
            with self.subTest(command=line):
                line = line.replace("ACCOUNT", ACCOUNT).replace("REGION", REGION)
                if " ID " in line:
                    line = line.replace(" ID ", f" {self.run_id()} ")
                done = self.run_line(line)
                # A run that is over can be neither resumed nor aborted: the program says so.
                allowed = {0, 2} if re.match(r"ecs-recycler runs (resume|abort)", line) else {0}
                self.assertIn(done.returncode, allowed, done.stderr)
        self.assertEqual(self.stage.json("status", "--cluster", CLUSTER, "--service", "web")[0], 0)

    def test_the_terraform_commands_are_those_that_its_test_runs(self):
        run = (ROOT / "tests" / "contract" / "terraform_test.py").read_text()
        shown = [line for line in commands() if line.startswith("terraform ")] + re.findall(r"`(terraform \w+)`",
                                                                                          DOCUMENT)
        self.assertEqual(len(shown), 4)
        for line in shown:
            self.assertIn(f'terraform.run("{line.split()[1]}"', run)

    def test_names_that_it_tells_are_made(self):
        template = (ROOT / "deploy" / "cloudformation" / "ecs-recycler.yaml").read_text()
        for parameter in ("ScheduleExpression", "TimeZone", "Windows", "Strategy", "Batch", "Wait", "Alarms",
                          "SnsTopicArn", "StepFunctions"):
            self.assertIn(f"`{parameter}`", DOCUMENT)
            self.assertRegex(template, rf"(?m)^  {parameter}:$")
        for alarm in re.findall(r"`ecs-recycler(-errors|-out-of-memory)`", DOCUMENT):
            self.assertIn(f'AlarmName: !Sub "${{ServiceName}}{alarm}"', template)


class OutOfMemory(unittest.TestCase):
    def test_the_rule_of_the_template_hears_of_a_killed_task_on_the_local_ecs(self):
        """moto puts the pattern together as AWS does; the local ECS kills a task, and its EventBridge tells the log."""
        stage = Stage("--runtime", "virtual", "--time-scale", "60")
        self.addCleanup(stage.close)
        account = stage.ecs.describe_clusters(clusters=[CLUSTER])["clusters"][0]["clusterArn"].split(":")[4]
        keys = {"endpoint_url": stage.local.url, "region_name": REGION, "aws_access_key_id": "a",
                "aws_secret_access_key": "b"}
        logs, events = boto3.client("logs", **keys), boto3.client("events", **keys)
        logs.create_log_group(logGroupName="/aws/events/killed")
        events.put_rule(Name="killed", EventPattern=pattern_of_template("leaky").replace(ACCOUNT, account))
        events.put_targets(Rule="killed", Targets=[
            {"Id": "log", "Arn": f"arn:aws:logs:{REGION}:{account}:log-group:/aws/events/killed"}])
        stage.register("leaky", dockerLabels={"local.ecs/memory-base": "4MiB", "local.ecs/memory-growth": "4MiB/m"})
        stage.create_services(other=1)
        stage.ecs.create_service(cluster=CLUSTER, serviceName="leaky", taskDefinition="leaky", desiredCount=1)
        stage.wait_until_running("leaky", 1)
        stage.recycle("other", "--wait", "0s")
        self.assertEqual(stage.run("local", "advance", "30m").returncode, 0)
        heard = wait_for("the event of a killed task",
                         lambda: logs.filter_log_events(logGroupName="/aws/events/killed")["events"])
        for each in heard:
            detail = json.loads(each["message"])["detail"]
            self.assertEqual((detail["group"], detail["containers"][0]["exitCode"]), ("service:leaky", 137))
            self.assertIn("OutOfMemoryError", detail["containers"][0]["reason"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
