"""Our endpoint resolution against botocore's: every service that we call, in every partition, with every switch.

usage: endpoints_test.py PATH_OF_resolve_endpoints
"""

import itertools
import json
import os
import subprocess
import sys
import tempfile
import unittest
from unittest import mock

import botocore.session
from botocore.exceptions import BotoCoreError

# One for all clients: it keeps what it has read.
LOADER = botocore.session.Session().get_component("data_loader")

# botocore's name, host, suffix of AWS_ENDPOINT_URL_, key in a services section
SERVICES = [
    ("ecs", "ecs", "ECS", "ecs"),
    ("application-autoscaling", "application-autoscaling", "APPLICATION_AUTO_SCALING", "application_auto_scaling"),
    ("elbv2", "elasticloadbalancing", "ELASTIC_LOAD_BALANCING_V2", "elastic_load_balancing_v2"),
    ("cloudwatch", "monitoring", "CLOUDWATCH", "cloudwatch"),
    ("sts", "sts", "STS", "sts"),
    ("logs", "logs", "CLOUDWATCH_LOGS", "cloudwatch_logs"),
    ("sns", "sns", "SNS", "sns"),
]
OPERATIONS = {"ecs": "list_clusters", "application-autoscaling": "describe_scalable_targets",
              "elbv2": "describe_target_groups", "cloudwatch": "describe_alarms", "sts": "get_caller_identity",
              "logs": "describe_log_groups", "sns": "list_topics"}
REGIONS = ["us-east-1", "eu-west-1", "ap-east-1", "cn-north-1", "us-gov-west-1", "us-iso-east-1", "us-isob-east-1",
           "eu-isoe-west-1"]
# botocore's older endpoint data, which it consults first, knows no dual stack there; its newer rules do.
WITHOUT_DUAL_STACK = {"eu-isoe-west-1"}
OVERRIDES = [
    ({"AWS_ENDPOINT_URL": "http://environment:1"}, ""),
    ({"AWS_ENDPOINT_URL_{env}": "http://service:2", "AWS_ENDPOINT_URL": "http://environment:1"}, ""),
    ({}, "[default]\nendpoint_url = http://profile:3\n"),
    ({}, "[default]\nendpoint_url = http://profile:3\nservices = s\n"
         "[services s]\n{key} =\n  endpoint_url = http://section:4\n"),
    ({"AWS_ENDPOINT_URL": "http://environment:1"},
     "[default]\nservices = s\n[services s]\n{key} =\n  endpoint_url = http://section:4\n"),
    ({"AWS_ENDPOINT_URL": "http://environment:1", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"}, ""),
    ({"AWS_ENDPOINT_URL": "http://environment:1"}, "[default]\nignore_configured_endpoint_urls = true\n"),
    ({"AWS_ENDPOINT_URL": "http://environment:1/base", "AWS_USE_FIPS_ENDPOINT": "true"}, ""),
    ({"AWS_ENDPOINT_URL": ""}, ""),
    ({"AWS_STS_REGIONAL_ENDPOINTS": "legacy"}, ""),
    ({}, "[default]\nsts_regional_endpoints = legacy\n"),
]


def make_cases():
    cases = []
    for service, region, fips, dual in itertools.product(SERVICES, REGIONS, (False, True), (False, True)):
        if dual and region in WITHOUT_DUAL_STACK:
            continue
        environment = {"AWS_USE_FIPS_ENDPOINT": str(fips).lower(), "AWS_USE_DUALSTACK_ENDPOINT": str(dual).lower()}
        cases.append((service, region, environment, ""))
    for service, (environment, config) in itertools.product(SERVICES, OVERRIDES):
        fill = {"env": service[2], "key": service[3]}
        cases.append((service, "eu-west-1", {k.format(**fill): v for k, v in environment.items()},
                      config.replace("{key}", service[3])))
    return cases


def botocore_says(service, region, environment, config):
    with tempfile.NamedTemporaryFile("w", suffix=".config") as file:
        file.write(config)
        file.flush()
        variables = {**environment, "AWS_CONFIG_FILE": file.name, "AWS_SHARED_CREDENTIALS_FILE": "/nowhere/credentials",
                     "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "HOME": "/nowhere"}
        with mock.patch.dict(os.environ, variables, clear=True):
            try:
                session = botocore.session.Session()
                session.register_component("data_loader", LOADER)
                client = session.create_client(service, region_name=region)
                urls = []
                client.meta.events.register("before-send", lambda request, **_: urls.append(request.url) or mock.Mock(
                    status_code=500, headers={}, content=b""))
                operation = OPERATIONS[service]
                arguments = {"ServiceNamespace": "ecs"} if operation == "describe_scalable_targets" else {}
                with mock.patch("time.sleep"):
                    try:
                        getattr(client, operation)(**arguments)
                    except client.exceptions.ClientError:
                        pass
                return urls[0].rstrip("/")
            except (BotoCoreError, ValueError) as error:
                return "error: " + str(error)


class Endpoints(unittest.TestCase):
    def test_every_case_resolves_as_botocore_resolves_it(self):
        cases = make_cases()
        input_cases = [{"host": service[1], "env": service[2], "config_key": service[3], "region": region,
                        "environment": environment, "config": config}
                       for service, region, environment, config in cases]
        run = subprocess.run([PROGRAM], input=json.dumps(input_cases), capture_output=True, text=True, timeout=60)
        self.assertEqual(run.returncode, 0, run.stderr)
        answers = json.loads(run.stdout)
        self.assertEqual(len(answers), len(cases))
        for (service, region, environment, config), ours in zip(cases, answers):
            with self.subTest(service=service[0], region=region, environment=environment, config=config):
                theirs = botocore_says(service[0], region, environment, config)
                if theirs.startswith("error:"):
                    self.assertTrue(ours.startswith("error:"), f"{ours} but botocore: {theirs}")
                else:
                    self.assertEqual(ours, theirs)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    PROGRAM = sys.argv.pop(1)
    unittest.main()
