"""Notifications against software that nobody here wrote: an SMTP server (aiosmtpd), Python's HTTP server, moto's SNS.

usage: notifications_test.py PATH_OF_send_notification
"""

import contextlib
import hashlib
import hmac
import http.server
import json
import logging
import os
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest

import boto3

import mail_server
from mail_server import HOST, PASSWORD, USER, Certificate, MailServer

SEND_NOTIFICATION = sys.argv[1]
REGION = "eu-west-1"
KEYS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_EC2_METADATA_DISABLED": "true"}


def start(**variables):
    return subprocess.Popen([SEND_NOTIFICATION], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            text=True, env={"PATH": os.environ["PATH"], "HOME": "/nonexistent", **variables})


def send(wanted, **variables):
    """What became of it on the first channel, and the log."""
    with start(**variables) as process:
        output, log = process.communicate(json.dumps(wanted), timeout=60)
    assert process.returncode == 0, log
    outcome = json.loads(output)
    return (outcome if wanted.get("queued") else outcome["channels"][0]), log


class Mails(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        mail_server.require_smtp_server()
        folder = tempfile.TemporaryDirectory(prefix="ecs-recycler-mail-")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = folder.name
        cls.certificate = Certificate(folder.name)

    def mail(self, port, **settings):
        return {"host": HOST, "port": port, "security": "starttls", "username": USER, "password": PASSWORD,
                "ca_file": str(self.certificate.path), "from": "Recycler <recycler@example.org>",
                "to": ["ops@example.org"], "timeout_ms": 20_000} | settings

    def send_mail(self, port, **settings):
        return send({"mails": [self.mail(port, **settings)]})

    def test_starttls_with_login_takes_a_mail_that_reads_as_it_was_meant(self):
        attachment = os.path.join(self.folder, "über.log")
        with open(attachment, "w", encoding="utf-8") as file:
            file.write("one\n.\ntwo\n")
        with MailServer(self.certificate) as server:
            sent, _ = send({"reason": "task 1 < 2 & \"größer\" was\n.\nstopped", "mails": [
                self.mail(server.port, to=["ops@example.org", "Jürgen Ö <j@example.org>"], cc=["cc@example.org"],
                          bcc=["hidden@example.org"], attachments=[attachment, "/nonexistent/file"],
                          subject_prefix="Größe " * 12)]})
            self.assertTrue(sent["ok"], sent)
            [mail] = server.mails
        self.assertEqual(mail.sender, "recycler@example.org")
        self.assertEqual(mail.recipients, ["ops@example.org", "j@example.org", "cc@example.org", "hidden@example.org"])
        today = time.gmtime(mail["date"].datetime.timestamp())
        date = f"{today.tm_mday} {time.strftime('%B %Y', today)}"
        self.assertEqual(mail["subject"], f"{'Größe ' * 12} | Recycling shop/cart FAILED | {date}")
        self.assertEqual(mail["to"], "ops@example.org, Jürgen Ö <j@example.org>")
        self.assertEqual(mail["from"], "Recycler <recycler@example.org>")
        self.assertEqual(mail["cc"], "cc@example.org")
        self.assertNotIn(b"hidden", mail.raw)
        self.assertRegex(mail["message-id"], r"^<[0-9a-f]{32}\.ecs-recycler@example\.org>$")
        self.assertEqual(mail["importance"], "high")
        self.assertIn('task 1 < 2 & "größer" was\n.\nstopped', mail.body("plain").replace("\r\n", "\n"))
        self.assertIn("Not attached: ", mail.body("plain"))
        self.assertIn("task 1 &lt; 2 &amp; &quot;größer&quot;", mail.body("html"))
        attachments = mail.attachments()
        self.assertEqual(attachments["über.log"], "one\n.\ntwo\n")
        self.assertEqual(json.loads(attachments["report.json"]), {"run_id": "0123456789"})
        self.assertLessEqual(max(map(len, mail.raw.split(b"\r\n"))), 998)

    def test_tls_from_the_first_byte(self):
        with MailServer(self.certificate, implicit_tls=True) as server:
            sent, _ = self.send_mail(server.port, security="tls")
            self.assertTrue(sent["ok"], sent)
            self.assertEqual(len(server.mails), 1)
            self.assertEqual(server.logins, ["PLAIN"])

    def test_a_server_that_cannot_be_trusted_gets_nothing(self):
        other = Certificate(self.folder, names="DNS:mail.example.org", label="other")
        for certificate, trusted in [(other, other), (self.certificate, other)]:
            with self.subTest(trusted=str(trusted.path)), MailServer(certificate) as server:
                sent, _ = self.send_mail(server.port, ca_file=str(trusted.path))
                self.assertIn("cannot trust mail server", sent["error"])
                self.assertEqual((server.mails, server.logins), ([], []))

    def test_a_server_without_starttls_gets_nothing(self):
        with MailServer(self.certificate, offer_tls=False) as server:
            sent, _ = self.send_mail(server.port)
            self.assertIn("offers no STARTTLS", sent["error"])
            self.assertEqual((server.mails, server.logins), ([], []))

    def test_a_refused_login_says_so_once_and_without_the_password(self):
        with MailServer(self.certificate) as server:
            sent, log = self.send_mail(server.port, password="wr0ng-pass")
            self.assertEqual(sent["error_kind"], "credentials")
            self.assertIn("refused the login: 535", sent["error"])
            outcome, log = send({"queued": True, "mails": [self.mail(server.port, password="wr0ng-pass")]})
            self.assertFalse(outcome["all_sent"])
            self.assertEqual(server.mails, [])
        self.assertEqual(len(log.splitlines()), 1, log)
        self.assertIn("(attempt 1)", log)
        self.assertNotIn("wr0ng-pass", log + sent["error"])

    def test_one_unknown_recipient_does_not_keep_it_from_the_others(self):
        with MailServer(self.certificate, refused=["gone@example.org"]) as server:
            sent, _ = self.send_mail(server.port, to=["gone@example.org", "ops@example.org"])
            self.assertIn("refused the recipient gone@example.org (550 5.1.1 no such user)", sent["error"])
            self.assertEqual([mail.recipients for mail in server.mails], [["ops@example.org"]])
            sent, _ = self.send_mail(server.port, to=["gone@example.org"])
            self.assertEqual(sent["error_kind"], "refused")
            self.assertIn("550 5.1.1 no such user", sent["error"])

    def test_a_server_that_says_nothing_is_left_at_the_deadline(self):
        with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as silent:
            sent, _ = self.send_mail(silent.getsockname()[1], timeout_ms=300)
            self.assertEqual(sent["error_kind"], "timeout")

    def test_a_mail_waits_for_a_server_that_is_down_and_for_one_that_is_busy(self):
        with MailServer(self.certificate) as server:
            port = server.port
        with start() as process:
            process.stdin.write(json.dumps({"queued": True, "mails": [self.mail(port)]}))
            process.stdin.close()
            for line in process.stderr:
                if "waits for attempt 2" in line:
                    break
            with MailServer(self.certificate, port=port, fail_first=2) as server:
                outcome = json.loads(process.stdout.read())
                mails = server.mails
        self.assertTrue(outcome["all_sent"])
        self.assertEqual(len(mails), 1)


class Receiver:
    """Answers with the given statuses, then 200, and keeps the requests."""

    def __init__(self, *statuses):
        self.requests, self.statuses = [], list(statuses)
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.requests.append((self.path, self.headers, body))
                answer = f"you sent {self.path} {self.headers.get('Authorization')}".encode()
                self.send_response(receiver.statuses.pop(0) if receiver.statuses else 200)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self.thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


class Webhooks(unittest.TestCase):
    def test_the_signature_is_what_a_receiver_computes(self):
        with Receiver() as receiver:
            sent, _ = send({"service": "größe", "webhooks": [
                {"url": receiver.url + "/hook", "format": "generic", "hmac_key": "k3y"}]})
        self.assertTrue(sent["ok"], sent)
        [(path, headers, body)] = receiver.requests
        self.assertEqual(path, "/hook")
        seconds, signature = re.fullmatch(r"t=(\d+),v1=([0-9a-f]{64})", headers["X-Ecs-Recycler-Signature"]).groups()
        expected = hmac.new(b"k3y", seconds.encode() + b"." + body, hashlib.sha256).hexdigest()
        self.assertTrue(hmac.compare_digest(signature, expected))
        self.assertLess(abs(time.time() - int(seconds)), 60)
        document = json.loads(body)
        self.assertEqual((document["event"], document["service"], document["figures"]["tasks_recycled"]),
                         ("failed", "größe", 2))
        self.assertEqual(document["report"], {"run_id": "0123456789"})
        self.assertEqual(headers["X-Ecs-Recycler-Event"], "failed")

    def test_a_template_makes_the_body(self):
        body_template = '{"text": "{{title}}: {{reason}}", "tasks": {{tasks_recycled}}}'
        with Receiver() as receiver:
            send({"reason": 'a "quoted"\nreason', "webhooks": [
                {"url": receiver.url, "format": "generic", "body_template": body_template}]})
        self.assertEqual(json.loads(receiver.requests[0][2]),
                         {"text": 'Recycling shop/cart FAILED: a "quoted"\nreason', "tasks": 2})
        self.assertNotIn("X-Ecs-Recycler-Signature", receiver.requests[0][1])

    def test_slack_gets_text_and_blocks_without_mark_up_of_others(self):
        with Receiver() as receiver:
            send({"reason": "<!channel> & co", "webhooks": [{"url": receiver.url, "format": "slack"}]})
        document = json.loads(receiver.requests[0][2])
        self.assertEqual(document["text"], "Recycling shop/cart FAILED")
        self.assertIn("&lt;!channel&gt; &amp; co", document["blocks"][0]["text"]["text"])
        for block in document["blocks"]:
            self.assertLessEqual(len(block.get("fields", [])), 10)

    def test_teams_gets_an_adaptive_card(self):
        with Receiver() as receiver:
            send({"reason": "see [this](http://evil)", "webhooks": [{"url": receiver.url, "format": "teams"}]})
        document = json.loads(receiver.requests[0][2])
        [attachment] = document["attachments"]
        self.assertEqual((document["type"], attachment["contentType"]),
                         ("message", "application/vnd.microsoft.card.adaptive"))
        card = attachment["content"]
        self.assertEqual((card["type"], card["body"][0]["color"]), ("AdaptiveCard", "Attention"))
        self.assertEqual(card["body"][1]["text"], "see \\[this\\]\\(http://evil\\)")
        self.assertIn({"title": "Service", "value": "cart"}, card["body"][2]["facts"])

    def test_a_busy_server_is_asked_again_with_the_same_delivery(self):
        with Receiver(503, 429) as receiver:
            outcome, _ = send({"queued": True, "webhooks": [{"url": receiver.url, "format": "generic"}]})
        self.assertTrue(outcome["all_sent"])
        self.assertEqual(len(receiver.requests), 3)
        self.assertEqual(len({headers["X-Ecs-Recycler-Delivery"] for _, headers, _ in receiver.requests}), 1)

    def test_a_refusal_is_one_line_without_the_secrets_that_the_server_repeats(self):
        with Receiver(404) as receiver:
            outcome, log = send({"queued": True, "webhooks": [
                {"url": receiver.url + "/T0KEN/path", "format": "generic", "authorization": "Bearer s3cret"}]})
        self.assertFalse(outcome["all_sent"])
        self.assertEqual(receiver.requests[0][1]["Authorization"], "Bearer s3cret")
        [line] = log.splitlines()
        self.assertRegex(line, r'"Recycling shop/cart FAILED" did not reach webhook .*HTTP 404: you sent \[secret\]')
        self.assertNotIn("T0KEN", log)
        self.assertNotIn("s3cret", log)

    def test_a_server_that_stays_down_is_given_up_when_time_is_up(self):
        with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as silent:
            url = f"http://127.0.0.1:{silent.getsockname()[1]}/x"
            outcome, log = send({"queued": True, "drain_ms": 300, "webhooks": [{"url": url, "format": "generic"}]})
        self.assertFalse(outcome["all_sent"])
        self.assertEqual(len([line for line in log.splitlines() if "did not reach" in line]), 1, log)


class Topics(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        try:
            from moto.server import ThreadedMotoServer
        except ImportError as absent:
            raise unittest.SkipTest("no moto (pip install 'moto[server]')") from absent
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        cls.server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        cls.server.start()
        cls.addClassCleanup(cls.server.stop)
        host, port = cls.server.get_host_and_port()
        cls.endpoint = f"http://{host}:{port}"

    def client(self, service):
        return boto3.client(service, endpoint_url=self.endpoint, region_name=REGION, aws_access_key_id="test",
                            aws_secret_access_key="test")

    def send_to(self, arn):
        return send({"service": "größe", "topics": [arn]}, AWS_ENDPOINT_URL=self.endpoint, **KEYS)[0]

    def test_a_subscriber_gets_subject_text_and_attributes(self):
        topic = self.client("sns").create_topic(Name="ops")["TopicArn"]
        queue = self.client("sqs").create_queue(QueueName="ops")["QueueUrl"]
        arn = self.client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]
        self.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn["QueueArn"])
        self.assertTrue(self.send_to(topic)["ok"])
        [message] = self.client("sqs").receive_message(QueueUrl=queue)["Messages"]
        told = json.loads(message["Body"])
        self.assertEqual(told["Subject"], "Recycling shop/gr????e FAILED")
        self.assertIn("Service:         größe", told["Message"])
        self.assertEqual(told["MessageAttributes"]["event"], {"Type": "String", "Value": "failed"})

    def test_an_unknown_topic_is_told(self):
        sent = self.send_to(f"arn:aws:sns:{REGION}:123456789012:absent")
        self.assertFalse(sent["ok"])
        self.assertIn("Publish: NotFound", sent["error"])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
