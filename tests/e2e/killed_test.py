"""The recycler is killed before and after every single API call of a run, and resumed: I1 to I3 hold each time.

usage: ECSR_BIN=PATH_OF_ecs-recycler killed_test.py
"""

import json
import threading
import unittest
from concurrent.futures import ThreadPoolExecutor

from stage import CLUSTER, Stage

WORKERS = 20  # a life is seconds of waiting: tasks start, and a restore takes the time that reads may lag
DESCRIBED_AT_ONCE = 10
KILLED = -9


def setUpModule():
    global STAGE, WATCH
    STAGE = Stage("--runtime", "virtual")
    services = [f"kill{worker}" for worker in range(WORKERS)]
    with ThreadPoolExecutor(WORKERS) as pool:
        for made in [pool.submit(create_service, name) for name in services]:
            made.result()
    WATCH = HealthWatch(services)


def tearDownModule():
    try:
        WATCH.close()
    finally:
        STAGE.close()


def create_service(name):
    STAGE.create_balanced_service(name, tasks=2, deregistration_delay=0)
    STAGE.scaling.register_scalable_target(
        ServiceNamespace="ecs", ResourceId=f"service/{CLUSTER}/{name}",
        ScalableDimension="ecs:service:DesiredCount", MinCapacity=1, MaxCapacity=2)


def scalable_target(service):
    answer = STAGE.scaling.describe_scalable_targets(ServiceNamespace="ecs",
                                                     ResourceIds=[f"service/{CLUSTER}/{service}"])
    target = answer["ScalableTargets"][0]
    return target["MaxCapacity"], target["SuspendedState"]["DynamicScalingInSuspended"]


class HealthWatch:
    """The lowest number of running tasks that ECS told of each service, five times a second."""

    def __init__(self, services):
        self.chunks = [services[i:i + DESCRIBED_AT_ONCE] for i in range(0, len(services), DESCRIBED_AT_ONCE)]
        self.lowest = {}
        self.rounds = 0
        self.problem = None
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self.watch, daemon=True)
        self.thread.start()

    def watch(self):
        try:
            while not self.stopping.wait(0.2):
                for chunk in self.chunks:
                    for told in STAGE.ecs.describe_services(cluster=CLUSTER, services=chunk)["services"]:
                        name, running = told["serviceName"], told["runningCount"]
                        self.lowest[name] = min(self.lowest.get(name, running), running)
                self.rounds += 1
        except Exception as error:  # shown by the test that asks next
            self.problem = error

    def lowest_of(self, service):
        assert self.problem is None and self.thread.is_alive(), f"nobody watches: {self.problem}"
        return self.lowest[service]

    def close(self):
        self.stopping.set()
        self.thread.join(60)


class Killed(unittest.TestCase):
    def one_life(self, service, point):
        """Recycles, dies at `point`, resumes. Returns False when the run ended before it reached the point."""
        before = STAGE.tasks(service)
        first = STAGE.recycle(service, ECS_RECYCLER_CRASH_AT=point)
        if first.returncode == KILLED:
            second = STAGE.recycle(service, "--yes", "--force", "--output", "json")
            self.assertEqual(second.returncode, 0, f"{point}: {second.stderr}")
            run = json.loads(second.stdout)
            self.assertEqual((run["outcome"], run["restored"]), ("done", True), f"{point}: {run}")
        self.assertGreaterEqual(WATCH.lowest_of(service), 2, f"I1 {point}")
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
        self.assertGreater(WATCH.rounds, 20, "tasks were counted all the while")


if __name__ == "__main__":
    unittest.main(verbosity=2)
