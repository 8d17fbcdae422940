"""Requests under load: none is lost with the default drain, and some are with stop-task.

usage: ECSR_BIN=PATH_OF_ecs-recycler under_load_test.py
"""

import json
import unittest

from load import Load
from stage import CLUSTER, Stage

RECYCLES = 20


def setUpModule():
    global STAGE
    STAGE = Stage()


def tearDownModule():
    STAGE.close()


def recycle(service, *arguments):
    done = STAGE.recycle(service, "--output", "json", *arguments)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


class UnderLoad(unittest.TestCase):
    def test_twenty_recycles_in_a_row_drop_no_request(self):
        url = STAGE.create_balanced_service("kept", tasks=3)
        with Load(url) as load:
            for _ in range(RECYCLES):
                before = STAGE.tasks("kept")
                run = recycle("kept")
                self.assertEqual((run["outcome"], run["tasks_recycled"], run["drain"]), ("done", 3, "scale-in"))
                self.assertEqual(before & STAGE.tasks("kept"), set())
                self.assertEqual(run["lowest_healthy"], 3)
                self.assertEqual(load.failures, [])
        self.assertGreater(load.rate(), 200)
        self.assertEqual(load.failures, [])
        self.assertEqual(STAGE.protected("kept"), [])

    def test_stop_task_drops_requests_because_it_does_not_wait_for_the_drain(self):
        url = STAGE.create_balanced_service("cut", tasks=3, response_ms=150, shutdown_seconds=0)
        with Load(url, threads=40) as load:
            for _ in range(3):
                run = recycle("cut", "--drain", "stop-task")
                self.assertEqual((run["outcome"], run["tasks_recycled"]), ("done", 3))
                if load.failures:
                    break
        self.assertGreater(len(load.failures), 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
