"""The AWS SDK for JavaScript v3 against a local ECS that verifies signatures: tests/contract/js/drive.mjs.

usage: ECSR_BIN=PATH_OF_ecs-recycler local_js_test.py
"""

import shutil
import subprocess
import unittest
from pathlib import Path

from local_ecs import LocalEcs

FOLDER = Path(__file__).resolve().parent / "js"


class JavaScript(unittest.TestCase):
    @unittest.skipUnless(shutil.which("node"), "no node")
    @unittest.skipUnless((FOLDER / "node_modules").is_dir(), "the SDK is not installed; tools/setup test does it")
    def test_the_sdk_drives_services_balancers_scaling_alarms_and_roles(self):
        local = LocalEcs("--runtime", "virtual", "--time-scale", "60", "--verify-signatures")
        try:
            done = subprocess.run(["node", "drive.mjs", local.url], cwd=FOLDER, capture_output=True, text=True,
                                  timeout=150)
            self.assertEqual((done.returncode, done.stdout), (0, "all as with AWS\n"), done.stderr)
        finally:
            self.assertEqual(local.stop(), 0)


if __name__ == "__main__":
    unittest.main()
