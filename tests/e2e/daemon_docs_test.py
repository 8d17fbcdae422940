"""What docs/daemon.md and the systemd unit show is true: commands are run on a local ECS, files are checked.

usage: ECSR_BIN=PATH_OF_ecs-recycler daemon_docs_test.py
"""

import configparser
import re
import shlex
import shutil
import signal
import subprocess
import tempfile
import unittest
from pathlib import Path

from stage import Stage, run_program

ROOT = Path(__file__).resolve().parent.parent.parent
DOCUMENT = (ROOT / "docs" / "daemon.md").read_text()
UNIT = ROOT / "deploy" / "systemd" / "ecs-recycler.service"


def setUpModule():
    global STAGE
    STAGE = Stage()
    STAGE.create_services(web=1)


def tearDownModule():
    STAGE.close()


def commands():
    blocks = [text for language, text in re.findall(r"^```(\w*)\n(.*?)^```$", DOCUMENT, re.M | re.S) if not language]
    return [line.split("#")[0].strip() for block in blocks for line in block.splitlines()
            if line.startswith("ecs-recycler ")]


def unit_command():
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str
    unit.read_string("\n".join(line for line in UNIT.read_text().splitlines() if not line.startswith("#")))
    return shlex.split(unit["Service"]["ExecStart"])


class DaemonDocs(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="ecs-recycler-docs-")
        self.addCleanup(folder.cleanup)
        self.config = Path(folder.name) / "recycler.yaml"
        self.config.write_text(re.search(r"^```yaml\n(.*?)^```", DOCUMENT, re.M | re.S)[1])

    def run_serve(self, arguments):
        daemon = STAGE.start(*arguments, "--port", "0")
        daemon.wait_for_line("Watching 1 service")
        daemon.process.send_signal(signal.SIGTERM)
        self.assertEqual(daemon.end(), 0, daemon.stderr())

    def test_every_command_that_it_shows_works(self):
        self.assertEqual(len(commands()), 3)
        for command in commands():
            arguments = [str(self.config) if word == "recycler.yaml" else word for word in shlex.split(command)[1:]]
            if arguments[0] == "serve":
                self.run_serve(arguments)
            else:
                done = STAGE.run(*arguments)
                self.assertEqual(done.returncode, 0, done.stderr)

    def test_the_unit_runs_a_command_that_exists(self):
        words = unit_command()
        self.assertEqual(words[0], "/usr/bin/ecs-recycler")
        told = run_program(words[1], "--help").stdout
        for word in words[2:]:
            if word.startswith("--"):
                self.assertIn(word, told)

    @unittest.skipUnless(shutil.which("systemd-analyze"), "no systemd-analyze")
    def test_the_unit_is_one_for_systemd_and_hardened(self):
        with tempfile.TemporaryDirectory() as folder:
            unit = Path(folder) / UNIT.name
            unit.write_text(UNIT.read_text().replace("/usr/bin/ecs-recycler", "/bin/true"))
            checked = subprocess.run(["systemd-analyze", "verify", "--man=no", str(unit)], capture_output=True,
                                     text=True, timeout=60)
            ours = [line for line in checked.stderr.splitlines() if UNIT.name in line]
            self.assertEqual(ours, [])

    def test_every_metric_that_it_names_is_served(self):
        source = "".join(path.read_text() for path in (ROOT / "src" / "serve").glob("*.cpp"))
        for name in re.findall(r"`(ecs_recycler_\w+)", DOCUMENT):
            self.assertIn(f'"{name}"', source, name)


if __name__ == "__main__":
    unittest.main(verbosity=2)
