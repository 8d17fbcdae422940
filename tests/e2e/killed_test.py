"""The recycler is killed before and after every single API call of a run, and resumed: I1 to I3 hold each time.

usage: ECSR_BIN=PATH_OF_ecs-recycler killed_test.py
"""

import json
import threading
import unittest
from concurrent.futures import ThreadPoolExecutor

from stage import CLUSTER, Stage

WORKERS = 6
KILLED = -9


def setUpModule():
    global STAGE
    STAGE = Stage()
    for worker in range(WORKERS):
        STAGE.create_balanced_service(f"kill{worker}", tasks=2, deregistration_delay=0)
        STAGE.scaling.register_scalable_target(
            ServiceNamespace="ecs", ResourceId=f"service/{CLUSTER}/kill{worker}",
            ScalableDimension="ecs:service:DesiredCount", MinCapacity=1, MaxCapacity=2)


def tearDownModule():
    STAGE.close()


def scalable_target(service):
    answer = STAGE.scaling.describe_scalable_targets(ServiceNamespace="ecs",
                                                     ResourceIds=[f"service/{CLUSTER}/{service}"])
    target = answer["ScalableTargets"][0]
    return target["MaxCapacity"], target["SuspendedState"]["DynamicScalingInSuspended"]


class HealthWatch:
    """The lowest number of running tasks that ECS told while it watched."""

    def __init__(self, service):
        self.service = service
        self.lowest = 99
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self.watch, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        self.thread.join(60)

    def watch(self):
        while not self.stopping.wait(0.2):
            self.lowest = min(self.lowest, STAGE.service(self.service)["runningCount"])


class Killed(unittest.TestCase):
    def one_life(self, service, point):
        """Recycles, dies at `point`, resumes. Returns False when the run ended before it reached the point."""
        before = STAGE.tasks(service)
        with HealthWatch(service) as watch:
            first = STAGE.recycle(service, ECS_RECYCLER_CRASH_AT=point)
            if first.returncode == KILLED:
                second = STAGE.recycle(service, "--yes", "--force", "--output", "json")
                self.assertEqual(second.returncode, 0, f"{point}: {second.stderr}")
                run = json.loads(second.stdout)
                self.assertEqual((run["outcome"], run["restored"]), ("done", True), f"{point}: {run}")
        self.assertGreaterEqual(watch.lowest, 2, f"I1 {point}")
        self.assertEqual(before & STAGE.tasks(service), set(), f"I2 {point}")
        self.assertEqual(STAGE.service(service)["desiredCount"], 2, f"I3 {point}")
        self.assertEqual(scalable_target(service), (2, False), f"I3 {point}")
        self.assertEqual(STAGE.protected(service), [], f"I3 {point}")
        return first.returncode == KILLED

    def share(self, worker):
        """Every WORKERS-th call, both sides of it, until the run is shorter than that."""
        killed = 0
        call = worker + 1
        while True:
            service = f"kill{worker}"
            sides = [self.one_life(service, f"{side}:{call}") for side in ("before", "after")]
            killed += sum(sides)
            if not all(sides):
                return killed
            call += WORKERS

    def test_every_call_of_a_run_may_be_the_last(self):
        with ThreadPoolExecutor(WORKERS) as pool:
            killed = sum(pool.map(self.share, range(WORKERS)))
        self.assertGreater(killed, 40, "a run makes more calls than that")


if __name__ == "__main__":
    unittest.main(verbosity=2)
