#!/usr/bin/env python3
"""tools/test: what it counts as passed, failed and skipped."""

import contextlib
import importlib.machinery
import importlib.util
import io
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

ROOT = Path(__file__).resolve().parent.parent.parent


def load_runner():
    loader = importlib.machinery.SourceFileLoader("test_runner", str(ROOT / "tools" / "test"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("test_runner", loader))
    sys.dont_write_bytecode = True
    sys.modules["test_runner"] = module
    loader.exec_module(module)
    return module


runner = load_runner()


class PythonFilesTest(unittest.TestCase):
    def outcome(self, text: str):
        with tempfile.TemporaryDirectory(dir=ROOT / "tests" / "tools") as folder:
            path = Path(folder) / "sample_test.py"
            path.write_text("import unittest\n" + text)
            # What counts here does not depend on whether this very run is one of CI.
            with mock.patch.object(runner, "STRICT", False):
                return runner.run_python(path, ROOT / "build", runner.Limit(30))[0]

    def test_each_test_counts_once(self):
        outcome = self.outcome("class T(unittest.TestCase):\n"
                               "    def test_a(self): pass\n"
                               "    def test_b(self): self.fail()\n"
                               "    def test_c(self): self.skipTest('no tool')\n"
                               "    def test_d(self): raise ValueError\n")
        self.assertEqual(outcome.passed, 1)
        self.assertEqual(len(outcome.failed), 2)
        self.assertEqual(len(outcome.skipped), 1)
        self.assertTrue(outcome.skipped[0].endswith("no tool"), outcome.skipped)

    def test_a_missing_module_is_a_skip_with_its_name(self):
        outcome = self.outcome("import no_such_module\n")
        self.assertEqual((outcome.passed, outcome.failed), (0, []))
        self.assertIn("no_such_module", outcome.skipped[0])

    def test_a_file_that_cannot_be_read_or_holds_no_test_fails(self):
        self.assertEqual(len(self.outcome("this is no Python\n").failed), 1)
        self.assertEqual(len(self.outcome("raise SystemExit(0)\n").failed), 1)
        self.assertIn("holds no test", self.outcome("").failed[0])

    def test_a_file_that_hangs_is_stopped_with_its_children(self):
        with mock.patch.object(runner, "FILE_SECONDS", 1):
            outcome = self.outcome("import subprocess\nsubprocess.run(['sleep', '60'])\n")
        self.assertIn("took longer", outcome.failed[0])


class JunitTest(unittest.TestCase):
    def test_ctest_reports_are_counted(self):
        with tempfile.NamedTemporaryFile("w", suffix=".xml") as report:
            report.write('<testsuite><testcase name="a" status="run"/>'
                         '<testcase name="b" status="fail"><failure message=""/></testcase>'
                         '<testcase name="c" status="notrun"><skipped message="SKIP_REGULAR_EXPRESSION_MATCHED"/>'
                         '<system-out>x.cpp:5: Skipped\nno cgroup v2 here\n</system-out></testcase>'
                         '<testcase name="d_NOT_BUILT" status="notrun"><skipped message="Unable to find executable"/>'
                         '</testcase></testsuite>')
            report.flush()
            outcome = runner.read_junit(Path(report.name))
        self.assertEqual((outcome.passed, outcome.failed), (1, ["b", "d_NOT_BUILT"]))
        self.assertEqual(outcome.skipped, ["c: no cgroup v2 here"])


class SummaryTest(unittest.TestCase):
    def summary(self, outcome) -> tuple[int, str]:
        output = io.StringIO()
        with contextlib.redirect_stdout(output):
            code = runner.summarise(outcome)
        return code, output.getvalue().splitlines()[-1]

    def test_the_last_line_counts_everything(self):
        self.assertEqual(self.summary(runner.Outcome(3)), (0, "3 passed, 0 failed, 0 skipped"))
        self.assertEqual(self.summary(runner.Outcome(3, ["x"], ["y"])), (1, "3 passed, 1 failed, 1 skipped"))

    def test_a_missing_tool_is_a_failure_only_in_ci(self):
        check = ("format", ["no-such-tool-at-all"], runner.Limit(10))
        with mock.patch.object(runner, "STRICT", False):
            self.assertEqual(len(runner.run_check(*check).skipped), 1)
        with mock.patch.object(runner, "STRICT", True):
            outcome = runner.run_check(*check)
        self.assertEqual((len(outcome.failed), outcome.skipped), (1, []))

    def test_nothing_at_all_is_no_success(self):
        self.assertEqual(self.summary(runner.Outcome())[0], 1)


class CtestTest(unittest.TestCase):
    def test_files_that_ctest_runs_are_not_run_again(self):
        known = [["python3", str(ROOT / "tests" / "tools" / "tidy_test.py"), "argument"]]
        names = [path.name for path in runner.python_files(known)]
        self.assertNotIn("tidy_test.py", names)
        self.assertIn("test_runner_test.py", names)


if __name__ == "__main__":
    unittest.main()
