"""How a run can end that does not succeed: the exit code, the last line, and what is left in place.

usage: ECSR_BIN=PATH_OF_ecs-recycler endings_test.py
"""

import json
import unittest

from stage import CLUSTER, Stage, wait_for


def setUpModule():
    global STAGE
    STAGE = Stage()
    STAGE.create_services(slow=1)
    STAGE.create_held_services(gated=2, overtaken=2, deleted=2)


def tearDownModule():
    STAGE.close()


class Endings(unittest.TestCase):
    def assert_left_as_it_was(self, service, tasks):
        wait_for(f"{service} as it was", lambda: len(STAGE.tasks(service)) == tasks)
        self.assertEqual(STAGE.service(service)["desiredCount"], tasks)
        self.assertEqual(STAGE.protected(service), [])

    def last_line(self, done):
        return done.stderr.splitlines()[-1]

    def test_a_run_that_takes_too_long_ends_with_6(self):
        done = STAGE.recycle("slow", "--timeout", "2s")
        self.assertEqual(done.returncode, 6, done.stderr)
        self.assertEqual(self.last_line(done), "ecs-recycler recycle: timed_out: the run took longer than 2s")
        self.assert_left_as_it_was("slow", 1)

    def test_an_alarm_that_fires_on_the_way_ends_it_with_3(self):
        STAGE.cloudwatch.put_metric_alarm(AlarmName="errors", MetricName="m", Namespace="n", Period=60,
                                          EvaluationPeriods=1, Threshold=1, Statistic="Sum", TreatMissingData="ignore",
                                          ComparisonOperator="GreaterThanThreshold")
        STAGE.cloudwatch.set_alarm_state(AlarmName="errors", StateValue="OK", StateReason="test")
        run = STAGE.start("recycle", "--cluster", CLUSTER, "--service", "gated", "--alarm", "errors", "--output",
                          "json")
        run.wait_for_line("Recycling task 1/2")
        STAGE.cloudwatch.set_alarm_state(AlarmName="errors", StateValue="ALARM", StateReason="test")
        STAGE.release("gated")
        self.assertEqual(run.end(), 3, run.stderr())
        document = json.loads(run.stdout())
        self.assertEqual((document["outcome"], document["tasks_recycled"], document["restored"]), ("stopped", 1, True))
        self.assertEqual(run.stderr().splitlines()[-1], "ecs-recycler recycle: stopped: alarm errors is in ALARM")
        self.assert_left_as_it_was("gated", 2)

    def test_somebody_elses_deployment_ends_it_with_3(self):
        run = STAGE.start("recycle", "--cluster", CLUSTER, "--service", "overtaken")
        run.wait_for_line("Recycling task 1/2")
        STAGE.register("broken", image="nowhere/nothing")   # so that the deployment stays in flight
        STAGE.ecs.update_service(cluster=CLUSTER, service="overtaken", taskDefinition="broken")
        STAGE.release("overtaken")
        self.assertEqual(run.end(), 3, run.stderr())
        self.assertIn("deployment", run.stderr().splitlines()[-1])
        self.assertEqual(STAGE.service("overtaken")["desiredCount"], 2)

    def test_a_service_that_is_deleted_on_the_way_ends_it_with_1(self):
        run = STAGE.start("recycle", "--cluster", CLUSTER, "--service", "deleted")
        run.wait_for_line("Recycling task 1/2")
        STAGE.ecs.delete_service(cluster=CLUSTER, service="deleted", force=True)
        STAGE.release("deleted")
        self.assertEqual(run.end(), 1, run.stderr())
        self.assertIn("deleted", run.stderr().splitlines()[-1])


if __name__ == "__main__":
    unittest.main()
