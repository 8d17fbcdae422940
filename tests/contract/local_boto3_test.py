"""boto3 against the local ECS: every answer is parsed by botocore and checked against its service model, to the letter.

usage: ECSR_BIN=PATH_OF_ecs-recycler local_boto3_test.py
"""

import contextlib
import datetime
import json
import tempfile
import unittest
import urllib.request

from local_ecs import LocalEcs, refused, wait_for

SLEEP = {"name": "app", "image": "sleeper", "command": ["sleep", "1000"], "memory": 64}
WEB = {"name": "web", "image": "web", "memory": 64, "portMappings": [{"containerPort": 8080}],
       "command": ["python3", "-c", "import os,http.server as h;h.ThreadingHTTPServer((os.environ.get('HOST'),8080),"
                                    "h.SimpleHTTPRequestHandler).serve_forever()"]}
NETWORK = {"awsvpcConfiguration": {"subnets": ["subnet-a"], "securityGroups": ["sg-a"], "assignPublicIp": "DISABLED"}}


def setUpModule():
    global LOCAL
    LOCAL = LocalEcs()


def tearDownModule():
    code = LOCAL.stop()
    assert code == 0, f"local up ended with {code}"


class LocalTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.ecs = LOCAL.client("ecs")
        cls.elb = LOCAL.client("elbv2")
        cls.scaling = LOCAL.client("application-autoscaling")
        cls.cluster = cls.__name__.lower()
        cls.ecs.create_cluster(clusterName=cls.cluster, tags=[{"key": "team", "value": "orders"}])

    @classmethod
    def tearDownClass(cls):
        pages = cls.ecs.get_paginator("list_services").paginate(cluster=cls.cluster)
        for arn in [arn for page in pages for arn in page["serviceArns"]]:
            cls.ecs.delete_service(cluster=cls.cluster, service=arn, force=True)
        wait_for("a cluster that can be deleted", cls.delete_cluster)

    @classmethod
    def delete_cluster(cls):
        try:
            return cls.ecs.delete_cluster(cluster=cls.cluster)
        except (cls.ecs.exceptions.ClusterContainsServicesException, cls.ecs.exceptions.ClusterContainsTasksException):
            return None

    def service(self, name):
        return self.ecs.describe_services(cluster=self.cluster, services=[name])["services"][0]

    def running(self, name, count):
        wait_for(f"{count} running tasks of {name}", lambda: self.service(name)["runningCount"] == count)
        return self.ecs.list_tasks(cluster=self.cluster, serviceName=name)["taskArns"]


class Clusters(LocalTest):
    def test_a_cluster_lives_from_creation_to_deletion(self):
        made = self.ecs.create_cluster(clusterName="short-lived", settings=[{"name": "containerInsights",
                                                                             "value": "enabled"}])["cluster"]
        self.assertEqual(made["status"], "ACTIVE")
        self.assertIn(made["clusterArn"], self.ecs.list_clusters()["clusterArns"])
        changed = self.ecs.update_cluster_settings(cluster="short-lived",
                                                   settings=[{"name": "containerInsights", "value": "enhanced"}])
        self.assertEqual(changed["cluster"]["settings"], [{"name": "containerInsights", "value": "enhanced"}])
        self.assertEqual(self.ecs.delete_cluster(cluster=made["clusterArn"])["cluster"]["status"], "INACTIVE")
        self.assertNotIn(made["clusterArn"], self.ecs.list_clusters()["clusterArns"])
        with refused(self, "ClusterNotFoundException", "Cluster not found."):
            self.ecs.list_services(cluster="short-lived")

    def test_unknown_clusters_are_missing(self):
        answer = self.ecs.describe_clusters(clusters=["nowhere", self.cluster], include=["TAGS"])
        self.assertEqual(answer["failures"], [{"arn": "arn:aws:ecs:us-east-1:000000000000:cluster/nowhere",
                                               "reason": "MISSING"}])
        self.assertEqual(answer["clusters"][0]["tags"], [{"key": "team", "value": "orders"}])

    def test_one_container_instance_stands_for_this_machine(self):
        arns = self.ecs.list_container_instances(cluster=self.cluster)["containerInstanceArns"]
        instance, = self.ecs.describe_container_instances(cluster=self.cluster,
                                                          containerInstances=arns)["containerInstances"]
        self.assertRegex(instance["ec2InstanceId"], "^i-[0-9a-f]{17}$")


class TaskDefinitions(LocalTest):
    def test_revisions_count_up_and_can_be_deregistered(self):
        first = self.ecs.register_task_definition(family="counted", containerDefinitions=[SLEEP],
                                                  tags=[{"key": "a", "value": "b"}])
        second = self.ecs.register_task_definition(family="counted", containerDefinitions=[SLEEP])["taskDefinition"]
        self.assertEqual([first["taskDefinition"]["revision"], second["revision"]], [1, 2])
        self.assertEqual(first["tags"], [{"key": "a", "value": "b"}])
        self.assertEqual(self.ecs.describe_task_definition(taskDefinition="counted")["taskDefinition"]["revision"], 2)
        gone = self.ecs.deregister_task_definition(taskDefinition=second["taskDefinitionArn"])["taskDefinition"]
        self.assertEqual(gone["status"], "INACTIVE")
        self.assertEqual(self.ecs.describe_task_definition(taskDefinition="counted")["taskDefinition"]["revision"], 1)
        self.assertEqual(len(self.ecs.list_task_definitions(familyPrefix="counted")["taskDefinitionArns"]), 1)
        self.assertIn("counted", self.ecs.list_task_definition_families()["families"])

    def test_what_was_registered_is_described_with_the_defaults_of_ecs(self):
        container = {**WEB, "environment": [{"name": "A", "value": "1"}], "dockerLabels": {"x": "y"}, "stopTimeout": 3,
                     "healthCheck": {"command": ["CMD-SHELL", "true"], "interval": 5},
                     "logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": "g"}}}
        made = self.ecs.register_task_definition(family="full", networkMode="awsvpc", cpu="256", memory="512",
                                                 requiresCompatibilities=["FARGATE"], containerDefinitions=[container],
                                                 volumes=[{"name": "v"}])["taskDefinition"]
        told, = made["containerDefinitions"]
        self.assertEqual(told["portMappings"], [{"containerPort": 8080, "hostPort": 8080, "protocol": "tcp"}])
        self.assertEqual(told["healthCheck"],
                         {"command": ["CMD-SHELL", "true"], "interval": 5, "timeout": 5, "retries": 3})
        self.assertEqual(told["logConfiguration"]["options"], {"awslogs-group": "g"})
        self.assertEqual((made["cpu"], made["memory"], made["networkMode"]), ("256", "512", "awsvpc"))
        self.assertEqual(made["volumes"], [{"name": "v"}])

    def test_refusals(self):
        with refused(self, "ClientException", "Unable to describe task definition."):
            self.ecs.describe_task_definition(taskDefinition="unheard-of")
        with refused(self, "ClientException"):
            self.ecs.register_task_definition(family="f", containerDefinitions=[{"name": "a", "image": "b"}])
        with refused(self, "ClientException", "Container list cannot be empty."):
            self.ecs.register_task_definition(family="f", memory="512", containerDefinitions=[])


class Services(LocalTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ecs.register_task_definition(family="sleepers", containerDefinitions=[SLEEP])

    def create(self, name, count=1, **more):
        return self.ecs.create_service(cluster=self.cluster, serviceName=name, taskDefinition="sleepers",
                                       desiredCount=count, **more)["service"]

    def test_a_service_is_created_scaled_updated_and_deleted(self):
        made = self.create("whole-life", 2, tags=[{"key": "k", "value": "v"}], propagateTags="SERVICE",
                           placementConstraints=[{"type": "distinctInstance"}])
        self.assertEqual((made["status"], made["desiredCount"], made["runningCount"]), ("ACTIVE", 2, 0))
        self.assertEqual(made["propagateTags"], "SERVICE")
        self.assertEqual(made["placementConstraints"], [{"type": "distinctInstance"}])
        self.running("whole-life", 2)
        self.ecs.update_service(cluster=self.cluster, service=made["serviceArn"], desiredCount=1)
        tasks = self.running("whole-life", 1)
        described, = self.ecs.describe_tasks(cluster=self.cluster, tasks=tasks, include=["TAGS"])["tasks"]
        self.assertEqual((described["lastStatus"], described["group"]), ("RUNNING", "service:whole-life"))
        self.assertIsInstance(described["startedAt"], datetime.datetime)

        updated = self.ecs.update_service(cluster=self.cluster, service="whole-life",
                                          forceNewDeployment=True)["service"]
        self.assertEqual([d["status"] for d in updated["deployments"]], ["PRIMARY", "ACTIVE"])
        self.assertEqual(updated["deployments"][0]["desiredCount"], 0)
        with refused(self, "InvalidParameterException"):
            self.ecs.delete_service(cluster=self.cluster, service="whole-life")
        gone = self.ecs.delete_service(cluster=self.cluster, service="whole-life", force=True)["service"]
        self.assertEqual(gone["status"], "DRAINING")
        wait_for("INACTIVE", lambda: self.service("whole-life")["status"] == "INACTIVE")
        with refused(self, "ServiceNotActiveException", "Service was not ACTIVE."):
            self.ecs.update_service(cluster=self.cluster, service="whole-life", desiredCount=1)

    def test_a_stopped_task_says_who_stopped_it_and_is_replaced(self):
        self.create("stopped")
        task, = self.running("stopped", 1)
        stopped = self.ecs.stop_task(cluster=self.cluster, task=task, reason="for a test")["task"]
        self.assertEqual((stopped["desiredStatus"], stopped["stopCode"], stopped["stoppedReason"]),
                         ("STOPPED", "UserInitiated", "for a test"))
        wait_for("another task", lambda: self.ecs.list_tasks(cluster=self.cluster, serviceName="stopped")["taskArns"]
                 not in ([], [task]))
        self.ecs.get_waiter("tasks_stopped").wait(cluster=self.cluster, tasks=[task], WaiterConfig={"Delay": 1})
        with refused(self, "InvalidParameterException", "The referenced task was not found."):
            self.ecs.stop_task(cluster=self.cluster, task="0" * 32)

    def test_lists_come_in_pages(self):
        for i in range(12):
            self.create(f"page-{i:02}", 0)
        first = self.ecs.list_services(cluster=self.cluster)
        self.assertEqual(len(first["serviceArns"]), 10)
        pages = self.ecs.get_paginator("list_services").paginate(cluster=self.cluster, PaginationConfig={"PageSize": 5})
        arns = [arn for page in pages for arn in page["serviceArns"]]
        self.assertEqual(len(arns), len(set(arns)))
        self.assertEqual(sum("/page-" in arn for arn in arns), 12)
        with refused(self, "InvalidParameterException"):
            self.ecs.list_services(cluster=self.cluster, nextToken="made-up")
        with refused(self, "InvalidParameterException"):
            self.ecs.describe_services(cluster=self.cluster, services=[f"s{i}" for i in range(11)])

    def test_protection_is_set_told_and_cleared(self):
        self.create("protected")
        task, = self.running("protected", 1)
        answer = self.ecs.update_task_protection(cluster=self.cluster, tasks=[task, "0" * 32], protectionEnabled=True,
                                                 expiresInMinutes=5)
        self.assertTrue(answer["protectedTasks"][0]["protectionEnabled"])
        self.assertEqual(answer["failures"][0]["reason"], "MISSING")
        left = answer["protectedTasks"][0]["expirationDate"] - datetime.datetime.now(datetime.timezone.utc)
        self.assertAlmostEqual(left.total_seconds(), 300, delta=30)
        self.ecs.update_task_protection(cluster=self.cluster, tasks=[task], protectionEnabled=False)
        told, = self.ecs.get_task_protection(cluster=self.cluster, tasks=[task])["protectedTasks"]
        self.assertFalse(told["protectionEnabled"])

    def test_tags_can_be_added_and_removed(self):
        arn = self.create("tagged", 0)["serviceArn"]
        self.ecs.tag_resource(resourceArn=arn, tags=[{"key": "a", "value": "1"}, {"key": "b", "value": "2"}])
        self.ecs.untag_resource(resourceArn=arn, tagKeys=["a"])
        self.assertEqual(self.ecs.list_tags_for_resource(resourceArn=arn)["tags"], [{"key": "b", "value": "2"}])
        told, = self.ecs.describe_services(cluster=self.cluster, services=[arn], include=["TAGS"])["services"]
        self.assertEqual(told["tags"], [{"key": "b", "value": "2"}])

    def test_a_scalable_target_clamps_the_desired_count_and_keeps_what_is_not_said(self):
        self.create("scaled", 1)
        key = {"ServiceNamespace": "ecs", "ResourceId": f"service/{self.cluster}/scaled",
               "ScalableDimension": "ecs:service:DesiredCount"}
        self.scaling.register_scalable_target(**key, MinCapacity=2, MaxCapacity=3)
        self.assertEqual(self.service("scaled")["desiredCount"], 2)
        self.scaling.register_scalable_target(**key, SuspendedState={"DynamicScalingInSuspended": True})
        told, = self.scaling.describe_scalable_targets(ServiceNamespace="ecs",
                                                       ResourceIds=[key["ResourceId"]])["ScalableTargets"]
        self.assertEqual((told["MinCapacity"], told["MaxCapacity"]), (2, 3))
        self.assertEqual(told["SuspendedState"],
                         {"DynamicScalingInSuspended": True, "DynamicScalingOutSuspended": False,
                          "ScheduledScalingSuspended": False})
        self.assertEqual(self.scaling.list_tags_for_resource(ResourceARN=told["ScalableTargetARN"])["Tags"], {})
        self.assertEqual(self.scaling.describe_scaling_policies(ServiceNamespace="ecs")["ScalingPolicies"], [])
        clamped, = self.scaling.describe_scaling_activities(
            ServiceNamespace="ecs", ResourceId=key["ResourceId"])["ScalingActivities"]
        self.assertEqual((clamped["Description"], clamped["Cause"]),
                         ("Setting desired count to 2.", "minimum capacity was set to 2"))
        self.scaling.deregister_scalable_target(**key)
        with refused(self, "ObjectNotFoundException"):
            self.scaling.deregister_scalable_target(**key)
        with refused(self, "ValidationException"):
            self.scaling.register_scalable_target(**{**key, "ResourceId": "service/no/one"}, MinCapacity=1,
                                                  MaxCapacity=2)

    def test_refusals(self):
        self.create("taken", 0)
        with refused(self, "InvalidParameterException", "Creation of service was not idempotent."):
            self.create("taken", 3)
        with refused(self, "ServiceNotFoundException", "Service not found."):
            self.ecs.update_service(cluster=self.cluster, service="unknown", desiredCount=1)
        with refused(self, "ClientException"):
            self.ecs.create_service(cluster=self.cluster, serviceName="x", taskDefinition="unknown", desiredCount=1)
        with refused(self, "InvalidParameterException", "TaskDefinition can not be blank."):
            self.ecs.create_service(cluster=self.cluster, serviceName="x", desiredCount=1)
        with refused(self, "InvalidParameterException", "taskId length should be one of [32,36]"):
            self.ecs.describe_tasks(cluster=self.cluster, tasks=["short"])
        with refused(self, "InvalidParameterException"):
            self.create("narrow", 1, availabilityZoneRebalancing="ENABLED",
                        deploymentConfiguration={"maximumPercent": 100})
        with refused(self, "UnsupportedFeatureException"):
            self.ecs.describe_task_sets(cluster=self.cluster, service="taken")
        missing = self.ecs.describe_services(cluster=self.cluster, services=["unknown"])
        self.assertEqual(missing["failures"][0]["reason"], "MISSING")


class StandaloneTasks(LocalTest):
    def test_a_task_is_run_once_for_its_token_with_its_overrides_and_ends(self):
        self.ecs.register_task_definition(family="job", containerDefinitions=[SLEEP])
        order = {"cluster": self.cluster, "taskDefinition": "job", "count": 2, "startedBy": "test",
                 "clientToken": "t-1", "overrides": {"containerOverrides": [
                     {"name": "app", "command": ["sh", "-c", "exit 7"]}]}}
        answer = self.ecs.run_task(**order)
        arns = [task["taskArn"] for task in answer["tasks"]]
        self.assertEqual((len(arns), answer["failures"]), (2, []))
        self.assertEqual([task["taskArn"] for task in self.ecs.run_task(**order)["tasks"]], arns)
        with refused(self, "ConflictException"):
            self.ecs.run_task(**{**order, "count": 1})
        self.ecs.get_waiter("tasks_stopped").wait(cluster=self.cluster, tasks=arns, WaiterConfig={"Delay": 1})
        for task in self.ecs.describe_tasks(cluster=self.cluster, tasks=arns)["tasks"]:
            self.assertEqual((task["stopCode"], task["stoppedReason"]),
                             ("EssentialContainerExited", "Essential container in task exited"))
            self.assertEqual(task["containers"][0]["exitCode"], 7)
            self.assertEqual(task["group"], "family:job")
        with refused(self, "UnsupportedFeatureException"):
            self.ecs.start_task(cluster=self.cluster, taskDefinition="job", containerInstances=["x"])


class Capacity(unittest.TestCase):
    def test_what_does_not_fit_is_not_placed(self):
        with contextlib.closing(LocalEcs("--capacity", "cpu=1024,memory=100,tasks=10")) as local:
            ecs = local.client("ecs")
            ecs.create_cluster(clusterName="c")
            ecs.register_task_definition(family="app", containerDefinitions=[SLEEP])
            ecs.create_service(cluster="c", serviceName="s", taskDefinition="app", desiredCount=2)
            service = lambda: ecs.describe_services(cluster="c", services=["s"])["services"][0]
            events = wait_for("the event", lambda: [event["message"] for event in service()["events"]
                                                    if "was unable to place a task" in event["message"]])
            self.assertIn("has insufficient memory available.", events[0])
            answer = ecs.run_task(cluster="c", taskDefinition="app")
            self.assertEqual(answer["failures"][0]["reason"], "RESOURCE:MEMORY")
            instance = ecs.list_container_instances(cluster="c")["containerInstanceArns"]
            told, = ecs.describe_container_instances(cluster="c", containerInstances=instance)["containerInstances"]
            self.assertEqual([(r["name"], r["integerValue"]) for r in told["remainingResources"]],
                             [("CPU", 1024), ("MEMORY", 36)])


class Deployments(LocalTest):
    """Service deployments and service revisions (ECS behaviour B15), alarms (B7)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ecs.register_task_definition(family="checked", containerDefinitions=[
            {**SLEEP, "healthCheck": {"command": ["CMD", "true"], "interval": 5}}])

    def newest(self, name):
        arn = self.ecs.list_service_deployments(cluster=self.cluster, service=name)["serviceDeployments"][0][
            "serviceDeploymentArn"]
        return self.ecs.describe_service_deployments(serviceDeploymentArns=[arn])["serviceDeployments"][0]

    def wait(self, name, status):
        return wait_for(f"{status} of {name}",
                        lambda: self.newest(name) if self.newest(name)["status"] == status else None)

    def create(self, name, **more):
        self.ecs.create_service(cluster=self.cluster, serviceName=name, taskDefinition="checked", desiredCount=1,
                                **more)
        return self.wait(name, "SUCCESSFUL")

    def test_a_deployment_is_listed_described_and_rolled_back(self):
        first = self.create("history")
        service = self.service("history")
        self.assertEqual(service["currentServiceDeployment"], first["serviceDeploymentArn"])
        self.assertEqual(service["currentServiceRevisions"][0]["arn"], first["targetServiceRevision"]["arn"])
        updated = self.ecs.update_service(cluster=self.cluster, service="history", forceNewDeployment=True)["service"]
        second = self.wait("history", "IN_PROGRESS")
        self.assertEqual(updated["currentServiceDeployment"], second["serviceDeploymentArn"])
        self.assertEqual([s["arn"] for s in second["sourceServiceRevisions"]], [first["targetServiceRevision"]["arn"]])
        self.ecs.stop_service_deployment(serviceDeploymentArn=second["serviceDeploymentArn"], stopType="ROLLBACK")
        ended = self.wait("history", "ROLLBACK_SUCCESSFUL")
        self.assertEqual(ended["rollback"]["serviceRevisionArn"], first["targetServiceRevision"]["arn"])
        self.assertEqual(ended["rollback"]["reason"], "Service deployment rolled back by user.")
        briefs = self.ecs.list_service_deployments(cluster=self.cluster, service="history",
                                                   status=["SUCCESSFUL"])["serviceDeployments"]
        self.assertEqual([b["serviceDeploymentArn"] for b in briefs], [first["serviceDeploymentArn"]])
        page = self.ecs.list_service_deployments(cluster=self.cluster, service="history", maxResults=1)
        rest = self.ecs.list_service_deployments(cluster=self.cluster, service="history", nextToken=page["nextToken"])
        self.assertEqual([b["serviceDeploymentArn"] for b in rest["serviceDeployments"]],
                         [first["serviceDeploymentArn"]])
        with refused(self, "ConflictException"):
            self.ecs.stop_service_deployment(serviceDeploymentArn=second["serviceDeploymentArn"])

    def test_revisions_hold_what_was_deployed(self):
        first = self.create("revised")["targetServiceRevision"]["arn"]
        unknown = first + "0"
        answer = self.ecs.describe_service_revisions(serviceRevisionArns=[first, unknown])
        revision, = answer["serviceRevisions"]
        self.assertTrue(revision["taskDefinition"].endswith("task-definition/checked:1"))
        self.assertEqual(revision["containerImages"], [{"containerName": "app", "image": "sleeper"}])
        self.assertEqual(answer["failures"], [{"arn": unknown, "reason": "MISSING"}])

    def test_refusals(self):
        with refused(self, "ServiceNotFoundException", "Service not found."):
            self.ecs.list_service_deployments(cluster=self.cluster, service="unheard-of")
        with refused(self, "ServiceDeploymentNotFoundException"):
            self.ecs.stop_service_deployment(serviceDeploymentArn="arn:aws:ecs:us-east-1:000000000000:"
                                                                  "service-deployment/c/s/0")
        with refused(self, "InvalidParameterException"):
            self.ecs.describe_service_deployments(serviceDeploymentArns=["a"] * 21)

    def test_an_alarm_rolls_a_deployment_back(self):
        cloudwatch = LOCAL.client("cloudwatch")
        cloudwatch.put_metric_alarm(AlarmName="errors", Namespace="n", MetricName="m", Statistic="Sum", Period=60,
                                    EvaluationPeriods=1, Threshold=1, ComparisonOperator="GreaterThanThreshold",
                                    TreatMissingData="ignore")
        self.create("watched")
        self.ecs.update_service(cluster=self.cluster, service="watched", forceNewDeployment=True,
                                deploymentConfiguration={"alarms": {"alarmNames": ["errors"], "enable": True,
                                                                    "rollback": True}})
        deployment = self.wait("watched", "IN_PROGRESS")
        self.assertEqual(deployment["alarms"], {"status": "MONITORING", "alarmNames": ["errors"]})
        cloudwatch.set_alarm_state(AlarmName="errors", StateValue="ALARM", StateReason="for a test")
        ended = self.wait("watched", "ROLLBACK_SUCCESSFUL")
        self.assertEqual(ended["alarms"], {"status": "TRIGGERED", "alarmNames": ["errors"],
                                           "triggeredAlarmNames": ["errors"]})
        self.assertTrue(any(e["message"].endswith("deployment failed: alarm detected.")
                            for e in self.service("watched")["events"]))


class Balancing(LocalTest):
    def group(self, name, **more):
        made = self.elb.create_target_group(Name=name, Protocol="HTTP", Port=8080, VpcId="vpc-1", TargetType="ip",
                                            HealthCheckIntervalSeconds=5, HealthCheckTimeoutSeconds=2, **more)
        return made["TargetGroups"][0]

    def listener(self, name, group, port=80):
        balancer, = self.elb.create_load_balancer(Name=name, Subnets=["subnet-a", "subnet-b"],
                                                  Tags=[{"Key": "a", "Value": "b"}])["LoadBalancers"]
        made, = self.elb.create_listener(LoadBalancerArn=balancer["LoadBalancerArn"], Protocol="HTTP", Port=port,
                                         DefaultActions=[{"Type": "forward", "TargetGroupArn": group}])["Listeners"]
        return balancer, made

    def test_a_service_behind_a_listener_answers_http(self):
        arn = self.group("answers")["TargetGroupArn"]
        self.elb.modify_target_group_attributes(TargetGroupArn=arn, Attributes=[
            {"Key": "deregistration_delay.timeout_seconds", "Value": "0"}])
        balancer, listener = self.listener("answers", arn)
        self.ecs.register_task_definition(family="webs", networkMode="awsvpc", containerDefinitions=[WEB])
        self.ecs.create_service(cluster=self.cluster, serviceName="webs", taskDefinition="webs", desiredCount=2,
                                networkConfiguration=NETWORK,
                                loadBalancers=[{"targetGroupArn": arn, "containerName": "web", "containerPort": 8080}])

        def healthy():
            told = self.elb.describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"]
            return [target["TargetHealth"]["State"] for target in told] == ["healthy", "healthy"]

        wait_for("two healthy targets", healthy)
        told, = self.elb.describe_listeners(ListenerArns=[listener["ListenerArn"]])["Listeners"]
        with urllib.request.urlopen(f"http://{balancer['DNSName']}:{told['Port']}/", timeout=60) as answer:
            self.assertEqual(answer.status, 200)
        tasks = self.ecs.list_tasks(cluster=self.cluster, serviceName="webs")["taskArns"]
        described = self.ecs.describe_tasks(cluster=self.cluster, tasks=tasks)["tasks"]
        addresses = {task["containers"][0]["networkInterfaces"][0]["privateIpv4Address"] for task in described}
        targets = self.elb.describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"]
        self.assertEqual(addresses, {target["Target"]["Id"] for target in targets})
        address = f"{LOCAL.url}/_local/memory?cluster={self.cluster}&service=webs"
        with urllib.request.urlopen(address, timeout=60) as page:
            memory = json.load(page)["tasks"]
        self.assertEqual({task["taskArn"] for task in memory}, set(tasks))
        self.assertTrue(all(task["bytes"] > 0 for task in memory))

    def test_load_balancers_groups_and_listeners_are_described_changed_and_deleted(self):
        group = self.group("described", Matcher={"HttpCode": "200-299"}, Tags=[{"Key": "x", "Value": "y"}])
        arn = group["TargetGroupArn"]
        balancer, listener = self.listener("described", arn, 8123)
        self.assertEqual(self.elb.describe_load_balancers(Names=["described"])["LoadBalancers"][0]["State"],
                         {"Code": "active"})
        self.assertEqual(self.elb.describe_target_groups(LoadBalancerArn=balancer["LoadBalancerArn"])
                         ["TargetGroups"][0]["Matcher"], {"HttpCode": "200-299"})
        self.elb.modify_target_group(TargetGroupArn=arn, HealthCheckPath="/health", HealthyThresholdCount=2)
        changed, = self.elb.describe_target_groups(TargetGroupArns=[arn])["TargetGroups"]
        self.assertEqual((changed["HealthCheckPath"], changed["HealthyThresholdCount"]), ("/health", 2))
        self.elb.modify_load_balancer_attributes(LoadBalancerArn=balancer["LoadBalancerArn"], Attributes=[
            {"Key": "idle_timeout.timeout_seconds", "Value": "10"}])
        told = self.elb.describe_load_balancer_attributes(LoadBalancerArn=balancer["LoadBalancerArn"])["Attributes"]
        self.assertIn({"Key": "idle_timeout.timeout_seconds", "Value": "10"}, told)
        self.elb.add_tags(ResourceArns=[arn, listener["ListenerArn"]], Tags=[{"Key": "k", "Value": "<&>"}])
        self.elb.remove_tags(ResourceArns=[arn], TagKeys=["x"])
        tags = self.elb.describe_tags(ResourceArns=[arn, listener["ListenerArn"]])["TagDescriptions"]
        self.assertEqual([t["Tags"] for t in tags], [[{"Key": "k", "Value": "<&>"}]] * 2)
        other = self.group("other")["TargetGroupArn"]
        self.elb.modify_listener(ListenerArn=listener["ListenerArn"],
                                 DefaultActions=[{"Type": "forward", "ForwardConfig": {"TargetGroups": [
                                     {"TargetGroupArn": other, "Weight": 1}]}}])
        with refused(self, "ResourceInUse"):
            self.elb.delete_target_group(TargetGroupArn=other)
        self.elb.delete_listener(ListenerArn=listener["ListenerArn"])
        self.elb.delete_load_balancer(LoadBalancerArn=balancer["LoadBalancerArn"])
        self.elb.delete_target_group(TargetGroupArn=other)
        self.elb.delete_target_group(TargetGroupArn=arn)
        with refused(self, "TargetGroupNotFound", "One or more target groups not found"):
            self.elb.describe_target_groups(TargetGroupArns=[arn])

    def test_targets_that_are_not_registered_or_not_in_use_are_unused(self):
        arn = self.group("unused")["TargetGroupArn"]
        self.elb.register_targets(TargetGroupArn=arn, Targets=[{"Id": "127.0.0.9", "Port": 9}])
        told = self.elb.describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"][0]["TargetHealth"]
        self.assertEqual((told["State"], told["Reason"]), ("unused", "Target.NotInUse"))
        told = self.elb.describe_target_health(TargetGroupArn=arn, Targets=[{"Id": "127.0.0.8", "Port": 1}])
        self.assertEqual(told["TargetHealthDescriptions"][0]["TargetHealth"],
                         {"State": "unused", "Reason": "Target.NotRegistered",
                          "Description": "Target is not registered to the target group"})
        self.elb.deregister_targets(TargetGroupArn=arn, Targets=[{"Id": "127.0.0.9", "Port": 9}])

    def test_refusals(self):
        arn = self.group("refused")["TargetGroupArn"]
        self.assertEqual(self.group("refused")["TargetGroupArn"], arn)
        with refused(self, "DuplicateTargetGroupName"):
            self.group("refused", HealthCheckPath="/other")
        with refused(self, "ValidationError"):
            self.elb.create_target_group(Name="fast", Protocol="HTTP", Port=80, HealthCheckIntervalSeconds=301)
        with refused(self, "LoadBalancerNotFound"):
            self.elb.describe_load_balancers(Names=["unknown"])
        with refused(self, "ListenerNotFound"):
            self.elb.delete_listener(ListenerArn="arn:aws:elasticloadbalancing:us-east-1:0:listener/app/a/b/c")
        balancer, _ = self.listener("refused", arn, 8124)
        with refused(self, "DuplicateListener"):
            self.listener("refused", arn, 8124)
        with refused(self, "DuplicateLoadBalancerName"):
            self.elb.create_load_balancer(Name="refused", Scheme="internal", Subnets=["s"])
        self.ecs.register_task_definition(family="bridged", containerDefinitions=[WEB])
        with refused(self, "InvalidParameterException"):
            self.ecs.create_service(
                cluster=self.cluster, serviceName="mismatch", taskDefinition="bridged", desiredCount=1,
                loadBalancers=[{"targetGroupArn": arn, "containerName": "web", "containerPort": 8080}])

    def test_pages_go_on_at_the_marker(self):
        for i in range(5):
            self.group(f"page-{i}")
        pages = self.elb.get_paginator("describe_target_groups").paginate(PaginationConfig={"PageSize": 2})
        names = [group["TargetGroupName"] for page in pages for group in page["TargetGroups"]]
        self.assertEqual(len(names), len(set(names)))
        self.assertLessEqual({f"page-{i}" for i in range(5)}, set(names))


class Alarms(unittest.TestCase):
    def setUp(self):
        self.cloudwatch = LOCAL.client("cloudwatch")

    def test_an_alarm_is_put_set_described_and_deleted(self):
        self.cloudwatch.put_metric_alarm(AlarmName="high", MetricName="CPUUtilization", Namespace="AWS/ECS",
                                         Statistic="Average", Period=60, EvaluationPeriods=3, Threshold=70.5,
                                         ComparisonOperator="GreaterThanThreshold",
                                         Dimensions=[{"Name": "ServiceName", "Value": "s"}],
                                         TreatMissingData="ignore",
                                         AlarmActions=["arn:aws:sns:us-east-1:000000000000:t"])
        told, = self.cloudwatch.describe_alarms(AlarmNames=["high"])["MetricAlarms"]
        self.assertEqual((told["StateValue"], told["Threshold"], told["Period"]), ("INSUFFICIENT_DATA", 70.5, 60))
        self.cloudwatch.set_alarm_state(AlarmName="high", StateValue="ALARM", StateReason="for a test")
        told, = self.cloudwatch.describe_alarms(StateValue="ALARM")["MetricAlarms"]
        self.assertEqual((told["AlarmName"], told["StateReason"]), ("high", "for a test"))
        self.cloudwatch.delete_alarms(AlarmNames=["high"])
        self.assertEqual(self.cloudwatch.describe_alarms(AlarmNamePrefix="hi")["MetricAlarms"], [])
        with refused(self, "ResourceNotFound"):
            self.cloudwatch.set_alarm_state(AlarmName="high", StateValue="OK", StateReason="gone")


class Identity(unittest.TestCase):
    def test_the_caller_is_somebody_and_can_become_a_role(self):
        sts = LOCAL.client("sts")
        self.assertEqual(sts.get_caller_identity()["Account"], "000000000000")
        role = sts.assume_role(RoleArn="arn:aws:iam::123456789012:role/path/ops", RoleSessionName="me",
                               DurationSeconds=900)
        self.assertEqual(role["AssumedRoleUser"]["Arn"], "arn:aws:sts::123456789012:assumed-role/ops/me")
        left = role["Credentials"]["Expiration"] - datetime.datetime.now(datetime.timezone.utc)
        self.assertAlmostEqual(left.total_seconds(), 900, delta=30)
        with refused(self, "ValidationError"):
            sts.assume_role(RoleArn="arn:aws:iam::123456789012:role/ops", RoleSessionName="me", DurationSeconds=43201)


class Restart(unittest.TestCase):
    def test_the_state_folder_brings_the_service_back_with_new_tasks(self):
        with tempfile.TemporaryDirectory() as folder:
            local = LocalEcs("--state", folder)
            try:
                ecs = local.client("ecs")
                ecs.create_cluster(clusterName="kept")
                ecs.register_task_definition(family="sleepers", containerDefinitions=[SLEEP])
                ecs.create_service(cluster="kept", serviceName="s", taskDefinition="sleepers", desiredCount=1)
                wait_for("a running task", lambda: self.counts(ecs)["runningCount"] == 1)
                before = ecs.list_tasks(cluster="kept")["taskArns"]
            finally:
                self.assertEqual(local.stop(), 0)
            local = LocalEcs("--state", folder)
            try:
                ecs = local.client("ecs")
                wait_for("a new running task", lambda: self.counts(ecs)["runningCount"] == 1)
                self.assertNotEqual(ecs.list_tasks(cluster="kept")["taskArns"], before)
                lost, = ecs.describe_tasks(cluster="kept", tasks=before)["tasks"]
                self.assertEqual((lost["lastStatus"], lost["stopCode"]), ("STOPPED", "TerminationNotice"))
            finally:
                self.assertEqual(local.stop(), 0)

    @staticmethod
    def counts(ecs):
        return ecs.describe_services(cluster="kept", services=["s"])["services"][0]


if __name__ == "__main__":
    unittest.main()
