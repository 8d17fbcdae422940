"""Lambda's side of the Lambda function, over HTTP: the Runtime API that hands out invocations, and the Lambda API by
which a function invokes itself."""

import http.server
import json
import os
import queue
import re
import socketserver
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from pathlib import Path

BOOTSTRAP = Path(os.environ["ECSR_BUILD"]) / "apps" / "bootstrap"
FUNCTION = "recycler"


class Invocation:
    def __init__(self, event, seconds):
        self.id = str(uuid.uuid4())
        self.event = event
        self.seconds = seconds
        self.done = threading.Event()
        self.answer = None   # the document
        self.error = None    # {"errorType", "errorMessage"}
        self.error_type = None

    def result(self, seconds=60):
        if not self.done.wait(seconds):
            raise AssertionError(f"no answer to {self.event!r} within {seconds} s")
        return self.answer


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        """A function that ends drops its connection: that is no error of the server."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


def handler_of(runtime):
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            if self.path != "/2018-06-01/runtime/invocation/next":
                return self.send(404, {"errorType": "NotFound"})
            while not runtime.stopping:
                try:
                    invocation = runtime.waiting.get(timeout=0.2)
                except queue.Empty:
                    continue
                deadline = int((time.time() + invocation.seconds) * 1000)
                return self.send(200, invocation.event, {
                    "Lambda-Runtime-Aws-Request-Id": invocation.id,
                    "Lambda-Runtime-Deadline-Ms": str(deadline),
                    "Lambda-Runtime-Invoked-Function-Arn":
                        f"arn:aws:lambda:us-east-1:123456789012:function:{FUNCTION}",
                    "Lambda-Runtime-Trace-Id": "Root=1-5759e988-bd862e3fe1be46a994272793"})
            return self.send(500, {"errorType": "Stopping"})

        def do_POST(self):
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if self.path == "/2018-06-01/runtime/init/error":
                runtime.init_error = json.loads(body)
                return self.send(202, {"status": "OK"})
            if self.path == f"/2015-03-31/functions/{FUNCTION}/invocations":
                if self.headers["X-Amz-Invocation-Type"] != "Event" or "lambda/aws4" not in \
                        self.headers["Authorization"]:
                    return self.send(400, {"Message": "not an asynchronous, signed invocation"})
                runtime.invoke(body.decode())
                return self.send(202, "")
            found = re.fullmatch(r"/2018-06-01/runtime/invocation/([^/]+)/(response|error)", self.path)
            invocation = runtime.invocations.get(found[1]) if found else None
            if invocation is None or invocation.done.is_set():
                return self.send(400, {"errorType": "InvalidInvocationId"})
            if found[2] == "response":
                invocation.answer = json.loads(body)
            else:
                invocation.error = json.loads(body)
                invocation.error_type = self.headers["Lambda-Runtime-Function-Error-Type"]
            invocation.done.set()
            return self.send(202, {"status": "OK"})

        def send(self, status, document, headers=None):
            body = (document if isinstance(document, str) else json.dumps(document)).encode()
            self.send_response(status)
            for name, value in {"Content-Type": "application/json", **(headers or {})}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    return Handler


class Runtime:
    """One function: its process and what stands around it."""

    def __init__(self, environment, seconds=60, command=(BOOTSTRAP,)):
        self.waiting = queue.Queue()
        self.invocations = {}
        self.in_order = []
        self.init_error = None
        self.seconds = seconds
        self.stopping = False
        self.server = Server(("127.0.0.1", 0), handler_of(self))
        host = f"127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.folder = tempfile.TemporaryDirectory(prefix="lambda-test-")
        self.log_path = Path(self.folder.name) / "log"
        self.output_path = Path(self.folder.name) / "out"
        with open(self.log_path, "wb") as log, open(self.output_path, "wb") as output:
            self.started_at = time.monotonic()
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=log,
                env={"AWS_LAMBDA_RUNTIME_API": host, "AWS_LAMBDA_FUNCTION_NAME": FUNCTION,
                     "AWS_ENDPOINT_URL_LAMBDA": f"http://{host}", **environment})

    def invoke(self, event, seconds=None):
        """Asks for an invocation; returns at once."""
        text = event if isinstance(event, str) else json.dumps(event)
        invocation = Invocation(text, seconds or self.seconds)
        self.invocations[invocation.id] = invocation
        self.in_order.append(invocation)
        self.waiting.put(invocation)
        return invocation

    def call(self, event, seconds=None):
        """The invocation once it has ended."""
        invocation = self.invoke(event, seconds)
        invocation.result(self.seconds + 30)
        return invocation

    def log(self):
        return self.log_path.read_text(errors="replace")

    def log_lines(self):
        return [json.loads(line) for line in self.log().splitlines()]

    def metrics(self):
        return [json.loads(line) for line in self.output_path.read_text().splitlines()]

    def peak_memory_kib(self):
        text = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmHWM:\s+(\d+)", text)[1])

    def stop(self):
        self.stopping = True
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(10)
            raise
        finally:
            self.server.shutdown()
            self.server.server_close()
            self.folder.cleanup()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


class StateMachine:
    """Runs the few kinds of states that our definition has, as Step Functions does; `invoke` is the function."""

    def __init__(self, definition, invoke):
        self.definition = definition
        self.invoke = invoke
        self.waited = []  # seconds, in order
        self.steps = 0

    def run(self, data, pause):
        """`pause(seconds)` lets time go by. Returns the output."""
        name = self.definition["StartAt"]
        while True:
            state = self.definition["States"][name]
            kind = state["Type"]
            if kind == "Task":
                self.steps += 1
                assert state["Parameters"]["Payload.$"] == "$" and state["OutputPath"] == "$.Payload"
                data = self.invoke(data)
            elif kind == "Wait":
                seconds = self.look_up(data, state["SecondsPath"])
                self.waited.append(seconds)
                pause(seconds)
            elif kind == "Choice":
                name = next((choice["Next"] for choice in state["Choices"]
                             if self.look_up(data, choice["Variable"]) is choice["BooleanEquals"]), state["Default"])
                continue
            elif kind == "Succeed":
                return data
            else:
                raise AssertionError(f"unknown kind of state {kind}")
            name = state["Next"]

    @staticmethod
    def look_up(data, path):
        return data[path.removeprefix("$.")]
