"""What a policy allows, and what `ecs-recycler iam-policy` says that is needed."""

import json
import os
import subprocess

# What the function needs however it recycles, and whatever the service is.
OF_FUNCTION = "journal,lambda,load-balancer,autoscaling,container-instances"


def granted(features, service, function, topic):
    """`service` is in cluster "shop" of moto's account."""
    done = subprocess.run([os.environ["ECSR_BIN"], "iam-policy", "--cluster", "shop", "--service", service, "--region",
                           "us-east-1", "--account", "123456789012", "--function", function, "--topic", topic,
                           "--features", features], capture_output=True, text=True, check=True)
    return rights(json.loads(done.stdout))


def rights(policy):
    """{(action, resource, condition)}, however the policy is put into statements."""
    def many(value):
        return value if isinstance(value, list) else [value]
    return {(action, resource, json.dumps(single(statement.get("Condition", {})), sort_keys=True))
            for statement in policy["Statement"] if statement is not None  # so moto leaves AWS::NoValue
            for action in many(statement["Action"]) for resource in many(statement["Resource"])}


def single(condition):
    """A list of one value as the value."""
    return {test: {key: value[0] if isinstance(value, list) and len(value) == 1 else value
                   for key, value in keys.items()} for test, keys in condition.items()}
