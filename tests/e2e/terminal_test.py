"""What a person at a terminal sees and is asked.

usage: ECSR_BIN=PATH_OF_ecs-recycler terminal_test.py
"""

import os
import pty
import re
import select
import signal
import subprocess
import time
import unittest

from stage import BINARY, CLUSTER, Stage



def setUpModule():
    global STAGE
    STAGE = Stage()
    STAGE.create_services(live=1, plain=1, dumb=1, asked=1)
    STAGE.create_held_services(resumed=2, declined=2)


def tearDownModule():
    STAGE.close()


class Terminal:
    """The program with standard input and standard error at a terminal of its own."""

    def __init__(self, *arguments, **variables):
        self.master, slave = pty.openpty()
        self.text = ""
        self.process = subprocess.Popen([BINARY, *arguments], stdin=slave, stdout=subprocess.PIPE, stderr=slave,
                                        env=STAGE.environment(**{"TERM": "xterm", **variables}), start_new_session=True)
        os.close(slave)

    def read_until(self, pattern, seconds=180):
        deadline = time.monotonic() + seconds
        while not re.search(pattern, self.text):
            if not select.select([self.master], [], [], max(0, deadline - time.monotonic()))[0]:
                self.kill()
                raise AssertionError(f"not seen: {pattern!r} in {self.text!r}")
            if not self._read():
                self.kill()
                raise AssertionError(f"ended without {pattern!r}: {self.text!r}")

    def _read(self):
        try:
            part = os.read(self.master, 4096)
        except OSError:   # the other side is closed
            return False
        self.text += part.decode(errors="replace")
        return bool(part)

    def kill(self):
        self.process.kill()
        self.process.communicate()
        os.close(self.master)

    def type(self, text):
        os.write(self.master, text.encode())

    def end(self):
        """The exit code and standard output, when everything was read."""
        while self._read():
            pass
        output, _ = self.process.communicate(timeout=180)
        os.close(self.master)
        return self.process.returncode, output.decode()


def recycle(service, *arguments, **variables):
    return Terminal("recycle", "--cluster", CLUSTER, "--service", service, *arguments, **variables)


def leave_unfinished(service):
    """A run that was left while it waited for its first task to stop."""
    run = STAGE.start("recycle", "--cluster", CLUSTER, "--service", service)
    run.wait_for_line("Recycling task 1/2")
    run.interrupt()
    run.wait_for_line("Once more")
    run.process.send_signal(signal.SIGINT)
    assert run.end() == 3, run.stderr()
    STAGE.release(service)


class Progress(unittest.TestCase):
    def test_a_status_line_is_redrawn_in_colour_and_gone_at_the_end(self):
        terminal = recycle("live")
        code, output = terminal.end()
        self.assertEqual(code, 0, terminal.text)
        self.assertIn("\r\x1b[2K", terminal.text)
        self.assertRegex(terminal.text, r"\x1b\[36m\[-+\]\x1b\[0m 0/1  ")
        self.assertNotIn("\x1b", output)
        lines = [line.rsplit("\x1b[2K", 1)[-1] for line in terminal.text.split("\r\n")]
        self.assertFalse([line for line in lines if line.startswith("[") and "]" in line and "#" in line], lines)

    def test_no_color_is_respected(self):
        terminal = recycle("plain", NO_COLOR="1")
        self.assertEqual(terminal.end()[0], 0, terminal.text)
        self.assertIn("\r\x1b[2K", terminal.text)
        self.assertNotIn("\x1b[36m", terminal.text)

    def test_a_terminal_that_cannot_move_its_cursor_gets_lines(self):
        terminal = recycle("dumb", TERM="dumb", NO_COLOR="1")
        self.assertEqual(terminal.end()[0], 0, terminal.text)
        self.assertNotIn("\x1b[2K", terminal.text)


class Questions(unittest.TestCase):
    def test_an_unfinished_run_is_resumed_when_the_person_wants_it(self):
        before = STAGE.tasks("resumed")
        leave_unfinished("resumed")
        terminal = recycle("resumed")
        terminal.read_until(r"\[r/b/Q\]")
        self.assertIn("is unfinished", terminal.text)
        terminal.type("r\n")
        self.assertIn(terminal.end()[0], (0, 3), terminal.text)
        self.assertEqual(STAGE.service("resumed")["desiredCount"], 2)
        self.assertLess(len(before & STAGE.tasks("resumed")), 2)

    def test_nothing_happens_when_the_person_quits(self):
        leave_unfinished("declined")
        before = STAGE.service("declined")["desiredCount"]
        terminal = recycle("declined")
        terminal.read_until(r"\[r/b/Q\]")
        terminal.type("\n")
        self.assertEqual(terminal.end()[0], 4, terminal.text)
        self.assertEqual(STAGE.service("declined")["desiredCount"], before)
        resumed = STAGE.recycle("declined", "--yes")
        self.assertIn(resumed.returncode, (0, 3), resumed.stderr)

    def test_ctrl_c_at_a_question_ends_the_run_with_nothing_changed(self):
        before = STAGE.tasks("asked")
        terminal = recycle("asked", "--ask")
        terminal.read_until(r"\[Y/n/<wait duration>\]")
        terminal.process.send_signal(signal.SIGINT)
        self.assertEqual(terminal.end()[0], 3, terminal.text)
        self.assertEqual((STAGE.tasks("asked"), STAGE.service("asked")["desiredCount"]), (before, 1))


if __name__ == "__main__":
    unittest.main()
