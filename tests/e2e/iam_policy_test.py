"""`ecs-recycler iam-policy` grants what the program calls, no less and no more: every feature is really used, and the
calls are read from the access log of the local ECS (DynamoDB: from what moto is asked).

usage: ECSR_BIN=PATH_OF_ecs-recycler ECSR_BUILD=BUILD_FOLDER iam_policy_test.py
"""

import http.server
import json
import tempfile
import threading
import unittest
import urllib.error
import urllib.request
from pathlib import Path

import boto3

from lambda_runtime import FUNCTION, Runtime
from stage import CLUSTER, CREDENTIALS, REGION, Stage, run_program

from moto_recorder import RecordedMoto

IAM_NAMES = {"monitoring": "cloudwatch"}  # where IAM's prefix is not the name that requests are signed for
WRITTEN_BY_LAMBDA = {"logs:CreateLogStream", "logs:PutLogEvents"}  # of the function's output: no call of the function
TABLE = "runs"
REPOSITORY = f"123456789012.dkr.ecr.{REGION}.amazonaws.com"


def policy(features, *more):
    done = run_program("iam-policy", "--cluster", CLUSTER, "--service", "web", "--features", ",".join(features), *more)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def actions_of(document):
    return {action for statement in document["Statement"] for action in statement["Action"]}


def granted(*features):
    topic = f"arn:aws:sns:{REGION}:123456789012:ops"
    return actions_of(policy(features, *(["--topic", topic] if "sns" in features else [])))


class Digests:
    """In front of the local ECS: tells digests of images as ECS does, where the local ECS runs no images."""

    def __init__(self, url):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                request = urllib.request.Request(url + self.path, body, dict(self.headers))
                try:
                    with urllib.request.urlopen(request) as answer:
                        status, text = answer.status, answer.read()
                except urllib.error.HTTPError as error:
                    status, text = error.code, error.read()
                if self.headers["X-Amz-Target"].endswith(".DescribeTasks"):
                    document = json.loads(text)
                    for task in document["tasks"]:
                        for container in task["containers"]:
                            container["imageDigest"] = "sha256:" + "0" * 64
                    text = json.dumps(document).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/x-amz-json-1.1")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = "http://127.0.0.1:{}".format(self.server.server_address[1])
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class Calls:
    """What a piece of work called: actions of IAM, by the access log and by moto."""

    def __init__(self, log, moto):
        self.log, self.moto = log, moto
        self.begin, self.begin_moto = log.stat().st_size, len(moto.actions)

    def actions(self):
        lines = self.log.read_bytes()[self.begin:].decode().splitlines()
        told = [json.loads(line) for line in lines]
        return {f"{IAM_NAMES.get(line['service'], line['service'])}:{line['operation']}" for line in told
                if line["service"] != "sts"} | set(self.moto.actions[self.begin_moto:])


class LeastPolicy(unittest.TestCase):
    """Each test is one piece of work with its features; what they grant is compared with what was called."""

    used = {}  # feature -> actions that were called for it
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="iam-policy-test-")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = Path(folder.name)
        cls.log = cls.folder / "access.log"
        cls.stage = Stage("--runtime", "virtual", "--time-scale", "60", "--access-log", str(cls.log))
        cls.addClassCleanup(cls.stage.close)
        cls.moto = RecordedMoto()
        cls.addClassCleanup(cls.moto.close)
        cls.stage.create_services(plain=2, stays=2, kept=2, alarmed=1, found=1, cut=2)
        cls.stage.cloudwatch.put_metric_alarm(
            AlarmName="calm", Namespace="N", EvaluationPeriods=1, MetricName="M", Period=60, Statistic="Sum",
            Threshold=1, ComparisonOperator="GreaterThanThreshold", TreatMissingData="ignore")
        cls.stage.cloudwatch.set_alarm_state(AlarmName="calm", StateValue="OK", StateReason="all is well")

    def work(self, features, do):
        calls = Calls(self.log, self.moto)
        do()
        self.compare(features, calls.actions())

    def compare(self, features, called):
        self.assertEqual(called - granted(*features), set(), f"called, but not granted by {features}")
        for feature in features:
            self.used.setdefault(feature, set()).update(called & granted(feature))

    def program(self, *arguments, **variables):
        done = self.stage.run(*arguments, **variables)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done

    def recycle(self, service, *arguments, **variables):
        return self.program("recycle", "--cluster", CLUSTER, "--service", service, "--wait", "0s", *arguments,
                            **variables)

    def test_a_look(self):
        self.work(["status"], lambda: self.program("status", "--cluster", CLUSTER, "--service", "plain"))

    def test_stop_task_with_a_task_that_stays(self):
        task = sorted(self.stage.tasks("stays"))[0]
        self.work(["stop-task"], lambda: self.recycle("stays", "--drain", "stop-task", "--task", task))

    def test_scale_in_behind_a_load_balancer_with_autoscaling(self):
        self.stage.create_balanced_service("web", tasks=2)
        self.stage.scaling.register_scalable_target(
            ServiceNamespace="ecs", ResourceId=f"service/{CLUSTER}/web", ScalableDimension="ecs:service:DesiredCount",
            MinCapacity=1, MaxCapacity=2)
        self.work(["scale-in", "load-balancer", "autoscaling"], lambda: self.recycle("web"))

    def test_scale_in_on_instances(self):
        arn = self.stage.elbv2.create_target_group(Name="bridge", Protocol="HTTP", Port=80, VpcId="vpc-local",
                                                   TargetType="instance")["TargetGroups"][0]["TargetGroupArn"]
        balancer = self.stage.elbv2.create_load_balancer(Name="bridge", Subnets=["subnet-a"])["LoadBalancers"][0]
        self.stage.elbv2.create_listener(LoadBalancerArn=balancer["LoadBalancerArn"], Protocol="HTTP", Port=80,
                                         DefaultActions=[{"Type": "forward", "TargetGroupArn": arn}])
        self.stage.register("bridge", portMappings=[{"containerPort": 80}])
        self.stage.ecs.create_service(
            cluster=CLUSTER, serviceName="bridge", taskDefinition="bridge", desiredCount=1,
            loadBalancers=[{"targetGroupArn": arn, "containerName": "app", "containerPort": 80}])
        self.stage.wait_until_running("bridge", 1)
        self.work(["scale-in", "load-balancer", "container-instances"], lambda: self.recycle("bridge"))

    def test_force_deployment(self):
        self.stage.register("imaged", image=f"{REPOSITORY}/shop/web:1", command=["true"])
        self.stage.ecs.create_service(cluster=CLUSTER, serviceName="imaged", taskDefinition="imaged", desiredCount=1)
        self.stage.wait_until_running("imaged", 1)
        front = Digests(self.stage.local.url)
        self.addCleanup(front.close)
        self.work(["force-deployment"], lambda: self.recycle("imaged", "--strategy", "force-deployment",
                                                             AWS_ENDPOINT_URL_ECS=front.url))

    def test_a_gate(self):
        self.work(["stop-task", "alarms"],
                  lambda: self.recycle("alarmed", "--drain", "stop-task", "--alarm", "calm"))

    def test_a_topic(self):
        topic = boto3.client("sns", endpoint_url=self.stage.local.url, region_name=REGION, aws_access_key_id="a",
                             aws_secret_access_key="b").create_topic(Name="ops")["TopicArn"]
        config = self.folder / "topic.yaml"
        config.write_text(f"services:\n  - service: plain\n    cluster: {CLUSTER}\n    max_age: 30d\n"
                          f"notifications:\n  topics:\n    - topic_arn: {topic}\n")
        self.work(["sns"], lambda: self.program("notify", "test", "--config", str(config)))

    def test_runs_on_dynamodb(self):
        self.moto.create_table(TABLE)
        journal = {"ECS_RECYCLER_JOURNAL": f"dynamodb://{TABLE}", "AWS_ENDPOINT_URL_DYNAMODB": self.moto.url}

        def runs():
            self.recycle("kept", "--drain", "stop-task", **journal)
            self.program("runs", "list", **journal)
            code, listed = self.stage.json("runs", "list", **journal)
            self.assertEqual(code, 0)
            self.program("runs", "show", listed["runs"][0]["run_id"], **journal)

        self.work(["stop-task", "journal"], runs)

    def test_the_function_goes_on_in_another_invocation(self):
        def invoke():
            with Runtime({**CREDENTIALS, "AWS_REGION": REGION, "AWS_ENDPOINT_URL": self.stage.local.url,
                          "ECS_RECYCLER_MARGIN": "3s"}, seconds=9) as lambda_:
                lambda_.call({"cluster_name": CLUSTER, "service_name": "cut", "wait_time": 60})
                self.assertEqual(len(lambda_.in_order), 2, lambda_.log())

        calls = Calls(self.log, self.moto)
        invoke()
        self.compare(["stop-task", "lambda"], calls.actions() | {"lambda:InvokeFunction"})

    def test_the_daemon_finds_services(self):
        config = self.folder / "recycler.yaml"
        config.write_text("services:\n  - tags:\n      watched: 'yes'\n    max_age: 30d\n")
        self.stage.ecs.tag_resource(resourceArn=self.stage.service("found")["serviceArn"],
                                    tags=[{"key": "watched", "value": "yes"}])

        def serve():
            daemon = self.stage.start("serve", "--config", str(config), "--read-only", "--port", "0")
            self.addCleanup(daemon.kill)
            daemon.wait_for_line("Watching 1 service")
            daemon.process.terminate()
            self.assertEqual(daemon.end(), 0, daemon.stderr())

        self.work(["discovery", "status"], serve)

    @classmethod
    def tearDownClass(cls):
        if len(cls.used) < 12:
            return  # single tests were chosen
        for feature, called in cls.used.items():
            unused = granted(feature) - called - WRITTEN_BY_LAMBDA
            assert not unused, f"{feature} grants what no work called: {unused}"


class Document(unittest.TestCase):
    def test_resources_are_narrow(self):
        document = policy(["recycle", "force-deployment", "journal", "lambda", "sns"], "--region", "cn-north-1",
                          "--account", "123456789012", "--topic", "arn:aws-cn:sns:cn-north-1:123456789012:ops")
        self.assertEqual(document["Version"], "2012-10-17")
        by_sid = {statement["Sid"]: statement for statement in document["Statement"]}
        self.assertEqual({name: statement["Resource"] for name, statement in by_sid.items()}, {
            "Read": ["*"], "List": ["*"],
            "Service": [f"arn:aws-cn:ecs:cn-north-1:123456789012:service/{CLUSTER}/web"],
            "Tasks": [f"arn:aws-cn:ecs:cn-north-1:123456789012:task/{CLUSTER}/*"],
            "ContainerInstances": [f"arn:aws-cn:ecs:cn-north-1:123456789012:container-instance/{CLUSTER}/*"],
            "Autoscaling": ["arn:aws-cn:application-autoscaling:cn-north-1:123456789012:scalable-target/*"],
            "Images": ["arn:aws-cn:ecr:cn-north-1:*:repository/*"],
            "Runs": ["arn:aws-cn:dynamodb:cn-north-1:123456789012:table/ecs-recycler-runs"],
            "Tell": ["arn:aws-cn:sns:cn-north-1:123456789012:ops"],
            "GoOnInAnotherInvocation": ["arn:aws-cn:lambda:cn-north-1:123456789012:function:ecs-recycler"],
            "Log": ["arn:aws-cn:logs:cn-north-1:123456789012:log-group:/aws/lambda/ecs-recycler:*"]})
        self.assertEqual(by_sid["List"]["Condition"],
                         {"ArnLike": {"ecs:cluster": f"arn:aws-cn:ecs:cn-north-1:123456789012:cluster/{CLUSTER}"}})
        self.assertTrue(all(action.split(":")[1].startswith(("Describe", "List"))
                            for name in ("Read", "List") for action in by_sid[name]["Action"]), by_sid["Read"])

    def test_the_arn_of_a_service_tells_all(self):
        done = run_program("iam-policy", "--service", "arn:aws:ecs:eu-west-1:111122223333:service/pay/api",
                           "--features", "status")
        self.assertIn('"arn:aws:ecs:eu-west-1:111122223333:task/pay/*"', done.stdout)

    def test_the_region_is_that_of_the_environment_or_any(self):
        for variables, region in (({"AWS_REGION": "eu-north-1"}, "eu-north-1"), ({}, "*")):
            done = run_program("iam-policy", "--cluster", "c", "--service", "s", **variables)
            self.assertIn(f'"arn:aws:ecs:{region}:*:service/c/s"', done.stdout)

    def test_it_is_what_a_plan_says(self):
        with_plan = Stage("--runtime", "virtual", "--time-scale", "60")
        self.addCleanup(with_plan.close)
        with_plan.create_services(web=1)
        code, plan = with_plan.json("recycle", "--cluster", CLUSTER, "--service", "web", "--plan")
        self.assertEqual((code, set(plan["permissions"])), (0, granted("stop-task")))

    def test_what_it_cannot_print(self):
        for arguments, text in (
                (("--features", "recycle,mail"), '--features: "mail" is no feature; there are: recycle, status, '),
                (("--features", "sns"), "--features sns needs --topic"),
                (("--features", "sns", "--topic", "ops"), '--topic: "ops" is not the ARN of a topic'),
                (("--account", "123"), '--account: "123" is no account: 12 digits, or * for any'),
                (("--service", "arn:aws:ecs:x:y:task/a/b"), "is not the ARN of a service")):
            done = run_program("iam-policy", "--service", "web", *arguments) if "--service" not in arguments else \
                run_program("iam-policy", *arguments)
            self.assertEqual((done.returncode, done.stdout), (2, ""), arguments)
            self.assertIn(text, done.stderr)
            self.assertEqual(done.stderr.count("\n"), 1, done.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
