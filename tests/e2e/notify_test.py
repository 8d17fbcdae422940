"""The older input.json as people use it: a run with its credentials that tells its start and its end by mail.

usage: ECSR_BIN=PATH_OF_ecs-recycler notify_test.py
"""

import json
import socket
import tempfile
import unittest
from pathlib import Path

from stage import CLUSTER, REGION, Stage, run_program, wait_for

import mail_server
from mail_server import HOST, PASSWORD, USER, Certificate, MailServer


def setUpModule():
    global STAGE
    mail_server.require_smtp_server()
    STAGE = Stage()
    unittest.addModuleCleanup(STAGE.close)
    STAGE.create_services(told=1, silent=1, refused=0)


def input_json(port, path, **sections):
    document = {
        "awsCredentials": {"region_name": REGION, "profile_name": "<profile name>", "role_arn": "<role arn>",
                           "access_key": "AKIDEXAMPLE", "secret_key": "not-checked", "session_token": "<token>"},
        "smtpCredentials": {"host": HOST, "port": port, "username": USER, "password": PASSWORD,
                            "from_email": "recycler@example.org"},
        "emailNotification": {"email_subject": "ECS service recycle", "subject_prefix": "TEST-ENV",
                              "to": "ops@example.org, oncall@example.org", "cc": [], "bcc": "audit@example.org",
                              "attachments": []},
    } | sections
    Path(path).write_text(json.dumps(document, indent=2))
    return str(path)


class OlderInput(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="ecs-recycler-notify-")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = Path(folder.name)
        cls.certificate = Certificate(folder.name)
        # Goes on beside the other tests, because a run takes its time.
        cls.silent_server = socket.create_server(("127.0.0.1", 0))
        cls.addClassCleanup(cls.silent_server.close)
        config = input_json(cls.silent_server.getsockname()[1], cls.folder / "silent.json")
        cls.untold = STAGE.start("recycle", "--config", config, "--cluster", CLUSTER, "--service", "silent")
        cls.addClassCleanup(cls.untold.kill)

    # Without credentials and region of its environment: the file has them.
    def recycle(self, config, service, *flags):
        return run_program("recycle", "--config", config, "--cluster", CLUSTER, "--service", service, *flags,
                           home=STAGE.home.name, AWS_ENDPOINT_URL=STAGE.local.url,
                           SSL_CERT_FILE=str(self.certificate.path), timeout=90)

    def test_a_run_with_its_credentials_tells_start_and_end(self):
        with MailServer(self.certificate) as server:
            done = self.recycle(input_json(server.port, self.folder / "told.json"), "told", "--output", "json")
            mails = server.mails
        self.assertEqual(done.returncode, 0, done.stderr)
        document = json.loads(done.stdout)
        started, finished = mails
        self.assertIn("Recycling shop/told started", started.body("plain"))
        self.assertIn("Recycling shop/told finished: 1 task replaced", finished.body("plain"))
        self.assertRegex(finished["subject"], r"^TEST-ENV \| ECS service recycle \| \d{1,2} [A-Z][a-z]+ 20\d\d$")
        self.assertEqual(finished.recipients, ["ops@example.org", "oncall@example.org", "audit@example.org"])
        report = json.loads(finished.attachments()["report.json"])
        self.assertEqual((report["run_id"], report["outcome"]), (document["run_id"], "done"))

    def test_a_refused_run_tells_that_it_was_blocked(self):
        with MailServer(self.certificate) as server:
            done = self.recycle(input_json(server.port, self.folder / "refused.json"), "refused")
            self.assertEqual(done.returncode, 3, done.stderr)
            [mail] = server.mails
        self.assertIn("Recycling shop/refused was blocked", mail.body("plain"))

    def test_a_mail_server_that_says_nothing_changes_nothing(self):
        run = self.untold
        wait_for("the end of the run", lambda: "1 recycled" in run.stdout(), 60)
        self.assertIsNone(run.process.poll(), "it waits for the mail server, half a minute at most")
        run.interrupt()
        run.wait_for_line("Interrupted")
        run.interrupt()
        self.assertEqual(run.end(10), 0, run.stderr())
        lost = [line for line in run.stderr().splitlines() if "did not reach mail" in line]
        self.assertEqual(len(lost), 2, run.stderr())
        self.assertNotIn(PASSWORD, run.stderr())

    def test_notify_test_tells_each_channel(self):
        with MailServer(self.certificate) as server:
            config = input_json(server.port, self.folder / "test.json")
            code, document = self.notify_test(config, "--event", "failed")
            self.assertEqual(code, 0)
            self.assertEqual([channel["ok"] for channel in document["channels"]], [True])
            [mail] = server.mails
        self.assertIn("TEST: Recycling example/example FAILED", mail.body("plain"))
        code, document = self.notify_test(config)   # the server is gone
        self.assertEqual((code, document["ok"]), (1, False))
        self.assertIn("cannot reach mail server", document["channels"][0]["error"])

    def test_notify_test_takes_the_daemons_configuration_too(self):
        path = self.folder / "recycler.yaml"
        with MailServer(self.certificate) as server:
            path.write_text(f"""
                notifications:
                  mails:
                    - {{host: {HOST}, port: {server.port}, username: {USER}, password: "{PASSWORD}",
                       from: recycler@example.org, to: ops@example.org, events: [failed]}}
                  webhooks:
                    - {{format: slack, url: "http://127.0.0.1:9/T0KEN"}}
                services:
                  - {{cluster: shop, max_age: 6h}}
                """)
            code, document = self.notify_test(str(path))
            self.assertEqual(code, 1)
            self.assertEqual([(channel["kind"], channel["ok"]) for channel in document["channels"]],
                             [("mail", True), ("slack", False)])
            self.assertNotIn("T0KEN", json.dumps(document))
            [mail] = server.mails
        self.assertIn("TEST: Recycling example/example finished", mail.body("plain"))
        path.write_text("notifications: {mails: [{to: nobody}]}\n")
        done = run_program("notify", "test", "--config", str(path))
        self.assertEqual((done.returncode, len(done.stderr.splitlines())), (2, 1), done.stderr)
        self.assertIn(f"{path}:1: ", done.stderr)

    def notify_test(self, config, *flags):
        done = run_program("notify", "test", "--config", config, *flags, "--output", "json",
                           SSL_CERT_FILE=str(self.certificate.path))
        return done.returncode, json.loads(done.stdout)

    def test_a_bad_file_is_one_line_with_its_line_and_member(self):
        path = self.folder / "bad.json"
        cases = [('{\n"smtpCredentials": {"port": 0}}', f"{path}:2: smtpCredentials.port: must be a number from 1"),
                 ('{"awsCredentials": {"access_key": "AKIDEXAMPLE"}}', "must be given together"),
                 ("{}", "nobody is to be told"), ("{", f"{path}:1: not JSON")]
        for text, expected in cases:
            path.write_text(text)
            done = run_program("notify", "test", "--config", str(path))
            self.assertEqual(done.returncode, 2, text)
            self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
            self.assertIn(expected, done.stderr)
        done = run_program("recycle", "--service", "x", "--config", str(self.folder / "absent.json"))
        self.assertEqual(done.returncode, 2)
        self.assertIn("--config", done.stderr)


if __name__ == "__main__":
    unittest.main()
