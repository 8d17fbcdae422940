"""`local up` as a program: its port, its signals, its state, and that nothing of it stays behind.

usage: ECSR_BIN=PATH_OF_ecs-recycler local_up_test.py
"""

import json
import os
import signal
import socket
import subprocess
import tempfile
import unittest
from pathlib import Path

import boto3
from botocore.exceptions import ClientError

from stage import BINARY, Stage, clean_environment, run_program, wait_for


def children_of(pid):
    """Every descendant of the process."""
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in task.read_text().split():
            found += [int(child), *children_of(child)]
    return found


def runs(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def cgroups_of(pids):
    folders = set()
    for pid in pids:
        try:
            lines = Path(f"/proc/{pid}/cgroup").read_text().splitlines()
        except (FileNotFoundError, ProcessLookupError):
            continue
        folders |= {line.split(":", 2)[2] for line in lines if "ecs" in line.split(":", 2)[2]}
    return folders


class LocalUp(unittest.TestCase):
    def test_a_port_that_is_taken_is_one_line(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = str(taken.getsockname()[1])
            done = run_program("local", "up", "--port", port)
        self.assertEqual((done.returncode, done.stdout, done.stderr.count("\n")), (1, "", 1), done.stderr)
        self.assertIn(port, done.stderr)

    def test_it_says_how_to_reach_it(self):
        stage = Stage()
        try:
            port = stage.local.url.rsplit(":", 1)[1]
            self.assertIn(f"export AWS_ENDPOINT_URL=http://127.0.0.1:{port} AWS_ACCESS_KEY_ID=", stage.local.log())
            self.assertIn(" AWS_DEFAULT_REGION=us-east-1", stage.local.log())
        finally:
            stage.close()

    def test_nothing_stays_behind(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(number.name), tempfile.TemporaryDirectory() as temp:
                os.environ["TMPDIR"] = temp
                try:
                    stage = Stage()
                finally:
                    del os.environ["TMPDIR"]
                stage.create_balanced_service("web", tasks=2)
                process = stage.local.process
                children = children_of(process.pid)
                self.assertGreaterEqual(len(children), 3)   # two tasks and HAProxy
                groups = cgroups_of(children)
                process.send_signal(number)
                self.assertEqual(process.wait(120), 0)
                wait_for("the end of every child", lambda: not any(runs(pid) for pid in children))
                self.assertEqual(os.listdir(temp), [])
                left = [str(path) for group in groups for path in Path("/sys/fs/cgroup").glob(f"*{group}")]
                self.assertEqual(left, [])
                stage.close()

    def test_what_a_killed_one_leaves_the_next_one_clears_away(self):
        with tempfile.TemporaryDirectory() as temp:
            os.environ["TMPDIR"] = temp
            try:
                killed = Stage()
                killed.create_balanced_service("web", tasks=1)
                children = children_of(killed.local.process.pid)
                killed.local.process.kill()
                killed.local.process.wait(120)
                wait_for("the end of every child", lambda: not any(runs(pid) for pid in children))
                killed.local.stop()
                killed.home.cleanup()
                self.assertNotEqual(os.listdir(temp), [])
                Stage().close()
            finally:
                del os.environ["TMPDIR"]
            self.assertEqual(os.listdir(temp), [])

    def test_containers_hold_none_of_its_connections(self):
        stage = Stage()
        try:
            stage.create_services(first=1, second=1)
            held = []
            for pid in children_of(stage.local.process.pid):
                name = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
                if "sleeper" in name:
                    links = [os.readlink(link) for link in Path(f"/proc/{pid}/fd").iterdir()]
                    held.append([link for link in links if link.startswith("socket:")])
            self.assertEqual(held, [[], []])
        finally:
            stage.close()

    def test_the_state_survives_a_restart(self):
        with tempfile.TemporaryDirectory() as folder:
            stage = Stage("--state", folder)
            stage.create_services(kept=1)
            stage.close()
            again = Stage("--state", folder)
            try:
                self.assertEqual(again.service("kept")["desiredCount"], 1)
                wait_for("its task to be started again", lambda: again.service("kept")["runningCount"] == 1)
                second = run_program("local", "up", "--port", "0", "--state", folder)
                self.assertEqual((second.returncode, second.stderr.count("\n")), (4, 1), second.stderr)
                self.assertIn(folder, second.stderr)
            finally:
                again.close()

    def test_the_port_file_is_complete_and_goes_with_the_program(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "port"
            process = subprocess.Popen([BINARY, "local", "up", "--port", "0", "--port-file", str(path)],
                                       env=clean_environment(folder), stdout=subprocess.DEVNULL)
            try:
                wait_for("the port file", path.exists)
                socket.create_connection(("127.0.0.1", int(path.read_text()))).close()
            finally:
                process.send_signal(signal.SIGINT)
                self.assertEqual(process.wait(120), 0)
            self.assertEqual(os.listdir(folder), [])

    def test_its_access_log_tells_every_request_and_what_it_was_answered(self):
        with tempfile.TemporaryDirectory(prefix="access-log-test-") as folder:
            path = Path(folder) / "access.log"
            stage = Stage("--runtime", "virtual", "--access-log", str(path))
            try:
                began = len(path.read_text().splitlines())
                stage.ecs.list_clusters()
                self.assertRaises(ClientError, stage.ecs.describe_tasks, cluster="nowhere", tasks=["a" * 32])
                stage.cloudwatch.describe_alarms()
                unserved = boto3.client("dynamodb", endpoint_url=stage.local.url, region_name="us-east-1",
                                        aws_access_key_id="a", aws_secret_access_key="b")
                self.assertRaises(ClientError, unserved.list_tables)
                stage.run("local", "fault", "list")  # none of AWS
                told = [json.loads(line) for line in path.read_text().splitlines()[began:]]
            finally:
                stage.close()
        self.assertEqual([(line["service"], line["operation"], line["status"] < 300) for line in told[:3]],
                         [("ecs", "ListClusters", True), ("ecs", "DescribeTasks", False),
                          ("monitoring", "DescribeAlarms", True)])
        self.assertEqual({(line["service"], line["operation"]) for line in told[3:]}, {("dynamodb", "ListTables")})
        self.assertRegex(told[0]["time"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")

    def test_an_access_log_that_cannot_be_is_one_line(self):
        done = run_program("local", "up", "--port", "0", "--access-log", "/none/access.log")
        self.assertNotEqual(done.returncode, 0)
        self.assertEqual((done.stdout, done.stderr.count("\n")), ("", 1), done.stderr)
        self.assertIn("/none/access.log", done.stderr)


if __name__ == "__main__":
    unittest.main()
