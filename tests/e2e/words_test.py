"""What the program says about itself, and what it says to wrong words.

usage: ECSR_BIN=PATH_OF_ecs-recycler words_test.py
"""

import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

from stage import run_program

COMMANDS = ["recycle", "status", "runs list", "runs show", "runs resume", "runs abort", "schedule next", "local up",
            "local status", "local events", "local logs", "local advance", "local fault add", "local fault list",
            "local fault clear", "local snapshot save", "local snapshot load", "local env", "local import",
            "demo", "man", "completion"]


class Help(unittest.TestCase):
    def test_help_lists_every_command_and_every_exit_code(self):
        done = run_program("--help")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        for command in COMMANDS:
            self.assertIn(f"\n  {command}", done.stdout)
        for code in range(8):
            self.assertIn(f"\n  {code}  ", done.stdout)

    def test_every_command_has_help(self):
        for command in COMMANDS:
            with self.subTest(command):
                done = run_program(*command.split(), "--help")
                self.assertEqual((done.returncode, done.stderr), (0, ""))
                self.assertTrue(done.stdout.startswith(f"Usage: ecs-recycler {command}"), done.stdout)

    def test_the_help_of_a_group_lists_its_commands_and_no_others(self):
        done = run_program("runs", "--help")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(re.findall(r"(?m)^  ([a-z]+ [a-z]+)", done.stdout),
                         [command for command in COMMANDS if command.startswith("runs ")])

    def test_version_is_one_line(self):
        done = run_program("--version")
        self.assertEqual(done.returncode, 0)
        self.assertRegex(done.stdout, r"\Aecs-recycler \d+\.\d+\.\d+\n\Z")

    @unittest.skipUnless(shutil.which("groff"), "groff is not installed")
    def test_the_man_page_is_right_to_groff_and_has_every_option_of_recycle(self):
        page = run_program("man")
        self.assertEqual(page.returncode, 0)
        shown = subprocess.run(["groff", "-man", "-Tascii", "-P-cbou", "-ww"], input=page.stdout, capture_output=True,
                               text=True, timeout=120)
        self.assertEqual((shown.returncode, shown.stderr), (0, ""))
        in_help = set(re.findall(r"^ .*(--[a-z-]+)", run_program("recycle", "--help").stdout, re.MULTILINE))
        self.assertEqual(in_help - set(re.findall(r"--[a-z-]+", page.stdout.replace("\\-", "-"))), set())
        self.assertTrue("\nEXIT STATUS\n" in shown.stdout, "no section EXIT STATUS")


class Completion(unittest.TestCase):
    def completions(self, *words):
        """What bash offers for the last of `words`."""
        with tempfile.TemporaryDirectory() as folder:
            script = Path(folder) / "completion.bash"
            script.write_text(run_program("completion", "bash").stdout)
            quoted = " ".join(f"'{word}'" for word in words)
            asked = (f"source '{script}'; COMP_WORDS=({quoted}); COMP_CWORD=$(( ${{#COMP_WORDS[@]}} - 1 )); "
                     "_ecs_recycler; printf '%s\\n' \"${COMPREPLY[@]}\"")
            done = subprocess.run(["bash", "-c", asked], capture_output=True, text=True, timeout=120)
            self.assertEqual(done.stderr, "")
            return done.stdout.split()

    def test_commands_then_second_words_then_options_then_values(self):
        self.assertEqual(self.completions("ecs-recycler", "re"), ["recycle"])
        self.assertEqual(self.completions("ecs-recycler", "runs", ""), ["list", "show", "resume", "abort"])
        self.assertEqual(self.completions("ecs-recycler", "recycle", "--max"), ["--max-unavailable"])
        self.assertEqual(self.completions("ecs-recycler", "recycle", "--drain", "s"), ["scale-in", "stop-task"])
        self.assertEqual(self.completions("ecs-recycler", "local", "up", "--port-"), ["--port-file"])
        self.assertEqual(self.completions("ecs-recycler", "local", ""), ["up", "status", "events", "logs", "advance",
                                                                            "fault", "snapshot", "env", "import"])
        self.assertEqual(self.completions("ecs-recycler", "local", "fault", ""), ["add", "list", "clear"])
        self.assertEqual(self.completions("ecs-recycler", "local", "fault", "add", "--po"),
                         ["--port", "--port-file"])
        self.assertIn("zsh", self.completions("ecs-recycler", "completion", ""))

    def test_each_shell_reads_its_script(self):
        checks = {"bash": ["bash", "-n"], "zsh": ["zsh", "-n"], "fish": ["fish", "--no-execute"]}
        for shell, check in checks.items():
            script = run_program("completion", shell)
            self.assertEqual((script.returncode, script.stderr), (0, ""))
            self.assertIn("max-unavailable", script.stdout)
            if shutil.which(shell) is None:
                continue
            with self.subTest(shell), tempfile.NamedTemporaryFile("w", suffix=f".{shell}") as file:
                file.write(script.stdout)
                file.flush()
                checked = subprocess.run([*check, file.name], capture_output=True, text=True, timeout=120)
                self.assertEqual((checked.returncode, checked.stderr), (0, ""))


class WrongWords(unittest.TestCase):
    def assert_refused(self, line, *arguments, **variables):
        done = run_program(*arguments, **variables)
        self.assertEqual((done.returncode, done.stdout), (2, ""), done.stderr)
        self.assertEqual(done.stderr, line + "\n")

    def test_each_is_one_line_and_exit_code_2(self):
        service = ["recycle", "--service", "web"]
        number = "is not a number of tasks (0 to 5000) or a percentage (0% to 100%)"
        self.assert_refused("ecs-recycler: a command is missing; see ecs-recycler --help")
        self.assert_refused('ecs-recycler: "recylce" is not a command; did you mean recycle?', "recylce")
        self.assert_refused("ecs-recycler recycle: --bacth is not an option of this command; did you mean --batch?",
                            *service, "--bacth", "2")
        self.assert_refused(f'ecs-recycler recycle: --batch "x" {number}', *service, "--batch", "x")
        self.assert_refused(f'ecs-recycler recycle: ECS_RECYCLER_BATCH "x" {number}', *service, ECS_RECYCLER_BATCH="x")
        self.assert_refused('ecs-recycler recycle: --wait "30" is not a duration; write a number and a unit '
                            "(ms, s, m, h, d), for example 30s, 6h or 1h30m", *service, "--wait", "30")
        self.assert_refused('ecs-recycler recycle: --strategy "roling" is not one of rolling, force-deployment; '
                            "did you mean rolling?", *service, "--strategy", "roling")
        self.assert_refused("ecs-recycler recycle: --service NAME|ARN is missing "
                            "(or ECS_RECYCLER_SERVICE in the environment)", "recycle")
        self.assert_refused("ecs-recycler recycle: --service needs a value: NAME|ARN; --plan is an option of its own",
                            "recycle", "--service", "--plan")
        self.assert_refused('ecs-recycler local advance: TIME "1000000d" is too far: at most 366d at once', "local",
                            "advance", "1000000d")
        self.assert_refused("ecs-recycler schedule next: --end 2026-01-01T00:00:00Z is before --start "
                            "2026-02-01T00:00:00Z", "schedule", "next", "rate(1 hour)", "--start",
                            "2026-02-01T00:00:00Z", "--end", "2026-01-01T00:00:00Z")
        self.assert_refused('ecs-recycler local up: --port "99999" is not a whole number from 0 to 65535', "local",
                            "up", "--port", "99999")

    def test_files_that_cannot_be_are_told_before_anything_starts(self):
        self.assert_refused("ecs-recycler local up: --port-file /nonexistent/x cannot be written: No such file or "
                            "directory", "local", "up", "--port", "0", "--port-file", "/nonexistent/x")
        self.assert_refused("ecs-recycler local up: --port-file /tmp is a folder", "local", "up", "--port", "0",
                            "--port-file", "/tmp")
        self.assert_refused("ecs-recycler local up: /etc/passwd is a file; the state is kept in a folder", "local",
                            "up", "--port", "0", "--state", "/etc/passwd")
        self.assert_refused("ecs-recycler local up: cannot make the folder /dev/null/state: Not a directory", "local",
                            "up", "--port", "0", "--state", "/dev/null/state")
        self.assert_refused("ecs-recycler local up: --access-log /nonexistent/log: No such file or directory", "local",
                            "up", "--port", "0", "--access-log", "/nonexistent/log")
        engine = ["local", "up", "--port", "0", "--runtime", "container", "--container-socket"]
        self.assert_refused("ecs-recycler local up: --container-socket /nonexistent/socket: No such file or directory",
                            *engine, "/nonexistent/socket")
        self.assert_refused("ecs-recycler local up: --container-socket /tmp: it is no socket", *engine, "/tmp")
        self.assert_refused("ecs-recycler config check: cannot read /tmp: Is a directory", "config", "check", "/tmp")


if __name__ == "__main__":
    unittest.main()
