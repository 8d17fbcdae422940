"""Every command that README.md shows is run on a local ECS that has the cluster, service and alarm it names.

usage: ECSR_BIN=PATH_OF_ecs-recycler docs_test.py
"""

import json
import re
import shlex
import unittest
from pathlib import Path

from stage import REGION, Stage

import mail_server

README = (Path(__file__).resolve().parent.parent.parent / "README.md").read_text()


def setUpModule():
    global STAGE
    STAGE = Stage()
    STAGE.create_balanced_service("web", tasks=2)
    STAGE.cloudwatch.put_metric_alarm(AlarmName="web-errors", Namespace="AWS/ApplicationELB", EvaluationPeriods=1,
                                      MetricName="HTTPCode_Target_5XX_Count", Period=60, Statistic="Sum", Threshold=1,
                                      ComparisonOperator="GreaterThanThreshold", TreatMissingData="ignore")
    STAGE.cloudwatch.set_alarm_state(AlarmName="web-errors", StateValue="OK", StateReason="all is well")


def tearDownModule():
    STAGE.close()


def prepare_input_json(server):
    """The input.json that the README shows, with a mail server and a profile that there are; returns its path."""
    shown = json.loads(re.search(r"^```\n(\{.*?^\})\n```", README, re.M | re.S).group(1))
    shown["smtpCredentials"] |= {"host": mail_server.HOST, "port": server.port, "username": mail_server.USER,
                                 "password": mail_server.PASSWORD}
    home = Path(STAGE.home.name)
    (home / ".aws").mkdir(exist_ok=True)
    profile = shown["awsCredentials"]["profile_name"]
    (home / ".aws/credentials").write_text(f"[{profile}]\naws_access_key_id = x\naws_secret_access_key = y\n")
    shown["awsCredentials"]["region_name"] = REGION
    (home / "input.json").write_text(json.dumps(shown))
    return str(home / "input.json")


def shown_commands():
    """The lines of code blocks, and the code in sentences, that call the program; without comments."""
    blocks = re.findall(r"^```\n(.*?)^```", README, re.M | re.S)
    lines = [line for block in blocks for line in block.splitlines()]
    lines += re.findall(r"`(ecs-recycler [a-z]+(?: [^`]+)?)`", README)
    return [line.split("#")[0].split("|")[0].strip() for line in lines if line.startswith("ecs-recycler ")]


class Readme(unittest.TestCase):
    def last_run(self):
        return STAGE.json("runs", "list")[1]["runs"][0]["run_id"]

    def config(self):
        file = Path(STAGE.home.name) / "recycler.yaml"
        file.write_text("services:\n  - service: web\n    cluster: shop\n    max_age: 30d\n")
        return str(file)

    def serve(self, arguments):
        daemon = STAGE.start(*arguments, "--port", "0")
        daemon.wait_for_line("Watching 1 service")
        daemon.process.terminate()
        self.assertEqual(daemon.end(), 0, daemon.stderr())

    def test_every_command_that_it_shows_works(self):
        commands = shown_commands()
        self.assertGreater(len(commands), 8, "the README shows commands")
        for command in commands:
            if "--config input.json" in command:
                continue  # see below
            arguments = shlex.split(command)[1:]
            if arguments == ["local", "up"]:
                continue  # the stage stands on it
            arguments = [self.config() if argument == "recycler.yaml" else argument for argument in arguments]
            if arguments[0] == "serve":
                self.serve(arguments)
                continue
            arguments = [self.last_run() if argument == "ID" else argument for argument in arguments]
            wait = [*arguments, "--wait", "0s"] if "--wait" in arguments else arguments
            done = STAGE.run(*wait)
            # A run that is over can be neither resumed nor aborted, and real time not advanced: the program says so.
            may_refuse = (["runs", "resume"], ["runs", "abort"], ["local", "advance"])
            allowed = {0, 2} if arguments[:2] in may_refuse else {0}
            self.assertIn(done.returncode, allowed, f"{command}: {done.stderr}")

    def test_every_command_with_its_input_json_works_and_sends_a_mail(self):
        mail_server.require_smtp_server()
        commands = [shlex.split(command)[1:] for command in shown_commands() if "--config input.json" in command]
        self.assertGreater(len(commands), 1)
        certificate = mail_server.Certificate(STAGE.home.name)
        for arguments in commands:
            with mail_server.MailServer(certificate) as server:
                config = prepare_input_json(server)
                arguments = [config if argument == "input.json" else argument for argument in arguments]
                done = STAGE.run(*arguments, SSL_CERT_FILE=str(certificate.path))
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertTrue(server.mails, arguments)

    def test_its_exit_codes_are_those_of_the_help(self):
        told = STAGE.run("--help").stdout
        for code, meaning in re.findall(r"^\| (\d+) \| ([^|]+?) \|$", README, re.M):
            self.assertRegex(told, rf"(?m)^\s+{code}\s+\w", f"{code} {meaning}")


if __name__ == "__main__":
    unittest.main(verbosity=2)
