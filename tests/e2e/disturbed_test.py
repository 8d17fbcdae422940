"""An ECS that is not well: a third of the answers are throttles, server errors, or never arrive; and moto, where no
task ever starts.

usage: ECSR_BIN=PATH_OF_ecs-recycler disturbed_test.py
"""

import json
import subprocess
import sys
import tempfile
import threading
import unittest

import boto3

from stage import CLUSTER, CREDENTIALS, REGION, Stage, run_program, wait_for

class Disturbed(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stage = Stage()
        cls.addClassCleanup(cls.stage.close)
        cls.stage.create_balanced_service("web", tasks=2)

    def recycle_through(self, fault):
        before = self.stage.tasks("web")
        self.stage.run("local", "fault", "add", fault)
        try:
            # Before the run begins, a call that fails on every attempt is the end: chance must not do that.
            done = self.stage.recycle("web", "--output", "json", timeout=400, AWS_MAX_ATTEMPTS="8")
        finally:
            hits = self.stage.json("local", "fault", "list")[1]["faults"][0]["hits"]
            self.stage.run("local", "fault", "clear")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertGreater(hits, 3)
        run = json.loads(done.stdout)
        self.assertEqual((run["outcome"], run["restored"], run["tasks_recycled"]), ("done", True, 2))
        self.assertGreaterEqual(run["lowest_healthy"], 2)
        self.assertEqual(before & self.stage.tasks("web"), set())
        self.assertEqual(self.stage.service("web")["desiredCount"], 2)
        self.assertEqual(self.stage.protected("web"), [])

    def test_every_third_call_throttled(self):
        self.recycle_through("*:throttle:0.33")

    def test_every_third_call_a_server_error(self):
        self.recycle_through("*:500:0.33")

    def test_every_third_answer_lost(self):
        self.recycle_through("*:lost-answer:0.33")

    def test_half_of_the_descriptions_late(self):
        self.recycle_through("Describe*:latency:300ms:0.5")


class Moto(unittest.TestCase):
    def test_a_service_whose_tasks_never_start_is_refused(self):
        server = subprocess.Popen([sys.executable, "-m", "moto.server", "-p", "0"], stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, text=True)
        self.addCleanup(self.end, server)
        url = self.address_of(server)
        ecs = boto3.client("ecs", endpoint_url=url, region_name=REGION, aws_access_key_id="test",
                           aws_secret_access_key="test")
        ecs.create_cluster(clusterName=CLUSTER)
        ecs.register_task_definition(family="web", containerDefinitions=[{"name": "app", "image": "x", "memory": 64}])
        ecs.create_service(cluster=CLUSTER, serviceName="web", taskDefinition="web", desiredCount=2)
        done = run_program("recycle", "--cluster", CLUSTER, "--service", "web", "--endpoint-url", url,
                           "--journal", self.journal(), **CREDENTIALS)
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertRegex(done.stderr + done.stdout, r"(0 of 2 tasks are healthy|in flight)")
        self.assertEqual(ecs.describe_services(cluster=CLUSTER, services=["web"])["services"][0]["desiredCount"], 2)

    def journal(self):
        folder = tempfile.TemporaryDirectory(prefix="ecs-recycler-moto-")
        self.addCleanup(folder.cleanup)
        return folder.name + "/journal.db"

    def address_of(self, server):
        for line in server.stdout:
            if "Running on http://127.0.0.1:" in line:
                url = line.split("Running on ")[1].strip()
                threading.Thread(target=server.stdout.read, daemon=True).start()
                return url
        raise AssertionError("moto_server did not start")

    def end(self, server):
        server.terminate()
        wait_for("the end of moto_server", lambda: server.poll() is not None)
        server.stdout.close()


if __name__ == "__main__":
    unittest.main(verbosity=2)
