"""An ECS that is not well: every third answer is a throttle or a server error; and moto, where no task ever starts.

usage: ECSR_BIN=PATH_OF_ecs-recycler disturbed_test.py
"""

import http.client
import http.server
import json
import subprocess
import sys
import tempfile
import threading
import unittest
import urllib.parse

import boto3

from stage import CLUSTER, CREDENTIALS, REGION, Stage, run_program, wait_for

THROTTLE = (400, {"__type": "ThrottlingException", "message": "Rate exceeded"})
BROKEN = (500, {"__type": "ServerException", "message": "Service Unavailable. Please try again later."})


def worded(document, headers):
    """The error in the protocol of the request: XML for the Query protocol, else JSON."""
    if "x-www-form-urlencoded" not in headers["Content-Type"]:
        return json.dumps(document).encode(), "application/x-amz-json-1.1"
    code = document["__type"].removesuffix("Exception")
    return (f"<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{document['message']}</Message>"
            "</Error><RequestId>1</RequestId></ErrorResponse>").encode(), "text/xml"


class DisturbedProxy:
    """Hands requests on to the local ECS; every third is answered with a failure instead, or carried out and its
    answer lost."""

    def __init__(self, url, failure=None):
        target = urllib.parse.urlparse(url)
        proxy = self
        self.count = 0
        self.disturbed = 0
        self.lock = threading.Lock()

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                disturb = proxy.is_turn()
                if disturb and failure:
                    return self.answer(failure[0], *worded(failure[1], self.headers))
                connection = http.client.HTTPConnection(target.hostname, target.port, timeout=60)
                connection.request("POST", self.path, body, dict(self.headers))
                answer = connection.getresponse()
                content = answer.read()
                connection.close()
                if disturb:
                    self.close_connection = True
                    return None  # done, but nobody learns of it
                return self.answer(answer.status, content, answer.getheader("Content-Type"))

            def answer(self, status, content, kind):
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)

    def is_turn(self):
        with self.lock:
            self.count += 1
            self.disturbed += self.count % 3 == 0
            return self.count % 3 == 0

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join(60)


class Disturbed(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stage = Stage()
        cls.addClassCleanup(cls.stage.close)
        cls.stage.create_balanced_service("web", tasks=2)

    def recycle_through(self, failure):
        before = self.stage.tasks("web")
        with DisturbedProxy(self.stage.local.url, failure) as proxy:
            done = self.stage.recycle("web", "--output", "json", "--endpoint-url", proxy.url, timeout=400)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertGreater(proxy.disturbed, 10)
        run = json.loads(done.stdout)
        self.assertEqual((run["outcome"], run["restored"], run["tasks_recycled"]), ("done", True, 2))
        self.assertGreaterEqual(run["lowest_healthy"], 2)
        self.assertEqual(before & self.stage.tasks("web"), set())
        self.assertEqual(self.stage.service("web")["desiredCount"], 2)
        self.assertEqual(self.stage.protected("web"), [])

    def test_every_third_call_throttled(self):
        self.recycle_through(THROTTLE)

    def test_every_third_call_a_server_error(self):
        self.recycle_through(BROKEN)

    def test_every_third_answer_lost(self):
        self.recycle_through(None)


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
