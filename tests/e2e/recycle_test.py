"""recycle and status on a local ECS, as their users run them.

usage: ECSR_BIN=PATH_OF_ecs-recycler recycle_test.py
"""

import json
import os
import subprocess
import unittest

from stage import BINARY, CLUSTER, Stage

RUN_MEMBERS = {"run_id", "outcome", "reason", "cluster", "service", "strategy", "drain", "cutoff", "tasks",
               "tasks_recycled", "lowest_healthy", "desired_before", "desired_after", "restored", "api_calls",
               "started_at", "finished_at", "duration_seconds"}


def setUpModule():
    global STAGE
    STAGE = Stage()
    STAGE.create_services(json=2, forced=2, named=2, variables=1, quiet=1, scaled=1, asked=2, planned=3,
                          refused=1, seen=2, checked=3, unread=1)


def tearDownModule():
    STAGE.close()


class Recycle(unittest.TestCase):
    def test_a_balanced_service_is_recycled_and_left_as_it_was(self):
        STAGE.create_balanced_service("web")
        before = STAGE.tasks("web")
        done = STAGE.recycle("web")
        self.assertEqual(done.returncode, 0, done.stderr)
        after = STAGE.tasks("web")
        self.assertEqual((len(after), before & after), (2, set()))
        self.assertEqual(STAGE.service("web")["desiredCount"], 2)
        self.assertEqual(STAGE.protected("web"), [])
        self.assertIn(f"{CLUSTER}/web: done", done.stdout)
        self.assert_older_messages(done.stderr, before)

    def assert_older_messages(self, log, tasks):
        wanted = [f"Starting task recycle for {CLUSTER}/web", "Original desired count: 2, tasks: 2",
                  "Task 1 recycled, waiting 0s", "Task 2 recycled, waiting 0s",
                  "Task recycle completed successfully"]
        places = [log.find(text) for text in wanted]
        self.assertEqual(places, sorted(places), log)
        self.assertNotIn(-1, places, log)
        told = {line.split("/2: ")[1] for line in log.splitlines() if "Recycling task " in line}
        self.assertEqual(told, tasks)

    def test_json_is_one_document_about_the_run(self):
        before = STAGE.tasks("json")
        code, run = STAGE.json("recycle", "--cluster", CLUSTER, "--service", "json")
        self.assertEqual((code, run["outcome"]), (0, "done"))
        self.assertEqual(RUN_MEMBERS - set(run), set())
        self.assertEqual({task["task_arn"] for task in run["tasks"]}, before)
        replaced_by = {task["replaced_by"] for task in run["tasks"]}
        self.assertEqual((len(replaced_by), replaced_by & before), (2, set()))
        self.assertEqual((run["tasks_recycled"], run["desired_before"], run["desired_after"]), (2, 2, 2))
        self.assertEqual((run["restored"], run["drain"], run["strategy"]), (True, "stop-task", "rolling"))
        self.assertGreaterEqual(run["lowest_healthy"], 2)
        self.assertEqual(sum(run["api_calls"]["by_operation"].values()), run["api_calls"]["total"])
        self.assertGreater(run["api_calls"]["by_operation"]["StopTask"], 1)
        for task in run["tasks"]:
            self.assertGreater(task["seconds"], 0)

    def test_force_deployment_replaces_every_task(self):
        before = STAGE.tasks("forced")
        code, run = STAGE.json("recycle", "--cluster", CLUSTER, "--service", "forced", "--strategy", "force-deployment")
        self.assertEqual((code, run["outcome"]), (0, "done"), run)
        self.assertEqual(before & STAGE.tasks("forced"), set())

    def test_only_the_named_task_is_replaced(self):
        before = STAGE.tasks("named")
        victim = sorted(before)[0]
        done = STAGE.recycle("named", "--task", victim.rsplit("/", 1)[-1])
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(before & STAGE.tasks("named"), before - {victim})

    def test_settings_may_come_from_variables(self):
        before = STAGE.tasks("variables")
        done = STAGE.run("recycle", ECS_RECYCLER_CLUSTER=CLUSTER, ECS_RECYCLER_SERVICE="variables",
                         ECS_RECYCLER_OUTPUT="json")
        self.assertEqual((done.returncode, json.loads(done.stdout)["tasks_recycled"]), (0, 1), done.stderr)
        self.assertEqual(before & STAGE.tasks("variables"), set())

    def test_quiet_says_nothing_but_the_result(self):
        done = STAGE.recycle("quiet", "-q")
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_scaling_is_suspended_only_for_the_run(self):
        target = {"ServiceNamespace": "ecs", "ResourceId": f"service/{CLUSTER}/scaled",
                  "ScalableDimension": "ecs:service:DesiredCount"}
        STAGE.scaling.register_scalable_target(**target, MinCapacity=1, MaxCapacity=1)
        done = STAGE.recycle("scaled")
        self.assertEqual(done.returncode, 0, done.stderr)
        told = STAGE.scaling.describe_scalable_targets(ServiceNamespace="ecs", ResourceIds=[target["ResourceId"]])
        target = told["ScalableTargets"][0]
        self.assertEqual((target["MinCapacity"], target["MaxCapacity"]), (1, 1))
        self.assertFalse(target["SuspendedState"]["DynamicScalingInSuspended"])


class Output(unittest.TestCase):
    def test_a_reader_that_goes_away_does_not_end_the_run(self):
        before = STAGE.tasks("unread")
        run = subprocess.Popen([BINARY, "recycle", "--cluster", CLUSTER, "--service", "unread"],
                               env=STAGE.environment(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                               stderr=subprocess.PIPE)
        self.addCleanup(run.wait, 10)
        self.addCleanup(run.kill)
        run.stderr.readline()
        run.stderr.close()
        self.assertEqual(run.wait(90), 0)
        self.assertEqual(before & STAGE.tasks("unread"), set())

    def test_a_result_that_cannot_be_written_is_a_failure(self):
        with open("/dev/full", "wb") as full:
            done = subprocess.run([BINARY, "runs", "list"], env=STAGE.environment(), stdin=subprocess.DEVNULL,
                                  stdout=full, stderr=subprocess.PIPE, text=True, timeout=30, check=False)
        self.assertEqual((done.returncode, done.stderr.count("\n")), (1, 1), done.stderr)

    def test_a_reader_that_has_read_enough_is_no_failure(self):
        reader, writer = os.pipe()
        os.close(reader)
        try:
            done = subprocess.run([BINARY, "runs", "list"], env=STAGE.environment(), stdin=subprocess.DEVNULL,
                                  stdout=writer, stderr=subprocess.PIPE, text=True, timeout=30, check=False)
        finally:
            os.close(writer)
        self.assertEqual((done.returncode, done.stderr), (0, ""))


class Ask(unittest.TestCase):
    def test_each_batch_is_asked_for_and_no_stops_the_run(self):
        before = STAGE.tasks("asked")
        done = STAGE.run("recycle", "--cluster", CLUSTER, "--service", "asked", "--ask", stdin="y\nwhat\nn\n")
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertEqual(done.stderr.count("[Y/n/<wait duration>]"), 3, done.stderr)
        self.assertEqual(len(before & STAGE.tasks("asked")), 1)
        self.assertEqual(STAGE.service("asked")["desiredCount"], 2)
        self.assertTrue(done.stderr.splitlines()[-1].startswith("ecs-recycler recycle: stopped: "), done.stderr)


    def test_where_nobody_answers_the_question_has_its_line_to_itself(self):
        done = STAGE.run("recycle", "--cluster", CLUSTER, "--service", "asked", "--ask")
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertIn("[Y/n/<wait duration>] \n", done.stderr)


class Plan(unittest.TestCase):
    def test_a_plan_tells_everything_and_changes_nothing(self):
        before, service = STAGE.tasks("planned"), STAGE.service("planned")
        code, plan = STAGE.json("recycle", "--cluster", CLUSTER, "--service", "planned", "--batch", "2", "--plan")
        self.assertEqual(code, 0)
        self.assertEqual({task["task_arn"] for task in plan["tasks"]}, before)
        self.assertEqual([task["batch"] for task in plan["tasks"]], [1, 1, 2])
        self.assertEqual((plan["drain"], plan["surge"], plan["refusals"], plan["skipped"]), ("stop-task", 2, [], []))
        self.assertIn("ecs:StopTask", plan["permissions"])
        self.assertTrue(plan["changes"])
        self.assertIn("risks", plan)
        text = STAGE.recycle("planned", "--plan")
        self.assertEqual(text.returncode, 0)
        self.assertTrue(text.stdout.rstrip().endswith("Nothing was changed."), text.stdout)
        for arn in before:
            self.assertIn(arn.rsplit("/", 1)[-1], text.stdout)
        self.assertEqual(STAGE.tasks("planned"), before)
        after = STAGE.service("planned")
        self.assertEqual((after["deployments"], after["events"]), (service["deployments"], service["events"]))
        runs = STAGE.json("runs", "list")[1]["runs"]
        self.assertNotIn("planned", [run["service"] for run in runs])

    def test_a_plan_that_would_be_refused_says_so(self):
        code, plan = STAGE.json("recycle", "--cluster", CLUSTER, "--service", "refused", "--surge", "0", "--plan")
        self.assertEqual((code, [refusal["code"] for refusal in plan["refusals"]]), (3, ["no-headroom"]))
        self.assertTrue(plan["refusals"][0]["instead"])
        self.assertEqual((plan["not_predicted"], "predicted" in plan), ("the run would be refused", False))


class Prediction(unittest.TestCase):
    """Within 10 % on a calm machine; a loaded one moves both what is learnt and what is measured."""

    def compare(self, service, *flags):
        base = ["recycle", "--cluster", CLUSTER, "--service", service, *flags]
        code, plan = STAGE.json(*base, "--plan")
        self.assertEqual(code, 0, plan)
        predicted = plan["predicted"]
        self.assertEqual(set(predicted) - {"simulated_runs"}, {"seconds", "seconds_low", "seconds_high",
                                                               "lowest_healthy", "extra_tasks", "api_calls"})
        self.assertLessEqual(predicted["seconds_low"], predicted["seconds"])
        self.assertLessEqual(predicted["seconds"], predicted["seconds_high"])
        code, run = STAGE.json(*base)
        self.assertEqual((code, run["outcome"]), (0, "done"))
        told = f"predicted {predicted}, took {run['duration_seconds']} s with {run['api_calls']['total']} calls"
        self.assertAlmostEqual(predicted["seconds"] / run["duration_seconds"], 1, delta=0.25, msg=told)
        self.assertAlmostEqual(predicted["api_calls"] / run["api_calls"]["total"], 1, delta=0.35, msg=told)
        self.assertEqual(predicted["lowest_healthy"], plan["desired_count"], told)
        self.assertGreaterEqual(predicted["extra_tasks"], 1)

    def test_behind_a_load_balancer_with_a_start_up_time(self):
        STAGE.create_balanced_service("warming", tasks=3, deregistration_delay=2, startup_seconds=2, grace_period=30)
        self.compare("warming")

    def test_stop_task_with_a_health_check(self):
        self.compare("checked", "--batch", "2")


class Arn(unittest.TestCase):
    def test_a_service_given_as_arn_is_that_one_and_no_other(self):
        arn = STAGE.service("planned")["serviceArn"]
        code, status = STAGE.json("status", "--service", arn)
        self.assertEqual((code, status["cluster"], status["service"]), (0, CLUSTER, "planned"))
        code, plan = STAGE.json("recycle", "--service", arn, "--plan")
        self.assertEqual((code, plan["cluster"], plan["service"]), (0, CLUSTER, "planned"))
        text = STAGE.run("recycle", "--service", arn, "--plan")
        self.assertTrue(text.stdout.startswith(f"Plan for {CLUSTER}/planned: "), text.stdout)
        for other in (arn.replace("us-east-1", "eu-west-1"), arn.replace(":000000000000:", ":111122223333:")):
            for command in (["status"], ["recycle", "--plan"], ["recycle"]):
                done = STAGE.run(*command, "--service", other)
                self.assertEqual((done.returncode, done.stdout, done.stderr.count("\n")), (2, "", 1), done.stderr)
                self.assertIn("does not exist in us-east-1", done.stderr)

    def test_what_is_no_arn_of_a_service_is_refused(self):
        for command in ("status", "recycle"):
            done = STAGE.run(command, "--service", "arn:aws:iam::000000000000:role/web")
            self.assertEqual((done.returncode, done.stderr.count("\n")), (2, 1), done.stderr)
            self.assertIn('"arn:aws:iam::000000000000:role/web" is not the ARN of a service', done.stderr)


class Status(unittest.TestCase):
    def test_status_shows_tasks_deployments_and_events(self):
        code, status = STAGE.json("status", "--cluster", CLUSTER, "--service", "seen", "--events", "1")
        self.assertEqual(code, 0)
        self.assertEqual({task["task_arn"] for task in status["tasks"]}, STAGE.tasks("seen"))
        self.assertEqual((status["desired_count"], status["running_count"], status["healthy_count"]), (2, 2, 2))
        self.assertEqual([deployment["status"] for deployment in status["deployments"]], ["PRIMARY"])
        self.assertEqual(len(status["events"]), 1)
        for task in status["tasks"]:
            self.assertEqual((task["last_status"], task["healthy"], task["is_protected"]), ("RUNNING", True, False))
            self.assertGreater(task["age_seconds"], 0)
        text = STAGE.run("status", "--cluster", CLUSTER, "--service", "seen")
        self.assertEqual((text.returncode, text.stderr), (0, ""))
        for arn in STAGE.tasks("seen"):
            self.assertIn(arn.rsplit("/", 1)[-1], text.stdout)


if __name__ == "__main__":
    unittest.main()
