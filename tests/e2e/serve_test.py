"""The daemon on a local ECS: by age and by schedule, killed and ended in the middle of a run, read-only, SIGHUP.

usage: ECSR_BIN=PATH_OF_ecs-recycler serve_test.py
"""

import datetime
import http.server
import json
import re
import signal
import threading
import unittest
import urllib.error
import urllib.request
from pathlib import Path

from stage import CLUSTER, Stage, wait_for

SERVICES = {"aged": 1, "aging": 1, "killed": 2, "terminated": 2, "watched": 1, "planned": 2}

SAMPLE = re.compile(r'^(?P<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(?P<labels>[^}]*)\})? (?P<value>\S+)$')
LABEL = re.compile(r'([a-z_]+)="((?:[^"\\]|\\.)*)"')


def soon(seconds=3):
    """A schedule that fires once, in so many seconds."""
    at = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    return f"at({at:%Y-%m-%dT%H:%M:%S})"


class Daemon:
    """`serve` in the background, with files and a journal of its own."""

    def __init__(self, name, config, *flags):
        self.folder = Path(STAGE.home.name) / name
        self.folder.mkdir(exist_ok=True)
        self.config = self.folder / "recycler.yaml"
        self.journal = self.folder / "journal.db"
        self.port_file = self.folder / "port"
        self.write(config)
        self.program = STAGE.start("serve", "--config", str(self.config), "--journal", str(self.journal), "--port", "0",
                                   "--port-file", str(self.port_file), *flags)
        self.program.wait_for_line("Serving ")
        wait_for("the port", self.port_file.exists)
        self.port = int(self.port_file.read_text())

    def write(self, config):
        self.config.write_text(config)

    def get(self, path):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as answer:
            return answer.code, answer.read().decode()

    def metrics(self):
        """{(name, labels): value}; every line must be one of the format, and every family have its help and type."""
        found, families = {}, {}
        for line in self.get("/metrics")[1].splitlines():
            if line.startswith("# "):
                _, what, name, rest = line.split(" ", 3)
                families.setdefault(name, {})[what] = rest
                continue
            sample = SAMPLE.match(line)
            assert sample, f"not a sample: {line}"
            family = re.sub(r"_(bucket|sum|count)$", "", sample["name"])
            family = family if families.get(family, {}).get("TYPE") == "histogram" else sample["name"]
            assert set(families.get(family, {})) == {"HELP", "TYPE"}, f"{sample['name']} has no help or type"
            labels = tuple(sorted(LABEL.findall(sample["labels"] or "")))
            assert (sample["name"], labels) not in found, f"twice: {line}"
            found[sample["name"], labels] = float(sample["value"])
        return found

    def value(self, name, **labels):
        """The sum over every sample that has these labels."""
        return sum(value for (found, has), value in self.metrics().items()
                   if found == name and set(labels.items()) <= set(has))

    def runs(self):
        return STAGE.json("runs", "list", "--journal", str(self.journal))[1]["runs"]

    def signal(self, number):
        self.program.process.send_signal(number)

    def end(self):
        """Its exit code after SIGTERM."""
        if self.program.process.poll() is None:
            self.signal(signal.SIGTERM)
        return self.program.end()


class Receiver:
    """A webhook: what was posted to it."""

    def __init__(self):
        self.messages = messages = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                messages.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def services(*names, **policy):
    lines = "".join(f"    {key}: {value}\n" for key, value in policy.items())
    return f"services:\n  - services: [{', '.join(names)}]\n    cluster: {CLUSTER}\n{lines}"


DAEMONS = {}
BEFORE = {}


def setUpModule():
    global STAGE, RECEIVER
    STAGE, RECEIVER = Stage(), Receiver()
    STAGE.create_services(**SERVICES)
    BEFORE.update({name: STAGE.tasks(name) for name in SERVICES})
    # What takes long goes on side by side.
    told = f"notifications:\n  webhooks:\n    - url: {RECEIVER.url}\n"
    DAEMONS["age"] = Daemon("age", services("aged", "aging", max_age="1s") + "max_parallel: 1\n" + told)
    DAEMONS["killed"] = Daemon("killed", services("killed", schedule=soon()))
    DAEMONS["terminated"] = Daemon("terminated", services("terminated", schedule=soon(), wait="10m"))


def tearDownModule():
    for daemon in DAEMONS.values():
        daemon.end()
    RECEIVER.close()
    STAGE.close()


class Serve(unittest.TestCase):
    def assert_all_replaced(self, service):
        self.assertFalse(BEFORE[service] & STAGE.tasks(service), f"{service} still has old tasks")
        self.assertEqual(STAGE.service(service)["desiredCount"], SERVICES[service])

    def test_a_killed_daemon_goes_on_with_its_run_when_it_comes_back(self):
        daemon = DAEMONS["killed"]
        daemon.program.wait_for_line("Recycling task 1/2")
        daemon.program.kill()
        daemon.port_file.unlink()
        again = DAEMONS["killed"] = Daemon("killed", daemon.config.read_text())
        again.program.wait_for_line("Run goes on")
        again.program.wait_for_line("Run done", 120)
        self.assert_all_replaced("killed")
        self.assertEqual([(run["state"], run["tasks_recycled"]) for run in again.runs()], [("done", 2)])
        self.assertEqual(again.value("ecs_recycler_runs_total", trigger="resume", outcome="done"), 1)
        self.assertEqual(again.end(), 0)

    def test_sigterm_ends_runs_at_the_edge_of_their_batch_and_the_next_start_goes_on(self):
        daemon = DAEMONS["terminated"]
        daemon.program.wait_for_line("Recycling task 1/2")
        daemon.signal(signal.SIGTERM)
        self.assertEqual(daemon.program.end(120), 0, daemon.program.stderr())
        self.assertFalse(daemon.port_file.exists())
        self.assertEqual([run["outcome"] for run in daemon.runs()], ["stopped"])
        wait_for("the surplus to go", lambda: len(STAGE.tasks("terminated")) == 2)
        self.assertEqual(len(BEFORE["terminated"] & STAGE.tasks("terminated")), 1)

        config = daemon.config.read_text().replace("wait: 10m", "wait: 0s")
        again = DAEMONS["terminated"] = Daemon("terminated", config)
        again.program.wait_for_line("Run done, 1 tasks recycled", 120)
        self.assert_all_replaced("terminated")
        self.assertEqual(again.end(), 0)

    def test_tasks_that_are_too_old_are_replaced_one_service_at_a_time(self):
        daemon = DAEMONS["age"]
        wait_for("both to be recycled",
                 lambda: daemon.value("ecs_recycler_runs_total", trigger="age", outcome="done") == 2, 120)
        self.assert_all_replaced("aged")
        self.assert_all_replaced("aging")
        first, second = sorted(daemon.runs(), key=lambda run: run["started_at"])
        self.assertLessEqual(first["finished_at"], second["started_at"], "max_parallel is 1")
        self.assertEqual(daemon.value("ecs_recycler_tasks_recycled_total"), 2)
        self.assertEqual(daemon.value("ecs_recycler_run_duration_seconds_count"), 2)
        self.assertEqual(daemon.value("ecs_recycler_run_duration_seconds_bucket", le="+Inf"), 2)
        self.assertEqual(daemon.value("ecs_recycler_service_last_run_success", service="aged", cluster=CLUSTER), 1)
        self.assertGreater(daemon.value("ecs_recycler_api_requests_total", operation="UpdateService"), 0)
        self.assertEqual(daemon.end(), 0)
        self.assertEqual(sorted((message["event"], message["service"]) for message in RECEIVER.messages),
                         [("finished", "aged"), ("finished", "aging"), ("started", "aged"), ("started", "aging")])

    def test_read_only_says_what_it_would_do_and_changes_nothing(self):
        daemon = Daemon("planned", services("planned", max_age="1s"), "--read-only")
        daemon.program.wait_for_line(r"Read-only: would recycle 2 of 2 tasks, 1 at a time .*planned")
        wait_for("the plan to be counted", lambda: daemon.value("ecs_recycler_runs_total", outcome="planned") == 1)
        self.assertEqual(daemon.value("ecs_recycler_read_only"), 1)
        self.assertEqual(daemon.end(), 0)
        self.assertEqual(STAGE.tasks("planned"), BEFORE["planned"])
        self.assertFalse(daemon.journal.exists(), "a daemon that changes nothing leaves nothing behind")

    def test_sighup_takes_a_valid_configuration_and_no_other(self):
        daemon = Daemon("watched", services("watched", schedule="cron(0 3 * * ? *)"))
        wait_for("readiness", lambda: daemon.get("/readyz")[0] == 200)
        self.assertEqual(daemon.get("/healthz"), (200, "ok\n"))
        self.assertEqual(daemon.get("/other")[0], 404)
        labels = {"account": "default", "region": "us-east-1", "cluster": CLUSTER, "service": "watched"}
        self.assertGreater(daemon.value("ecs_recycler_service_next_fire_timestamp_seconds", **labels), 0)

        daemon.write("services:\n  - service: watched\n    max_age: soon\n")
        daemon.signal(signal.SIGHUP)
        daemon.program.wait_for_line("stays as it was: .*recycler.yaml has 1 problem")
        self.assertRegex(daemon.program.stderr(), r"recycler\.yaml:3: services\[0\]\.max_age: \"soon\"")
        self.assertEqual(daemon.value("ecs_recycler_config_last_reload_successful"), 0)
        self.assertEqual(daemon.value("ecs_recycler_services"), 1)

        daemon.write(services("watched", "planned", "missing", max_age="30d"))
        daemon.signal(signal.SIGHUP)
        wait_for("the new configuration", lambda: daemon.value("ecs_recycler_services") == 2)
        self.assertEqual(daemon.value("ecs_recycler_config_last_reload_successful"), 1)
        daemon.program.wait_for_line("there is no service missing in cluster shop")
        self.assertEqual(daemon.end(), 0)

    def test_what_it_cannot_begin_with_is_one_line(self):
        bad = Path(STAGE.home.name) / "bad.yaml"
        bad.write_text("services: []\n")
        done = STAGE.run("serve", "--config", str(bad))
        self.assertEqual(done.returncode, 2)
        self.assertTrue(done.stderr.splitlines()[-1].startswith("ecs-recycler serve: "), done.stderr)
        self.assertEqual(STAGE.run("serve").returncode, 2)


if __name__ == "__main__":
    unittest.main(verbosity=2)
