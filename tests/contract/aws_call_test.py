"""Our AWS client against moto_server, TLS with a private authority, and credentials from the places that boto3 reads.

usage: aws_call_test.py PATH_OF_aws_call
"""

import http.server
import json
import logging
import os
import ssl
import subprocess
import sys
import tempfile
import threading
import unittest
from pathlib import Path

import boto3
from moto.server import ThreadedMotoServer

KEYS = {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "not-told", "AWS_REGION": "eu-west-1"}


def setUpModule():
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    global MOTO, URL
    MOTO = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    MOTO.start()
    URL = "http://{}:{}".format(*MOTO.get_host_and_port())
    boto3.client("ecs", endpoint_url=URL, region_name="eu-west-1", aws_access_key_id="a", aws_secret_access_key="b",
                 ).create_cluster(clusterName="orders")


def tearDownModule():
    MOTO.stop()


class Home:
    """A home folder of its own, and an environment with nothing else in it."""

    def __init__(self, folder):
        self.folder = Path(folder)
        (self.folder / ".aws").mkdir()

    def write(self, name, text):
        path = self.folder / name
        path.write_text(text)
        return path

    def call(self, service, operation, body, *flags, environment=None):
        variables = {"HOME": str(self.folder), "PATH": os.environ["PATH"], "AWS_EC2_METADATA_DISABLED": "true",
                     **(KEYS if environment is None else environment)}
        return subprocess.run([PROGRAM, service, operation, body, *flags], env=variables, capture_output=True,
                              text=True, timeout=60)


class QuietServer(http.server.ThreadingHTTPServer):
    def handle_error(self, request, client_address):
        """A client that breaks off the handshake is what some tests are about."""


class WithHome(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.home = Home(folder.name)

    def answer(self, *arguments, **keywords):
        run = self.home.call(*arguments, **keywords)
        self.assertEqual(run.returncode, 0, run.stderr)
        origin, _, body = run.stdout.partition("\n")
        return origin, body

    def error(self, *arguments, **keywords):
        run = self.home.call(*arguments, **keywords)
        self.assertEqual(run.returncode, 1, run.stdout)
        self.assertEqual(run.stderr.count("\n"), 1, run.stderr)
        self.assertNotIn("not-told", run.stderr)
        return run.stderr.strip()


class AgainstMoto(WithHome):
    def test_a_signed_call_is_answered(self):
        origin, body = self.answer("ecs", "DescribeClusters", '{"clusters":["orders"]}', "--endpoint-url", URL)
        self.assertEqual(origin, "environment")
        self.assertEqual([c["clusterName"] for c in json.loads(body)["clusters"]], ["orders"])

    def test_an_error_is_one_line_with_the_code(self):
        error = self.error("ecs", "DescribeServices", '{"cluster":"none","services":["x"]}', "--endpoint-url", URL)
        self.assertEqual(error, "not found: ecs DescribeServices: ClusterNotFoundException: Cluster not found.")

    def test_query_services_are_called_too(self):
        _, body = self.answer("sts", "GetCallerIdentity", "", "--endpoint-url", URL)
        self.assertIn("<Account>123456789012</Account>", body)

    def test_a_role_of_a_flag_is_assumed(self):
        role = "arn:aws:iam::123456789012:role/recycler"
        origin, body = self.answer("sts", "GetCallerIdentity", "", "--endpoint-url", URL, "--role-arn", role,
                                   "--external-id", "e-1")
        self.assertEqual(origin, "role " + role)
        self.assertIn("assumed-role/recycler/ecs-recycler-", body)

    def test_a_role_of_a_profile_is_assumed_with_the_keys_of_another(self):
        self.home.write(".aws/config", "[profile ops]\nrole_arn = arn:aws:iam::123456789012:role/ops\n"
                                       "source_profile = base\nrole_session_name = me\nregion = eu-west-1\n"
                                       f"services = here\n[services here]\nsts =\n  endpoint_url = {URL}\n")
        self.home.write(".aws/credentials", "[base]\naws_access_key_id = AK\naws_secret_access_key = not-told\n")
        origin, body = self.answer("sts", "GetCallerIdentity", "", "--profile", "ops", environment={})
        self.assertEqual(origin, "profile ops, role arn:aws:iam::123456789012:role/ops")
        self.assertIn("assumed-role/ops/me", body)

    def test_a_web_identity_is_exchanged(self):
        token = self.home.write("token", "header.payload.signature\n")
        environment = {"AWS_REGION": "eu-west-1", "AWS_WEB_IDENTITY_TOKEN_FILE": str(token),
                       "AWS_ROLE_ARN": "arn:aws:iam::123456789012:role/pod", "AWS_ENDPOINT_URL": URL}
        origin, body = self.answer("sts", "GetCallerIdentity", "", environment=environment)
        self.assertEqual(origin, "web identity arn:aws:iam::123456789012:role/pod")
        self.assertIn("assumed-role/pod/", body)

    def test_a_credential_process_is_asked(self):
        helper = self.home.write("my helper", "#!/bin/sh\n[ \"$1\" = 'two words' ] || exit 3\n"
                                 'echo \'{"Version":1,"AccessKeyId":"AK","SecretAccessKey":"not-told"}\'\n')
        helper.chmod(0o755)
        self.home.write(".aws/config", f"[default]\nregion = eu-west-1\nendpoint_url = {URL}\n"
                                       f"credential_process = '{helper}' \"two words\"\n")
        origin, _ = self.answer("ecs", "ListClusters", "{}", environment={})
        self.assertEqual(origin, "profile default, credential_process")

    def test_a_credential_process_that_fails_is_named(self):
        self.home.write(".aws/config", "[default]\nregion = eu-west-1\ncredential_process = sh -c 'exit 3'\n")
        self.assertEqual(self.error("ecs", "ListClusters", "{}", environment={}),
                         "credentials: profile default, credential_process: sh failed with exit code 3")

    def test_no_credentials_names_every_place(self):
        error = self.error("ecs", "ListClusters", "{}", environment={"AWS_REGION": "eu-west-1"})
        self.assertTrue(error.startswith("credentials: no credentials found: looked at environment"), error)
        for place in ["environment", "role", "web identity", "SSO", "credentials file", "credential_process",
                      "config file", "container", "EC2 metadata (disabled by AWS_EC2_METADATA_DISABLED)"]:
            self.assertIn(place, error)

    def test_container_credentials_are_read_with_their_token(self):
        seen = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                seen.append((self.path, self.headers["Authorization"]))
                body = json.dumps({"AccessKeyId": "AK", "SecretAccessKey": "not-told", "Token": "t",
                                   "Expiration": "2999-01-01T00:00:00Z"}).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            token = self.home.write("token", "Bearer x\n")
            environment = {
                "AWS_REGION": "eu-west-1", "AWS_ENDPOINT_URL": URL, "http_proxy": "http://127.0.0.1:1",
                "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"http://127.0.0.1:{server.server_port}/creds?a=b",
                "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": str(token)}
            origin, _ = self.answer("ecs", "ListClusters", "{}", environment=environment)
            server.shutdown()
        self.assertEqual(origin, "container")
        self.assertEqual(seen, [("/creds?a=b", "Bearer x")])


class OverTls(WithHome):
    def setUp(self):
        super().setUp()
        self.certificate = self.home.folder / "server.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                        "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
                        "-keyout", self.certificate, "-out", self.home.folder / "ca.pem"],
                       check=True, capture_output=True, timeout=60)
        with self.certificate.open("a") as out:
            out.write((self.home.folder / "ca.pem").read_text())

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(200)
                self.send_header("Content-Length", "19")
                self.end_headers()
                self.wfile.write(b'{"clusterArns": []}')

            def log_message(self, *_):
                pass

        server = QuietServer(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        self.url = f"https://localhost:{server.server_port}"

    def test_a_bundle_of_the_environment_is_trusted(self):
        environment = {**KEYS, "AWS_CA_BUNDLE": str(self.home.folder / "ca.pem")}
        _, body = self.answer("ecs", "ListClusters", "{}", "--endpoint-url", self.url, environment=environment)
        self.assertEqual(json.loads(body), {"clusterArns": []})

    def test_an_unknown_authority_is_refused(self):
        error = self.error("ecs", "ListClusters", "{}", "--endpoint-url", self.url)
        self.assertTrue(error.startswith(f"unreachable: ecs ListClusters: cannot trust {self.url}: "), error)

    def test_another_name_than_the_certificate_has_is_refused(self):
        environment = {**KEYS, "AWS_CA_BUNDLE": str(self.home.folder / "ca.pem")}
        error = self.error("ecs", "ListClusters", "{}", "--endpoint-url", self.url.replace("localhost", "127.0.0.1"),
                           environment=environment)
        self.assertIn("cannot trust https://127.0.0.1", error)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    PROGRAM = sys.argv.pop(1)
    unittest.main()
