"""local up --netns: tasks of the process runtime in networks of their own.

usage: ECSR_BIN=PATH_OF_ecs-recycler local_netns_test.py

Skipped where nobody is root and where the machine permits no network namespaces.
"""

import json
import os
import signal
import subprocess
import unittest
import urllib.request

from stage import BINARY, CLUSTER, Stage, clean_environment, run_program, wait_for

# Nobody but ourselves can be asked at 127.0.0.1: the workload, and the local ECS for what it tells tasks.
ASKS = "curl -sf http://127.0.0.1:8080/health && curl -sf $ECS_CONTAINER_METADATA_URI_V4/task"


def why_not():
    if os.geteuid() != 0:
        return "networks of tasks' own need root"
    tried = subprocess.run(["unshare", "-n", "ip", "link", "add", "veth-a", "type", "veth", "peer", "name",
                            "veth-b"],
                           capture_output=True, text=True)
    return tried.stderr.strip() if tried.returncode else ""


def devices():
    links = json.loads(subprocess.run(["ip", "-j", "link"], capture_output=True, text=True, check=True).stdout)
    return {link["ifname"] for link in links if link["ifname"].startswith("ecsr-")}


def routes():
    told = subprocess.run(["ip", "-j", "route"], capture_output=True, text=True, check=True).stdout
    return {route["dst"] for route in json.loads(told) if route.get("dev", "").startswith("ecsr-")}


@unittest.skipIf(why_not(), why_not())
class Netns(unittest.TestCase):
    def setUp(self):
        self.before = devices()
        self.stage = Stage("--netns")

    def serve(self, tasks):
        """Tasks that all bind port 8080 of every address they have."""
        return self.stage.create_balanced_service("web", tasks=tasks, host="0.0.0.0")

    def own_devices(self):
        return devices() - self.before

    def test_tasks_bind_the_same_port_and_everything_reaches_them(self):
        self.addCleanup(lambda: wait_for("no device of it", lambda: not self.own_devices()))
        self.addCleanup(self.stage.close)
        url = self.serve(2)
        self.stage.ecs.register_task_definition(family="checked", networkMode="awsvpc", containerDefinitions=[{
            "name": "app", "image": "ecs-recycler/web", "memory": 64, "stopTimeout": 2,
            "portMappings": [{"containerPort": 8080}], "environment": [{"name": "HOST", "value": "0.0.0.0"}],
            "healthCheck": {"command": ["CMD-SHELL", ASKS], "interval": 5, "timeout": 5, "retries": 2}}])
        self.stage.ecs.create_service(
            cluster=CLUSTER, serviceName="checked", taskDefinition="checked", desiredCount=1,
            networkConfiguration={"awsvpcConfiguration": {"subnets": ["subnet-a"]}})
        answers = {urllib.request.urlopen(url, timeout=10).read() for _ in range(6)}
        self.assertEqual(len(answers), 2, answers)
        described = self.stage.ecs.describe_tasks(cluster=CLUSTER, tasks=sorted(self.stage.tasks("web")))["tasks"]
        addresses = set()
        for task in described:
            details = {detail["name"]: detail["value"] for detail in task["attachments"][0]["details"]}
            address = details["privateIPv4Address"]
            self.assertRegex(address, r"^198\.1[89]\.")
            answer = urllib.request.urlopen(f"http://{address}:8080/", timeout=10).read().decode()
            self.assertIn(task["taskArn"].rsplit("/", 1)[1], answer)
            addresses.add(address)
        self.assertEqual(len(addresses), 2)
        self.assertLessEqual(addresses, routes())
        wait_for("a task that can ask about itself", lambda: self.health("checked") == ["HEALTHY"])

    def health(self, service):
        arns = sorted(self.stage.tasks(service))
        tasks = self.stage.ecs.describe_tasks(cluster=CLUSTER, tasks=arns)["tasks"] if arns else []
        return [task["healthStatus"] for task in tasks]

    def test_nothing_stays_when_it_is_killed(self):
        self.addCleanup(self.stage.home.cleanup)
        self.serve(2)
        self.assertEqual(len(self.own_devices()), 2)
        self.stage.local.process.send_signal(signal.SIGKILL)
        self.stage.local.process.wait(60)
        self.stage.local.folder.cleanup()
        wait_for("no device of it", lambda: not self.own_devices())
        self.assertFalse([route for route in routes() if route.startswith("198.1")])

    def test_a_task_that_ends_takes_its_network_along(self):
        self.addCleanup(self.stage.close)
        self.serve(1)
        first = self.own_devices()
        self.stage.ecs.stop_task(cluster=CLUSTER, task=self.stage.tasks("web").pop())
        wait_for("another device in its place", lambda: self.own_devices() and not self.own_devices() & first)


class Refused(unittest.TestCase):
    def test_other_runtimes_and_other_users_in_one_line(self):
        for flags, said in [(["--runtime", "virtual"], "--netns needs --runtime process: virtual containers have no"),
                            (["--runtime", "container"], "--netns needs --runtime process: the engine gives")]:
            done = run_program("local", "up", "--port", "0", "--netns", *flags)
            self.assertEqual((done.returncode, done.stderr.count("\n")), (2, 1), done.stderr)
            self.assertIn(said, done.stderr)
        nobody = {"user": 65534, "group": 65534, "extra_groups": []} if os.geteuid() == 0 else {}
        done = subprocess.run([BINARY, "local", "up", "--port", "0", "--netns"], capture_output=True, text=True,
                              timeout=60, env=clean_environment("/nonexistent"), **nobody)
        self.assertEqual((done.returncode, done.stderr.count("\n")), (2, 1), done.stderr)
        self.assertIn("--netns: networks of tasks' own need root", done.stderr)


if __name__ == "__main__":
    unittest.main()
