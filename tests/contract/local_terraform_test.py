"""Terraform with its AWS provider on the local ECS alone: applied, without drift, changed, destroyed.

usage: ECSR_BIN=PATH_OF_ecs-recycler local_terraform_test.py
"""

import json
import os
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

from local_ecs import LocalEcs
from terraform_provider import provider_mirror

CONFIGURATION = Path(__file__).resolve().parent / "terraform" / "main.tf"
MIRROR = provider_mirror()


@unittest.skipUnless(MIRROR, "terraform with its AWS provider is not on this machine")
class OnTheLocalEcs(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.local = LocalEcs("--runtime", "virtual", "--time-scale", "60")
        cls.addClassCleanup(cls.local.close)
        folder = tempfile.TemporaryDirectory(prefix="local-terraform-test-")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = Path(folder.name)
        shutil.copy(CONFIGURATION, cls.folder)
        settings = cls.folder / "terraformrc"
        settings.write_text(f'provider_installation {{\n  filesystem_mirror {{\n    path = "{MIRROR}"\n  }}\n}}\n')
        told = subprocess.run([os.environ["ECSR_BIN"], "local", "env", "--endpoint-url", cls.local.url, "--output",
                               "json"], capture_output=True, text=True, timeout=60, check=True)
        cls.environment = {"PATH": os.environ["PATH"], "HOME": folder.name, "TF_CLI_CONFIG_FILE": str(settings),
                           "TF_IN_AUTOMATION": "1", "CHECKPOINT_DISABLE": "1", **json.loads(told.stdout)}

    def terraform(self, *arguments, codes=(0,)):
        done = subprocess.run(["terraform", *arguments, "-no-color"], cwd=self.folder, env=self.environment,
                              capture_output=True, text=True, timeout=240, check=False)
        self.assertIn(done.returncode, codes, f"terraform {arguments}: {done.stdout[-3000:]}{done.stderr}")
        return done

    def assert_no_drift(self, *variables):
        plan = self.terraform("plan", "-detailed-exitcode", "-input=false", *variables, codes=(0, 2))
        self.assertEqual(plan.returncode, 0, plan.stdout)

    def test_it_lives_and_dies(self):
        self.terraform("init", "-input=false")
        self.terraform("apply", "-auto-approve", "-input=false")
        ecs = self.local.client("ecs")
        service, = ecs.describe_services(cluster="shop", services=["web"])["services"]
        self.assertEqual((service["runningCount"], service["deployments"][0]["rolloutState"]), (2, "COMPLETED"))
        self.assert_no_drift()
        changed = ("-var", "image=two", "-var", "highest=9")
        self.terraform("apply", "-auto-approve", "-input=false", *changed)
        service, = ecs.describe_services(cluster="shop", services=["web"])["services"]
        self.assertRegex(service["taskDefinition"], ":task-definition/web:2$")
        scaling = self.local.client("application-autoscaling")
        targets = scaling.describe_scalable_targets(ServiceNamespace="ecs")
        self.assertEqual([target["MaxCapacity"] for target in targets["ScalableTargets"]], [9])
        policies = scaling.describe_scaling_policies(ServiceNamespace="ecs")["ScalingPolicies"]
        self.assertEqual([(policy["PolicyName"], len(policy["Alarms"])) for policy in policies],
                         [("cpu", 2), ("steps", 1)])
        self.assert_no_drift(*changed)
        self.terraform("destroy", "-auto-approve", "-input=false", *changed)
        self.assertEqual(ecs.list_clusters()["clusterArns"], [])
        self.assertEqual(scaling.describe_scalable_targets(ServiceNamespace="ecs")["ScalableTargets"], [])
        self.assertEqual(self.local.client("elbv2").describe_load_balancers()["LoadBalancers"], [])
        self.assertEqual(self.local.client("cloudwatch").describe_alarms()["MetricAlarms"], [])


if __name__ == "__main__":
    unittest.main()
