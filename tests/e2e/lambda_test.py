"""The Lambda function, started and fed as Lambda does it, against a local ECS; its journal on DynamoDB (moto).

usage: ECSR_BIN=PATH_OF_ecs-recycler ECSR_BUILD=BUILD_FOLDER lambda_test.py
"""

import concurrent.futures
import datetime
import json
import shutil
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

import boto3

from lambda_runtime import Runtime, StateMachine
from stage import CLUSTER, CREDENTIALS, REGION, Stage, wait_for

import mail_server

ROOT = Path(__file__).resolve().parent.parent.parent
STAGE = None
TABLE = "recycler-runs"


RUNS = {}  # name: future of what a whole run gave; they go on beside the other tests, because a run takes its time


def setUpModule():
    global STAGE
    STAGE = Stage()
    unittest.addModuleCleanup(STAGE.close)
    STAGE.create_services(older=2, kept=2, forced=1, rolled=1, bad=1, short=3, cut=2, stepped=2, left=1, empty=0)
    pool = concurrent.futures.ThreadPoolExecutor(4)
    unittest.addModuleCleanup(pool.shutdown)
    for name in ("older", "kept", "cut"):
        RUNS[name] = pool.submit(RUN_OF[name])


def function(seconds=90, **variables):
    return Runtime({**CREDENTIALS, "AWS_REGION": REGION, "AWS_ENDPOINT_URL_ECS": STAGE.local.url,
                    "AWS_ENDPOINT_URL_APPLICATION_AUTO_SCALING": STAGE.local.url,
                    "AWS_ENDPOINT_URL_CLOUDWATCH": STAGE.local.url, **variables}, seconds)


def event(service, **more):
    return {"cluster_name": CLUSTER, "service_name": service, "wait_time": 0, **more}


class Finished:
    """A run with all the invocations that it took, and what was said meanwhile."""

    def __init__(self, lambda_, service, asked, before):
        lambda_.call(asked)
        wait_for("the last invocation", lambda: all(each.done.is_set() for each in lambda_.in_order), 150)
        self.invocations, self.log, self.lines = lambda_.in_order, lambda_.log(), lambda_.log_lines()
        self.metrics = lambda_.metrics()
        self.kept = before & STAGE.tasks(service)

    def bodies(self):
        errors = [each.error for each in self.invocations if each.error]
        assert not errors, errors
        return [json.loads(each.answer["body"]) for each in self.invocations]


def finish(service, asked, make=function, **settings):
    before = STAGE.tasks(service)
    with make(**settings) as lambda_:
        return Finished(lambda_, service, {**event(service), **asked}, before)


RUN_OF = {
    "older": lambda: finish("older", {"maintain_service_state": True, "wait_time": "0"}),
    "kept": lambda: finish("kept", {"maintain_service_state": False}),
    "cut": lambda: finish("cut", {"wait_time": 20}, seconds=30),
}


class OlderRecycleEvent(unittest.TestCase):
    def test_replaces_task_after_task_and_answers_as_it_did(self):
        run = RUNS["older"].result(180)
        self.assertEqual(run.invocations[0].answer["statusCode"], 200)
        body, = run.bodies()
        self.assertEqual((body["cluster"], body["service"], body["tasks_recycled"]), (CLUSTER, "older", 2))
        self.assertIn("timestamp", body)
        self.assertEqual((body["outcome"], body["restored"]), ("done", True))
        told = [line["message"] for line in run.lines]
        self.assertIn(f"Starting task recycle for {CLUSTER}/older", told)
        self.assertIn("Original desired count: 2, tasks: 2", told)
        self.assertIn("Task recycle completed successfully", told)
        self.assertTrue(any(line.startswith("Recycling task 2/2: arn:") for line in told), told)
        self.assertEqual({line["request_id"] for line in run.lines}, {run.invocations[0].id})
        metric, = run.metrics
        self.assertEqual((metric["Cluster"], metric["Service"], metric["TasksRecycled"], metric["Failures"]),
                         (CLUSTER, "older", 2, 0))
        names = [each["Name"] for each in metric["_aws"]["CloudWatchMetrics"][0]["Metrics"]]
        self.assertEqual([name for name in names if name not in metric], [])
        self.assertEqual(run.kept, set())
        self.assertEqual(STAGE.service("older")["desiredCount"], 2)

    def test_without_maintaining_the_state_no_task_is_added(self):
        run = RUNS["kept"].result(180)
        self.assertEqual(run.bodies()[0]["tasks_recycled"], 2)
        self.assertNotIn("desired count 2 -> 3", run.log)
        self.assertEqual(run.kept, set())

    def test_what_fails_is_an_error_of_the_invocation(self):
        with function() as lambda_:
            for wrong, kind, text in (
                    (event("nobody"), "Recycler.NotFound", "nobody"),
                    ({"cluster_name": CLUSTER}, "Recycler.BadEvent", "service_name is missing"),
                    ({**event("bad"), "wait_time": [1]}, "Recycler.BadEvent", "wait_time: expected number, got array"),
                    ({**event("bad"), "batch": "many"}, "Recycler.BadEvent", "batch"),
                    ({**event("bad"), "step": True}, "Recycler.BadEvent", "ECS_RECYCLER_TABLE"),
                    ("[1]", "Recycler.BadEvent", "expected object"),
                    ('{"cluster_name": ', "Recycler.BadEvent", "not JSON")):
                with self.subTest(event=wrong):
                    done = lambda_.call(wrong)
                    self.assertIsNone(done.answer)
                    self.assertEqual((done.error_type, done.error["errorType"]), (kind, kind))
                    self.assertIn(text, done.error["errorMessage"])
                    self.assertEqual(done.error["stackTrace"], [])
            self.assertIsNone(lambda_.process.poll())
            metric, = lambda_.metrics()  # a bad event is of no service
            self.assertEqual((metric["Service"], metric["Failures"], metric["TasksRecycled"]), ("nobody", 1, 0))


class ScheduledEvent(unittest.TestCase):
    SCHEDULED = {"version": "0", "id": "1", "detail-type": "Scheduled Event", "source": "aws.events", "detail": {},
                 "account": "123456789012", "time": "2026-11-20T00:00:00Z", "region": REGION, "resources": []}

    def test_forces_a_deployment_of_the_service_in_the_environment(self):
        with function(ECS_CLUSTER_NAME=CLUSTER, ECS_SERVICE_NAME="forced") as lambda_:
            done = lambda_.call(self.SCHEDULED)
            self.assertEqual(done.answer["statusCode"], 200, done.answer)
            body = json.loads(done.answer["body"])
            primary = STAGE.service("forced")["deployments"][0]
            self.assertEqual((body["cluster"], body["service"], body["deploymentId"], body["taskDefinition"]),
                             (CLUSTER, "forced", primary["id"], primary["taskDefinition"]))
            self.assertIn("timestamp", body)
            self.assertIn("forced", body["message"])

    def test_rolling_is_a_choice(self):
        before = STAGE.tasks("rolled")
        with function(ECS_CLUSTER_NAME=CLUSTER, ECS_SERVICE_NAME="rolled", ECS_RECYCLER_STRATEGY="rolling") as lambda_:
            body = json.loads(lambda_.call("{}").answer["body"])
            self.assertEqual((body["tasks_recycled"], body["deploymentId"]), (1, ""))
        self.assertEqual(before & STAGE.tasks("rolled"), set())

    def test_what_is_missing_is_a_400_and_what_aws_refuses_a_500(self):
        with function(ECS_CLUSTER_NAME=CLUSTER) as lambda_:
            answer = lambda_.call("{}").answer
            self.assertEqual(answer["statusCode"], 400)
            self.assertIn("ECS_SERVICE_NAME", json.loads(answer["body"])["error"])
        with function(ECS_CLUSTER_NAME=CLUSTER, ECS_SERVICE_NAME="nobody") as lambda_:
            answer = lambda_.call(self.SCHEDULED).answer
            self.assertEqual(answer["statusCode"], 500)
            self.assertIn("nobody", json.loads(answer["body"])["error"])


class Windows(unittest.TestCase):
    """A closed window is no failure: nothing is done, and the answer says why and until when."""

    @classmethod
    def setUpClass(cls):
        today = datetime.datetime.now(datetime.timezone.utc).date()
        day = datetime.timedelta(days=1)
        cls.closed = f"{today - day}..{today + day}"
        cls.opens = f"{today + 2 * day}T00:00:00+00:00"

    def test_a_closed_one_skips_the_run(self):
        with function(ECS_CLUSTER_NAME=CLUSTER, ECS_SERVICE_NAME="empty", ECS_RECYCLER_BLACKOUT=self.closed) as lambda_:
            for asked in (event("empty"), ScheduledEvent.SCHEDULED):
                done = lambda_.call(asked)
                self.assertEqual(done.answer["statusCode"], 200, done.error)
                body = json.loads(done.answer["body"])
                self.assertEqual((body["cluster"], body["service"], body["outcome"], body["tasks_recycled"]),
                                 (CLUSTER, "empty", "skipped", 0))
                self.assertEqual((body["reason"], body["next_opening"]), (f"blackout {self.closed}", self.opens))
            self.assertIn(f"Skipped {CLUSTER}/empty: blackout {self.closed}", lambda_.log())
            self.assertEqual(lambda_.metrics(), [])

    def test_the_event_wins(self):
        with function(ECS_RECYCLER_BLACKOUT=self.closed) as lambda_:
            done = lambda_.call(event("empty", blackouts=[]))
            self.assertEqual(done.error_type, "Recycler.Refused", done.answer)  # its desired count is 0
            done = lambda_.call(event("empty", windows="MON-FRI 25:00-26:00"))
            self.assertEqual(done.error_type, "Recycler.BadEvent")
            self.assertIn('window "MON-FRI 25:00-26:00"', done.error["errorMessage"])

    def test_a_wrong_one_fails_the_initialisation(self):
        with function(ECS_RECYCLER_WINDOW="MON-FRY 01:00-05:00") as lambda_:
            self.assertEqual(lambda_.process.wait(10), 1)
            self.assertIn('ECS_RECYCLER_WINDOW: window "MON-FRY 01:00-05:00"', lambda_.init_error["errorMessage"])


class Initialisation(unittest.TestCase):
    def test_a_bad_setting_is_told_to_lambda(self):
        with function(ECS_RECYCLER_STRATEGY="quickly") as lambda_:
            self.assertEqual(lambda_.process.wait(10), 1)
            self.assertEqual(lambda_.init_error["errorType"], "Recycler.BadConfiguration")
            self.assertIn("ECS_RECYCLER_STRATEGY", lambda_.init_error["errorMessage"])


class OlderInput(unittest.TestCase):
    """input.json beside the function: whose credentials, and who is told."""

    def test_its_credentials_are_used_and_the_end_is_mailed(self):
        mail_server.require_smtp_server()
        with tempfile.TemporaryDirectory(prefix="lambda-mail-") as folder:
            certificate = mail_server.Certificate(folder)
            with mail_server.MailServer(certificate) as server:
                Path(folder, "input.json").write_text(json.dumps({
                    "awsCredentials": {"region_name": REGION, "access_key": "AKIDEXAMPLE", "secret_key": "not-checked",
                                       "role_arn": "<role arn>"},
                    "smtpCredentials": {"host": mail_server.HOST, "port": server.port, "username": mail_server.USER,
                                        "password": mail_server.PASSWORD, "from_email": "recycler@example.org"},
                    "emailNotification": {"email_subject": "ECS service recycle", "subject_prefix": "TEST",
                                          "to": "ops@example.org"}}))
                with function(LAMBDA_TASK_ROOT=folder, SSL_CERT_FILE=str(certificate.path), AWS_ACCESS_KEY_ID="",
                              AWS_SECRET_ACCESS_KEY="") as lambda_:
                    done = lambda_.call(event("empty"))
                    self.assertEqual(done.error_type, "Recycler.Refused", done.error)
                    mail, = server.mails
                    self.assertTrue(mail["Subject"].startswith("TEST | ECS service recycle | "), mail["Subject"])
                    self.assertIn("desired count 0", mail.body("plain"))
                    self.assertNotIn(mail_server.PASSWORD, lambda_.log())

    def test_a_bad_file_fails_the_initialisation(self):
        with tempfile.TemporaryDirectory(prefix="lambda-mail-") as folder:
            Path(folder, "input.json").write_text('{"smtpCredentials": {"host": "h", "port": "many"}}')
            with function(LAMBDA_TASK_ROOT=folder) as lambda_:
                self.assertEqual(lambda_.process.wait(10), 1)
                self.assertIn("smtpCredentials.port", lambda_.init_error["errorMessage"])


class TimeLimit(unittest.TestCase):
    def test_without_a_journal_all_is_put_back_and_the_rest_is_done_by_another_invocation(self):
        run = RUNS["cut"].result(240)
        bodies = run.bodies()
        self.assertEqual((bodies[0]["outcome"], bodies[-1]["outcome"]), ("continued", "done"), run.log)
        self.assertEqual(sum(body["tasks_recycled"] for body in bodies), 2)
        self.assertEqual([body["restored"] for body in bodies], [True] * len(bodies))
        self.assertEqual(run.kept, set())
        self.assertEqual(STAGE.service("cut")["desiredCount"], 2)


@unittest.skipUnless(shutil.which("moto_server"), "moto_server is not installed")
class WithAJournal(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="lambda-moto-")
        log = Path(cls.folder.name) / "log"
        with open(log, "wb") as file:
            server = Path(__file__).with_name("table_server.py")
            cls.moto = subprocess.Popen([sys.executable, server, "-H", "127.0.0.1", "-p", "0"],
                                        stdin=subprocess.DEVNULL, stdout=file, stderr=file)
        def port():
            text = log.read_text()
            return text.split("http://127.0.0.1:")[1].split()[0] if "http://127.0.0.1:" in text else None
        cls.url = f"http://127.0.0.1:{wait_for('moto', port, 60)}"
        cls.dynamodb = boto3.client("dynamodb", endpoint_url=cls.url, region_name=REGION, aws_access_key_id="a",
                                    aws_secret_access_key="b")
        cls.dynamodb.create_table(
            TableName=TABLE, BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"},
                                  {"AttributeName": "sk", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}])
        cls.pool = concurrent.futures.ThreadPoolExecutor(1)
        cls.short = cls.pool.submit(finish, "short", {"wait_time": 3}, cls.function, seconds=10,
                                    ECS_RECYCLER_MARGIN="3s")

    @classmethod
    def tearDownClass(cls):
        cls.pool.shutdown()
        cls.moto.terminate()
        cls.moto.wait(10)
        cls.folder.cleanup()

    @classmethod
    def function(cls, seconds=90, **variables):
        return function(seconds, ECS_RECYCLER_TABLE=TABLE, AWS_ENDPOINT_URL_DYNAMODB=cls.url, **variables)

    def item(self, pk, sk):
        return self.dynamodb.get_item(TableName=TABLE, Key={"pk": {"S": pk}, "sk": {"S": sk}}).get("Item")

    def test_a_run_longer_than_an_invocation_is_gone_on_with(self):
        run = self.short.result(240)
        bodies = run.bodies()
        first = bodies[0]
        self.assertEqual(first["outcome"], "continued", run.log)
        self.assertEqual((bodies[-1]["outcome"], bodies[-1]["tasks_recycled"], bodies[-1]["run_id"]),
                         ("done", 3, first["run_id"]))
        self.assertEqual(run.kept, set())
        self.assertEqual(STAGE.service("short")["desiredCount"], 3)
        key = f"service#123456789012/{REGION}/{CLUSTER}/short"
        self.assertIsNone(self.item(key, "lock"))
        self.assertIsNone(self.item(key, "unfinished"))
        shown = STAGE.json("runs", "show", first["run_id"], "--journal", f"dynamodb://{TABLE}",
                           AWS_ENDPOINT_URL_DYNAMODB=self.url)[1]
        self.assertEqual((shown["run"]["outcome"], shown["entries"][-1]["kind"]), ("done", "ended"))

    def test_a_state_machine_waits_between_bounded_steps(self):
        before = STAGE.tasks("stepped")
        definition = json.loads((ROOT / "deploy/step_functions/recycle.asl.json").read_text())
        with self.function() as lambda_:
            def invoke(data):
                started = time.monotonic()
                done = lambda_.call(data)
                self.assertIsNone(done.error, done.error)
                self.assertLess(time.monotonic() - started, 30)
                return done.answer
            machine = StateMachine(definition, invoke)
            output = machine.run({**event("stepped"), "wait_time": 5, "step": True}, time.sleep)
            self.assertEqual((output["done"], output["outcome"], output["tasks_recycled"], output["restored"]),
                             (True, "done", 2, True))
            self.assertGreater(machine.steps, 1)
            self.assertTrue(any(seconds >= 3 for seconds in machine.waited), machine.waited)
            self.assertNotIn("means nothing here", lambda_.log())
            self.many_invocations(lambda_, output["run_id"])
        self.assertEqual(before & STAGE.tasks("stepped"), set())

    def many_invocations(self, lambda_, run_id):
        """A hundred in one process: asked again, a run that has ended says so, and no memory is kept."""
        for _ in range(20):
            lambda_.call({"run_id": run_id, "step": True})
        peak = lambda_.peak_memory_kib()
        for _ in range(100):
            done = lambda_.call({"run_id": run_id, "step": True})
            self.assertTrue(done.answer["done"])
        self.assertLess(lambda_.peak_memory_kib() - peak, 2048)

    def test_a_step_outside_the_windows_ends_the_state_machine(self):
        definition = json.loads((ROOT / "deploy/step_functions/recycle.asl.json").read_text())
        with self.function(ECS_RECYCLER_BLACKOUT="2000-01-01..2999-12-31") as lambda_:
            machine = StateMachine(definition, lambda data: lambda_.call(data).answer)
            output = machine.run(event("stepped", step=True), time.sleep)
        self.assertEqual((machine.steps, output["done"], output["outcome"]), (1, True, "skipped"))
        self.assertEqual(output["reason"], "blackout 2000-01-01..2999-12-31")

    def test_what_a_killed_invocation_left_is_finished_outside_the_windows_too(self):
        with self.function() as killed:
            killed.invoke({**event("left"), "wait_time": 0})
            wait_for("a task more", lambda: STAGE.service("left")["desiredCount"] == 2, 30)
            killed.process.kill()
        with self.function(ECS_RECYCLER_BLACKOUT="2000-01-01..2999-12-31") as lambda_:
            def body():
                done = lambda_.call(event("left"))
                self.assertIsNone(done.error, lambda_.log())
                return json.loads(done.answer["body"])
            self.assertEqual(body()["outcome"], "skipped")  # the killed one holds the service for a while yet
            done = wait_for("its lock to be over", lambda: (found := body())["outcome"] != "skipped" and found, 60)
            self.assertEqual((done["outcome"], done["tasks_recycled"], done["restored"]), ("done", 1, True))
        self.assertEqual(STAGE.service("left")["desiredCount"], 1)

    def test_a_service_of_five_hundred_tasks_is_recycled_in_steps(self):
        stage = Stage("--runtime", "virtual", "--time-scale", "1")  # the function lives in real time
        self.addCleanup(stage.close)
        stage.register("many", image="any", dockerLabels={"local.ecs/startup": "1s"})
        stage.ecs.create_service(cluster=CLUSTER, serviceName="many", taskDefinition="many", desiredCount=500)
        stage.wait_until_running("many", 500)
        before = stage.tasks("many")
        definition = json.loads((ROOT / "deploy/step_functions/recycle.asl.json").read_text())
        endpoints = {f"AWS_ENDPOINT_URL_{service}": stage.local.url
                     for service in ("ECS", "APPLICATION_AUTO_SCALING", "CLOUDWATCH")}
        with self.function(seconds=30, **endpoints) as lambda_:
            def invoke(data):
                done = lambda_.call(data)
                self.assertIsNone(done.error, done.error)
                return done.answer
            machine = StateMachine(definition, invoke)
            output = machine.run({**event("many"), "step": True, "batch": 250}, time.sleep)
        self.assertEqual((output["done"], output["outcome"], output["tasks_recycled"], output["restored"]),
                         (True, "done", 500, True))
        self.assertGreater(machine.steps, 3)
        self.assertEqual((len(before), before & stage.tasks("many")), (500, set()))
        self.assertEqual(stage.service("many")["desiredCount"], 500)
        state = self.item(f"run#{output['run_id']}", "run")["state"]["B"]
        self.assertLess(len(state), 100_000)

    def test_an_unknown_run_is_an_error(self):
        with self.function() as lambda_:
            done = lambda_.call({"run_id": "0123456789", "step": True})
            self.assertEqual(done.error["errorType"], "Recycler.NotFound")
            self.assertIn(TABLE, done.error["errorMessage"])


if __name__ == "__main__":
    unittest.main()
