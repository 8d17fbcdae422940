"""The real `aws` CLI against the local ECS, as a person uses it.

usage: ECSR_BIN=PATH_OF_ecs-recycler local_cli_test.py
"""

import json
import os
import shlex
import subprocess
import tempfile
import unittest

from local_ecs import CREDENTIALS, LocalEcs

SLEEP = [{"name": "app", "image": "sleeper", "command": ["sleep", "1000"], "memory": 64}]


def setUpModule():
    global LOCAL, HOME
    HOME = tempfile.TemporaryDirectory(prefix="local-cli-test-")
    LOCAL = LocalEcs()


def tearDownModule():
    code = LOCAL.stop()
    HOME.cleanup()
    assert code == 0, f"local up ended with {code}"


def run(command, *more):
    """`aws` and the words of `command`; `more` are words as they stand."""
    environment = {**CREDENTIALS, "PATH": os.environ["PATH"], "HOME": HOME.name, "AWS_ENDPOINT_URL": LOCAL.url,
                   "AWS_EC2_METADATA_DISABLED": "true", "AWS_PAGER": "", "AWS_MAX_ATTEMPTS": "1"}
    if "PYENV_ROOT" in os.environ:
        environment["PYENV_ROOT"] = os.environ["PYENV_ROOT"]
    return subprocess.run(["aws", "--output", "json", *shlex.split(command), *more], env=environment,
                          capture_output=True, text=True, timeout=300)


def aws(command, *more):
    """What the CLI prints, as a value."""
    done = run(command, *more)
    if done.returncode != 0:
        raise AssertionError(f"aws {command}: {done.stderr}")
    return json.loads(done.stdout) if done.stdout.strip() else None


class Cli(unittest.TestCase):
    def test_a_service_is_created_listed_waited_for_scaled_tagged_and_deleted(self):
        aws("ecs create-cluster --cluster-name shop")
        aws("ecs register-task-definition --family app --container-definitions", json.dumps(SLEEP))
        arn = aws("ecs create-service --cluster shop --service-name web --task-definition app:1 --desired-count 1")[
            "service"]["serviceArn"]
        self.assertEqual(aws("ecs list-services --cluster shop")["serviceArns"], [arn])
        aws("ecs wait services-stable --cluster shop --services web")
        tasks = aws("ecs list-tasks --cluster shop --service-name web")["taskArns"]
        aws("ecs wait tasks-running --cluster shop --tasks", *tasks)
        aws(f"ecs tag-resource --resource-arn {arn} --tags key=team,value=orders")
        told, = aws("ecs describe-services --cluster shop --services web --include TAGS")["services"]
        self.assertEqual(told["tags"], [{"key": "team", "value": "orders"}])
        scaled = aws("ecs update-service --cluster shop --service web --desired-count 0")["service"]
        self.assertEqual(scaled["desiredCount"], 0)
        aws("ecs wait tasks-stopped --cluster shop --tasks", *tasks)
        aws("ecs delete-service --cluster shop --service web")
        aws("ecs wait services-inactive --cluster shop --services web")
        self.assertEqual(aws("ecs delete-cluster --cluster shop")["cluster"]["status"], "INACTIVE")

    def test_balancers_scaling_alarms_and_identity(self):
        group = aws("elbv2 create-target-group --name cli --protocol HTTP --port 80 --target-type ip --vpc-id vpc-1")[
            "TargetGroups"][0]["TargetGroupArn"]
        balancer = aws("elbv2 create-load-balancer --name cli --subnets a b")["LoadBalancers"][0]["LoadBalancerArn"]
        aws(f"elbv2 create-listener --load-balancer-arn {balancer} --protocol HTTP --port 80 "
            f"--default-actions Type=forward,TargetGroupArn={group}")
        health = aws(f"elbv2 describe-target-health --target-group-arn {group}")
        self.assertEqual(health["TargetHealthDescriptions"], [])
        targets = aws("application-autoscaling describe-scalable-targets --service-namespace ecs")
        self.assertEqual(targets["ScalableTargets"], [])
        aws("cloudwatch put-metric-alarm --alarm-name cli --metric-name m --namespace n --statistic Average "
            "--period 60 --evaluation-periods 1 --threshold 1 --comparison-operator GreaterThanThreshold "
            "--treat-missing-data ignore")
        aws("cloudwatch set-alarm-state --alarm-name cli --state-value ALARM --state-reason test")
        alarm, = aws("cloudwatch describe-alarms --alarm-names cli")["MetricAlarms"]
        self.assertEqual(alarm["StateValue"], "ALARM")
        self.assertEqual(aws("sts get-caller-identity")["Account"], "000000000000")

    def test_an_error_is_told_as_aws_tells_it(self):
        refused = run("ecs list-tasks --cluster nowhere")
        self.assertNotEqual(refused.returncode, 0)
        self.assertIn("(ClusterNotFoundException) when calling the ListTasks operation: Cluster not found.",
                      refused.stderr)
        refused = run("elbv2 describe-target-health --target-group-arn arn:aws:elasticloadbalancing:x:y:z")
        self.assertIn("(TargetGroupNotFound)", refused.stderr)


if __name__ == "__main__":
    unittest.main()
