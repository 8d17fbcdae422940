"""Support for end-to-end tests: a local ECS with services on it, and the program run as its users run it.

The program under test is named by the environment variable ECSR_BIN.
"""

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import boto3

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "contract"))

from local_ecs import CREDENTIALS, REGION, LocalEcs, wait_for  # noqa: E402

BINARY = os.environ["ECSR_BIN"]
CLUSTER = "shop"
# Told to stop, it goes on until the file $1 is there.
HELD = 'trap "until [ -e $1 ]; do sleep 0.1; done; exit 0" TERM; while :; do sleep 1 & wait $!; done'
CHECK = {"command": ["CMD-SHELL", "exit 0"], "interval": 5, "timeout": 2, "retries": 2}


def clean_environment(home, **more):
    """Nothing of the machine's own AWS settings."""
    return {"PATH": os.environ["PATH"], "HOME": str(home), "AWS_EC2_METADATA_DISABLED": "true", **more}


def run_program(*arguments, home="/nonexistent", timeout=180, stdin=None, **variables):
    """The program with nothing set but `variables`."""
    return subprocess.run([BINARY, *arguments], env=clean_environment(home, **variables), capture_output=True,
                          text=True, timeout=timeout, input=stdin)


class Stage:
    """A local ECS, a home folder with a journal of its own, and boto3 to look behind the scenes."""

    def __init__(self, *flags):
        self.home = tempfile.TemporaryDirectory(prefix="ecs-recycler-e2e-")
        self.local = LocalEcs(*flags)
        keys = {"aws_access_key_id": "local", "aws_secret_access_key": "local", "region_name": REGION}
        self.ecs = boto3.client("ecs", endpoint_url=self.local.url, **keys)
        self.elbv2 = boto3.client("elbv2", endpoint_url=self.local.url, **keys)
        self.scaling = boto3.client("application-autoscaling", endpoint_url=self.local.url, **keys)
        self.cloudwatch = boto3.client("cloudwatch", endpoint_url=self.local.url, **keys)
        self.ecs.create_cluster(clusterName=CLUSTER)
        self.held = set()

    def close(self):
        for name in self.held:
            self.release(name)
        code = self.local.stop()
        self.home.cleanup()
        assert code == 0, f"local up ended with {code}"

    # ---- the program ----

    def environment(self, **more):
        return clean_environment(self.home.name, **{**CREDENTIALS, "AWS_ENDPOINT_URL": self.local.url, **more})

    def run(self, *arguments, timeout=300, stdin="", **variables):
        return subprocess.run([BINARY, *arguments], env=self.environment(**variables), capture_output=True, text=True,
                              timeout=timeout, input=stdin)

    def start(self, *arguments, **variables):
        """Runs in the background; its standard error can be waited on with `Background.wait_for_line`."""
        return Background([BINARY, *arguments], self.environment(**variables), self.home.name)

    def json(self, *arguments, **variables):
        """Standard output as the one document that it has to be."""
        done = self.run(*arguments, "--output", "json", **variables)
        return done.returncode, json.loads(done.stdout)

    def recycle(self, service, *arguments, **variables):
        return self.run("recycle", "--cluster", CLUSTER, "--service", service, *arguments, **variables)

    # ---- behind the scenes ----

    def create_services(self, **tasks):
        """Services of so many tasks, without a load balancer; returns when their deployments are COMPLETED.

        A health check vouches for their tasks: without one ECS takes 40 s to call a task healthy.
        """
        self._create_services(tasks, lambda _: {})

    def create_held_services(self, **tasks):
        """The same, but a task that is told to stop does not end before `release(name)`.

        A run with drain method stop-task that has stopped its first task cannot end by itself until then, however
        slow the machine is.
        """
        self.held |= set(tasks)
        self._create_services(tasks, lambda name: {
            "image": "held", "entryPoint": ["sh", "-c", HELD, "held"], "command": [self._release_file(name)],
            "stopTimeout": 600})

    def release(self, name):
        Path(self._release_file(name)).touch()

    def _release_file(self, name):
        return f"{self.home.name}/release-{name}"

    def _create_services(self, tasks, container_of):
        for name, count in tasks.items():
            self.register(name, healthCheck=CHECK, **container_of(name))
            self.ecs.create_service(cluster=CLUSTER, serviceName=name, taskDefinition=name, desiredCount=count)
        for name, count in tasks.items():
            self.wait_until_running(name, count)

    def register(self, family, **container):
        defaults = {"name": "app", "image": "ecs-recycler/sleeper", "memory": 64, "stopTimeout": 2}
        self.ecs.register_task_definition(family=family, containerDefinitions=[{**defaults, **container}])

    def create_balanced_service(self, name, tasks=2, deregistration_delay=1, grace_period=0, **settings):
        """Behind a load balancer; returns its URL when all targets are healthy. `settings` are the workload's."""
        group = self.elbv2.create_target_group(
            Name=name, Protocol="HTTP", Port=8080, VpcId="vpc-local", TargetType="ip", HealthCheckPath="/health",
            HealthCheckIntervalSeconds=5, HealthCheckTimeoutSeconds=2, HealthyThresholdCount=2)["TargetGroups"][0]
        arn = group["TargetGroupArn"]
        self.elbv2.modify_target_group_attributes(TargetGroupArn=arn, Attributes=[
            {"Key": "deregistration_delay.timeout_seconds", "Value": str(deregistration_delay)}])
        balancer = self.elbv2.create_load_balancer(Name=name, Subnets=["subnet-a", "subnet-b"])["LoadBalancers"][0]
        listener = self.elbv2.create_listener(
            LoadBalancerArn=balancer["LoadBalancerArn"], Protocol="HTTP", Port=80,
            DefaultActions=[{"Type": "forward", "TargetGroupArn": arn}])["Listeners"][0]
        container = {"name": "web", "image": "ecs-recycler/web", "memory": 64,
                     "portMappings": [{"containerPort": 8080}],
                     "environment": [{"name": key.upper(), "value": str(value)} for key, value in settings.items()]}
        self.ecs.register_task_definition(family=name, networkMode="awsvpc", containerDefinitions=[container])
        self.ecs.create_service(
            cluster=CLUSTER, serviceName=name, taskDefinition=name, desiredCount=tasks,
            healthCheckGracePeriodSeconds=grace_period,
            networkConfiguration={"awsvpcConfiguration": {"subnets": ["subnet-a"]}},
            loadBalancers=[{"targetGroupArn": arn, "containerName": "web", "containerPort": 8080}])
        self.wait_until_running(name, tasks)
        wait_for("healthy targets", lambda: self.target_states(arn).count("healthy") == tasks)
        port = self.elbv2.describe_listeners(ListenerArns=[listener["ListenerArn"]])["Listeners"][0]["Port"]
        return f"http://127.0.0.1:{port}/"

    def target_states(self, arn):
        described = self.elbv2.describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"]
        return [target["TargetHealth"]["State"] for target in described]

    def service(self, name):
        return self.ecs.describe_services(cluster=CLUSTER, services=[name])["services"][0]

    def wait_until_running(self, name, tasks):
        def steady():
            deployments = self.service(name)["deployments"]
            return (len(deployments) == 1 and deployments[0]["runningCount"] == tasks
                    and deployments[0]["rolloutState"] == "COMPLETED")

        wait_for(f"{tasks} running tasks of {name}", steady, 180)

    def tasks(self, name):
        """ARNs of the tasks that ECS wants."""
        pages = self.ecs.get_paginator("list_tasks").paginate(cluster=CLUSTER, serviceName=name)
        return {arn for page in pages for arn in page["taskArns"]}

    def protected(self, name):
        answer = self.ecs.get_task_protection(cluster=CLUSTER, tasks=sorted(self.tasks(name)))
        return [task["taskArn"] for task in answer["protectedTasks"] if task["protectionEnabled"]]


class Background:
    """The program in the background."""

    def __init__(self, command, environment, folder):
        self.error_path = Path(tempfile.mkstemp(prefix="stderr-", dir=folder)[1])
        self.output_path = Path(tempfile.mkstemp(prefix="stdout-", dir=folder)[1])
        with open(self.error_path, "wb") as error, open(self.output_path, "wb") as output:
            self.process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=output,
                                            stderr=error)

    def stderr(self):
        return self.error_path.read_text(errors="replace")

    def stdout(self):
        return self.output_path.read_text(errors="replace")

    def wait_for_line(self, pattern, seconds=180):
        def seen():
            if re.search(pattern, self.stderr()):
                return True
            if self.process.poll() is not None:
                raise AssertionError(f"ended with {self.process.returncode} before {pattern!r}: {self.stderr()}")
            return False
        wait_for(f"{pattern!r} on standard error", seen, seconds)

    def interrupt(self):
        self.process.send_signal(signal.SIGINT)

    def end(self, seconds=180):
        """The exit code; nothing is left running."""
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(10)
            raise

    def kill(self):
        self.process.kill()
        self.process.wait(10)
