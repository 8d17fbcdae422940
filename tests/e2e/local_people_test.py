"""What people ask a running local ECS: status, events, logs, snapshot, env.

usage: ECSR_BIN=PATH_OF_ecs-recycler local_people_test.py
"""

import json
import os
import re
import shlex
import socket
import subprocess
import unittest
from pathlib import Path

from stage import CHECK, CLUSTER, Stage, run_program, wait_for

TALK = 'echo "hello from $1"; while :; do sleep 1 & wait $!; done'
TALKER = {"name": "app", "image": "talker", "entryPoint": ["sh", "-c", TALK, "talker"], "memory": 64, "stopTimeout": 2,
          "healthCheck": CHECK}


def setUpModule():
    global STAGE
    STAGE = Stage()
    STAGE.create_balanced_service("web", tasks=2)
    STAGE.register("talker", **{**TALKER, "command": ["first"]})
    STAGE.ecs.create_service(cluster=CLUSTER, serviceName="talker", taskDefinition="talker", desiredCount=1)
    STAGE.wait_until_running("talker", 1)


def tearDownModule():
    STAGE.close()


class Shown(unittest.TestCase):
    def test_status_is_one_screen_with_services_targets_tasks_memory_and_events(self):
        done = STAGE.run("local", "status", "--events", "100")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertRegex(done.stdout, rf"^Local ECS on {STAGE.local.url}, 20\d\d-")
        self.assertRegex(done.stdout, r"(?m)^shop +web +2 +2 +0 +web:1 +COMPLETED +2 healthy at http://127.0.0.1:\d+/$")
        self.assertRegex(done.stdout, r"(?m)^shop +talker +1 +1 +0 +talker:1 +COMPLETED +-$")
        for task in STAGE.tasks("web"):
            short = task.rsplit("/", 1)[1][:8]
            self.assertRegex(done.stdout, rf"(?m)^{short} +web +RUNNING +\w+ +\S.* [KM]iB of 64 MiB +web:1$")
        self.assertRegex(done.stdout, r"(?m)^20\S+  shop/web  \(service web\) has reached a steady state\.$")

    def test_status_as_json_has_the_same_facts(self):
        code, seen = STAGE.json("local", "status", "--events", "1")
        self.assertEqual(code, 0)
        web, = [service for service in seen["services"] if service["service"] == "web"]
        self.assertEqual((web["desired"], web["running"], web["rollout"]), (2, 2, "COMPLETED"))
        self.assertEqual(web["target_groups"][0]["healthy"], 2)
        memory = [task["memory_bytes"] for task in seen["tasks"] if task["service"] == "web"]
        self.assertTrue(len(memory) == 2 and all(0 < bytes_used < 64 << 20 for bytes_used in memory), memory)
        self.assertEqual(len(seen["events"]), 1)

    def test_status_tells_why_a_task_ended_by_itself(self):
        STAGE.register("ends", image="ends", entryPoint=["sh", "-c", "exit 7"])
        STAGE.ecs.run_task(cluster=CLUSTER, taskDefinition="ends")
        wait_for("its end", lambda: "exit 7" in STAGE.run("local", "status").stdout)
        self.assertRegex(STAGE.run("local", "status").stdout,
                         r"ends:1 +Essential container in task exited \(app: exit 7\)")
        told, = [task for task in STAGE.json("local", "status")[1]["tasks"] if task["task_definition"] == "ends:1"]
        self.assertEqual(told["told_by_containers"], "app: exit 7")

    def test_status_can_be_watched(self):
        watched = STAGE.start("local", "status", "--watch")
        try:
            wait_for("two screens", lambda: watched.stdout().count("Local ECS on") >= 2)
        finally:
            watched.interrupt()
            self.assertEqual(watched.end(), 0)
        self.assertIn("\x1b[2J", watched.stdout())
        both = STAGE.run("local", "status", "--watch", "--output", "json")
        self.assertEqual((both.returncode, both.stderr.count("\n")), (2, 1), both.stderr)

    def test_events_of_one_service_and_of_all(self):
        everything = STAGE.run("local", "events")
        self.assertIn("shop/web  (service web) has started 2 tasks:", everything.stdout)
        self.assertIn("shop/talker  (service talker) has started 1 tasks:", everything.stdout)
        one = STAGE.run("local", "events", "talker", "--limit", "2")
        self.assertEqual((one.returncode, one.stdout.count("\n"), one.stdout.count("shop/talker")), (0, 2, 2))
        times = re.findall(r"(?m)^(\S+)  shop/", everything.stdout)
        self.assertEqual(times, sorted(times))
        code, document = STAGE.json("local", "events", "talker")
        self.assertTrue(code == 0 and all(event["service"] == "talker" for event in document["events"]))

    def test_logs_name_task_and_container(self):
        task, = STAGE.tasks("talker")
        short = task.rsplit("/", 1)[1][:8]
        line = f"{short}/app  hello from first\n"
        wait_for("its output", lambda: STAGE.run("local", "logs", "talker").stdout == line)
        code, document = STAGE.json("local", "logs", "talker", "--cluster", CLUSTER)
        self.assertEqual((code, document["logs"][0]["text"]), (0, "hello from first\n"))

    def test_followed_logs_go_on_with_the_next_task(self):
        STAGE.register("follower", **{**TALKER, "command": ["one"]})
        STAGE.ecs.create_service(cluster=CLUSTER, serviceName="follower", taskDefinition="follower", desiredCount=1)
        wait_for("its service", lambda: STAGE.run("local", "logs", "follower").returncode == 0)
        logs = STAGE.start("local", "logs", "follower", "--follow")
        events = STAGE.start("local", "events", "follower", "--follow")
        try:
            wait_for("the first task", lambda: "hello from one" in logs.stdout())
            STAGE.register("follower", **{**TALKER, "command": ["two"]})
            STAGE.ecs.update_service(cluster=CLUSTER, service="follower", taskDefinition="follower")
            wait_for("the second task", lambda: "hello from two" in logs.stdout())
            wait_for("its event", lambda: "has begun draining" in events.stdout() or "has stopped 1" in events.stdout())
            self.assertEqual(logs.stdout().count("hello from one"), 1)
        finally:
            logs.interrupt()
            events.interrupt()
            self.assertEqual((logs.end(), events.end()), (0, 0))

    def test_a_service_that_is_not_there_is_told_with_those_that_are(self):
        for command in (["local", "logs", "wep"], ["local", "events", "wep"]):
            done = STAGE.run(*command)
            self.assertEqual((done.returncode, done.stdout, done.stderr.count("\n")), (2, "", 1), done.stderr)
            self.assertIn('there is no service "wep"', done.stderr)
            self.assertIn("web", done.stderr)

    def test_what_is_not_there_is_told_with_the_reason(self):
        for arguments, said in [(["events", "--cluster", "shoq"], 'no service in the cluster "shoq"; services: shop/'),
                                (["events", "web", "--cluster", "shoq"], 'no service "web" in the cluster "shoq"'),
                                (["snapshot", "save", "/nothing/here.json"],
                                 "/nothing/here.json cannot be written: No such file or directory")]:
            done = STAGE.run("local", *arguments)
            self.assertEqual((done.returncode, done.stdout, done.stderr.count("\n")), (2, "", 1), done.stderr)
            self.assertIn(said, done.stderr)


class Found(unittest.TestCase):
    def test_by_port_by_port_file_and_by_the_environment(self):
        port = STAGE.local.url.rsplit(":", 1)[1]
        port_file = str(Path(STAGE.local.folder.name) / "port")
        for arguments, variables in ((["--port", port], {}), (["--port-file", port_file], {}),
                                     (["--endpoint-url", STAGE.local.url], {}), ([], {"ECS_RECYCLER_PORT": port}),
                                     ([], {"ECS_RECYCLER_PORT_FILE": port_file}),
                                     ([], {"AWS_ENDPOINT_URL": STAGE.local.url}),
                                     (["--port", port], {"ECS_RECYCLER_PORT_FILE": "/nonexistent/port"}),
                                     (["--endpoint-url", STAGE.local.url], {"ECS_RECYCLER_PORT": "1"}),
                                     (["--port-file", port_file], {"ECS_RECYCLER_PORT": "1"})):
            done = run_program("local", "status", *arguments, **variables)
            self.assertEqual((done.returncode, done.stderr), (0, ""), (arguments, variables))

    def test_where_none_runs_it_is_told(self):
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))   # bound and not listening: refused
            done = run_program("local", "status", "--port", str(unused.getsockname()[1]))
        self.assertEqual((done.returncode, done.stdout, done.stderr.count("\n")), (1, "", 1), done.stderr)
        self.assertIn("no local ECS answers", done.stderr)
        self.assertIn('start one with "ecs-recycler local up"', done.stderr)
        done = run_program("local", "logs", "web", "--port-file", "/nonexistent/port")
        self.assertEqual((done.returncode, done.stderr.count("\n")), (2, 1), done.stderr)
        self.assertIn("/nonexistent/port", done.stderr)

    def test_env_points_the_aws_tools_at_it(self):
        port = STAGE.local.url.rsplit(":", 1)[1]
        program = shlex.quote(os.environ["ECSR_BIN"])
        line = f'eval "$({program} local env --port {port})" && {program} status --cluster {CLUSTER} --service web'
        done = subprocess.run(["sh", "-c", line], env={"PATH": os.environ["PATH"], "HOME": "/nonexistent",
                                                       "AWS_PROFILE": "nobody", "AWS_SESSION_TOKEN": "old"},
                              capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        code, variables = STAGE.json("local", "env")
        self.assertEqual((code, variables["AWS_ENDPOINT_URL"]), (0, STAGE.local.url))


class Snapshot(unittest.TestCase):
    def test_what_was_saved_comes_back_here_and_elsewhere(self):
        file = str(Path(STAGE.home.name) / "before.json")
        other = Stage()
        try:
            other.create_services(kept=2)
            other.ecs.create_cluster(clusterName="second")
            self.assertEqual(other.run("local", "snapshot", "save", file).returncode, 0)
            before = other.tasks("kept")
            other.ecs.update_service(cluster=CLUSTER, service="kept", desiredCount=1)
            other.ecs.delete_cluster(cluster="second")
            self.assertEqual(other.run("local", "snapshot", "load", file).returncode, 0)
            self.assertEqual(other.service("kept")["desiredCount"], 2)
            self.assertIn("second", str(other.ecs.list_clusters()["clusterArns"]))
            other.wait_until_running("kept", 2)
            self.assertEqual(before & other.tasks("kept"), set())
            wait_for("no other process", lambda: len(sleepers(other.local.process.pid)) == 2)
        finally:
            other.close()
        third = Stage("--runtime", "virtual")
        try:
            self.assertEqual(third.run("local", "snapshot", "load", file).returncode, 0)
            third.wait_until_running("kept", 2)
        finally:
            third.close()

    def test_what_is_none_is_refused_and_changes_nothing(self):
        before = STAGE.tasks("web")
        file = Path(STAGE.home.name) / "other.json"
        for text in ("{}", "not JSON", '{"format": 99, "state": {}}'):
            file.write_text(text)
            done = STAGE.run("local", "snapshot", "load", str(file))
            self.assertEqual((done.returncode, done.stdout, done.stderr.count("\n")), (2, "", 1), done.stderr)
        self.assertEqual(STAGE.run("local", "snapshot", "load", "/nonexistent").returncode, 2)
        self.assertEqual(STAGE.run("local", "snapshot", "save", "/nonexistent/x").returncode, 2)
        self.assertEqual(STAGE.tasks("web"), before)


def sleepers(pid):
    """Processes of containers below the local ECS."""
    listed = subprocess.run(["ps", "-o", "pid=,args=", "--ppid", str(pid)], capture_output=True, text=True, timeout=30)
    return [line for line in listed.stdout.splitlines() if "workload sleeper" in line]


if __name__ == "__main__":
    unittest.main()
