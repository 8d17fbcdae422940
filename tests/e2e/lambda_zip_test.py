"""The package that `make lambda` makes, in a root that holds nothing else but what Lambda's OS-only runtime has,
against a local ECS behind TLS.

usage: ECSR_BIN=PATH_OF_ecs-recycler ECSR_BUILD=BUILD_FOLDER [ECSR_LAMBDA_ZIP=FILE] lambda_zip_test.py
"""

import datetime
import json
import os
import platform
import shutil
import socket
import ssl
import struct
import tempfile
import threading
import time
import unittest
import zipfile
from pathlib import Path

from lambda_runtime import Runtime
from stage import CLUSTER, CREDENTIALS, REGION, Stage

import mail_server

ROOT = Path(__file__).resolve().parent.parent.parent
ARCHITECTURE = {"aarch64": "arm64"}.get(platform.machine(), platform.machine())
ZIP = Path(os.environ.get("ECSR_LAMBDA_ZIP",
                          ROOT / "build" / "lambda" / f"ecs-recycler-lambda-{ARCHITECTURE}.zip"))
MACHINES = {"x86_64": 62, "arm64": 183}  # as ELF numbers them
ELF_NEEDS_LOADER = {2, 3}                # PT_DYNAMIC, PT_INTERP
HOST = "ecs.example.test"                # in the root's /etc/hosts alone
STAGE = None


def setUpModule():
    global STAGE
    if not ZIP.exists():
        raise unittest.SkipTest(f"no {ZIP}; make lambda")
    STAGE = Stage()
    unittest.addModuleCleanup(STAGE.close)
    STAGE.create_services(packed=2)


class TlsFront:
    """Takes TLS for `certificate` and hands on what is in it to a port of this machine."""

    def __init__(self, certificate, port):
        self.port_behind = port
        self.context = certificate.context()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                plain, _ = self.listener.accept()
            except OSError:  # closed
                return
            threading.Thread(target=self.serve, args=(plain,), daemon=True).start()

    def serve(self, plain):
        try:
            with self.context.wrap_socket(plain, server_side=True) as front, \
                    socket.create_connection(("127.0.0.1", self.port_behind)) as behind:
                back = threading.Thread(target=self.pump, args=(behind, front), daemon=True)
                back.start()
                self.pump(front, behind)
                back.join()
        except (OSError, ssl.SSLError):  # the client does not trust us, or left
            plain.close()

    @staticmethod
    def pump(source, sink):
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)

    def close(self):
        self.listener.close()


class Sandbox:
    """A root folder as the function sees it, with the package where Lambda unpacks it."""

    def __init__(self, certificate):
        self.folder = tempfile.TemporaryDirectory(prefix="lambda-root-")
        self.root = Path(self.folder.name)
        task = self.root / "var/task"
        task.mkdir(parents=True)
        # Python's zipfile forgets modes, Lambda does not.
        shutil.unpack_archive(ZIP, task)
        for name in zipfile.ZipFile(ZIP).infolist():
            (task / name.filename).chmod(name.external_attr >> 16)
        (self.root / "etc/pki/tls/certs").mkdir(parents=True)
        (self.root / "etc/hosts").write_text(f"127.0.0.1 {HOST}\n")
        (self.root / "etc/nsswitch.conf").write_text("hosts: resolve [!UNAVAIL=return] myhostname files dns\n")
        if certificate:
            shutil.copy(certificate.path, self.root / "etc/pki/tls/certs/ca-bundle.crt")

    def command(self):
        if os.geteuid() == 0:
            return [shutil.which("chroot", path="/usr/sbin:/usr/bin"), self.folder.name, "/var/task/bootstrap"]
        return ["unshare", "--map-root-user", f"--root={self.folder.name}", "/var/task/bootstrap"]

    def close(self):
        self.folder.cleanup()


class Package(unittest.TestCase):
    def test_holds_a_program_that_needs_no_library_and_time_zones(self):
        with zipfile.ZipFile(ZIP) as package:
            info = package.getinfo("bootstrap")
            self.assertEqual(info.external_attr >> 16 & 0o777, 0o755)
            self.assertIn("zoneinfo/Europe/Berlin", package.namelist())
            self.assertLess(sum(each.file_size for each in package.infolist()), 50_000_000)
            elf = package.read("bootstrap")
        machine, = struct.unpack_from("<H", elf, 18)
        self.assertEqual(machine, MACHINES[ARCHITECTURE])
        offset, = struct.unpack_from("<Q", elf, 32)
        size, count = struct.unpack_from("<HH", elf, 54)
        kinds = {struct.unpack_from("<I", elf, offset + size * index)[0] for index in range(count)}
        self.assertIn(1, kinds)  # PT_LOAD: that is the table
        self.assertEqual(kinds & ELF_NEEDS_LOADER, set())


class InAnEmptyRoot(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="lambda-zip-")
        cls.addClassCleanup(folder.cleanup)
        cls.certificate = mail_server.Certificate(folder.name, names=f"DNS:{HOST}")
        cls.front = TlsFront(cls.certificate, int(STAGE.local.url.rsplit(":", 1)[1]))
        cls.addClassCleanup(cls.front.close)

    def function(self, certificate, **variables):
        sandbox = Sandbox(certificate)
        self.addCleanup(sandbox.close)
        url = f"https://{HOST}:{self.front.port}"
        return Runtime({**CREDENTIALS, "AWS_REGION": REGION, "LAMBDA_TASK_ROOT": "/var/task",
                        "AWS_ENDPOINT_URL_ECS": url, "AWS_ENDPOINT_URL_APPLICATION_AUTO_SCALING": url,
                        "AWS_ENDPOINT_URL_CLOUDWATCH": url, **variables}, 90, sandbox.command())

    def test_recycles(self):
        before = STAGE.tasks("packed")
        with self.function(self.certificate) as lambda_:
            done = lambda_.call({"cluster_name": CLUSTER, "service_name": "packed", "wait_time": 0, "batch": 2})
            self.assertIsNone(done.error, lambda_.log())
            body = json.loads(done.answer["body"])
            self.assertEqual((body["outcome"], body["tasks_recycled"], body["restored"]), ("done", 2, True))
        self.assertEqual(before & STAGE.tasks("packed"), set())

    def test_does_not_talk_to_a_server_that_nobody_vouches_for(self):
        with tempfile.TemporaryDirectory(prefix="lambda-other-") as folder:
            other = mail_server.Certificate(folder, names=f"DNS:{HOST}", label="other")
            with self.function(other, AWS_MAX_ATTEMPTS="1") as lambda_:
                done = lambda_.call({"cluster_name": CLUSTER, "service_name": "packed"})
        self.assertIsNone(done.answer)
        self.assertIn("certificate", done.error["errorMessage"])

    def test_knows_time_zones_that_the_root_lacks(self):
        zone = datetime.timezone(datetime.timedelta(hours=5, minutes=45))  # Kathmandu: all year
        now = datetime.datetime.fromtimestamp(time.time(), zone)
        day = (now + datetime.timedelta(days=2)).strftime("%a").upper()
        with self.function(None, ECS_RECYCLER_WINDOW=f"{day} 03:00-04:00",
                           ECS_RECYCLER_TIMEZONE="Asia/Kathmandu") as lambda_:
            done = lambda_.call({"cluster_name": CLUSTER, "service_name": "packed"})
            self.assertIsNone(done.error, lambda_.log())
        body = json.loads(done.answer["body"])
        self.assertEqual((body["outcome"], body["reason"]), ("skipped", f"outside {day} 03:00-04:00 Asia/Kathmandu"))
        self.assertRegex(body["next_opening"], r"^\d{4}-\d\d-\d\dT03:00:00\+05:45$")


if __name__ == "__main__":
    unittest.main()
