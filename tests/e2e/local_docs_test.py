"""docs/local-ecs.md: its tutorial is done as it stands there, and every other command that it shows is run.

usage: ECSR_BIN=PATH_OF_ecs-recycler local_docs_test.py
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

from stage import Background, LocalEcs, clean_environment, run_program, wait_for

ROOT = Path(__file__).resolve().parent.parent.parent
DOCUMENT = (ROOT / "docs" / "local-ecs.md").read_text()
UP = "ecs-recycler local up"
ENV = 'eval "$(ecs-recycler local env)"'
WATCH = "ecs-recycler local status --watch"


def section(title):
    return re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", DOCUMENT, re.M | re.S)[1]


def commands(text):
    """Of code blocks without a language; without comments."""
    blocks = [block for language, block in re.findall(r"^```(\w*)\n(.*?)^```$", text, re.M | re.S) if not language]
    return [re.sub(r"\s+# .*", "", line) for block in blocks for line in block.splitlines()]


class Reader:
    """Somebody with a shell who does what the page says, next to a `local up` that was started before."""

    def __init__(self, *flags):
        self.folder = tempfile.TemporaryDirectory(prefix="ecs-recycler-docs-")
        programs = Path(self.folder.name) / "bin"
        programs.mkdir()
        (programs / "ecs-recycler").symlink_to(os.environ["ECSR_BIN"])
        self.local = LocalEcs(*flags)
        self.environment = clean_environment(self.folder.name)
        self.environment["PATH"] = f"{programs}:{self.environment['PATH']}"
        self.environment["ECS_RECYCLER_PORT_FILE"] = str(Path(self.local.folder.name) / "port")

    def type(self, line):
        """Standard output; the shell has evaluated ENV before."""
        done = subprocess.run(["bash", "-c", f"{ENV} && {line}"], env=self.environment, cwd=self.folder.name,
                              capture_output=True, text=True, timeout=180)
        assert done.returncode == 0, f"{line}: {done.stderr}"
        return done.stdout

    def watch_until(self, pattern):
        """Ctrl-C as soon as the last whole screen shows it."""
        watching = Background(shlex.split(WATCH), self.environment, self.folder.name)
        try:
            wait_for(pattern, lambda: re.search(pattern, last_screen(watching.stdout()), re.M))
        finally:
            watching.interrupt()
            code = watching.end()
        assert code == 0, watching.stderr()

    def close(self):
        code = self.local.stop()
        self.folder.cleanup()
        assert code == 0, f"local up ended with {code}"


def last_screen(output):
    screens = output.split("\x1b[H")
    return screens[-2] if len(screens) > 2 else ""


@unittest.skipUnless(shutil.which("aws"), "no aws CLI")
class Tutorial(unittest.TestCase):
    def test_it_goes_as_it_is_told(self):
        reader = Reader()
        self.addCleanup(reader.close)
        text = section("Five minutes")
        document, = re.findall(r"^```json\n(.*?)^```", text, re.M | re.S)
        (Path(reader.folder.name) / "web.json").write_text(document)
        lines = commands(text)
        self.assertEqual(lines[:2], [UP, ENV])
        watched = iter([r"^shop +web +3 +3 +0 +web:1 +COMPLETED", r"^shop +web +3 +3 +0 +web:1 +COMPLETED"])
        said = {}
        for line in lines[2:]:
            if line == WATCH:
                reader.watch_until(next(watched))
            else:
                said[line] = reader.type(line)
        self.assertEqual(list(watched), [])
        events = said["ecs-recycler local events web"]
        self.assertRegex(events, r"\(service web\) \(deployment ecs-svc/\d+\) deployment failed: tasks failed to start")
        self.assertRegex(events, r"\(service web\) rolling back to deployment ecs-svc/\d+\.")
        self.assertIn("done (3 tasks recycled)", said["ecs-recycler recycle --cluster shop --service web"])
        described = json.loads(reader.type("aws ecs describe-services --cluster shop --services web"))["services"][0]
        self.assertRegex(described["taskDefinition"], ":task-definition/web:1$")


class Commands(unittest.TestCase):
    def test_every_other_command_works(self):
        reader = Reader("--runtime", "virtual")
        self.addCleanup(reader.close)
        create = json.dumps({"cluster": "default", "serviceName": "web", "taskDefinition": "web", "desiredCount": 1})
        container = {"name": "web", "image": "i", "memory": 64}
        definition = json.dumps({"family": "web", "containerDefinitions": [container]})
        for operation, body in (("CreateCluster", "{}"), ("RegisterTaskDefinition", definition),
                                ("CreateService", create)):
            reader.type(f"curl -sf $AWS_ENDPOINT_URL -H 'X-Amz-Target: AmazonEC2ContainerServiceV20141113.{operation}' "
                        f"-d '{body}'")
        self.make_profile(reader)
        rest = DOCUMENT.replace(section("Five minutes"), "")
        lines = [line for line in commands(rest) if line.startswith("ecs-recycler ")]
        self.assertGreater(len(lines), 6)
        for line in lines:
            reader.type(line)
            if " local import " in line:
                reader.type("ecs-recycler local advance 2m")

    def make_profile(self, reader):
        """"prod": another local ECS, with the service that the page copies."""
        original = LocalEcs("--runtime", "virtual")
        self.addCleanup(original.stop)
        ecs = original.client("ecs")
        ecs.create_cluster(clusterName="shop")
        ecs.register_task_definition(family="web", containerDefinitions=[
            {"name": "web", "image": "registry.example/web:3", "memory": 64}])
        ecs.create_service(cluster="shop", serviceName="web", taskDefinition="web", desiredCount=1)
        settings = Path(reader.folder.name) / ".aws" / "config"
        settings.parent.mkdir()
        settings.write_text("[profile prod]\naws_access_key_id = prod\naws_secret_access_key = prod\n"
                            f"region = eu-west-1\nendpoint_url = {original.url}\n")

    def test_every_option_and_command_that_it_names_exists(self):
        told = set(re.findall(r"--[a-z-]+", run_program("man").stdout.replace("\\-", "-")))
        sentences = re.sub(r"^```.*?^```$", "", DOCUMENT, flags=re.M | re.S)
        words = re.findall(r"`([^`]+)`", sentences)
        named = {option for word in words for option in re.findall(r"(?<![\w-])--[a-z-]+", word)}
        self.assertGreater(len(named), 8)
        self.assertEqual(named - told, set())
        for command in {found[0] for word in words if (found := re.match(r"local (snapshot |fault )?[a-z]+", word))}:
            self.assertEqual(run_program(*command.split(), "--help").returncode, 0, command)

    def test_every_label_of_the_virtual_runtime_is_in_its_table(self):
        source = (ROOT / "src" / "local" / "runtime" / "virtual_behaviour.hpp").read_text()
        labels = set(re.findall(r"//   (local\.ecs/[a-z-]+)", source))
        self.assertEqual(set(re.findall(r"^\| `(local\.ecs/[a-z-]+)`", DOCUMENT, re.M)), labels)


if __name__ == "__main__":
    unittest.main()
