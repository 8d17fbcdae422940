"""Runs that do not end by themselves: interrupted, killed, resumed, aborted; and the journal that tells of them.

usage: ECSR_BIN=PATH_OF_ecs-recycler runs_test.py
"""

import json
import os
import signal
import unittest

from stage import CLUSTER, Stage, wait_for

SERVICES = ["interrupted", "killed", "aborted", "dead", "terminated", "offered", "told"]

# Between two batches: however slow the machine, the run is still there when the test turns to it.
LONG_PAUSE = ["--wait", "10m"]


def setUpModule():
    global STAGE
    STAGE = Stage()
    STAGE.create_services(**{name: 2 for name in SERVICES})
    STAGE.create_held_services(left=2)


def tearDownModule():
    STAGE.close()


def recycling(service, *arguments):
    """A recycle in the background that has begun its first batch."""
    run = STAGE.start("recycle", "--cluster", CLUSTER, "--service", service, *arguments)
    run.wait_for_line("Recycling task 1/2")
    return run


def run_of(service):
    _, listed = STAGE.json("runs", "list")
    return next(run for run in listed["runs"] if run["service"] == service)


class Runs(unittest.TestCase):
    def assert_restored(self, service):
        wait_for(f"{service} as it was", lambda: STAGE.service(service)["runningCount"] == 2
                 and len(STAGE.tasks(service)) == 2)
        self.assertEqual(STAGE.service(service)["desiredCount"], 2)
        self.assertEqual(STAGE.protected(service), [])

    def test_ctrl_c_ends_the_run_at_the_edge_of_its_batch(self):
        before = STAGE.tasks("interrupted")
        run = recycling("interrupted", *LONG_PAUSE)
        run.interrupt()
        self.assertEqual(run.end(), 3, run.stderr())
        self.assert_restored("interrupted")
        self.assertLess(len(before & STAGE.tasks("interrupted")), 2)
        self.assertIn("Once more", run.stderr())
        last = run.stderr().splitlines()[-1]
        self.assertTrue(last.startswith("ecs-recycler recycle: stopped: "), last)

    def test_sigterm_is_ctrl_c(self):
        before = STAGE.tasks("terminated")
        run = recycling("terminated", *LONG_PAUSE, "--output", "json")
        run.process.send_signal(signal.SIGTERM)
        self.assertEqual(run.end(), 3, run.stderr())
        document = json.loads(run.stdout())
        self.assertEqual((document["outcome"], document["restored"], document["tasks_recycled"]), ("stopped", True, 1))
        self.assertLess(len(before & STAGE.tasks("terminated")), 2)

    def test_a_second_ctrl_c_leaves_at_once_and_the_run_can_be_resumed(self):
        before = STAGE.tasks("left")
        run = recycling("left")
        run.interrupt()
        run.wait_for_line("Once more")
        run.interrupt()
        self.assertEqual(run.end(), 3, run.stderr())
        self.assertEqual(run_of("left")["state"], "unfinished")
        STAGE.release("left")
        resumed = STAGE.run("runs", "resume", run_of("left")["run_id"])
        self.assertIn(resumed.returncode, (0, 3), resumed.stderr)
        self.assert_restored("left")
        self.assertLess(len(before & STAGE.tasks("left")), 2)

    def test_a_killed_run_is_resumed_and_finishes(self):
        before = STAGE.tasks("killed")
        run = recycling("killed")
        run.kill()
        found = run_of("killed")
        self.assertEqual(found["state"], "unfinished")   # its holder is seen to be gone, long before its lock expires
        code, resumed = STAGE.json("runs", "resume", found["run_id"])
        self.assertEqual((code, resumed["outcome"], resumed["tasks_recycled"]), (0, "done", 2))
        self.assert_restored("killed")
        self.assertEqual(before & STAGE.tasks("killed"), set())

    def test_a_killed_run_is_offered_by_the_next_recycle(self):
        before = STAGE.tasks("offered")
        run = recycling("offered")
        run.kill()
        found = run_of("offered")
        refused = STAGE.recycle("offered")
        self.assertEqual((refused.returncode, refused.stdout), (4, ""), refused.stderr)
        self.assertEqual(refused.stderr.count("\n"), 1, refused.stderr)
        self.assertIn(f"runs resume {found['run_id']}", refused.stderr)
        code, plan = STAGE.json("recycle", "--cluster", CLUSTER, "--service", "offered", "--plan")
        # What the dead run left may be a reason of its own, as long as ECS is at it.
        self.assertEqual((code, "unfinished-run" in [each["code"] for each in plan["refusals"]]), (3, True), plan)
        code, resumed = STAGE.json("recycle", "--cluster", CLUSTER, "--service", "offered", "--yes")
        self.assertEqual((code, resumed["run_id"], resumed["outcome"]), (0, found["run_id"], "done"))
        self.assert_restored("offered")
        self.assertEqual(before & STAGE.tasks("offered"), set())

    def test_a_live_run_is_aborted_from_elsewhere(self):
        before = STAGE.tasks("aborted")
        run = recycling("aborted", *LONG_PAUSE)
        found = run_of("aborted")
        self.assertEqual(found["state"], "running")
        self.assertIn(f"pid {run.process.pid}", found["holder"]["who"])
        busy = STAGE.recycle("aborted")
        self.assertEqual(busy.returncode, 4, busy.stderr)
        self.assertIn(f"pid {run.process.pid}", busy.stderr)
        asked = STAGE.run("runs", "abort", found["run_id"], "--reason", "not today")
        self.assertEqual(asked.returncode, 0, asked.stderr)
        self.assertIn(f"pid {run.process.pid}", asked.stdout)
        self.assertEqual(run.end(), 3, run.stderr())
        self.assertIn("not today", run.stderr().splitlines()[-1])
        self.assert_restored("aborted")
        self.assertLess(len(before & STAGE.tasks("aborted")), 2)

    def test_a_dead_run_is_aborted_and_put_back(self):
        run = recycling("dead")
        run.kill()
        found = run_of("dead")
        code, aborted = STAGE.json("runs", "abort", found["run_id"])
        self.assertEqual((code, aborted["outcome"], aborted["restored"]), (0, "stopped", True))
        self.assert_restored("dead")
        again = STAGE.run("runs", "abort", found["run_id"])
        self.assertEqual((again.returncode, again.stderr.count("\n")), (2, 1), again.stderr)

    def test_a_run_is_shown_with_the_reason_for_each_step(self):
        STAGE.recycle("told")
        found = run_of("told")
        code, story = STAGE.json("runs", "show", found["run_id"][:6])
        self.assertEqual((code, story["run"]["run_id"], story["run"]["outcome"]), (0, found["run_id"], "done"))
        kinds = [entry["kind"] for entry in story["entries"]]
        self.assertEqual((kinds[0], kinds[-1]), ("started", "ended"))
        self.assertGreaterEqual(kinds.count("intent"), 4)
        self.assertEqual([entry["seq"] for entry in story["entries"]], list(range(1, len(kinds) + 1)))
        text = STAGE.run("runs", "show", found["run_id"])
        for entry in story["entries"]:
            self.assertIn(entry["text"], text.stdout)
        listed = STAGE.run("runs", "list", "--limit", "100")
        self.assertIn(found["run_id"], listed.stdout)


class Journal(unittest.TestCase):
    def test_it_lies_in_the_state_folder_and_belongs_to_its_user_alone(self):
        STAGE.run("recycle", "--cluster", CLUSTER, "--service", "nosuchservice")    # so that there is a journal
        path = os.path.join(STAGE.home.name, ".local/state/ecs-recycler/journal.db")
        self.assertEqual(os.stat(path).st_mode & 0o777, 0o600)


if __name__ == "__main__":
    unittest.main()
