"""CloudWatch's alarms of the local ECS on virtual time: boto3 puts metrics and sees what alarms make of them; a
deployment and a recycle that watch one.

usage: ECSR_BIN=PATH_OF_ecs-recycler local_alarms_test.py
"""

import json
import os
import subprocess
import unittest
import urllib.request
from pathlib import Path
from unittest import mock

from local_ecs import CREDENTIALS, LocalEcs, refused

TOPIC = "arn:aws:sns:us-east-1:000000000000:alerts"
CLUSTER = "alarmed"


def setUpModule():
    global LOCAL
    LOCAL = LocalEcs("--runtime", "virtual")
    LOCAL.client("sns").create_topic(Name="alerts")
    LOCAL.client("ecs").create_cluster(clusterName=CLUSTER)


def tearDownModule():
    code = LOCAL.stop()
    assert code == 0, f"local up ended with {code}"


def page(path, body=None):
    request = urllib.request.Request(LOCAL.url + path, None if body is None else body.encode())
    with urllib.request.urlopen(request, timeout=60) as answer:
        return answer.read().decode()


def advance(span):
    page("/_local/advance", json.dumps({"span": span}))


def go_to_a_full_minute():
    """So that none passes by itself before a test is through with its own."""
    now = json.loads(page("/_local/clock"))["now"]
    advance(f"{60_000 - round(1000 * float(now[17:].rstrip('Z')))}ms")


class Alarmed(unittest.TestCase):
    def setUp(self):
        go_to_a_full_minute()
        self.cloudwatch = LOCAL.client("cloudwatch")
        self.name = self.id().rsplit(".", 1)[-1]

    def alarm(self, **more):
        wanted = {"AlarmName": self.name, "Namespace": "App", "MetricName": self.name, "Statistic": "Average",
                  "Period": 60, "EvaluationPeriods": 1, "Threshold": 70,
                  "ComparisonOperator": "GreaterThanThreshold", **more}
        self.cloudwatch.put_metric_alarm(**{key: value for key, value in wanted.items() if value is not None})

    def put(self, value):
        self.cloudwatch.put_metric_data(Namespace="App", MetricData=[{"MetricName": self.name, "Value": value}])

    def told(self):
        alarm, = self.cloudwatch.describe_alarms(AlarmNames=[self.name])["MetricAlarms"]
        return alarm

    def history(self, kind):
        items = self.cloudwatch.describe_alarm_history(AlarmName=self.name, HistoryItemType=kind)
        return items["AlarmHistoryItems"]

    def messages(self):
        told = json.loads(page(f"/_local/messages?topic={TOPIC}"))["messages"]
        return [json.loads(message["message"]) for message in told if f'"{self.name}"' in message["subject"]]


class Evaluation(Alarmed):
    def test_a_metric_drives_an_alarm_and_its_topic(self):
        # User Guide, "Alarm evaluation": 2 out of 3 datapoints.
        self.alarm(EvaluationPeriods=3, DatapointsToAlarm=2, AlarmActions=[TOPIC], OKActions=[TOPIC],
                   TreatMissingData="notBreaching", AlarmDescription="hot")
        self.assertEqual(self.told()["StateReason"], "Unchecked: Initial alarm creation")
        for value in (83, 12, 84.5):
            self.put(value)
            advance("1m")
        told = self.told()
        self.assertEqual(told["StateValue"], "ALARM")
        stamp = r"\(\d\d/\d\d/\d\d \d\d:\d\d:00\)"
        self.assertRegex(told["StateReason"], rf"\AThreshold Crossed: 2 out of the last 3 datapoints \[84\.5 {stamp}, "
                                              rf"83\.0 {stamp}\] were greater than the threshold \(70\.0\) \(minimum 2 "
                                              r"datapoints for OK -> ALARM transition\)\.\Z")
        data = json.loads(told["StateReasonData"])
        self.assertEqual((data["version"], data["statistic"], data["period"]), ("1.0", "Average", 60))
        self.assertEqual([point["value"] for point in data["evaluatedDatapoints"]], [84.5, 12.0, 83.0])
        self.assertEqual(told["StateUpdatedTimestamp"], told["StateTransitionedTimestamp"])
        advance("5m")
        self.assertEqual(self.told()["StateValue"], "OK")
        self.assertEqual([message["NewStateValue"] for message in self.messages()], ["OK", "ALARM", "OK"])
        message = self.messages()[1]
        self.assertEqual((message["OldStateValue"], message["NewStateReason"], message["Region"]),
                         ("OK", told["StateReason"], "US East (N. Virginia)"))
        self.assertEqual((message["Trigger"]["Statistic"], message["Trigger"]["DatapointsToAlarm"]), ("AVERAGE", 2))
        self.assertEqual([item["HistorySummary"] for item in self.history("StateUpdate")],
                         ["Alarm updated from ALARM to OK", "Alarm updated from OK to ALARM",
                          "Alarm updated from INSUFFICIENT_DATA to OK"])
        change = json.loads(self.history("StateUpdate")[1]["HistoryData"])
        self.assertEqual(change["newState"]["stateReasonData"]["recentDatapoints"], [83.0, 12.0, 84.5])
        self.assertEqual({item["HistorySummary"] for item in self.history("Action")},
                         {f"Successfully executed action {TOPIC}"})
        self.assertEqual([item["HistorySummary"] for item in self.history("ConfigurationUpdate")],
                         [f'Alarm "{self.name}" created'])

    def test_without_data_an_alarm_does_not_know(self):
        self.alarm(OKActions=[TOPIC])
        self.put(1)
        advance("1m")
        self.assertEqual(self.told()["StateValue"], "OK")
        advance("3m")
        self.assertEqual((self.told()["StateValue"], self.told()["StateReason"]),
                         ("INSUFFICIENT_DATA", "Insufficient Data: 1 datapoint was unknown."))

    def test_a_state_that_was_set_lasts_until_the_next_evaluation(self):
        self.alarm(TreatMissingData="notBreaching", AlarmActions=[TOPIC])
        self.cloudwatch.set_alarm_state(AlarmName=self.name, StateValue="ALARM", StateReason="a drill")
        self.assertEqual((self.told()["StateValue"], self.told()["StateReason"]), ("ALARM", "a drill"))
        self.assertEqual(len(self.messages()), 1)
        advance("1m")
        self.assertEqual(self.told()["StateValue"], "OK")

    def test_an_alarm_on_metric_math(self):
        metric = {"Metric": {"Namespace": "App", "MetricName": self.name}, "Period": 60}
        self.alarm(Namespace=None, MetricName=None, Statistic=None, Period=None, Threshold=1.5, AlarmActions=[TOPIC],
                   Metrics=[{"Id": "worst", "MetricStat": {**metric, "Stat": "Maximum"}, "ReturnData": False},
                            {"Id": "usual", "MetricStat": {**metric, "Stat": "Average"}, "ReturnData": False},
                            {"Id": "ratio", "Expression": "worst / usual", "Label": "spread", "ReturnData": True}])
        for value in (1, 1, 10):
            self.put(value)
        advance("1m")
        self.assertRegex(self.told()["StateReason"], r"\AThreshold Crossed: 1 datapoint \[2\.5 \(")
        self.assertEqual(self.told()["Metrics"][2]["Expression"], "worst / usual")
        self.assertEqual([query["Id"] for query in self.messages()[0]["Trigger"]["Metrics"]],
                         ["worst", "usual", "ratio"])

    def test_the_rules_of_eventbridge_hear_of_it(self):
        events, logs = LOCAL.client("events"), LOCAL.client("logs")
        logs.create_log_group(logGroupName="/alarms")
        events.put_rule(Name="alarms", EventPattern=json.dumps({
            "source": ["aws.cloudwatch"], "detail-type": ["CloudWatch Alarm State Change"],
            "detail": {"alarmName": [self.name], "state": {"value": ["ALARM"]}}}))
        events.put_targets(Rule="alarms", Targets=[
            {"Id": "1", "Arn": "arn:aws:logs:us-east-1:000000000000:log-group:/alarms"}])
        self.alarm(TreatMissingData="notBreaching")
        advance("1m")
        self.put(99)
        advance("1m")
        found, = logs.filter_log_events(logGroupName="/alarms")["events"]
        event = json.loads(found["message"])
        self.assertEqual(event["resources"], [self.told()["AlarmArn"]])
        self.assertEqual(event["detail"]["previousState"]["value"], "OK")
        self.assertEqual(event["detail"]["configuration"]["metrics"][0]["metricStat"]["metric"]["name"], self.name)
        events.remove_targets(Rule="alarms", Ids=["1"])
        events.delete_rule(Name="alarms")

    def test_alarms_live_on_in_a_snapshot(self):
        self.alarm(AlarmActions=[TOPIC], TreatMissingData="ignore")
        self.put(99)
        advance("1m")
        saved = page("/_local/snapshot")
        self.cloudwatch.delete_alarms(AlarmNames=[self.name])
        self.assertEqual(self.cloudwatch.describe_alarms(AlarmNames=[self.name])["MetricAlarms"], [])
        page("/_local/snapshot", saved)
        self.assertEqual((self.told()["StateValue"], self.told()["AlarmActions"]), ("ALARM", [TOPIC]))
        self.assertEqual(len(self.history("StateUpdate")), 1)


class Watched(Alarmed):
    """What watches alarms sees what metrics do (ECS behaviour B7)."""

    def create(self, **settings):
        ecs = self.ecs = LOCAL.client("ecs")
        ecs.register_task_definition(family=self.name[:40], containerDefinitions=[
            {"name": "app", "image": "x", "memory": 64}])
        ecs.create_service(cluster=CLUSTER, serviceName=self.name, taskDefinition=self.name[:40], desiredCount=2,
                           **settings)
        advance("5m")

    def service(self):
        return self.ecs.describe_services(cluster=CLUSTER, services=[self.name])["services"][0]

    def test_a_metric_rolls_a_deployment_back(self):
        self.alarm(TreatMissingData="notBreaching")
        self.create(deploymentConfiguration={"alarms": {"alarmNames": [self.name], "enable": True, "rollback": True}})
        before = self.service()["deployments"][0]["id"]
        self.ecs.update_service(cluster=CLUSTER, service=self.name, forceNewDeployment=True)
        advance("30s")
        self.put(99)
        advance("2m")
        self.assertEqual(self.told()["StateValue"], "ALARM")
        events = " ".join(event["message"] for event in self.service()["events"])
        self.assertIn("deployment failed: alarm detected.", events)
        self.assertIn(f"rolling back to deployment {before}.", events)
        advance("10m")
        self.assertEqual([each["rolloutState"] for each in self.service()["deployments"]], ["COMPLETED"])

    def test_a_metric_keeps_a_recycle_from_starting(self):
        self.alarm()
        self.create()
        self.put(99)
        advance("1m")
        with_home = {"PATH": os.environ["PATH"], "HOME": LOCAL.folder.name, "AWS_ENDPOINT_URL": LOCAL.url,
                     "AWS_EC2_METADATA_DISABLED": "true", **CREDENTIALS}
        done = subprocess.run([os.environ["ECSR_BIN"], "recycle", "--cluster", CLUSTER, "--service", self.name,
                               "--alarm", self.name], env=with_home, capture_output=True, text=True, timeout=120)
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertIn(f"alarm {self.name} is in ALARM", done.stderr)


class Configuration(Alarmed):
    def test_what_cannot_be_evaluated_is_refused(self):
        for wanted in ({"Period": 90}, {"Statistic": None}, {"ExtendedStatistic": "p99"}, {"Threshold": None},
                       {"EvaluationPeriods": 2, "DatapointsToAlarm": 3}, {"TreatMissingData": "lost"},
                       {"EvaluationPeriods": 1441}, {"AlarmActions": ["me"]}, {"MetricName": None},
                       {"ComparisonOperator": "LessThanLowerThreshold", "ThresholdMetricId": "m1", "Threshold": None},
                       {"Metrics": [{"Id": "e", "Expression": "1 +"}], "MetricName": None, "Namespace": None,
                        "Statistic": None, "Period": None}):
            with self.subTest(wanted), refused(self, "ValidationError"):
                self.alarm(**wanted)
        self.assertEqual(self.cloudwatch.describe_alarms(AlarmNames=[self.name])["MetricAlarms"], [])

    def test_actions_are_switched_off_and_on(self):
        self.alarm(AlarmActions=[TOPIC], TreatMissingData="ignore")
        self.cloudwatch.disable_alarm_actions(AlarmNames=[self.name, "never made"])
        self.cloudwatch.set_alarm_state(AlarmName=self.name, StateValue="ALARM", StateReason="a drill")
        self.assertEqual((self.told()["ActionsEnabled"], self.messages()), (False, []))
        self.cloudwatch.enable_alarm_actions(AlarmNames=[self.name])
        self.cloudwatch.set_alarm_state(AlarmName=self.name, StateValue="OK", StateReason="over")
        self.cloudwatch.set_alarm_state(AlarmName=self.name, StateValue="ALARM", StateReason="a drill")
        self.assertEqual(len(self.messages()), 1)

    def test_alarms_are_found_by_their_metric(self):
        host = [{"Name": "Host", "Value": "a"}]
        self.alarm(Dimensions=host, Unit="Percent")
        find = {"Namespace": "App", "MetricName": self.name}
        found = self.cloudwatch.describe_alarms_for_metric(**find, Dimensions=host, Unit="Percent", Period=60)
        self.assertEqual([alarm["AlarmName"] for alarm in found["MetricAlarms"]], [self.name])
        for other in ({}, {"Dimensions": host, "Statistic": "Sum"}, {"Dimensions": host, "Period": 120}):
            self.assertEqual(self.cloudwatch.describe_alarms_for_metric(**find, **other)["MetricAlarms"], [])

    def test_alarms_carry_tags(self):
        self.alarm(Tags=[{"Key": "team", "Value": "web"}])
        arn = self.told()["AlarmArn"]
        self.cloudwatch.tag_resource(ResourceARN=arn, Tags=[{"Key": "stage", "Value": "test"}])
        self.cloudwatch.untag_resource(ResourceARN=arn, TagKeys=["team"])
        self.alarm(Tags=[{"Key": "ignored", "Value": "on a change"}])
        self.assertEqual(self.cloudwatch.list_tags_for_resource(ResourceARN=arn)["Tags"],
                         [{"Key": "stage", "Value": "test"}])
        with refused(self, "ResourceNotFoundException"):
            self.cloudwatch.tag_resource(ResourceARN=arn + "x", Tags=[])

    def test_the_history_comes_in_pages_and_outlives_the_alarm(self):
        for threshold in range(5):
            self.alarm(Threshold=threshold)
        self.cloudwatch.delete_alarms(AlarmNames=[self.name])
        pages = self.cloudwatch.get_paginator("describe_alarm_history").paginate(
            AlarmName=self.name, ScanBy="TimestampAscending", PaginationConfig={"PageSize": 4})
        items = [item for each in pages for item in each["AlarmHistoryItems"]]
        self.assertEqual([json.loads(item["HistoryData"])["type"] for item in items],
                         ["Create", "Update", "Update", "Update", "Update", "Delete"])
        self.assertEqual(json.loads(items[3]["HistoryData"])["updatedAlarm"]["threshold"], 3.0)


class Composite(Alarmed):
    def told_of_composite(self, name):
        alarm, = self.cloudwatch.describe_alarms(AlarmNames=[name], AlarmTypes=["CompositeAlarm"])["CompositeAlarms"]
        return alarm

    def test_an_alarm_that_is_made_of_others(self):
        self.alarm(TreatMissingData="notBreaching")
        name = self.name + "-all"
        self.cloudwatch.put_composite_alarm(AlarmName=name, AlarmRule=f'ALARM("{self.name}") AND NOT FALSE',
                                            AlarmActions=[TOPIC], Tags=[{"Key": "a", "Value": "b"}])
        told = self.told_of_composite(name)
        self.assertEqual((told["StateValue"], told["StateReason"]),
                         ("OK", f"{told['AlarmArn']} was created and its alarm rule evaluates to OK"))
        self.put(99)
        advance("1m")
        told = self.told_of_composite(name)
        self.assertEqual(told["StateValue"], "ALARM")
        self.assertTrue(told["StateReason"].startswith(f"{self.told()['AlarmArn']} transitioned to ALARM at "))
        page_of_messages = json.loads(page(f"/_local/messages?topic={TOPIC}"))["messages"]
        message, = [json.loads(each["message"]) for each in page_of_messages if f'"{name}"' in each["subject"]]
        self.assertEqual(message["TriggeringChildren"][0]["Arn"], self.told()["AlarmArn"])
        with refused(self, "ValidationError"):
            self.cloudwatch.delete_alarms(AlarmNames=[self.name])
        for rule in ("ALARM(", "ALARM(nobody)", f"ALARM({name})"):
            with refused(self, "ValidationError"):
                self.cloudwatch.put_composite_alarm(AlarmName=name, AlarmRule=rule)
        self.cloudwatch.delete_alarms(AlarmNames=[name, self.name])


class Protocols(Alarmed):
    def client(self, protocol):
        with mock.patch("botocore.model.PRIORITY_ORDERED_SUPPORTED_PROTOCOLS", (protocol,)), \
                mock.patch("local_ecs.watch_answers"):
            client = LOCAL.client("cloudwatch")
        self.assertEqual(client.meta.service_model.resolved_protocol, protocol)
        return client

    def test_each_tells_the_same(self):
        answers = []
        for protocol in ("json", "smithy-rpc-v2-cbor", "query"):
            self.cloudwatch = self.client(protocol)
            self.alarm(Threshold=0.25, Dimensions=[{"Name": "Host", "Value": "a"}], TreatMissingData="ignore",
                       AlarmDescription="as always")
            told = self.told()
            told.pop("AlarmConfigurationUpdatedTimestamp")
            kinds = {item["HistoryItemType"] for item in self.history("ConfigurationUpdate")}
            answers.append((told, kinds))
        self.assertEqual(answers[0], answers[1])
        self.assertEqual(answers[0], answers[2])


if __name__ == "__main__":
    unittest.main(verbosity=2)
