"""What the user gets for what cannot work: one line that says what is wrong, and the promised exit code.

usage: ECSR_BIN=PATH_OF_ecs-recycler wrong_input_test.py
"""

import json
import os
import socket
import tempfile
import unittest
from pathlib import Path

from stage import CLUSTER, Stage, run_program, wait_for

KEYS = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local"}


def setUpModule():
    global STAGE
    STAGE = Stage()
    STAGE.create_services(web=1, deploying=1, alarmed=1)


def tearDownModule():
    STAGE.close()


class WrongInput(unittest.TestCase):
    def assert_one_line(self, done, code, *parts):
        self.assertEqual((done.returncode, done.stdout), (code, ""), done.stderr)
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        self.assertTrue(done.stderr.startswith("ecs-recycler "), done.stderr)
        for part in parts:
            self.assertIn(part, done.stderr)

    def test_unknown_cluster_and_unknown_service(self):
        for command in (["recycle"], ["recycle", "--plan"], ["status"]):
            with self.subTest(command):
                self.assert_one_line(STAGE.run(*command, "--cluster", "shoq", "--service", "web"), 2, "shoq")
                self.assert_one_line(STAGE.run(*command, "--cluster", CLUSTER, "--service", "wep"), 2, "wep", "web")

    def test_the_same_as_json(self):
        done = STAGE.run("recycle", "--cluster", CLUSTER, "--service", "wep", "--output", "json")
        self.assertEqual(done.returncode, 2)
        error = json.loads(done.stdout)["error"]
        self.assertEqual(error["kind"], "not found")
        self.assertIn(error["message"], done.stderr)

    def test_no_credentials(self):
        done = run_program("recycle", "--service", "web", "--endpoint-url", STAGE.local.url, "--region", "us-east-1",
                           AWS_CONFIG_FILE="/nonexistent", AWS_SHARED_CREDENTIALS_FILE="/nonexistent",
                           XDG_STATE_HOME=STAGE.home.name)
        self.assert_one_line(done, 5, "credentials")

    def test_no_region(self):
        self.assert_one_line(run_program("status", "--service", "web", **KEYS), 2, "region")

    def test_unknown_region_has_no_endpoint(self):
        done = run_program("status", "--service", "web", "--region", "mars-north-1", AWS_MAX_ATTEMPTS="1", **KEYS)
        self.assert_one_line(done, 1, "mars-north-1")

    def test_unknown_profile(self):
        self.assert_one_line(run_program("status", "--service", "web", "--profile", "nobody"), 2, "nobody")

    def test_unreachable_endpoint(self):
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))   # bound and not listening: refused
            url = f"http://127.0.0.1:{unused.getsockname()[1]}"
            done = run_program("recycle", "--service", "web", "--endpoint-url", url, "--region", "us-east-1",
                               AWS_MAX_ATTEMPTS="1", XDG_STATE_HOME=STAGE.home.name, **KEYS)
        self.assert_one_line(done, 1, url.removeprefix("http://"))

    def test_a_journal_that_cannot_be_read(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "journal.db"
            path.write_text("this is no database, and it is long enough to be taken for one\n" * 20)
            before = path.read_bytes()
            for command in (["recycle", "--cluster", CLUSTER, "--service", "web"], ["runs", "list"]):
                with self.subTest(command):
                    self.assert_one_line(STAGE.run(*command, "--journal", str(path)), 1, str(path))
            self.assertEqual(path.read_bytes(), before)

    def test_a_journal_of_another_kind(self):
        self.assert_one_line(STAGE.run("runs", "list", "--journal", "mysql://host/db"), 2, "mysql", "sqlite")

    def test_a_run_that_does_not_exist(self):
        for command in ("show", "resume", "abort"):
            with self.subTest(command):
                self.assert_one_line(STAGE.run("runs", command, "nosuchrun"), 2, "nosuchrun")

    def test_a_run_that_does_not_exist_is_told_before_a_missing_region(self):
        STAGE.run("recycle", "--cluster", CLUSTER, "--service", "nosuchservice")    # so that there is a journal
        done = STAGE.run("runs", "resume", "nosuchrun", AWS_REGION="", AWS_DEFAULT_REGION="")
        self.assert_one_line(done, 2, "nosuchrun")

    def test_a_journal_that_is_not_there_is_not_made(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "typo.db"
            for command in (["list"], ["show", "x"], ["resume", "x"], ["abort", "x"]):
                with self.subTest(command):
                    self.assert_one_line(STAGE.run("runs", *command, "--journal", str(path)), 2, str(path))
            self.assertEqual(os.listdir(folder), [])
            done = STAGE.run("runs", "list", XDG_STATE_HOME=folder)
            self.assertEqual((done.returncode, done.stdout), (0, "No runs.\n"), done.stderr)
            self.assertEqual(os.listdir(folder), [])

    def test_no_time_at_all(self):
        self.assert_one_line(STAGE.recycle("web", "--timeout", "0s"), 2, "--timeout", "at least 1s")

    def test_a_task_that_the_service_does_not_run(self):
        done = STAGE.recycle("web", "--task", "0123456789abcdef")
        self.assert_one_line(done, 3, "0123456789abcdef")

    def test_an_alarm_that_does_not_exist(self):
        self.assert_one_line(STAGE.recycle("web", "--alarm", "nosuchalarm"), 2, "nosuchalarm")


class Refused(unittest.TestCase):
    """Services that cannot be recycled, with what to do instead."""

    def assert_refused(self, service, *parts):
        tasks = STAGE.tasks(service)
        done = STAGE.recycle(service)
        self.assertEqual((done.returncode, done.stdout), (3, ""), done.stderr)
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        for part in parts:
            self.assertIn(part, done.stderr)
        self.assertEqual(tasks - STAGE.tasks(service), set())
        code, run = STAGE.json("recycle", "--cluster", CLUSTER, "--service", service)
        self.assertEqual((code, run["outcome"], run["tasks_recycled"], run["restored"]), (3, "stopped", 0, True))

    def create(self, name, **more):
        STAGE.register(name)
        STAGE.ecs.create_service(cluster=CLUSTER, serviceName=name, taskDefinition=name, **more)
        if more.get("desiredCount") != 0:
            wait_for(f"the task of {name}", lambda: STAGE.tasks(name))

    def test_a_service_that_codedeploy_deploys(self):
        self.create("blue", desiredCount=1, deploymentController={"type": "CODE_DEPLOY"})
        self.assert_refused("blue", "CODE_DEPLOY", "CodeDeploy deployment")

    def test_a_service_with_an_external_controller(self):
        STAGE.ecs.create_service(cluster=CLUSTER, serviceName="external", desiredCount=1,
                                 deploymentController={"type": "EXTERNAL"})
        self.assert_refused("external", "EXTERNAL")

    def test_a_daemon_service(self):
        self.create("daemon", schedulingStrategy="DAEMON")
        self.assert_refused("daemon", "DAEMON", "force-new-deployment")

    def test_a_service_that_wants_no_task(self):
        self.create("asleep", desiredCount=0)
        self.assert_refused("asleep", "desired count 0", "scale it up")

    def test_somebody_elses_deployment(self):
        STAGE.register("broken", image="nowhere/nothing")
        STAGE.ecs.update_service(cluster=CLUSTER, service="deploying", taskDefinition="broken")
        self.assert_refused("deploying", "deployment is in flight", "COMPLETED")

    def test_an_alarm_that_fires(self):
        STAGE.cloudwatch.put_metric_alarm(AlarmName="errors", MetricName="m", Namespace="n", Period=60,
                                          EvaluationPeriods=1, Threshold=1, Statistic="Sum", TreatMissingData="ignore",
                                          ComparisonOperator="GreaterThanThreshold")
        STAGE.cloudwatch.set_alarm_state(AlarmName="errors", StateValue="ALARM", StateReason="test")
        done = STAGE.recycle("alarmed", "--alarm", "errors")
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertIn("alarm errors is in ALARM", done.stderr)


if __name__ == "__main__":
    unittest.main()
