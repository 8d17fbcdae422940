"""Events of stopped tasks as ECS sends them (ECS behaviour F6, C3, C4), and which of them an alarm on tasks that were
killed for their memory has to hear. Patterns are matched by moto's EventBridge."""

import copy
import json

from moto.events.models import EventPattern

REGION, ACCOUNT = "us-east-1", "123456789012"
EXITED = "Essential container in task exited"
SCALED = "Scaling activity initiated by (deployment ecs-svc/1234567890123456789)"

# (what happened, stopCode, stoppedReason, exit code and reason of each container)
KILLED = [
    ("EC2", "EssentialContainerExited", EXITED,
     [(137, "OutOfMemoryError: Container killed due to memory usage")]),
    ("Fargate", "EssentialContainerExited", EXITED,
     [(137, "OutOfMemoryError: container killed due to memory usage")]),
    ("the name alone", "EssentialContainerExited", EXITED, [(137, "OutOfMemory")]),
    ("the name in lower case", "EssentialContainerExited", EXITED, [(137, "outofmemoryerror: killed")]),
    ("the message alone", "EssentialContainerExited", EXITED, [(137, "Container killed due to memory usage")]),
    ("the message in lower case", "EssentialContainerExited", EXITED, [(137, "container killed due to memory usage")]),
    ("the second container", "EssentialContainerExited", EXITED,
     [(0, None), (137, "OutOfMemoryError: Container killed due to memory usage")]),
    ("told of the task", "EssentialContainerExited", "OutOfMemoryError: container killed due to memory usage",
     [(137, None)]),
    ("told of the task, behind something else", "EssentialContainerExited",
     "Task stopped: OutOfMemoryError: Container killed due to memory usage.", [(137, None)]),
]
NOT_KILLED = [
    ("slow to stop", "ServiceSchedulerInitiated", SCALED, [(137, None)]),
    ("slow to stop, by a person", "UserInitiated", "Task stopped by user", [(137, None)]),
    ("killed from inside", "EssentialContainerExited", EXITED, [(137, None)]),
    ("ended", "EssentialContainerExited", EXITED, [(1, None)]),
    ("health checks", "ServiceSchedulerInitiated", "Task failed container health checks", [(143, None)]),
    ("no image", "TaskFailedToStart", "CannotPullContainerError: pull access denied",
     [(None, "CannotPullContainerError: pull access denied")]),
    ("no memory to be placed", "TaskFailedToStart", "TaskFailedToStart: RESOURCE:MEMORY", [(None, None)]),
]


def event(cluster, service, stop_code, stopped_reason, containers, status="STOPPED"):
    task = f"arn:aws:ecs:{REGION}:{ACCOUNT}:task/{cluster}/0123456789abcdef0123456789abcdef"
    told = []
    for index, (code, reason) in enumerate(containers):
        container = {"containerArn": f"{task}/{index}", "name": f"app{index}", "image": "web:1", "lastStatus": status,
                     "taskArn": task, "networkInterfaces": [], "cpu": "0", "memory": "512"}
        container |= {} if code is None else {"exitCode": code}
        container |= {} if reason is None else {"reason": reason}
        told.append(container)
    return {"version": "0", "id": "3317b2af-7005-947d-b652-f55e762e571a", "detail-type": "ECS Task State Change",
            "source": "aws.ecs", "account": ACCOUNT, "time": "2026-11-20T03:00:00Z", "region": REGION,
            "resources": [task],
            "detail": {"clusterArn": f"arn:aws:ecs:{REGION}:{ACCOUNT}:cluster/{cluster}", "containers": told,
                       "group": f"service:{service}", "lastStatus": status, "desiredStatus": "STOPPED",
                       "launchType": "FARGATE", "startedBy": "ecs-svc/1234567890123456789", "stopCode": stop_code,
                       "stoppedReason": stopped_reason, "taskArn": task, "version": 5}}


def matches(pattern, told):
    """EventBridge looks into each member of an array of objects; moto does not, so that it gets one at a time."""
    for container in told["detail"]["containers"]:
        one = copy.deepcopy(told)
        one["detail"]["containers"] = container
        if EventPattern.load(pattern).matches_event(one):
            return True
    return False


def check(test, pattern, cluster, service):
    """`pattern`: the text that EventBridge has."""
    pattern = pattern if isinstance(pattern, str) else json.dumps(pattern)
    for name, *stopped in KILLED:
        with test.subTest(killed=name):
            test.assertTrue(matches(pattern, event(cluster, service, *stopped)))
            test.assertFalse(matches(pattern, event(cluster, service, *stopped, status="DEPROVISIONING")))
            test.assertFalse(matches(pattern, event(cluster, "other", *stopped)))
            test.assertFalse(matches(pattern, event("other", service, *stopped)))
    for name, *stopped in NOT_KILLED:
        with test.subTest(not_killed=name):
            test.assertFalse(matches(pattern, event(cluster, service, *stopped)))
