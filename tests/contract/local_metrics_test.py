"""CloudWatch's metrics of the local ECS: boto3 in each protocol that botocore speaks, and the aws CLI.

usage: ECSR_BIN=PATH_OF_ecs-recycler local_metrics_test.py
"""

import datetime
import json
import os
import subprocess
import unittest
import urllib.request
from unittest import mock

from local_ecs import CREDENTIALS, LocalEcs, refused, wait_for

MINUTE = datetime.timedelta(minutes=1)
LABELS = {"local.ecs/memory-base": "32MiB"}


def setUpModule():
    global LOCAL, START
    LOCAL = LocalEcs("--runtime", "virtual")
    now = datetime.datetime.now(datetime.timezone.utc).replace(second=0, microsecond=0)
    START = now - 30 * MINUTE


def tearDownModule():
    code = LOCAL.stop()
    assert code == 0, f"local up ended with {code}"


def metric(name, dimensions=None, stat="Average", period=60, name_space="App"):
    wanted = {"Namespace": name_space, "MetricName": name,
              "Dimensions": [{"Name": key, "Value": value} for key, value in (dimensions or {}).items()]}
    return {"Metric": wanted, "Period": period, "Stat": stat}


class Metrics:
    """The same for each protocol."""

    protocol = ""

    def setUp(self):
        with mock.patch("botocore.model.PRIORITY_ORDERED_SUPPORTED_PROTOCOLS", (self.protocol,)):
            self.cloudwatch = LOCAL.client("cloudwatch") if self.protocol != "smithy-rpc-v2-cbor" else self.unwatched()
        self.assertEqual(self.cloudwatch.meta.service_model.resolved_protocol, self.protocol)
        self.name = self.id().rsplit(".", 2)[-2] + self.id().rsplit(".", 1)[-1]

    def unwatched(self):
        with mock.patch("local_ecs.watch_answers"):
            return LOCAL.client("cloudwatch")

    def put(self):
        data = [{"MetricName": self.name, "Timestamp": START + i * MINUTE, "Value": 1.5 * i, "Unit": "Seconds",
                 "Dimensions": [{"Name": "Host", "Value": "a"}]} for i in range(4)]
        data.append({"MetricName": self.name, "Timestamp": START, "Values": [1.0, 2.0], "Counts": [3.0, 1.0]})
        data.append({"MetricName": self.name, "Timestamp": START + MINUTE,
                     "StatisticValues": {"SampleCount": 2, "Sum": 8, "Minimum": 3, "Maximum": 5}})
        self.cloudwatch.put_metric_data(Namespace="App", MetricData=data)

    def test_what_is_put_is_listed_and_read(self):
        self.put()
        listed = self.cloudwatch.list_metrics(Namespace="App", MetricName=self.name)["Metrics"]
        self.assertEqual([each["Dimensions"] for each in listed], [[], [{"Name": "Host", "Value": "a"}]])
        answer = self.cloudwatch.get_metric_statistics(
            Namespace="App", MetricName=self.name, StartTime=START, EndTime=START + 5 * MINUTE, Period=60,
            Statistics=["Average", "Sum", "SampleCount", "Minimum", "Maximum"])
        self.assertEqual(answer["Label"], self.name)
        self.assertEqual([(each["Timestamp"], each["Sum"], each["SampleCount"], each["Average"])
                          for each in answer["Datapoints"]], [(START, 5, 4, 1.25), (START + MINUTE, 8, 2, 4)])

    def test_metric_math_and_order(self):
        self.put()
        queries = [{"Id": "m1", "MetricStat": metric(self.name, {"Host": "a"}), "ReturnData": False},
                   {"Id": "m2", "MetricStat": metric(self.name, stat="p75"), "ReturnData": False},
                   {"Id": "e1", "Expression": "m1 * 2 + 1", "Label": "twice"},
                   {"Id": "e2", "Expression": "SUM([m1, FILL(m2, 100)])"}]
        answer = self.cloudwatch.get_metric_data(MetricDataQueries=queries, StartTime=START,
                                                 EndTime=START + 4 * MINUTE, ScanBy="TimestampAscending")
        results = {each["Id"]: each for each in answer["MetricDataResults"]}
        self.assertEqual(results["e1"]["Label"], "twice")
        self.assertEqual(results["e1"]["Values"], [1, 4, 7, 10])
        self.assertEqual(results["e1"]["Timestamps"], [START + i * MINUTE for i in range(4)])
        self.assertEqual(results["e2"]["Values"], [1, 101.5, 103, 104.5])
        self.assertEqual({each["StatusCode"] for each in results.values()}, {"Complete"})
        newest_first = self.cloudwatch.get_metric_data(MetricDataQueries=queries[:3], StartTime=START,
                                                       EndTime=START + 4 * MINUTE)
        self.assertEqual(newest_first["MetricDataResults"][0]["Values"], [10, 7, 4, 1])

    def test_a_metric_that_is_not_there_is_empty(self):
        answer = self.cloudwatch.get_metric_data(MetricDataQueries=[{"Id": "m", "MetricStat": metric("nobody")}],
                                                 StartTime=START, EndTime=START + MINUTE)
        self.assertEqual(answer["MetricDataResults"][0]["Values"], [])

    def test_what_is_wrong_is_refused(self):
        span = {"StartTime": START, "EndTime": START + MINUTE}
        with refused(self, "ValidationError") as raised:
            self.cloudwatch.get_metric_data(MetricDataQueries=[{"Id": "e", "Expression": "SEARCH('x', 'Sum')"}], **span)
        self.assertIn("SEARCH", str(raised.exception))
        with refused(self, "ValidationError"):
            self.cloudwatch.get_metric_data(MetricDataQueries=[{"Id": "m", "MetricStat": metric("a", period=10)}],
                                            **span)
        with refused(self, "InvalidParameterValue"):
            self.cloudwatch.put_metric_data(Namespace="App", MetricData=[
                {"MetricName": "old", "Timestamp": START - datetime.timedelta(days=20), "Value": 1}])

    def test_a_large_request_comes_compressed(self):
        data = [{"MetricName": f"Many-{self.protocol}-{i}", "Value": i, "Unit": "Count"} for i in range(300)]
        self.cloudwatch.put_metric_data(Namespace="App", MetricData=data)
        pages = self.cloudwatch.get_paginator("list_metrics").paginate(Namespace="App")
        names = {each["MetricName"] for page in pages for each in page["Metrics"]}
        self.assertTrue({each["MetricName"] for each in data} <= names)


class Json(Metrics, unittest.TestCase):
    protocol = "json"


class Cbor(Metrics, unittest.TestCase):
    protocol = "smithy-rpc-v2-cbor"


class Query(Metrics, unittest.TestCase):
    protocol = "query"


class Sampled(unittest.TestCase):
    def test_the_memory_of_a_service_is_told_each_minute(self):
        ecs, cloudwatch = LOCAL.client("ecs"), LOCAL.client("cloudwatch")
        ecs.create_cluster(clusterName="shop", settings=[{"name": "containerInsights", "value": "enabled"}])
        ecs.register_task_definition(family="web", containerDefinitions=[
            {"name": "web", "image": "any", "memory": 128, "dockerLabels": LABELS}])
        ecs.create_service(cluster="shop", serviceName="web", taskDefinition="web", desiredCount=3)
        LOCAL.advance("1m")
        wait_for("three tasks", lambda: ecs.describe_services(
            cluster="shop", services=["web"])["services"][0]["runningCount"] == 3)
        begin = LOCAL.advance("1m").replace(second=0, microsecond=0)
        end = LOCAL.advance("10m")
        of_service = {"ClusterName": "shop", "ServiceName": "web"}
        queries = [{"Id": name, "MetricStat": metric(wanted, of_service, stat, 60, name_space)}
                   for name, wanted, stat, name_space in [
                       ("m1", "MemoryUtilization", "Average", "AWS/ECS"),
                       ("m2", "MemoryUtilization", "SampleCount", "AWS/ECS"),
                       ("m3", "RunningTaskCount", "Maximum", "ECS/ContainerInsights"),
                       ("m4", "MemoryUtilized", "Sum", "ECS/ContainerInsights")]]
        answer = cloudwatch.get_metric_data(MetricDataQueries=queries, StartTime=begin, EndTime=end)
        self.assertEqual([each["Values"] for each in answer["MetricDataResults"]],
                         [[25.0] * 10, [3] * 10, [3] * 10, [96] * 10])


class Cli(unittest.TestCase):
    def aws(self, *words):
        environment = {**CREDENTIALS, "PATH": os.environ["PATH"], "HOME": LOCAL.folder.name,
                       "AWS_ENDPOINT_URL": LOCAL.url, "AWS_EC2_METADATA_DISABLED": "true", "AWS_PAGER": ""}
        if "PYENV_ROOT" in os.environ:
            environment["PYENV_ROOT"] = os.environ["PYENV_ROOT"]
        done = subprocess.run(["aws", "--output", "json", "cloudwatch", *words], env=environment, capture_output=True,
                              text=True, timeout=120)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout) if done.stdout.strip() else None

    def test_the_aws_cli_puts_and_reads(self):
        self.aws("put-metric-data", "--namespace", "Cli", "--metric-name", "Jobs", "--value", "7",
                 "--timestamp", START.isoformat())
        self.assertEqual(self.aws("list-metrics", "--namespace", "Cli")["Metrics"][0]["MetricName"], "Jobs")
        answer = self.aws("get-metric-statistics", "--namespace", "Cli", "--metric-name", "Jobs", "--period", "60",
                          "--statistics", "Sum", "--start-time", START.isoformat(),
                          "--end-time", (START + MINUTE).isoformat())
        self.assertEqual([each["Sum"] for each in answer["Datapoints"]], [7])


if __name__ == "__main__":
    unittest.main()
