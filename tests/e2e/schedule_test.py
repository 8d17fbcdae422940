"""`ecs-recycler schedule next` as people use it, and its wall clocks against Python's zoneinfo.

usage: ECSR_BIN=PATH_OF_ecs-recycler schedule_test.py
"""

import json
import os
import subprocess
import tempfile
import unittest
from datetime import datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

BINARY = os.environ["ECSR_BIN"]
# Zones, and a day before clocks change in them: by an hour, by half an hour, at midnight, by a whole day, the other way
# round (Dublin calls winter time the exception), at -1:00, during Ramadan, and by the rule of years that no file lists.
CHANGES = [
    ("Europe/Berlin", "2027-03-27"), ("Europe/Berlin", "2026-10-24"), ("America/New_York", "2027-03-13"),
    ("America/New_York", "2026-10-31"), ("Australia/Lord_Howe", "2026-10-03"), ("Australia/Lord_Howe", "2027-04-03"),
    ("Africa/Cairo", "2027-04-29"), ("Africa/Cairo", "2026-10-29"), ("Pacific/Apia", "2011-12-29"),
    ("Europe/Dublin", "2027-03-27"), ("America/Nuuk", "2027-03-27"), ("Africa/Casablanca", "2027-02-06"),
    ("America/Santiago", "2027-04-03"), ("Asia/Kolkata", "2026-11-24"),
    ("Europe/Berlin", "2060-03-27"), ("Europe/Berlin", "2150-10-24"), ("America/New_York", "2101-03-12"),
    ("Australia/Sydney", "2080-10-05"), ("Europe/Dublin", "2077-10-30"), ("America/Nuuk", "2070-03-29"),
    ("Asia/Gaza", "2090-04-01"), ("Asia/Jerusalem", "2077-03-25"),
]


def schedule_next(*arguments, **variables):
    return subprocess.run([BINARY, "schedule", "next", *arguments], env={"PATH": os.environ["PATH"], **variables},
                          capture_output=True, text=True, timeout=60)


def as_json(*arguments, **variables):
    done = schedule_next(*arguments, "--output", "json", **variables)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def utc(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


class Next(unittest.TestCase):
    def test_prints_the_next_times_in_the_zone_and_in_utc(self):
        done = schedule_next("cron(0 3 ? * MON-FRI *)", "--timezone", "Europe/Berlin", "--from",
                             "2026-10-23T12:00:00Z", "--count", "2")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(done.stdout, "Europe/Berlin              UTC\n"
                                      "2026-10-26T03:00:00+01:00  2026-10-26T02:00:00Z\n"
                                      "2026-10-27T03:00:00+01:00  2026-10-27T02:00:00Z\n")

    def test_json(self):
        facts = as_json("cron(0 3 ? * MON-FRI *)", "--timezone", "Europe/Berlin", "--from", "2026-10-22T14:00:00+02:00",
                        "--count", "2")
        self.assertEqual(facts, {
            "expression": "cron(0 3 ? * MON-FRI *)", "timezone": "Europe/Berlin", "from": "2026-10-22T12:00:00Z",
            "times": [{"local": "2026-10-23T03:00:00+02:00", "utc": "2026-10-23T01:00:00Z"},
                      {"local": "2026-10-26T03:00:00+01:00", "utc": "2026-10-26T02:00:00Z"}],
            "ends": False})

    def test_from_defaults_to_now_and_count_to_five(self):
        before = datetime.now(timezone.utc)
        times = [utc(time["utc"]) for time in as_json("cron(* * * * ? *)")["times"]]
        self.assertEqual(len(times), 5)
        self.assertEqual({after - at for at, after in zip(times, times[1:])}, {timedelta(minutes=1)})
        self.assertLessEqual(before.replace(second=0, microsecond=0), times[0])
        self.assertLessEqual(times[0], datetime.now(timezone.utc) + timedelta(minutes=1))

    def test_a_schedule_that_ends_says_so(self):
        once = ["at(2026-12-01T03:00:00)", "--timezone", "Europe/Berlin", "--from", "2026-11-24T00:00:00Z"]
        done = schedule_next(*once)
        self.assertEqual(done.stdout.splitlines()[1:], ["2026-12-01T03:00:00+01:00  2026-12-01T02:00:00Z",
                                                        "It ends there: no times after these."])
        self.assertTrue(as_json(*once)["ends"])
        self.assertFalse(as_json(*once, "--count", "1", "--from", "2026-11-24T00:00:00Z")["times"] == [])

    def test_a_schedule_that_never_fires_says_so(self):
        done = schedule_next("cron(0 0 30 2 ? *)", "--from", "2026-11-24T00:00:00Z")
        self.assertEqual((done.returncode, done.stdout, done.stderr),
                         (0, "cron(0 0 30 2 ? *) never fires after 2026-11-24T00:00:00Z.\n", ""))
        facts = as_json("cron(0 0 30 2 ? *)", "--from", "2026-11-24T00:00:00Z")
        self.assertEqual((facts["times"], facts["ends"]), ([], True))

    def test_a_rate_counts_from_its_start(self):
        facts = as_json("rate(1 days)", "--start", "2026-10-24T12:00:00Z", "--end", "2026-10-26T12:00:00Z", "--from",
                        "2026-10-01T00:00:00Z", "--timezone", "Europe/Berlin")
        self.assertEqual([time["local"] for time in facts["times"]],
                         ["2026-10-24T14:00:00+02:00", "2026-10-25T13:00:00+01:00"])
        self.assertTrue(facts["ends"])


class Closed(unittest.TestCase):
    def test_windows_blackouts_and_holidays_say_why_and_until_when(self):
        with tempfile.TemporaryDirectory() as folder:
            calendar = Path(folder) / "feasts.ics"
            calendar.write_text("BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:test\nBEGIN:VEVENT\nUID:1\nSUMMARY:New Year\n"
                                "DTSTART;VALUE=DATE:20200101\nRRULE:FREQ=YEARLY\nEND:VEVENT\nEND:VCALENDAR\n")
            facts = as_json("cron(0 3,12 ? * * *)", "--timezone", "Europe/Berlin", "--from", "2026-12-30T00:00:00Z",
                            "--count", "6", "--window", "01:00-05:00", "--blackout", "2026-12-31",
                            "--holidays", str(calendar))
        self.assertEqual([(time["local"], time.get("closed"), time.get("opens")) for time in facts["times"]], [
            ("2026-12-30T03:00:00+01:00", None, None),
            ("2026-12-30T12:00:00+01:00", "outside 01:00-05:00 Europe/Berlin", "2027-01-02T01:00:00+01:00"),
            ("2026-12-31T03:00:00+01:00", "blackout 2026-12-31", "2027-01-02T01:00:00+01:00"),
            ("2026-12-31T12:00:00+01:00", "blackout 2026-12-31", "2027-01-02T01:00:00+01:00"),
            ("2027-01-01T03:00:00+01:00", "holiday: New Year", "2027-01-02T01:00:00+01:00"),
            ("2027-01-01T12:00:00+01:00", "holiday: New Year", "2027-01-02T01:00:00+01:00")])

    def test_windows_of_a_variable_may_name_several_days(self):
        facts = as_json("cron(0 3 ? * * *)", "--from", "2026-11-29T12:00:00Z", "--count", "3",
                        ECS_RECYCLER_WINDOW="MON,WED 01:00-05:00, TUE 12:00-13:00")
        self.assertEqual([(time["utc"], time.get("closed", "").partition(" ")[0]) for time in facts["times"]], [
            ("2026-11-30T03:00:00Z", ""), ("2026-12-01T03:00:00Z", "outside"), ("2026-12-02T03:00:00Z", "")])

    def test_as_text(self):
        done = schedule_next("cron(0 12 * * ? *)", "--from", "2026-12-30T12:00:00Z", "--count", "2", "--blackout",
                             "2026-12-31")
        self.assertEqual(done.stdout, "TIME                       UTC                   CLOSED               OPENS\n"
                                      "2026-12-31T12:00:00+00:00  2026-12-31T12:00:00Z  blackout 2026-12-31  "
                                      "2027-01-01T00:00:00+00:00\n"
                                      "2027-01-01T12:00:00+00:00  2027-01-01T12:00:00Z  -                    -\n")


class WrongInput(unittest.TestCase):
    def assert_refused(self, part, *arguments):
        done = schedule_next(*arguments)
        self.assertEqual((done.returncode, done.stdout), (2, ""), done.stderr)
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        self.assertTrue(done.stderr.startswith("ecs-recycler schedule next: "), done.stderr)
        self.assertIn(part, done.stderr)

    def test_is_one_line_that_names_the_field_or_the_flag(self):
        fine = "rate(1 hour)"
        self.assert_refused('hour "25": 25 is not in 0-23; allowed: 0-23 with , - * /', "cron(0 25 * * ? *)")
        self.assert_refused("a schedule is rate(12 hours)", "0 3 * * *")
        self.assert_refused("did you mean Europe/Berlin?", fine, "--timezone", "Europe/Berlim")
        self.assert_refused('--from: "yesterday" is not a time', fine, "--from", "yesterday")
        self.assert_refused("--count", fine, "--count", "0")
        self.assert_refused('window "MON": a window is like', fine, "--window", "MON")
        self.assert_refused('blackout "Christmas"', fine, "--blackout", "Christmas")
        self.assert_refused("--holidays /nonexistent: cannot be read", fine, "--holidays", "/nonexistent")
        self.assert_refused("--holidays /: cannot be read", fine, "--holidays", "/")
        self.assert_refused("--holidays /dev/null: cannot be read, or is empty", fine, "--holidays", "/dev/null")
        self.assert_refused("is no iCalendar file", fine, "--holidays", __file__)
        self.assert_refused("EXPRESSION")


class WallClocks(unittest.TestCase):
    """Four days around a change of clocks, minute by minute, by another implementation."""

    def test_every_reading_fires_when_it_is_first_shown(self):
        for name, day in CHANGES:
            with self.subTest(name, day=day):
                begin = utc(f"{day}T00:00:00Z")
                facts = as_json("cron(0/5 * * * ? *)", "--timezone", name, "--from", f"{day}T00:00:00Z", "--count",
                                "1200")
                zone = ZoneInfo(name)
                expected = []
                for minute in range(1, 4 * 24 * 60):
                    at = begin + timedelta(minutes=minute)
                    local = at.astimezone(zone)
                    if local.minute % 5 == 0 and local.fold == 0:
                        expected.append((at, local.isoformat()))
                end = begin + timedelta(days=4)
                printed = [(utc(time["utc"]), time["local"]) for time in facts["times"] if utc(time["utc"]) < end]
                self.assertEqual(printed, expected)


if __name__ == "__main__":
    unittest.main()
