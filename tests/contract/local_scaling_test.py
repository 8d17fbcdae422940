"""Application Auto Scaling of the local ECS that scales: metrics, alarms, policies and schedules on virtual time.

usage: ECSR_BIN=PATH_OF_ecs-recycler local_scaling_test.py
"""

import datetime
import json
import os
import re
import subprocess
import tempfile
import unittest

from local_ecs import LocalEcs, refused

DIMENSION = "ecs:service:DesiredCount"


class Scaling(unittest.TestCase):
    flags = ()

    def setUp(self):
        self.local = LocalEcs("--runtime", "virtual", "--seed", "3", *self.flags)
        self.addCleanup(self.local.close)
        self.ecs = self.local.client("ecs")
        self.scaling = self.local.client("application-autoscaling")
        self.cloudwatch = self.local.client("cloudwatch")
        self.ecs.create_cluster(clusterName="shop", settings=[{"name": "containerInsights", "value": "enhanced"}])

    def create_service(self, cpu, tasks=2, name="web", **target):
        self.ecs.register_task_definition(family=name, containerDefinitions=[{
            "name": "app", "image": "any", "cpu": 256, "memory": 64, "dockerLabels": {"local.ecs/cpu": cpu}}])
        self.ecs.create_service(cluster="shop", serviceName=name, taskDefinition=name, desiredCount=tasks)
        self.key = {"ServiceNamespace": "ecs", "ResourceId": f"service/shop/{name}", "ScalableDimension": DIMENSION}
        self.scaling.register_scalable_target(**self.key, **{"MinCapacity": 1, "MaxCapacity": 6, **target})

    def track_cpu(self, value):
        return self.scaling.put_scaling_policy(
            **self.key, PolicyName="cpu", PolicyType="TargetTrackingScaling", TargetTrackingScalingPolicyConfiguration={
                "TargetValue": value,
                "PredefinedMetricSpecification": {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"}})

    def desired(self):
        service, = self.ecs.describe_services(cluster="shop", services=["web"])["services"]
        return service["desiredCount"]

    def activities(self, **more):
        return self.scaling.describe_scaling_activities(ServiceNamespace="ecs", **more)["ScalingActivities"]

    def suspend(self, **what):
        self.scaling.register_scalable_target(**self.key, SuspendedState=what)


class OnVirtualTime(Scaling):
    def test_a_busy_service_grows_to_its_maximum_and_says_why(self):
        self.create_service("90%")
        high, low = self.track_cpu(40)["Alarms"]
        self.assertRegex(high["AlarmName"], r"^TargetTracking-service/shop/web-AlarmHigh-[0-9a-f-]{36}$")
        self.assertRegex(low["AlarmName"], r"^TargetTracking-service/shop/web-AlarmLow-[0-9a-f-]{36}$")
        self.local.advance("5m")
        self.assertEqual(self.desired(), 5)  # 2 x 90 / 40, rounded up
        self.local.advance("10m")
        self.assertEqual(self.desired(), 6)
        newest, first = self.activities()
        self.assertEqual(newest["Description"], "Setting desired count to 6.")
        self.assertEqual(first["Description"], "Setting desired count to 5.")
        self.assertEqual(first["Cause"], f"monitor alarm {high['AlarmName']} in state ALARM triggered policy cpu")
        self.assertEqual((first["StatusCode"], first["StatusMessage"]), (
            "Successful", "Successfully set desired count to 5. Change successfully fulfilled by ecs."))
        self.assertGreaterEqual(newest["StartTime"] - first["StartTime"], datetime.timedelta(minutes=5))
        held_up = self.activities(IncludeNotScaledActivities=True)[0]
        self.assertEqual((held_up["StatusCode"], held_up["NotScaledReasons"]),
                         ("Failed", [{"Code": "AlreadyAtMaxCapacity", "MaxCapacity": 6}]))
        self.scaling.delete_scaling_policy(**self.key, PolicyName="cpu")
        self.assertEqual(self.cloudwatch.describe_alarms()["MetricAlarms"], [])

    def test_an_idle_service_shrinks(self):
        self.create_service("10%", tasks=6)
        self.track_cpu(50)
        self.local.advance("14m")
        self.assertEqual(self.desired(), 6)
        self.local.advance("3m")
        self.assertEqual(self.desired(), 4)  # half of the way to 2
        self.local.advance("30m")
        self.assertEqual(self.desired(), 1)

    def test_suspended_it_holds_and_resumed_it_acts_at_once(self):
        self.create_service("90%")
        self.track_cpu(40)
        self.suspend(DynamicScalingOutSuspended=True)
        self.local.advance("10m")
        self.assertEqual(self.desired(), 2)
        self.suspend(DynamicScalingOutSuspended=False)
        self.assertEqual(self.desired(), 5)

    def test_a_step_policy_with_an_alarm_of_ones_own(self):
        self.create_service("95%", MaxCapacity=20)
        policy = self.scaling.put_scaling_policy(
            **self.key, PolicyName="steps", PolicyType="StepScaling", StepScalingPolicyConfiguration={
                "AdjustmentType": "ChangeInCapacity", "Cooldown": 600, "StepAdjustments": [
                    {"MetricIntervalLowerBound": 0, "MetricIntervalUpperBound": 20, "ScalingAdjustment": 1},
                    {"MetricIntervalLowerBound": 20, "ScalingAdjustment": 3}]})["PolicyARN"]
        self.cloudwatch.put_metric_alarm(
            AlarmName="busy", Namespace="AWS/ECS", MetricName="CPUUtilization", Statistic="Average", Period=60,
            Dimensions=[{"Name": "ClusterName", "Value": "shop"}, {"Name": "ServiceName", "Value": "web"}],
            EvaluationPeriods=1, Threshold=70, ComparisonOperator="GreaterThanThreshold", AlarmActions=[policy])
        told, = self.scaling.describe_scaling_policies(ServiceNamespace="ecs")["ScalingPolicies"]
        self.assertEqual([alarm["AlarmName"] for alarm in told["Alarms"]], ["busy"])
        self.local.advance("4m")
        self.assertEqual(self.desired(), 5)  # 25 above the threshold
        self.local.advance("12m")
        self.assertEqual(self.desired(), 8)

    def test_a_scheduled_action_clamps(self):
        self.create_service("50%")
        at = (self.local.advance("1s") + datetime.timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:00")
        self.scaling.put_scheduled_action(**self.key, ScheduledActionName="rush", Schedule=f"at({at})",
                                          ScalableTargetAction={"MinCapacity": 4, "MaxCapacity": 8})
        told, = self.scaling.describe_scheduled_actions(ServiceNamespace="ecs")["ScheduledActions"]
        self.assertEqual((told["Schedule"], told["ScalableTargetAction"]),
                         (f"at({at})", {"MinCapacity": 4, "MaxCapacity": 8}))
        self.local.advance("50m")
        self.assertEqual(self.desired(), 2)
        self.local.advance("15m")
        self.assertEqual(self.desired(), 4)
        clamped, set_to = self.activities()
        self.assertEqual(set_to["Description"], "Setting min capacity to 4 and max capacity to 8")
        self.assertEqual(set_to["Cause"], "scheduled action name rush was triggered")
        self.assertEqual(clamped["Cause"], "minimum capacity was set to 4")

    def test_what_is_wrong_is_refused(self):
        self.create_service("50%")
        key = {**self.key, "ScheduledActionName": "x", "ScalableTargetAction": {"MinCapacity": 1}}
        for wrong in ({"Schedule": "cron(61 * * * ? *)"}, {"Schedule": "every day"},
                      {"Schedule": "rate(1 hour)", "Timezone": "Europe/Nowhere"}):
            with self.subTest(**wrong), refused(self, "ValidationException"):
                self.scaling.put_scheduled_action(**key, **wrong)
        self.track_cpu(40)
        with refused(self, "ValidationException",
                     "Only one TargetTrackingScaling policy for a given metric specification is allowed."):
            self.scaling.put_scaling_policy(
                **self.key, PolicyName="again", PolicyType="TargetTrackingScaling",
                TargetTrackingScalingPolicyConfiguration={"TargetValue": 50.0, "PredefinedMetricSpecification": {
                    "PredefinedMetricType": "ECSServiceAverageCPUUtilization"}})
        with refused(self, "ObjectNotFoundException"):
            self.scaling.put_scaling_policy(**{**self.key, "ResourceId": "service/shop/none"}, PolicyName="p",
                                            PolicyType="StepScaling", StepScalingPolicyConfiguration={
                                                "AdjustmentType": "ExactCapacity", "StepAdjustments": [
                                                    {"MetricIntervalLowerBound": 0, "ScalingAdjustment": 3}]})

    def test_processor_metrics_of_services_tasks_and_containers(self):
        self.create_service("75%")
        end = self.local.advance("5m")
        task = self.ecs.list_tasks(cluster="shop")["taskArns"][0].rsplit("/", 1)[1]
        service = {"ClusterName": "shop", "ServiceName": "web"}
        cases = {("AWS/ECS", "CPUUtilization"): (service, 75),
                 ("ECS/ContainerInsights", "CpuReserved"): (service, 256),
                 ("ECS/ContainerInsights", "TaskCpuUtilization"): ({**service, "TaskId": task}, 75),
                 ("ECS/ContainerInsights", "ContainerCpuUtilized"): (
                     {**service, "TaskId": task, "ContainerName": "app"}, 192)}
        for (namespace, metric), (dimensions, value) in cases.items():
            with self.subTest(metric):
                points = self.cloudwatch.get_metric_statistics(
                    Namespace=namespace, MetricName=metric, StartTime=end - datetime.timedelta(minutes=3),
                    EndTime=end, Period=60, Statistics=["Average"],
                    Dimensions=[{"Name": name, "Value": text} for name, text in dimensions.items()])["Datapoints"]
                self.assertTrue(points)
                for point in points:
                    self.assertAlmostEqual(point["Average"], value, delta=value / 100)


class DuringARecycle(Scaling):
    flags = ("--time-scale", "300")

    def test_scale_in_waits_until_the_run_has_ended(self):
        self.create_service("20%", tasks=3)
        self.track_cpu(50)
        self.local.advance("5m")
        told = subprocess.run([os.environ["ECSR_BIN"], "local", "env", "--endpoint-url", self.local.url, "--output",
                               "json"], capture_output=True, text=True, timeout=60, check=True)
        folder = tempfile.TemporaryDirectory(prefix="scaling-test-")
        self.addCleanup(folder.cleanup)
        environment = {"PATH": os.environ["PATH"], "HOME": folder.name, **json.loads(told.stdout)}
        done = subprocess.run([os.environ["ECSR_BIN"], "recycle", "--cluster", "shop", "--service", "web", "--wait",
                               "6m", "--output", "json"], env=environment, capture_output=True, text=True,
                              timeout=120, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        run = json.loads(done.stdout)
        self.assertEqual((run["outcome"], run["tasks_recycled"]), ("done", 3))
        self.assertGreater(run["duration_seconds"], 15 * 60 - 5 * 60)
        target, = self.scaling.describe_scalable_targets(ServiceNamespace="ecs")["ScalableTargets"]
        self.assertEqual(target["SuspendedState"], {
            "DynamicScalingInSuspended": False, "DynamicScalingOutSuspended": False,
            "ScheduledScalingSuspended": False})
        ended = re.sub(r"Z$", "+00:00", run["ended_at"]) if "ended_at" in run else None
        self.local.advance("20m")
        self.assertLess(self.desired(), 3)
        scaled_in = self.activities()[-1]
        if ended:
            self.assertGreaterEqual(scaled_in["StartTime"], datetime.datetime.fromisoformat(ended))


if __name__ == "__main__":
    unittest.main()
