"""The `container` runtime of the local ECS against a real engine: Podman, started here with storage of its own.

usage: ECSR_BIN=PATH_OF_ecs-recycler local_container_test.py

Skipped where there is no Podman, where nobody is root, and where the engine runs no container. Images are made here;
no registry is asked.
"""

import contextlib
import http.client
import io
import json
import os
import shutil
import signal
import socket
import subprocess
import tarfile
import tempfile
import unittest
import urllib.request
from pathlib import Path

from local_ecs import LocalEcs, wait_for

BUSYBOX = "/bin/busybox"   # a static one: Debian's busybox-static
OWNER = "ecs-recycler.owner"


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=60)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Engine:
    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="engine-test-")
        self.socket = f"{self.folder}/socket"
        runtime = shutil.which("runc", path=os.environ["PATH"] + ":/usr/sbin")
        flags = ["--runtime", runtime] if runtime else []
        self.flags = [*flags, "--cgroup-manager=cgroupfs", "--storage-driver", "vfs", "--root", f"{self.folder}/root",
                      "--runroot", f"{self.folder}/run", "--tmpdir", f"{self.folder}/tmp"]
        self.process = subprocess.Popen(
            ["podman", *self.flags, "system", "service", "--time=0", f"unix://{self.socket}"],
            cwd=self.folder,  # its monitor leaves a file of the name "oom" there
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for("the socket of Podman", lambda: os.path.exists(self.socket) or self.process.poll() is not None)

    def ask(self, method, path, body=None, kind="application/json"):
        connection = UnixConnection(self.socket)
        try:
            connection.request(method, path, body, {"Content-Type": kind} if body else {})
            answer = connection.getresponse()
            text = answer.read()
            return answer.status, json.loads(text) if text.startswith((b"{", b"[")) else text
        finally:
            connection.close()

    def containers(self):
        return self.ask("GET", "/containers/json?all=true")[1]

    def import_busybox(self, name):
        archive = io.BytesIO()
        with tarfile.open(fileobj=archive, mode="w") as tar:
            tar.add(BUSYBOX, "bin/busybox")
            for tool in ("sh", "id", "sleep", "head", "tail", "httpd"):
                link = tarfile.TarInfo(f"bin/{tool}")
                link.type, link.linkname = tarfile.SYMTYPE, "busybox"
                tar.addfile(link)
            folder = tarfile.TarInfo("tmp")
            folder.type, folder.mode = tarfile.DIRTYPE, 0o1777
            tar.addfile(folder)
        return self.ask("POST", f"/images/create?fromSrc=-&repo={name}", archive.getvalue(), "application/x-tar")

    def why_it_runs_nothing(self):
        """Empty when a container with an address of its own can be started here."""
        status, made = self.ask("POST", "/containers/create", json.dumps({
            "Image": "busy", "Entrypoint": ["/bin/busybox", "true"],
            "HostConfig": {"NetworkMode": "bridge", "Memory": 32 << 20,
                           "Ulimits": [{"Name": name, "Soft": 1024, "Hard": 1024} for name in ("nofile", "nproc")]}}))
        if status != 201:
            return str(made)
        status, started = self.ask("POST", f"/containers/{made['Id']}/start")
        self.ask("DELETE", f"/containers/{made['Id']}?force=true")
        return "" if status == 204 else str(started)

    def close(self):
        for container in self.containers():
            self.ask("DELETE", f"/containers/{container['Id']}?force=true")
        self.process.terminate()
        self.process.wait(60)
        for pid in self.monitors():   # those of exec stay for minutes otherwise
            os.kill(pid, signal.SIGKILL)
        shutil.rmtree(self.folder, ignore_errors=True)

    def monitors(self):
        found = []
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            with contextlib.suppress(OSError):
                words = path.read_bytes()
                if b"conmon" in words.split(b"\0")[0] and self.folder.encode() in words:
                    found.append(int(path.parent.name))
        return found


def setUpModule():
    global engine
    if os.geteuid() != 0:
        raise unittest.SkipTest("Podman is started here with storage of its own; that needs root")
    if shutil.which("podman") is None or not os.path.exists(BUSYBOX):
        raise unittest.SkipTest("no podman and static busybox: tools/setup container")
    engine = Engine()
    unittest.addModuleCleanup(engine.close)
    engine.import_busybox("busy")
    if why := engine.why_it_runs_nothing():
        raise unittest.SkipTest("Podman cannot run a container here: " + why)


def shell(script, **more):
    return {"name": "app", "image": "busy", "memory": 32, "entryPoint": ["/bin/sh", "-c"], "command": [script], **more}


class LocalContainer(unittest.TestCase):
    def setUp(self):
        self.local = LocalEcs("--runtime", "container", "--container-socket", engine.socket)
        self.addCleanup(lambda: self.local.process.poll() is None and self.local.stop())
        self.ecs = self.local.client("ecs")
        self.ecs.create_cluster(clusterName="default")

    def run_task(self, *containers, mode="bridge", **more):
        definition = self.ecs.register_task_definition(
            family="test", networkMode=mode, containerDefinitions=list(containers), **more)
        network = {"awsvpcConfiguration": {"subnets": ["subnet-1"]}}
        started = self.ecs.run_task(taskDefinition=definition["taskDefinition"]["taskDefinitionArn"],
                                    **({"networkConfiguration": network} if mode == "awsvpc" else {}))
        self.assertEqual(started["failures"], [])
        return started["tasks"][0]["taskArn"]

    def task(self, arn):
        return self.ecs.describe_tasks(tasks=[arn])["tasks"][0]

    def wait_for_status(self, arn, status):
        def reached():
            task = self.task(arn)
            if status == "RUNNING" and task["lastStatus"] == "STOPPED":
                self.fail(f"{task.get('stoppedReason')}: {[c.get('reason') for c in task['containers']]}")
            return task if task["lastStatus"] == status else None
        return wait_for(f"{status} of {arn}", reached)

    def stopped_container(self, *containers, **more):
        return self.wait_for_status(self.run_task(*containers, **more), "STOPPED")["containers"][0]

    def test_a_container_gets_what_its_definition_says_and_its_exit_code_is_told(self):
        checks = ('test "$COLOUR" = blue && test "$(pwd)" = /tmp && test "$(id -u)" = 65534 && '
                  'test "$(ulimit -n)" = 512 && exit 3; exit 9')
        ended = self.stopped_container(shell(
            checks, environment=[{"name": "COLOUR", "value": "blue"}], workingDirectory="/tmp", user="65534",
            ulimits=[{"name": "nofile", "softLimit": 512, "hardLimit": 600}]))
        self.assertEqual((ended["exitCode"], ended.get("reason")), (3, None))

    def test_running_out_of_memory_is_told(self):
        """ECS behaviour C4, F5: exit code 137 and the reason, though Podman tells OOMKilled=false on cgroup v1."""
        ended = self.stopped_container(shell("exec tail /dev/zero", memory=16))
        self.assertEqual((ended["exitCode"], ended["reason"]),
                         (137, "OutOfMemoryError: Container killed due to memory usage"))

    def test_what_cannot_be_pulled_or_started_is_told_in_the_words_of_the_engine(self):
        """ECS behaviour C4."""
        ended = self.stopped_container(shell("true", image="localhost:1/nothing:7"))
        self.assertRegex(ended["reason"], "^CannotPullContainerError: Error response from daemon: .*localhost:1")
        self.assertNotIn("exitCode", ended)
        ended = self.stopped_container(shell("true", image="ecs-recycler/nothing"))
        self.assertRegex(ended["reason"], "^CannotPullContainerError: .*manifest for ecs-recycler/nothing:latest")
        ended = self.stopped_container(shell("true", entryPoint=["/nothing"]))
        self.assertRegex(ended["reason"], "^CannotStartContainerError: Error response from daemon: .*/nothing")

    def test_a_stop_signal_is_followed_by_a_kill_after_the_stop_timeout(self):
        """ECS behaviour B10: 143 where SIGTERM is heard, 137 where it is not."""
        for script, code in (("trap 'exit 143' TERM; while :; do sleep 0.1; done", 143),
                             ("trap '' TERM; while :; do sleep 0.1; done", 137)):
            arn = self.run_task(shell(script, stopTimeout=2))
            self.wait_for_status(arn, "RUNNING")
            self.ecs.stop_task(task=arn)
            ended = self.wait_for_status(arn, "STOPPED")["containers"][0]
            self.assertEqual((ended["exitCode"], ended.get("reason")), (code, None))

    def test_a_container_that_depends_on_a_healthy_one_waits_for_its_health_check(self):
        """ECS behaviour B10, D1; both share the network of the task, which has an address of its own."""
        first = shell("sleep 600", name="first", healthCheck={"command": ["CMD-SHELL", "test -d /tmp"], "interval": 5})
        second = shell("exec httpd -f -p 80 -h /bin", dependsOn=[{"containerName": "first", "condition": "HEALTHY"}],
                       portMappings=[{"containerPort": 80}])
        arn = self.run_task(first, second, mode="awsvpc")
        task = self.wait_for_status(arn, "RUNNING")
        health = {container["name"]: container["healthStatus"] for container in task["containers"]}
        self.assertEqual(health["first"], "HEALTHY")
        address = next(detail["value"] for detail in task["attachments"][0]["details"]
                       if detail["name"] == "privateIPv4Address")
        wait_for("an answer at the task's address", lambda: answers(f"http://{address}/busybox"))

    def test_a_port_of_a_container_is_reached_at_the_host_port_that_is_told(self):
        arn = self.run_task(shell("exec httpd -f -p 80 -h /bin", portMappings=[{"containerPort": 80}]))
        binding = self.wait_for_status(arn, "RUNNING")["containers"][0]["networkBindings"][0]
        self.assertEqual(binding["containerPort"], 80)
        wait_for("an answer", lambda: answers(f"http://{binding['bindIP']}:{binding['hostPort']}/busybox"))

    def test_what_containers_write_is_told_by_local_logs_and_by_cloudwatch_logs(self):
        """While they run and when they have ended, in its order and once (awslogs: ECS behaviour B10)."""
        logs = self.local.client("logs")
        logs.create_log_group(logGroupName="shop")
        options = {"awslogs-group": "shop", "awslogs-stream-prefix": "web"}
        self.ecs.register_task_definition(family="talker", containerDefinitions=[shell(
            "trap 'echo ended; exit 0' TERM; echo one; echo two >&2; sleep 2; echo three; while :; do sleep 0.1; done",
            logConfiguration={"logDriver": "awslogs", "options": options}, stopTimeout=5)])
        self.ecs.create_service(serviceName="talker", taskDefinition="talker", desiredCount=1)
        arn, = wait_for("a task", lambda: self.ecs.list_tasks(serviceName="talker")["taskArns"])
        stream = f"web/app/{arn.rsplit('/', 1)[1]}"

        def written():
            with contextlib.suppress(logs.exceptions.ResourceNotFoundException):
                events = logs.get_log_events(logGroupName="shop", logStreamName=stream, startFromHead=True)["events"]
                return [event["message"] for event in events]
            return []
        wait_for("three lines", lambda: "three" in written())
        self.assertEqual(sorted(written()), ["one", "three", "two"])
        shown = subprocess.run([os.environ["ECSR_BIN"], "local", "logs", "talker", "--endpoint-url", self.local.url],
                               capture_output=True, text=True, timeout=60)
        self.assertEqual((shown.returncode, shown.stderr), (0, ""))
        self.assertRegex(shown.stdout, r"(?m)^\w+/app  three$")
        self.ecs.update_service(service="talker", desiredCount=0)
        wait_for("the last line", lambda: written()[-1] == "ended")
        self.assertEqual(len(written()), 4)

    def test_containers_share_the_memory_limit_of_their_task(self):
        """ECS behaviour B11: each is below its own limit, both together are over that of the task."""
        hold = "head -c {0} /dev/zero | tail -c {0} | sleep 600"  # tail keeps them for a reader that never comes
        arn = self.run_task(shell(hold.format(20 << 20), memory=128, name="large"),
                            shell(hold.format(16 << 20), memory=128, name="small"), memory="32", cpu="256")
        ended = {container["name"]: container for container in self.wait_for_status(arn, "STOPPED")["containers"]}
        self.assertEqual((ended["large"]["exitCode"], ended["large"]["reason"]),
                         (137, "OutOfMemoryError: Container killed due to memory usage"))
        self.assertNotIn("reason", ended["small"])

    def test_built_in_images_run_on_the_same_port_and_nothing_of_them_stays(self):
        definition = self.ecs.register_task_definition(
            family="web", networkMode="awsvpc",
            containerDefinitions=[{"name": "web", "image": "ecs-recycler/web", "memory": 128,
                                   "portMappings": [{"containerPort": 8080}]}])
        self.ecs.create_service(serviceName="web", desiredCount=2,
                                taskDefinition=definition["taskDefinition"]["taskDefinitionArn"],
                                networkConfiguration={"awsvpcConfiguration": {"subnets": ["subnet-1"]}})
        arns = wait_for("two tasks", lambda: [
            task for task in self.ecs.list_tasks(serviceName="web")["taskArns"]
            if self.task(task)["lastStatus"] == "RUNNING"][1:] and self.ecs.list_tasks(serviceName="web")["taskArns"])
        for arn in arns:
            address = next(detail["value"] for detail in self.task(arn)["attachments"][0]["details"]
                           if detail["name"] == "privateIPv4Address")
            text = wait_for("an answer", lambda at=address: answers(f"http://{at}:8080/"))
            self.assertIn(arn.rsplit("/", 1)[1].encode(), text)
        self.assertEqual(self.local.stop(), 0)
        self.assertEqual(engine.containers(), [])
        names = [name for image in engine.ask("GET", "/images/json")[1] for name in image["RepoTags"] or []]
        self.assertEqual([name for name in names if "ecs-recycler" in name], [])

    def test_containers_of_a_killed_one_are_removed_by_the_next_one(self):
        self.wait_for_status(self.run_task(shell("sleep 600")), "RUNNING")
        before = [container for container in engine.containers() if OWNER in container["Labels"]]
        self.assertEqual(len(before), 1)
        killed = self.local.process.pid
        self.local.process.send_signal(signal.SIGKILL)
        self.local.process.wait(60)
        self.local.folder.cleanup()
        self.assertEqual(len(engine.containers()), 1)
        following = LocalEcs("--runtime", "container", "--container-socket", engine.socket)
        self.addCleanup(following.stop)
        self.assertEqual(engine.containers(), [])
        left = [folder for folder in os.listdir(tempfile.gettempdir()) if folder.startswith(f"ecs-recycler-{killed}-")]
        self.assertEqual(left, [])


class NoEngine(unittest.TestCase):
    def test_a_socket_where_nobody_listens_is_one_line(self):
        done = subprocess.run([os.environ["ECSR_BIN"], "local", "up", "--port", "0", "--runtime", "container",
                               "--container-socket", "/nothing/here"], capture_output=True, text=True, timeout=60)
        self.assertNotEqual(done.returncode, 0)
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        self.assertIn("/nothing/here", done.stderr)


def answers(url):
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.read()
    except OSError:
        return None


if __name__ == "__main__":
    unittest.main()
