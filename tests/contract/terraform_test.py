"""The Terraform module, with the real AWS provider, against moto: formatted, valid, applied, without drift, destroyed.

usage: ECSR_BIN=PATH_OF_ecs-recycler terraform_test.py
"""

import json
import logging
import os
import re
import shutil
import subprocess
import tempfile
import unittest
import zipfile
from pathlib import Path

import boto3
from moto.server import ThreadedMotoServer
from moto.stepfunctions.responses import StepFunctionResponse

import out_of_memory_events
from iam_rights import OF_FUNCTION, granted, rights
from terraform_provider import provider_mirror

ROOT = Path(__file__).resolve().parent.parent.parent
DOCUMENT = (ROOT / "docs" / "deploy.md").read_text()
MODULE = ROOT / "deploy" / "terraform"
REGION = "us-east-1"
TOPIC = f"arn:aws:sns:{REGION}:123456789012:operations"
SERVICES = ("iam", "sts", "lambda", "events", "scheduler", "dynamodb", "logs", "cloudwatch", "sns", "sfn")
EXAMPLES = ("one-service", "many-services", "step-functions")
MIRROR = provider_mirror()


def setUpModule():
    if MIRROR is None:
        raise unittest.SkipTest("terraform with its AWS provider is not on this machine")


class Terraform:
    """All examples as one configuration in a folder of its own, with the provider's endpoints set to moto."""

    def __init__(self, examples, endpoint, package):
        self.folder = tempfile.TemporaryDirectory(prefix="terraform-test-")
        shutil.copytree(ROOT / "deploy", Path(self.folder.name) / "deploy")
        self.path = Path(self.folder.name) / "deploy" / "terraform" / "all"
        self.path.mkdir()
        endpoints = "\n".join(f'    {name} = "{endpoint}"' for name in SERVICES)
        modules = "".join(f'module "{name}" {{\n  source  = "../examples/{name}"\n  package = "{package}"\n}}\n'
                          f'output "{name}" {{\n  value = module.{name}\n}}\n' for name in examples)
        (self.path / "main.tf").write_text(
            f'provider "aws" {{\n  region = "{REGION}"\n  access_key = "test"\n  secret_key = "test"\n'
            "  skip_credentials_validation = true\n  skip_metadata_api_check = true\n"
            f"  skip_requesting_account_id = false\n  endpoints {{\n{endpoints}\n  }}\n}}\n{modules}")
        settings = Path(self.folder.name) / "terraformrc"
        settings.write_text(f'provider_installation {{\n  filesystem_mirror {{\n    path = "{MIRROR}"\n  }}\n}}\n')
        self.environment = {"PATH": os.environ["PATH"], "HOME": self.folder.name, "TF_CLI_CONFIG_FILE": str(settings),
                            "TF_IN_AUTOMATION": "1", "CHECKPOINT_DISABLE": "1"}

    def run(self, *arguments, codes=(0,)):
        done = subprocess.run(["terraform", *arguments, "-no-color"], cwd=self.path, env=self.environment,
                              capture_output=True, text=True, timeout=240, check=False)
        if done.returncode not in codes:
            raise AssertionError(f"terraform {arguments} ended with {done.returncode}: {done.stdout}{done.stderr}")
        return done

    def outputs(self):
        return {name: each["value"] for name, each in json.loads(self.run("output", "-json").stdout).items()}

    def close(self):
        self.folder.cleanup()


def say_valid(_):
    """ValidateStateMachineDefinition, which the provider calls and moto lacks."""
    return json.dumps({"result": "OK", "diagnostics": []})


def say_no_versions(_):
    """ListStateMachineVersions, likewise."""
    return json.dumps({"stateMachineVersions": []})


class Module(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        os.environ.update({"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
                           "AWS_DEFAULT_REGION": REGION, "MOTO_LAMBDA_STUB_ECR": "true"})
        StepFunctionResponse.validate_state_machine_definition = say_valid
        StepFunctionResponse.list_state_machine_versions = say_no_versions
        cls.server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        cls.server.start()
        cls.addClassCleanup(cls.server.stop)
        cls.endpoint = "http://{}:{}".format(*cls.server.get_host_and_port())
        folder = tempfile.TemporaryDirectory(prefix="terraform-package-")
        cls.addClassCleanup(folder.cleanup)
        cls.package = Path(folder.name) / "bootstrap.zip"
        with zipfile.ZipFile(cls.package, "w") as package:
            package.writestr("bootstrap", "what is in it does not matter here")

    def client(self, service):
        return boto3.client(service, endpoint_url=self.endpoint, region_name=REGION)

    def test_it_is_formatted(self):
        done = subprocess.run(["terraform", "fmt", "-check", "-recursive", str(MODULE)], capture_output=True, text=True,
                              check=False)
        self.assertEqual(done.returncode, 0, done.stdout)

    def test_the_examples_live_and_die(self):
        terraform = Terraform(EXAMPLES, self.endpoint, self.package)
        self.addCleanup(terraform.close)
        documented = terraform.path / "documented.tf"
        shown = re.search(r"^```hcl\n(.*?)^```$", DOCUMENT, re.M | re.S)[1]
        documented.write_text(re.sub(r'(package +=) .*', rf'\1 "{self.package}"', shown.replace('"../.."', '"../"')))
        terraform.run("init", "-input=false")
        terraform.run("validate")
        documented.unlink()
        terraform.run("apply", "-auto-approve", "-input=false")
        outputs = terraform.outputs()
        with self.subTest("the older settings"):
            self.check_one_service(outputs["one-service"]["function"])
        with self.subTest("schedules"):
            self.check_schedules(outputs["many-services"]["schedules"])
        with self.subTest("state machine"):
            self.check_state_machine(outputs["step-functions"]["state_machine"])
        with self.subTest("drift"):
            drift = terraform.run("plan", "-detailed-exitcode", "-input=false", codes=(0, 2))
            self.assertEqual(drift.returncode, 0, drift.stdout)
        terraform.run("destroy", "-auto-approve", "-input=false")
        self.assertEqual(self.client("lambda").list_functions()["Functions"], [])
        self.assertEqual(self.client("dynamodb").list_tables()["TableNames"], [])
        self.assertEqual(self.client("iam").list_roles()["Roles"], [])
        with self.subTest("wrong variables"):
            self.check_wrong_variables(terraform)

    def check_wrong_variables(self, terraform):
        (terraform.path / "wrong.tf").write_text(
            'module "wrong" {\n  source = "../"\n  ecs_cluster_name = "shop"\n  ecs_service_name = "web"\n'
            '  package = "/nonexistent.zip"\n  windows = ["MON-FRI 1-5"]\n  blackouts = ["Christmas"]\n}\n')
        terraform.run("get")
        said = terraform.run("plan", "-input=false", codes=(1,)).stderr
        for name in ("package: no such file", "windows: like MON-FRI", "blackouts: like 2026-12-24"):
            self.assertIn(name, said)

    def check_one_service(self, name):
        function = self.client("lambda").get_function(FunctionName=name)["Configuration"]
        self.assertEqual((function["Runtime"], function["Handler"], function["Timeout"]),
                         ("provided.al2023", "bootstrap", 900))
        variables = function["Environment"]["Variables"]
        self.assertEqual((variables["ECS_CLUSTER_NAME"], variables["ECS_SERVICE_NAME"]), ("shop", "web"))
        rule = self.client("events").describe_rule(Name=name + "-schedule")
        self.assertEqual(rule["ScheduleExpression"], "rate(6 hours)")
        target, = self.client("events").list_targets_by_rule(Rule=rule["Name"])["Targets"]
        self.assertEqual(json.loads(target["Input"])["service_name"], "web")
        retries = self.client("lambda").get_function_event_invoke_config(FunctionName=name)
        self.assertEqual(retries["MaximumRetryAttempts"], 0)
        self.check_rights(name, "web", "recycle")
        pattern = self.client("events").describe_rule(Name=name + "-out-of-memory")["EventPattern"]
        out_of_memory_events.check(self, pattern, "shop", "web")

    def check_schedules(self, schedules):
        self.assertEqual(schedules, {"web": "cron(0 3 * * ? *)", "worker": "rate(12 hours)"})
        schedule = self.client("scheduler").get_schedule(Name="recycle-web-schedule")
        self.assertEqual(schedule["ScheduleExpressionTimezone"], "Europe/Berlin")
        function = self.client("lambda").get_function(FunctionName="recycle-web")["Configuration"]
        variables = function["Environment"]["Variables"]
        self.assertEqual((variables["ECS_RECYCLER_WINDOW"], variables["ECS_RECYCLER_BLACKOUT"],
                          variables["ECS_RECYCLER_TIMEZONE"]),
                         ("MON-FRI 02:00-05:00,SAT,SUN 00:00-24:00", "2026-12-24..2027-01-02", "Europe/Berlin"))
        self.check_rights("recycle-web", "web", "recycle,sns")
        self.check_rights("recycle-worker", "worker", "force-deployment,sns")
        config = self.client("lambda").get_function_event_invoke_config(FunctionName="recycle-web")
        self.assertEqual(config["DestinationConfig"]["OnFailure"]["Destination"], TOPIC)

    def check_state_machine(self, arn):
        machine = self.client("stepfunctions").describe_state_machine(stateMachineArn=arn)
        definition = json.loads(machine["definition"])
        self.assertIn(":function:recycle-large", definition["States"]["Step"]["Parameters"]["FunctionName"])
        self.check_rights("recycle-large", "large", "recycle,alarms")
        alarms = self.client("cloudwatch").describe_alarms()["MetricAlarms"]
        self.assertEqual({alarm["AlarmName"] for alarm in alarms if alarm["AlarmName"].startswith("recycle-large-")},
                         {"recycle-large-" + each for each in ("errors", "out-of-memory", "ExecutionsFailed",
                                                               "ExecutionsTimedOut")})

    def check_rights(self, name, service, features):
        document = self.client("iam").get_role_policy(RoleName=name + "-function", PolicyName="recycle")
        self.assertEqual(rights(document["PolicyDocument"]),
                         granted(f"{features},{OF_FUNCTION}", service, name, topic=TOPIC))


if __name__ == "__main__":
    unittest.main()
