"""Our typed AWS services through the real session, against moto's server: every operation is understood on both sides.

usage: services_test.py PATH_OF_drive_services
"""

import json
import logging
import os
import subprocess
import sys
import unittest

import boto3
from moto.server import ThreadedMotoServer

DRIVE_SERVICES = sys.argv[1]
REGION = "eu-west-1"
KEYS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION}


class ServicesAgainstMoto(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        os.environ.update(KEYS)
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        cls.server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        cls.server.start()
        host, port = cls.server.get_host_and_port()
        cls.endpoint = f"http://{host}:{port}"
        cls.addClassCleanup(cls.server.stop)
        cls.prepare()
        ran = subprocess.run([DRIVE_SERVICES, cls.endpoint, *cls.network()], capture_output=True, text=True, timeout=90)
        if ran.returncode != 0:
            raise AssertionError(f"drive_services failed: {ran.stderr}")
        cls.seen = json.loads(ran.stdout)

    @classmethod
    def client(cls, service):
        return boto3.client(service, endpoint_url=cls.endpoint, region_name=REGION)

    @classmethod
    def network(cls):
        subnets = cls.client("ec2").describe_subnets()["Subnets"]
        return [subnets[0]["SubnetId"], subnets[1]["SubnetId"], subnets[0]["VpcId"]]

    @classmethod
    def prepare(cls):
        alarms = cls.client("cloudwatch")
        alarms.put_metric_alarm(AlarmName="errors", EvaluationPeriods=1, ComparisonOperator="GreaterThanThreshold",
                                Threshold=1, Period=60, MetricName="Errors", Namespace="App", Statistic="Sum")
        alarms.set_alarm_state(AlarmName="errors", StateValue="OK", StateReason="fine")
        registry = cls.client("ecr")
        registry.create_repository(repositoryName="web")
        manifest = json.dumps({"schemaVersion": 2, "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
                               "config": {"digest": "sha256:" + "0" * 64, "size": 1}, "layers": []})
        cls.digest = registry.put_image(repositoryName="web", imageManifest=manifest, imageTag="1")["image"]["imageId"][
            "imageDigest"]

    def test_identity_and_assumed_role_are_read(self):
        self.assertEqual(self.seen["account"], "123456789012")
        self.assertEqual(self.seen["assumed_role"], "arn:aws:sts::123456789012:assumed-role/recycler/drive")

    def test_what_is_created_is_told_back(self):
        self.assertEqual(self.seen["cluster_status"], "ACTIVE")
        self.assertEqual(self.seen["task_definition"], "web:1")
        self.assertEqual(self.seen["container_environment"], 'größe "x"\n')
        self.assertEqual(self.seen["service_status"], "ACTIVE")
        self.assertEqual(self.seen["team_tag"], "blue")

    def test_load_balancing_is_read_from_xml(self):
        self.assertIn(".elb.amazonaws.com", self.seen["load_balancer_dns_name"])
        self.assertEqual(self.seen["listener_port"], 8081)
        self.assertEqual(self.seen["forwards_to"], "web")
        self.assertEqual(self.seen["deregistration_delay_seconds"], 7)
        self.assertEqual(self.seen["health_check_interval_seconds"], 5)

    def test_changes_take_effect(self):
        self.assertEqual(self.seen["desired_count"], 3)
        self.assertGreaterEqual(self.seen["deployments_after_force"], 1)
        self.assertEqual(self.seen["max_capacity"], 9)
        self.assertTrue(self.seen["scale_in_suspended"])

    def test_alarms_are_read(self):
        self.assertEqual(self.seen["alarms"], {"errors": "OK"})

    def test_an_image_tag_is_resolved_and_an_absent_one_is_a_failure_among_the_answers(self):
        self.assertEqual(self.seen["image_digest"], self.digest)
        self.assertEqual(self.seen["image_failure"], "ImageNotFound")

    def test_unknown_names_are_explained(self):
        self.assertEqual(self.seen["error_for_unknown_service"],
                         'not found: service "wep" does not exist in cluster "drive" in eu-west-1; did you mean "web"?')
        self.assertEqual(self.seen["error_for_unknown_cluster"],
                         'not found: cluster "drivve" does not exist in eu-west-1; did you mean "drive"?')
        self.assertIn('alarm does not exist in CloudWatch: "absent"', self.seen["error_for_unknown_alarm"])

    def test_the_end_of_the_service_is_seen_and_nothing_is_left(self):
        self.assertTrue(self.seen["service_missing_after_delete"])
        self.assertEqual(self.client("elbv2").describe_target_groups()["TargetGroups"], [])
        self.assertEqual(self.client("elbv2").describe_load_balancers()["LoadBalancers"], [])
        services = self.client("ecs").describe_services(cluster="drive", services=["web"])["services"]
        self.assertEqual([service["status"] for service in services], ["INACTIVE"])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
