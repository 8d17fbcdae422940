"""Support for contract tests: a local ECS of its own, and a strict check of its answers against botocore's models.

The program under test is named by the environment variable ECSR_BIN.
"""

import contextlib
import datetime
import json
import os
import re
import signal
import subprocess
import tempfile
import time
import urllib.request
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import boto3
from botocore.config import Config

REGION = "us-east-1"
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "not-checked", "AWS_DEFAULT_REGION": REGION}

# Errors that any operation can answer, whatever its model lists (ECS behaviour A3).
COMMON_ERRORS = {"InvalidParameterException", "ClientException", "SerializationException", "UnknownOperationException",
                 "UnsupportedFeatureException", "UnrecognizedClientException", "ValidationException", "ValidationError",
                 "InvalidAction", "MalformedInput"}


def wait_for(what, condition, seconds=120):
    """Calls `condition` until it is true; returns its value."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not seen within {seconds} s: {what}")
        time.sleep(0.05)


class LocalEcs:
    """`ecs-recycler local up` on a port of its own."""

    def __init__(self, *flags):
        self.folder = tempfile.TemporaryDirectory(prefix="local-ecs-test-")
        port_file = Path(self.folder.name) / "port"
        self.log_path = Path(self.folder.name) / "log"
        with open(self.log_path, "wb") as log:
            self.process = subprocess.Popen(
                [os.environ["ECSR_BIN"], "local", "up", "--port", "0", "--port-file", str(port_file), *flags],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            wait_for("the port file", lambda: port_file.exists() or self.process.poll() is not None)
            if not port_file.exists():
                raise AssertionError("local up ended: " + self.log())
            self.url = f"http://127.0.0.1:{int(port_file.read_text())}"
        except BaseException:
            self.stop()
            raise

    def page(self, path):
        """One of its own pages, as JSON."""
        with urllib.request.urlopen(self.url + path, timeout=60) as answer:
            return json.load(answer)

    def advance(self, span):
        """Of a local ECS in virtual time: lets `span` ("90s") pass. Returns the time there."""
        request = urllib.request.Request(self.url + "/_local/advance", json.dumps({"span": span}).encode())
        with urllib.request.urlopen(request, timeout=60) as answer:
            return datetime.datetime.fromisoformat(json.load(answer)["now"].replace("Z", "+00:00"))

    def log(self):
        return self.log_path.read_text(errors="replace")

    def stop(self):
        """Ctrl-C. Returns the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(120)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(10)
                raise
        self.folder.cleanup()
        return self.process.returncode

    close = stop

    def client(self, service):
        """A boto3 client whose every answer is checked against the service model."""
        session = boto3.Session(aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
                                aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"], region_name=REGION)
        client = session.client(service, endpoint_url=self.url,
                                config=Config(retries={"mode": "standard", "max_attempts": 1}))
        watch_answers(client)
        return client


class ShapeProblem(AssertionError):
    pass


def watch_answers(client):
    """Raises ShapeProblem from the call whose raw answer is not exactly what the model says."""
    model = client.meta.service_model

    def check(event_name, response_dict, **_):
        operation = model.operation_model(event_name.rsplit(".", 1)[-1])
        protocol = "query" if response_dict["body"].lstrip().startswith(b"<") else "json"
        problems = (check_xml if protocol == "query" else check_json)(model, operation, response_dict)
        if problems:
            raise ShapeProblem(f"{operation.name} {response_dict['status_code']}: " + "; ".join(problems))

    client.meta.events.register(f"response-received.{model.service_id.hyphenize()}.*", check)


def header(response, name):
    return {key.lower(): value for key, value in response["headers"].items()}.get(name.lower())


def error_codes(operation):
    """The codes that the model gives the operation, as they stand on the wire."""
    codes = set()
    for shape in operation.error_shapes:
        codes.add(shape.name)
        codes.add(shape.metadata.get("error", {}).get("code", shape.name))
    return codes | COMMON_ERRORS


def check_json(model, operation, response):
    problems = []
    if not header(response, "x-amzn-requestid"):
        problems.append("no x-amzn-RequestId")
    if not (header(response, "content-type") or "").startswith("application/x-amz-json-1."):
        problems.append(f"content type {header(response, 'content-type')}")
    body = json.loads(response["body"])
    if response["status_code"] >= 300:
        if body.get("__type") not in error_codes(operation):
            problems.append(f"{body.get('__type')} is no error of this operation")
        if header(response, "x-amzn-errortype") != body.get("__type"):
            problems.append("x-amzn-ErrorType differs from __type")
        if not isinstance(body.get("message"), str):
            problems.append("no message")
        return problems
    if operation.output_shape is not None:
        check_value(operation.output_shape, body, "$", problems)
    elif body != {}:
        problems.append(f"an answer where the model has none: {body}")
    return problems


def check_value(shape, value, where, problems):
    kind = shape.type_name
    if kind == "structure":
        if not isinstance(value, dict):
            problems.append(f"{where}: must be an object, is {value!r}")
            return
        for name, member in value.items():
            if name not in shape.members:
                problems.append(f"{where}.{name}: {shape.name} has no such member")
            else:
                check_value(shape.members[name], member, f"{where}.{name}", problems)
        for name in shape.required_members:
            if name not in value:
                problems.append(f"{where}.{name}: required in {shape.name}")
    elif kind == "list":
        if not isinstance(value, list):
            problems.append(f"{where}: must be a list, is {value!r}")
            return
        for i, item in enumerate(value):
            check_value(shape.member, item, f"{where}[{i}]", problems)
    elif kind == "map":
        for key, item in value.items():
            check_value(shape.value, item, f"{where}.{key}", problems)
    else:
        check_scalar(shape, value, where, problems)


def check_scalar(shape, value, where, problems):
    kinds = {"string": str, "boolean": bool, "integer": int, "long": int, "timestamp": (int, float),
             "double": (int, float), "float": (int, float)}
    right = isinstance(value, kinds[shape.type_name]) and (shape.type_name == "boolean") == isinstance(value, bool)
    if not right:
        problems.append(f"{where}: must be a {shape.type_name}, is {value!r}")
    enum = getattr(shape, "enum", None)
    if enum and value not in enum:
        problems.append(f"{where}: {value!r} is not one of {enum}")
    if shape.type_name == "timestamp" and right and not 1e9 < value < 1e10:
        problems.append(f"{where}: {value!r} is no time in seconds")


def check_xml(model, operation, response):
    problems = []
    root = ElementTree.fromstring(response["body"])
    namespace = "{" + model.metadata["xmlNamespace"] + "}"
    if not (header(response, "content-type") or "").startswith("text/xml"):
        problems.append(f"content type {header(response, 'content-type')}")
    if response["status_code"] >= 300:
        code = root.findtext(f"{namespace}Error/{namespace}Code")
        if root.tag != namespace + "ErrorResponse" or code not in error_codes(operation):
            problems.append(f"{root.tag} {code} is no error of this operation")
        if not root.findtext(f"{namespace}Error/{namespace}Message") or not root.findtext(f"{namespace}RequestId"):
            problems.append("no message or no request id")
        return problems
    if root.tag != f"{namespace}{operation.name}Response":
        problems.append(f"root element {root.tag}")
    if not root.findtext(f"{namespace}ResponseMetadata/{namespace}RequestId"):
        problems.append("no request id")
    shape = operation.output_shape
    if shape is not None:
        result = root.find(namespace + shape.serialization.get("resultWrapper", f"{operation.name}Result"))
        if result is None:
            problems.append("no result element")
        else:
            check_element(shape, result, namespace, "$", problems)
    return problems


def check_element(shape, element, namespace, where, problems):
    kind = shape.type_name
    names = [child.tag.removeprefix(namespace) for child in element]
    if kind == "structure":
        for name, child in zip(names, element):
            if name not in shape.members:
                problems.append(f"{where}.{name}: {shape.name} has no such member")
            else:
                check_element(shape.members[name], child, namespace, f"{where}.{name}", problems)
        problems.extend(f"{where}.{name}: twice" for name in set(names) if names.count(name) > 1)
        problems.extend(f"{where}.{name}: required in {shape.name}" for name in shape.required_members
                        if name not in names)
    elif kind == "list":
        for i, (name, child) in enumerate(zip(names, element)):
            if name != shape.member.serialization.get("name", "member"):
                problems.append(f"{where}[{i}]: element {name}")
            check_element(shape.member, child, namespace, f"{where}[{i}]", problems)
    elif kind == "map":
        for i, child in enumerate(element):
            if [part.tag for part in element[i:i + 1]] != [f"{namespace}entry"] or \
                    [part.tag for part in child] != [f"{namespace}key", f"{namespace}value"]:
                problems.append(f"{where}[{i}]: no entry of a map")
            else:
                check_element(shape.value, child[1], namespace, f"{where}.{child[0].text}", problems)
    elif names:
        problems.append(f"{where}: must be a {kind}, has the elements {names}")
    else:
        check_text(shape, element.text or "", where, problems)


def check_text(shape, text, where, problems):
    patterns = {"boolean": "true|false", "integer": r"-?\d+", "long": r"-?\d+", "double": r"-?\d+(\.\d+)?(e[-+]?\d+)?",
                "timestamp": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z"}
    if not re.fullmatch(patterns.get(shape.type_name, ".*"), text, re.DOTALL):
        problems.append(f"{where}: must be a {shape.type_name}, is {text!r}")
    enum = getattr(shape, "enum", None)
    if enum and text not in enum:
        problems.append(f"{where}: {text!r} is not one of {enum}")


@contextlib.contextmanager
def refused(test, code, message=None):
    """The call inside is answered with this error."""
    from botocore.exceptions import ClientError
    with test.assertRaises(ClientError) as raised:
        yield raised
    test.assertEqual(raised.exception.response["Error"]["Code"], code)
    if message is not None:
        test.assertEqual(raised.exception.response["Error"]["Message"], message)
