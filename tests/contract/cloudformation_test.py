"""The CloudFormation template against cfn-lint and moto: created, updated and deleted by deploy.sh and the aws CLI; and
it gives what the Terraform module gives.

usage: ECSR_BIN=PATH_OF_ecs-recycler cloudformation_test.py
"""

import ast
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
import zipfile
from pathlib import Path

import boto3
from cfnlint.api import lint_file
from cfnlint.decode import cfn_yaml
from moto.cloudformation.models import ChangeSet

import out_of_memory_events
from iam_rights import OF_FUNCTION, granted, rights
from moto_recorder import KEYS, REGION, RecordedMoto

ROOT = Path(__file__).resolve().parent.parent.parent
TEMPLATE = ROOT / "deploy" / "cloudformation" / "ecs-recycler.yaml"
SCRIPT = ROOT / "deploy" / "cloudformation" / "deploy.sh"
ACCOUNT = "123456789012"
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:ops"
DOCUMENT = cfn_yaml.load(str(TEMPLATE))


def setUpModule():
    global MOTO
    if shutil.which("aws") is None:
        raise unittest.SkipTest("the aws CLI is not installed")
    ChangeSet.apply = apply_with_outputs
    MOTO = RecordedMoto()
    unittest.addModuleCleanup(MOTO.close)


def environment(home, **more):
    return {"PATH": os.environ["PATH"], "HOME": home, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_ENDPOINT_URL": MOTO.url, "AWS_REGION": REGION, "AWS_PAGER": "", **more}


def client(service):
    return boto3.client(service, endpoint_url=MOTO.url, **KEYS)


def apply_with_outputs(self):
    """ChangeSet.apply, which in moto forgets the outputs."""
    self.stack.template = self.template
    self.stack._parse_template()
    self.stack.resource_map.update(self.template_dict, self.parameters)
    self.stack.output_map = self.stack._create_output_map()


class Template(unittest.TestCase):
    def test_cfn_lint_finds_nothing(self):
        self.assertEqual([str(match) for match in lint_file(TEMPLATE)], [])

    def test_it_uses_no_yaml_that_cloudformation_refuses(self):
        aliases = [line for line in TEMPLATE.read_text().splitlines()
                   if re.search(r"(^|[\s\[{,])[&*][a-zA-Z]", re.sub(r'"[^"]*"', "", line))]
        self.assertEqual(aliases, [])

    def test_the_state_machine_is_that_of_the_file(self):
        shown = DOCUMENT["Resources"]["StateMachine"]["Properties"]["DefinitionString"]["Fn::Sub"][0]
        file = json.loads((ROOT / "deploy" / "step_functions" / "recycle.asl.json").read_text())
        self.assertEqual(json.loads(shown), file)

    def test_parameters_have_the_defaults_of_the_module(self):
        """moto skips alarms and schedules silently, and asks no parameter for its bounds: those are read here."""
        interval = DOCUMENT["Parameters"]["RecycleIntervalHours"]
        self.assertEqual((interval["Default"], interval["MinValue"], interval["MaxValue"]), (6, 1, 24))
        module = (ROOT / "deploy" / "terraform" / "variables.tf").read_text()
        for variable, parameter in (("service_name", "ServiceName"), ("recycle_interval_hours", "RecycleIntervalHours"),
                                    ("schedule_expression", "ScheduleExpression"), ("timezone", "TimeZone"),
                                    ("strategy", "Strategy"), ("batch", "Batch"), ("wait", "Wait"),
                                    ("step_functions", "StepFunctions"), ("architecture", "Architecture"),
                                    ("timeout_seconds", "TimeoutSeconds"), ("memory_mb", "MemoryMb"),
                                    ("log_retention_days", "LogRetentionDays")):
            default = re.search(rf'variable "{variable}" {{.*?default\s+= "?(.*?)"?$', module, re.S | re.M)[1]
            self.assertEqual(str(DOCUMENT["Parameters"][parameter]["Default"]), default, variable)

    def test_alarms_are_those_of_the_module(self):
        module = (ROOT / "deploy" / "terraform" / "alarms.tf").read_text()
        metrics = {each["Properties"]["MetricName"] if isinstance(each["Properties"]["MetricName"], str)
                   else each["Properties"]["MetricName"]["Fn::Sub"].replace("${ServiceName}", "${var.service_name}")
                   for each in DOCUMENT["Resources"].values() if each["Type"] == "AWS::CloudWatch::Alarm"}
        self.assertEqual(metrics, {"Errors", "ExecutionsFailed", "ExecutionsTimedOut",
                                   "TasksOutOfMemory-${var.service_name}"})
        for metric in metrics:
            self.assertIn(f'"{metric}"', module)


class Stacks(unittest.TestCase):
    """Stacks that differ in their options: created, looked at, updated and deleted."""

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="cloudformation-test-")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = folder.name
        cls.packages = []
        for name in ("first", "second"):
            path = Path(folder.name) / f"{name}.zip"
            with zipfile.ZipFile(path, "w") as package:
                package.writestr("bootstrap", name)
            cls.packages.append(str(path))
        client("sns").create_topic(Name="ops")
        cls.told = cls.deploy("plain", "--bucket", "packages")
        client("s3").upload_file(cls.packages[0], "packages", "first.zip")
        cls.create("hourly", RecycleIntervalHours="1", Strategy="force-deployment")
        cls.create("zoned", TimeZone="Europe/Berlin", ScheduleExpression="cron(0 3 * * ? *)", Windows="02:00-05:00")
        cls.create("stepped", StepFunctions="true", SnsTopicArn=TOPIC, Alarms="web-5xx,web-latency")

    @classmethod
    def create(cls, name, **parameters):
        """As deploy.sh does it, but quicker."""
        given = {"EcsClusterName": "shop", "EcsServiceName": "web", "ServiceName": name, "CodeS3Bucket": "packages",
                 "CodeS3Key": "first.zip", **parameters}
        client("cloudformation").create_stack(
            StackName=name, TemplateBody=TEMPLATE.read_text(), Capabilities=["CAPABILITY_NAMED_IAM"],
            Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in given.items()])

    @classmethod
    def run_script(cls, *arguments, **variables):
        return subprocess.run([str(SCRIPT), *arguments], env=environment(cls.folder, **variables), capture_output=True,
                              text=True, timeout=120)

    @classmethod
    def deploy(cls, name, *options, package=0):
        done = cls.run_script("--cluster", "shop", "--service", "web", "--name", name, "--package",
                              cls.packages[package], *options)
        if done.returncode != 0:
            raise AssertionError(done.stderr)
        return done.stdout

    def outputs(self, name):
        stack, = client("cloudformation").describe_stacks(StackName=name)["Stacks"]
        return {each["OutputKey"]: each["OutputValue"] for each in stack["Outputs"]}

    def resource(self, name, logical):
        return client("cloudformation").describe_stack_resource(
            StackName=name, LogicalResourceId=logical)["StackResourceDetail"]["PhysicalResourceId"]

    def event(self, name):
        target, = client("events").list_targets_by_rule(Rule=f"{name}-schedule")["Targets"]
        return target, json.loads(target["Input"])

    def test_outputs_are_printed_and_are_those_of_the_module(self):
        outputs = self.outputs("plain")
        self.assertEqual(outputs, {
            "LambdaFunctionName": "plain", "LambdaFunctionArn": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:plain",
            "EventBridgeRuleName": "plain-schedule", "ScheduleExpression": "rate(6 hours)",
            "CloudWatchLogGroup": "/aws/lambda/plain", "RunsTableName": "plain-runs"})
        for name, value in outputs.items():
            self.assertRegex(self.told, rf"{name} *\| +{re.escape(value)} ")
        module = (ROOT / "deploy" / "terraform" / "outputs.tf").read_text()
        named = {"".join(part.title() for part in name.split("_")).replace("Cloudwatch", "CloudWatch")
                 .replace("Eventbridge", "EventBridge") for name in re.findall(r'output "(\w+)"', module)}
        self.assertEqual(set(self.outputs("stepped")), named)

    def test_the_function(self):
        function = client("lambda").get_function(FunctionName="plain")["Configuration"]
        self.assertEqual((function["Runtime"], function["Handler"], function["Timeout"], function["MemorySize"],
                          function["Architectures"]), ("provided.al2023", "bootstrap", 900, 128, ["x86_64"]))
        variables = function["Environment"]["Variables"]
        self.assertEqual((variables["ECS_CLUSTER_NAME"], variables["ECS_SERVICE_NAME"],
                          variables["ECS_RECYCLER_TABLE"]), ("shop", "web", "plain-runs"))
        zoned = client("lambda").get_function(FunctionName="zoned")["Configuration"]["Environment"]["Variables"]
        self.assertEqual((zoned["ECS_RECYCLER_WINDOW"], zoned["ECS_RECYCLER_TIMEZONE"]),
                         ("02:00-05:00", "Europe/Berlin"))
        for name in ("/aws/lambda/plain", "/aws/events/plain-out-of-memory"):
            group, = client("logs").describe_log_groups(logGroupNamePrefix=name)["logGroups"]
            self.assertEqual(group["retentionInDays"], 7)

    def test_a_failed_invocation_is_not_tried_again_and_told(self):
        """moto makes no EventInvokeConfig of a stack, but its template is what is asked for."""
        asked = DOCUMENT["Resources"]["FunctionInvokeConfig"]["Properties"]
        self.assertEqual(asked["MaximumRetryAttempts"], 0)
        self.assertEqual(asked["DestinationConfig"]["Fn::If"][1]["OnFailure"]["Destination"], {"Ref": "SnsTopicArn"})

    def test_the_schedule_invokes_the_function(self):
        self.assertEqual(client("events").describe_rule(Name="hourly-schedule")["ScheduleExpression"], "rate(1 hour)")
        target, event = self.event("plain")
        self.assertEqual(target["Arn"], self.outputs("plain")["LambdaFunctionArn"])
        self.assertEqual(event, {"cluster_name": "shop", "service_name": "web", "strategy": "rolling",
                                 "reason": "plain"})
        permission = json.loads(client("lambda").get_policy(FunctionName="plain")["Policy"])["Statement"][0]
        self.assertEqual(permission["Principal"], {"Service": "events.amazonaws.com"})

    def test_another_time_zone_needs_the_scheduler(self):
        rules = [rule["Name"] for rule in client("events").list_rules()["Rules"]]
        self.assertNotIn("zoned-schedule", rules)
        self.assertEqual(self.outputs("zoned")["ScheduleExpression"], "cron(0 3 * * ? *)")
        trust = client("iam").get_role(RoleName="zoned-starter")["Role"]["AssumeRolePolicyDocument"]
        self.assertEqual(trust["Statement"][0]["Principal"], {"Service": "scheduler.amazonaws.com"})

    def test_the_state_machine_waits(self):
        target, event = self.event("stepped")
        arn = self.outputs("stepped")["StateMachineArn"]
        self.assertEqual((target["Arn"], event["step"]), (arn, True))
        self.assertIn(":role/stepped-starter", target["RoleArn"])
        machine = client("stepfunctions").describe_state_machine(stateMachineArn=arn)
        self.assertEqual(json.loads(machine["definition"])["States"]["Step"]["Parameters"]["FunctionName"],
                         self.outputs("stepped")["LambdaFunctionArn"])

    def test_rights_are_the_least(self):
        for name, features in (("plain", "recycle"), ("hourly", "force-deployment"),
                               ("stepped", "recycle,alarms,sns")):
            with self.subTest(stack=name):
                policy = client("iam").get_role_policy(RoleName=f"{name}-function", PolicyName="recycle")
                document = ast.literal_eval(policy["PolicyDocument"])  # moto keeps it as Python writes it
                self.assertEqual(rights(document), granted(f"{features},{OF_FUNCTION}", "web", name, topic=TOPIC))

    def test_tasks_out_of_memory_become_a_metric(self):
        targets = client("events").list_targets_by_rule(Rule="stepped-out-of-memory")["Targets"]
        self.assertEqual({target["Id"]: target["Arn"].removesuffix(":*") for target in targets}, {
            "log": f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/aws/events/stepped-out-of-memory", "topic": TOPIC})
        pattern = client("events").describe_rule(Name="stepped-out-of-memory")["EventPattern"]
        out_of_memory_events.check(self, pattern, "shop", "web")
        filters = client("logs").describe_metric_filters(
            logGroupName="/aws/events/stepped-out-of-memory")["metricFilters"]
        if filters:  # moto's CloudFormation makes none; a newer one may
            self.assertEqual(filters[0]["metricTransformations"][0]["metricName"], "TasksOutOfMemory-stepped")

    def test_an_update_changes_the_code_and_keeps_what_is_not_given(self):
        self.create("updated", RecycleIntervalHours="12")
        before = client("lambda").get_function(FunctionName="updated")["Configuration"]["CodeSha256"]
        self.deploy("updated", "--bucket", "packages", package=1)
        after = client("lambda").get_function(FunctionName="updated")["Configuration"]["CodeSha256"]
        self.assertNotEqual(after, before)
        self.assertEqual(client("events").describe_rule(Name="updated-schedule")["ScheduleExpression"],
                         "rate(12 hours)")

    def test_deleted_nothing_is_left(self):
        self.deploy("gone")
        bucket = f"ecs-recycler-{ACCOUNT}-{REGION}"
        self.assertEqual(len(client("s3").list_objects_v2(Bucket=bucket)["Contents"]), 1)
        done = self.run_script("--delete", "--name", "gone")
        self.assertEqual((done.returncode, done.stderr), (0, "deploy.sh: stack gone is deleted\n"))
        self.assertNotIn("gone", [each["FunctionName"] for each in client("lambda").list_functions()["Functions"]])
        self.assertNotIn("gone-runs", client("dynamodb").list_tables()["TableNames"])
        self.assertFalse([each for each in client("iam").list_roles()["Roles"] if each["RoleName"].startswith("gone")])
        done = self.run_script("--delete", "--name", "gone")
        self.assertEqual(done.returncode, 1)
        self.assertIn("gone does not exist", done.stderr)

    def test_wrong_usage_is_one_clear_line(self):
        named = ("--cluster", "shop", "--service", "web")
        good = (*named, "--package", self.packages[0])
        for arguments, text in (((), "--cluster is missing"), (("--cluster", "shop"), "--service is missing"),
                                ((*good, "--bucket"), "--bucket needs a value"),
                                ((*named, "--package", "/none.zip"), "/none.zip: no such file; `make lambda` makes it"),
                                ((*good, "Hours=3"), "has no parameter Hours"),
                                ((*good, "--name", "a b"), '--name "a b"'), ((*good, "--fast"), "unknown: --fast")):
            with self.subTest(arguments=arguments):
                done = self.run_script(*arguments)
                self.assertEqual((done.returncode, done.stderr.count("\n")), (2, 1), done.stderr)
                self.assertIn(text, done.stderr)
        no_region = self.run_script(*good, AWS_REGION="")
        self.assertEqual((no_region.returncode, no_region.stdout), (2, ""))
        self.assertIn("no region", no_region.stderr)

    def test_help(self):
        done = self.run_script("--help")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        for flag in re.findall(r"--[a-z]+", SCRIPT.read_text().split("read_arguments()")[1].split("esac")[0]):
            self.assertIn(flag, done.stdout)

    @unittest.skipUnless(shutil.which("shellcheck"), "no shellcheck")
    def test_shellcheck_finds_nothing(self):
        done = subprocess.run(["shellcheck", str(SCRIPT)], capture_output=True, text=True, check=False)
        self.assertEqual(done.stdout, "")


if __name__ == "__main__":
    sys.exit(unittest.main(verbosity=2))
