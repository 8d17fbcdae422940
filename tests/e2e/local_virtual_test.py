"""The local ECS whose containers are virtual: time that goes faster and jumps, and the recycler that lives in it.

usage: ECSR_BIN=PATH_OF_ecs-recycler local_virtual_test.py
"""

import datetime
import json
import time
import unittest

from botocore.exceptions import ClientError

from stage import CLUSTER, Stage, run_program, wait_for

SCALE = 60


class VirtualTime(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stage = Stage("--runtime", "virtual", "--time-scale", str(SCALE), "--seed", "7")
        cls.addClassCleanup(cls.stage.close)

    def now_there(self):
        headers = self.stage.ecs.list_clusters()["ResponseMetadata"]["HTTPHeaders"]
        return datetime.datetime.strptime(headers["date"], "%a, %d %b %Y %H:%M:%S %Z")

    def advance(self, span):
        done = self.stage.run("local", "advance", span)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout

    def create_service(self, name, tasks, **labels):
        self.stage.register(name, dockerLabels={f"local.ecs/{key.replace('_', '-')}": value
                                                for key, value in labels.items()})
        self.stage.ecs.create_service(cluster=CLUSTER, serviceName=name, taskDefinition=name, desiredCount=tasks)

    def test_a_minute_is_a_second(self):
        began, there = time.monotonic(), self.now_there()
        wait_for("a minute there", lambda: (self.now_there() - there).total_seconds() > 60)
        passed = time.monotonic() - began
        self.assertGreater(passed, 0.9)

    def test_a_jump_lets_everything_happen_on_the_way(self):
        self.create_service("leaky", 2, memory_base="4MiB", memory_growth="1MiB/m")
        before = self.now_there()
        self.assertRegex(self.advance("90m"), r"\AIt is \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z there now\.\n\Z")
        self.assertGreaterEqual((self.now_there() - before).total_seconds(), 90 * 60)
        stopped = self.stage.ecs.list_tasks(cluster=CLUSTER, serviceName="leaky", desiredStatus="STOPPED")["taskArns"]
        self.assertEqual(len(stopped), 2)
        for task in self.stage.ecs.describe_tasks(cluster=CLUSTER, tasks=stopped)["tasks"]:
            self.assertEqual(task["containers"][0]["exitCode"], 137)
            self.assertIn("OutOfMemoryError", task["containers"][0]["reason"])
            lived = (task["executionStoppedAt"] - task["startedAt"]).total_seconds()
            self.assertAlmostEqual(lived, 3600, delta=2)
        self.assertEqual(self.stage.service("leaky")["runningCount"], 2)

    def test_the_jump_as_json(self):
        code, told = self.stage.json("local", "advance", "5m")
        self.assertEqual((code, told["time_scale"], told["advanced_seconds"]), (0, SCALE, 300))
        self.assertIn("now", told)

    def test_ages_and_a_recycle_are_measured_there(self):
        self.create_service("aged", 3, startup="5s")
        self.advance("3h")
        code, status = self.stage.json("status", "--cluster", CLUSTER, "--service", "aged")
        self.assertEqual((code, len(status["tasks"])), (0, 3))
        for task in status["tasks"]:
            self.assertAlmostEqual(task["age_seconds"], 3 * 3600, delta=900)
        old = self.stage.tasks("aged")
        began = time.monotonic()
        code, run = self.stage.json("recycle", "--cluster", CLUSTER, "--service", "aged", "--older-than", "2h",
                                    "--wait", "2m")
        took = time.monotonic() - began
        self.assertEqual((code, run["outcome"], run["tasks_recycled"]), (0, "done", 3))
        self.assertEqual(old & self.stage.tasks("aged"), set())
        duration = run["duration_seconds"]
        self.assertGreater(duration, 240)
        self.assertLess(took, duration / 4)

    def test_what_cannot_be_done_is_one_line(self):
        refused = self.stage.run("local", "advance", "soon")
        self.assertEqual((refused.returncode, refused.stderr.count("\n")), (2, 1), refused.stderr)
        elsewhere = self.stage.run("local", "advance", "1h", "--endpoint-url", "https://ecs.us-east-1.amazonaws.com")
        self.assertEqual((elsewhere.returncode, elsewhere.stderr.count("\n")), (2, 1), elsewhere.stderr)
        both = self.stage.run("local", "advance", "1h", "--endpoint-url", self.stage.local.url, "--port", "1")
        self.assertEqual((both.returncode, both.stderr.count("\n")), (2, 1), both.stderr)


class RealTime(unittest.TestCase):
    def test_is_neither_scaled_nor_advanced(self):
        done = run_program("local", "up", "--port", "0", "--time-scale", "60")
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertEqual(done.stderr, "ecs-recycler local up: --time-scale needs --runtime virtual: processes live in "
                                      "real time\n")
        stage = Stage()
        try:
            port = stage.local.url.rsplit(":", 1)[1]
            done = run_program("local", "advance", "6h", "--port", port)
            self.assertEqual((done.returncode, done.stdout), (2, ""))
            self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
            self.assertIn("real time", done.stderr)
        finally:
            stage.close()


class Faults(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stage = Stage("--runtime", "virtual", "--stale-reads", "2s", "--throttle", "aws")
        cls.addClassCleanup(cls.stage.close)
        wait_for("its cluster to be seen", lambda: CLUSTER in str(cls.stage.ecs.list_clusters()["clusterArns"]), 10)

    def test_added_listed_and_cleared_while_it_runs(self):
        stage = self.stage
        self.assertEqual(stage.run("local", "fault", "list").stdout, "No faults.\n")
        added = stage.run("local", "fault", "add", "StopTask:throttle:0.25")
        self.assertEqual(added.returncode, 0, added.stderr)
        self.assertRegex(added.stdout, r"(?m)^f1 +StopTask:throttle:0.25 +0$")
        code, told = stage.json("local", "fault", "add", "ListServices:500")
        self.assertEqual((code, told["faults"]), (0, [{"id": "f2", "fault": "ListServices:500", "hits": 0}]))
        with self.assertRaises(ClientError) as broken:
            stage.ecs.list_services(cluster=CLUSTER)
        self.assertEqual(broken.exception.response["Error"]["Code"], "ServerException")
        self.assertEqual(broken.exception.response["ResponseMetadata"]["HTTPStatusCode"], 500)
        hits = {fault["id"]: fault["hits"] for fault in stage.json("local", "fault", "list")[1]["faults"]}
        self.assertEqual(hits["f1"], 0)
        self.assertGreater(hits["f2"], 1)   # boto3 tries again
        self.assertEqual(stage.run("local", "fault", "clear", "f2").returncode, 0)
        stage.ecs.list_services(cluster=CLUSTER)
        unknown = stage.run("local", "fault", "clear", "f2")
        self.assertEqual((unknown.returncode, unknown.stderr),
                         (2, 'ecs-recycler local fault clear: there is no fault "f2"; in force: f1\n'))
        self.assertEqual(stage.run("local", "fault", "clear").stdout, "No faults.\n")

    def test_a_fault_that_cannot_be_read_is_one_line(self):
        for command in (["local", "fault", "add"], ["local", "up", "--port", "0", "--fault"]):
            done = self.stage.run(*command, "StopTsk:throttle:0.2")
            self.assertEqual((done.returncode, done.stdout, done.stderr.count("\n")), (2, "", 1), done.stderr)
            self.assertIn("did you mean StopTask?", done.stderr)

    def test_reads_lag_behind_writes(self):
        self.stage.ecs.create_cluster(clusterName="late")
        self.assertNotIn("late", str(self.stage.ecs.list_clusters()["clusterArns"]))
        wait_for("the cluster to be seen", lambda: "late" in str(self.stage.ecs.list_clusters()["clusterArns"]), 10)

    def test_throttled_as_by_aws(self):
        def register():
            self.stage.ecs.register_task_definition(family="many", containerDefinitions=[
                {"name": "app", "image": "x", "memory": 64}])
        client = self.stage.ecs
        attempts = []
        client.meta.events.register("response-received.ecs.RegisterTaskDefinition",
                                    lambda response_dict, **_: attempts.append(response_dict["status_code"]))
        for _ in range(22):
            register()
        self.assertGreaterEqual(attempts.count(200), 22)
        self.assertGreaterEqual(attempts.count(400), 1, "more than 20 at once are refused, and tried again")


if __name__ == "__main__":
    unittest.main(verbosity=2)
