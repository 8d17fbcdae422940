"""The demo keeps its promise: nothing dropped while recycled, kills and failures when left alone.

usage: ECSR_BIN=PATH_OF_ecs-recycler demo_test.py
"""

import json
import unittest

from stage import run_program

MIB = 1 << 20


class Demo(unittest.TestCase):
    def test_the_json_tells_the_whole_story(self):
        done = run_program("demo", "--output", "json", timeout=300)
        self.assertEqual(done.returncode, 0, done.stderr)
        facts = json.loads(done.stdout)
        self.assertLess(facts["duration_seconds"], 90)
        recycle, alone = facts["recycle"], facts["unrecycled"]
        self.assertEqual((recycle["outcome"], recycle["requests_failed"], recycle["first_failure"]), ("done", 0, ""))
        self.assertEqual((recycle["tasks_replaced"], recycle["lowest_healthy"], facts["tasks"]), (3, 3, 3))
        self.assertGreaterEqual(recycle["requests_per_second"], 200)
        self.assertGreater(recycle["memory_before_bytes"], 20 * MIB)
        self.assertLess(recycle["memory_after_bytes"], recycle["memory_before_bytes"])
        self.assertLess(recycle["memory_highest_bytes"], facts["memory_limit_bytes"])
        self.assertGreater(recycle["api_calls"], 0)
        self.assertGreaterEqual(alone["oom_kills"], 3)
        self.assertGreater(alone["requests_failed"], 0)
        for kill in alone["kills"]:
            self.assertEqual(kill["exit_code"], 137)
            self.assertIn("OutOfMemoryError", kill["reason"])
        self.assertIn("Task recycle completed successfully", done.stderr)


if __name__ == "__main__":
    unittest.main()
