"""local import: a service of one local ECS, copied into another one and recycled there.

usage: ECSR_BIN=PATH_OF_ecs-recycler local_import_test.py
"""

import json
import unittest
import urllib.request

import boto3

from stage import CLUSTER, CREDENTIALS, REGION, LocalEcs, Stage, run_program, wait_for

# The ARN of a secret, and what nobody may find in the copy.
SECRET = "arn:aws:secretsmanager:us-east-1:1:secret:db"
CONTAINER = {"name": "app", "image": "registry.example/shop:7", "entryPoint": ["sh", "-c"], "command": ["exit 3"],
             "memory": 64, "stopTimeout": 7, "portMappings": [{"containerPort": 8080}],
             "environment": [{"name": "DB_HOST", "value": "db.internal"}],
             "secrets": [{"name": "DB_PASSWORD", "valueFrom": SECRET}],
             "logConfiguration": {"logDriver": "splunk", "options": {"splunk-token": "hush"}},
             "dockerLabels": {"local.ecs/startup": "6s", "local.ecs/image-pull": "9s", "team": "shop"},
             "healthCheck": {"command": ["CMD-SHELL", "touch /tmp/checked"], "interval": 5, "retries": 4}}


def client(service, local):
    return boto3.client(service, endpoint_url=local.url, aws_access_key_id="local", aws_secret_access_key="local",
                        region_name=REGION)


def setUpModule():
    global ORIGINAL
    ORIGINAL = Stage("--runtime", "virtual", "--time-scale", "60")
    group = ORIGINAL.elbv2.create_target_group(
        Name="web", Protocol="HTTP", Port=8080, VpcId="vpc-1", TargetType="ip", HealthCheckPath="/health",
        HealthCheckIntervalSeconds=5, HealthCheckTimeoutSeconds=2, HealthyThresholdCount=2)["TargetGroups"][0]
    arn = group["TargetGroupArn"]
    ORIGINAL.elbv2.modify_target_group_attributes(TargetGroupArn=arn, Attributes=[
        {"Key": "deregistration_delay.timeout_seconds", "Value": "17"}])
    balancer = ORIGINAL.elbv2.create_load_balancer(Name="front", Subnets=["subnet-a", "subnet-b"])["LoadBalancers"][0]
    ORIGINAL.elbv2.create_listener(LoadBalancerArn=balancer["LoadBalancerArn"], Protocol="HTTP", Port=80,
                                   DefaultActions=[{"Type": "forward", "TargetGroupArn": arn}])
    for _ in range(2):  # the second revision is the one in use, not the newest
        ORIGINAL.ecs.register_task_definition(family="web", networkMode="awsvpc", containerDefinitions=[CONTAINER])
    ORIGINAL.ecs.create_service(
        cluster=CLUSTER, serviceName="web", taskDefinition="web:2", desiredCount=3, healthCheckGracePeriodSeconds=11,
        networkConfiguration={"awsvpcConfiguration": {"subnets": ["subnet-a"]}},
        deploymentConfiguration={"maximumPercent": 150, "minimumHealthyPercent": 90,
                                 "deploymentCircuitBreaker": {"enable": True, "rollback": True}},
        loadBalancers=[{"targetGroupArn": arn, "containerName": "app", "containerPort": 8080}],
        tags=[{"key": "team", "value": "shop"}])
    ORIGINAL.scaling.register_scalable_target(
        ServiceNamespace="ecs", ResourceId=f"service/{CLUSTER}/web", ScalableDimension="ecs:service:DesiredCount",
        MinCapacity=2, MaxCapacity=6)
    ORIGINAL.ecs.register_task_definition(family="web", networkMode="awsvpc", containerDefinitions=[CONTAINER])
    ORIGINAL.wait_until_running("web", 3)


def tearDownModule():
    ORIGINAL.close()


class Copied(unittest.TestCase):
    def into(self, *flags):
        local = LocalEcs(*flags)
        self.addCleanup(local.stop)
        return local

    def run_import(self, local, *arguments):
        return run_program("local", "import", "--endpoint-url", ORIGINAL.local.url,
                           "--port", local.url.rsplit(":", 1)[1], "--cluster", CLUSTER,
                           "--service", "web", *arguments, **CREDENTIALS)

    def described(self, local):
        ecs = client("ecs", local)
        service, = ecs.describe_services(cluster=CLUSTER, services=["web"], include=["TAGS"])["services"]
        definition = ecs.describe_task_definition(taskDefinition=service["taskDefinition"])["taskDefinition"]
        return service, definition

    def test_a_virtual_copy_has_the_definition_and_behaves_as_the_original_has_shown(self):
        local = self.into("--runtime", "virtual", "--time-scale", "60")
        done = self.run_import(local, "--output", "json")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        told = json.loads(done.stdout)
        self.assertTrue(told["original_task_definition"].endswith("web:2"), told)
        service, definition = self.described(local)
        original = ORIGINAL.service("web")
        for member in ["desiredCount", "healthCheckGracePeriodSeconds", "networkConfiguration", "launchType",
                       "schedulingStrategy", "deploymentConfiguration"]:
            self.assertEqual(service[member], original[member], member)
        self.assertEqual(service["tags"], [{"key": "team", "value": "shop"}])
        container, = definition["containerDefinitions"]
        for member in ["image", "entryPoint", "command", "memory", "stopTimeout", "portMappings", "healthCheck"]:
            self.assertEqual(container[member], ORIGINAL.ecs.describe_task_definition(taskDefinition="web:2")[
                "taskDefinition"]["containerDefinitions"][0][member], member)
        labels = container["dockerLabels"]
        self.assertEqual(labels["team"], "shop")
        self.assertAlmostEqual(told["start_seconds"], 9, delta=2)  # image-pull of the original, as its tasks tell it
        self.assertIn("local.ecs/health-after", labels)
        group, = client("elbv2", local).describe_target_groups()["TargetGroups"]
        self.assertEqual((group["HealthCheckPath"], group["HealthyThresholdCount"]), ("/health", 2))
        balancer, = client("elbv2", local).describe_load_balancers()["LoadBalancers"]
        self.assertEqual(balancer["LoadBalancerName"], "front")
        target, = client("application-autoscaling", local).describe_scalable_targets(
            ServiceNamespace="ecs")["ScalableTargets"]
        self.assertEqual((target["MinCapacity"], target["MaxCapacity"]), (2, 6))

    def test_secrets_stay_behind_and_values_come_only_when_asked_for(self):
        local = self.into("--runtime", "virtual", "--time-scale", "60")
        done = self.run_import(local)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("container app: environment: DB_HOST (--with-environment copies it)", done.stdout)
        self.assertIn("container app: secrets: DB_PASSWORD", done.stdout)
        self.assertIn("container app: log driver splunk", done.stdout)
        _, definition = self.described(local)
        for hidden in [SECRET, "db.internal", "hush"]:
            self.assertNotIn(hidden, json.dumps(definition, default=str))
        again = self.into("--runtime", "virtual")
        self.assertEqual(self.run_import(again, "--with-environment").returncode, 0)
        _, definition = self.described(again)
        self.assertEqual(definition["containerDefinitions"][0]["environment"], CONTAINER["environment"])
        self.assertNotIn(SECRET, json.dumps(definition, default=str))

    def test_the_copy_is_planned_and_recycled_as_processes(self):
        local = self.into()
        done = self.run_import(local, "--image", "app=web", "--desired-count", "1")
        self.assertEqual(done.returncode, 0, done.stderr)
        url = next(line.split()[-1] for line in done.stdout.splitlines() if "load balancer" in line)

        def serves():
            try:
                with urllib.request.urlopen(url, timeout=2) as answer:
                    return answer.status == 200
            except OSError:
                return False
        wait_for("an answer of the copy", serves)
        service, definition = self.described(local)
        self.assertEqual((service["desiredCount"], definition["containerDefinitions"][0]["image"]),
                         (1, "ecs-recycler/web"))
        self.assertNotIn("entryPoint", definition["containerDefinitions"][0])
        wait_for("a steady copy", lambda: self.described(local)[0]["deployments"][0]["rolloutState"] == "COMPLETED")
        plan = run_program("recycle", "--cluster", CLUSTER, "--service", "web", "--plan", home=ORIGINAL.home.name,
                           **CREDENTIALS, AWS_ENDPOINT_URL=local.url)
        self.assertEqual(plan.returncode, 0, plan.stderr)
        self.assertIn("Predicted", plan.stdout)

    def test_what_cannot_be_is_one_line_and_changes_nothing(self):
        local = self.into()
        ecs = client("ecs", local)
        for arguments, said in [
                ([], "container app has the image registry.example/shop:7; here a container is a process, so say which "
                     "of the built-in images takes its place: --image app=WORKLOAD (one of "),
                (["--image", "app=nginx"], "container app cannot have the image nginx; here"),
                (["--image", "other=web"], "--image other=web: the task definition has no container other; it has app"),
                (["--image", "app"], '--image "app" is not NAME=IMAGE'),
                (["--image", "app=web", "--service", "wep"], "wep")]:
            done = self.run_import(local, *arguments)
            self.assertEqual((done.returncode, done.stderr.count("\n")), (2, 1), (arguments, done.stderr))
            self.assertIn(said, done.stderr)
            self.assertEqual(ecs.list_clusters()["clusterArns"], [])
        self.assertEqual(self.run_import(local, "--image", "app=web").returncode, 0)
        twice = self.run_import(local, "--image", "app=web")
        self.assertEqual(twice.returncode, 2, twice.stderr)
        self.assertIn("the local ECS has a service shop/web already (it is ACTIVE)", twice.stderr)
        self.assertEqual(len(ecs.list_task_definitions(familyPrefix="web")["taskDefinitionArns"]), 1)

    def test_variables_of_a_local_ecs_do_not_say_where_the_original_is(self):
        local = self.into("--runtime", "virtual")
        done = run_program("local", "import", "--cluster", CLUSTER, "--service", "web", "--region", "eu-west-1",
                           AWS_ENDPOINT_URL=local.url, AWS_ACCESS_KEY_ID="local", AWS_SECRET_ACCESS_KEY="local")
        self.assertEqual(done.returncode, 5, done.stderr)  # no other credentials, so nothing was asked
        self.assertIn("credentials", done.stderr)
        done = run_program("local", "import", "--cluster", CLUSTER, "--service", "web", AWS_ENDPOINT_URL=local.url,
                           AWS_ACCESS_KEY_ID="local", AWS_SECRET_ACCESS_KEY="local", AWS_REGION="us-east-1")
        self.assertEqual((done.returncode, done.stderr.count("\n")), (2, 1), done.stderr)
        self.assertIn('what "local env" prints says nothing about the original', done.stderr)


if __name__ == "__main__":
    unittest.main()
