"""Every operation of ECS that the local ECS serves: what must work, and what must be refused as AWS refuses it."""

CONTAINER = {"name": "app", "image": "app", "memory": 64, "portMappings": [{"containerPort": 80}]}
SUBNETS = {"awsvpcConfiguration": {"subnets": ["subnet-a"]}}
NO_CLUSTER = ("ClusterNotFoundException", "Cluster not found.")
NO_SERVICE = ("ServiceNotFoundException", "Service not found.")
INVALID = "InvalidParameterException"

# Documented errors that cannot come from here. By code: whatever the operation; by (operation, code): of that one.
EXCUSED = {
    "AccessDeniedException": "nobody is denied anything: there is no IAM here",
    "ServerException": "faults on purpose alone bring it",
    "ClientException": "where the fault is one of a parameter, InvalidParameterException says so",
    INVALID: "where the fault is one of the request as a whole, ClientException says so",
    "NamespaceNotFoundException": "there is no Cloud Map: namespaces are kept as they come",
    "UpdateInProgressException": "changes of a cluster are done when they are answered",
    "UnsupportedFeatureException": "there is one Region and one partition, where the operation is supported",
    "LimitExceededException": "the limits that are counted are told with InvalidParameterException",
    "BlockedException": "the account is never blocked",
    ("DeleteCluster", "ClusterContainsContainerInstancesException"): "its instance is this machine and goes with it",
    ("DeleteCluster", "ClusterContainsCapacityProviderException"): "there are no capacity providers of its own",
    ("PutClusterCapacityProviders", "ResourceInUseException"): "no provider has instances of its own",
    ("GetTaskProtection", "ResourceNotFoundException"): "told as a failure with the reason MISSING (A4)",
    ("UpdateTaskProtection", "ResourceNotFoundException"): "told as a failure with the reason MISSING (A4)",
    ("DescribeServiceDeployments", "ServiceNotFoundException"): "told as a failure with the reason MISSING (A4)",
    ("DescribeServiceDeployments", "ClusterNotFoundException"): "told as a failure with the reason MISSING (A4)",
    ("DescribeServiceRevisions", "ServiceNotFoundException"): "told as a failure with the reason MISSING (A4)",
    ("DescribeServiceRevisions", "ClusterNotFoundException"): "told as a failure with the reason MISSING (A4)",
}


def arn(kind, name):
    return f"arn:aws:ecs:us-east-1:000000000000:{kind}/{name}"


def clusters(ecs):
    ecs.works("CreateCluster", clusterName="c", settings=[{"name": "containerInsights", "value": "enabled"}],
              tags=[{"key": "team", "value": "orders"}])
    ecs.refuses("CreateCluster", INVALID, clusterName="no spaces")
    ecs.works("ListClusters")
    ecs.refuses("ListClusters", INVALID, nextToken="made-up")
    ecs.refuses("ListClusters", INVALID, maxResults=101)
    ecs.works("DescribeClusters", clusters=["c"], include=["ATTACHMENTS", "SETTINGS", "STATISTICS", "TAGS"])
    ecs.finds_failure("DescribeClusters", "MISSING", clusters=["nowhere"])
    ecs.refuses("DescribeClusters", INVALID, clusters=["c"] * 101)
    ecs.works("UpdateCluster", cluster="c", settings=[{"name": "containerInsights", "value": "disabled"}])
    ecs.works("UpdateClusterSettings", cluster="c", settings=[{"name": "containerInsights", "value": "enhanced"}])
    ecs.works("PutClusterCapacityProviders", cluster="c", capacityProviders=["FARGATE", "FARGATE_SPOT"],
              defaultCapacityProviderStrategy=[])
    ecs.refuses("UpdateCluster", *NO_CLUSTER, cluster="nowhere")
    ecs.refuses("UpdateClusterSettings", *NO_CLUSTER, cluster="nowhere", settings=[])
    ecs.refuses("PutClusterCapacityProviders", *NO_CLUSTER, cluster="nowhere", capacityProviders=[],
                defaultCapacityProviderStrategy=[])
    ecs.works("CreateCluster", clusterName="short")
    ecs.works("DeleteCluster", cluster="short")
    ecs.refuses("DeleteCluster", *NO_CLUSTER, cluster="nowhere")


def container_instances(ecs):
    instance, = ecs.works("ListContainerInstances", cluster="c")["containerInstanceArns"]
    ecs.refuses("ListContainerInstances", *NO_CLUSTER, cluster="nowhere")
    ecs.works("DescribeContainerInstances", cluster="c", containerInstances=[instance])
    ecs.finds_failure("DescribeContainerInstances", "MISSING", cluster="c", containerInstances=["0" * 32])
    ecs.works("UpdateContainerInstancesState", cluster="c", containerInstances=[instance], status="DRAINING")
    assert ecs.call("ListContainerInstances", cluster="c", status="ACTIVE")["containerInstanceArns"] == []
    ecs.refuses("RunTask", INVALID, "No Container Instances were found in your cluster.", cluster="c",
                taskDefinition="app")
    told, = ecs.works("UpdateContainerInstancesState", cluster="c", containerInstances=[instance],
                      status="ACTIVE")["containerInstances"]
    assert told["status"] == "ACTIVE", told
    ecs.finds_failure("UpdateContainerInstancesState", "MISSING", cluster="c", containerInstances=["0" * 32],
                      status="DRAINING")
    ecs.refuses("UpdateContainerInstancesState", INVALID, cluster="c", containerInstances=[instance],
                status="REGISTERING")
    for operation, call in (("DescribeContainerInstances", {}), ("UpdateContainerInstancesState",
                                                                 {"status": "DRAINING"})):
        ecs.refuses(operation, *NO_CLUSTER, cluster="nowhere", containerInstances=[instance], **call)


def task_definitions(ecs):
    full = {**CONTAINER, "essential": True, "environment": [{"name": "A", "value": "1"}], "command": ["run"],
            "dockerLabels": {"local.ecs/startup": "1s"}, "stopTimeout": 5, "ulimits": [
                {"name": "nofile", "softLimit": 10, "hardLimit": 20}],
            "healthCheck": {"command": ["CMD-SHELL", "true"]},
            "restartPolicy": {"enabled": True, "ignoredExitCodes": [0], "restartAttemptPeriod": 60},
            "logConfiguration": {"logDriver": "awslogs",
                                 "options": {"awslogs-group": "g", "awslogs-create-group": "true"}}}
    side = {"name": "side", "image": "side", "essential": False,
            "dependsOn": [{"containerName": "app", "condition": "HEALTHY"}]}
    ecs.works("RegisterTaskDefinition", family="full", networkMode="awsvpc", cpu="256", memory="512",
              requiresCompatibilities=["FARGATE"], containerDefinitions=[full, side], volumes=[{"name": "v"}],
              runtimePlatform={"cpuArchitecture": "X86_64", "operatingSystemFamily": "LINUX"},
              tags=[{"key": "a", "value": "b"}])
    ecs.works("RegisterTaskDefinition", family="app", containerDefinitions=[CONTAINER])
    ecs.works("RegisterTaskDefinition", family="efs", networkMode="awsvpc", cpu="256", memory="512",
              containerDefinitions=[CONTAINER],
              volumes=[{"name": "v", "efsVolumeConfiguration": {"fileSystemId": "fs-1"}}])
    ecs.refuses("RegisterTaskDefinition", "ClientException", "Container list cannot be empty.", family="app",
                containerDefinitions=[])
    ecs.refuses("RegisterTaskDefinition", "ClientException", "Family should not be null or empty.",
                containerDefinitions=[CONTAINER])
    ecs.works("DescribeTaskDefinition", taskDefinition="full:1", include=["TAGS"])
    ecs.refuses("DescribeTaskDefinition", "ClientException", "Unable to describe task definition.",
                taskDefinition="unknown")
    ecs.works("ListTaskDefinitions", familyPrefix="full", status="ACTIVE", sort="DESC")
    ecs.refuses("ListTaskDefinitions", INVALID, sort="SIDEWAYS")
    ecs.works("ListTaskDefinitionFamilies", familyPrefix="f", status="ALL")
    ecs.refuses("ListTaskDefinitionFamilies", INVALID, maxResults=0)
    ecs.works("RegisterTaskDefinition", family="old", containerDefinitions=[CONTAINER])
    ecs.works("DeregisterTaskDefinition", taskDefinition="old:1")
    ecs.refuses("DeregisterTaskDefinition", "ClientException", taskDefinition="old")
    deleted, = ecs.works("DeleteTaskDefinitions", taskDefinitions=["old:1"])["taskDefinitions"]
    assert deleted["status"] == "DELETE_IN_PROGRESS", deleted
    listed = ecs.works("ListTaskDefinitions", status="DELETE_IN_PROGRESS")["taskDefinitionArns"]
    assert listed == [deleted["taskDefinitionArn"]], listed
    ecs.finds_failure("DeleteTaskDefinitions",
                      "The specified task definition is still in ACTIVE status. Please deregister the target and try "
                      "again.", taskDefinitions=["app:1"])
    ecs.refuses("DeleteTaskDefinitions", "ClientException", taskDefinitions=["old"])
    ecs.refuses("DeleteTaskDefinitions", INVALID, taskDefinitions=["old:1"] * 11)


def services(ecs):
    more = {"deploymentConfiguration": {"deploymentCircuitBreaker": {"enable": True, "rollback": True},
                                        "alarms": {"alarmNames": ["a"], "enable": True, "rollback": True}},
            "propagateTags": "SERVICE", "tags": [{"key": "k", "value": "v"}], "networkConfiguration": SUBNETS,
            "enableExecuteCommand": True, "launchType": "FARGATE", "platformVersion": "1.4.0",
            "serviceConnectConfiguration": {"enabled": False}}
    ecs.works("CreateService", cluster="c", serviceName="s", taskDefinition="full", desiredCount=2, **more)
    ecs.works("DescribeServices", cluster="c", services=["s"], include=["TAGS"])
    ecs.finds_failure("DescribeServices", "MISSING", cluster="c", services=["unknown"])
    ecs.works("ListServices", cluster="c", launchType="FARGATE", schedulingStrategy="REPLICA")
    ecs.works("UpdateService", cluster="c", service="s", desiredCount=3, forceNewDeployment=True)
    ecs.works("CreateService", cluster="c", serviceName="gone", taskDefinition="app", desiredCount=0)
    ecs.works("DeleteService", cluster="c", service="gone")
    app = {"serviceName": "x", "taskDefinition": "app", "desiredCount": 1}
    ecs.refuses("CreateService", *NO_CLUSTER, cluster="nowhere", **app)
    ecs.refuses("CreateService", INVALID, "TaskDefinition can not be blank.", cluster="c", serviceName="x",
                desiredCount=1)
    ecs.refuses("CreateService", "ClientException", "TaskDefinition not found.", cluster="c",
                **{**app, "taskDefinition": "unknown"})
    ecs.refuses("CreateService", INVALID, "Creation of service was not idempotent.", cluster="c",
                **{**app, "serviceName": "s"})
    ecs.refuses("CreateService", "UnsupportedFeatureException", cluster="c", **app,
                deploymentConfiguration={"strategy": "BLUE_GREEN"})
    ecs.refuses("DescribeServices", *NO_CLUSTER, cluster="nowhere", services=["s"])
    ecs.refuses("DescribeServices", INVALID, cluster="c", services=["s"] * 11)
    ecs.refuses("ListServices", *NO_CLUSTER, cluster="nowhere")
    ecs.refuses("ListServices", INVALID, cluster="c", nextToken="made-up")
    ecs.refuses("UpdateService", *NO_CLUSTER, cluster="nowhere", service="s")
    ecs.refuses("UpdateService", *NO_SERVICE, cluster="c", service="unknown")
    ecs.refuses("UpdateService", INVALID, cluster="c", service="s", desiredCount=-1)
    ecs.refuses("DeleteService", *NO_CLUSTER, cluster="nowhere", service="s")
    ecs.refuses("DeleteService", *NO_SERVICE, cluster="c", service="unknown")
    ecs.refuses("DeleteService", INVALID, "The service cannot be stopped while it is scaled above 0.", cluster="c",
                service="s")
    ecs.refuses("DeleteCluster", "ClusterContainsServicesException", cluster="c")
    ecs.local.advance("1m")
    ecs.refuses("UpdateService", "ServiceNotActiveException", "Service was not ACTIVE.", cluster="c", service="gone")


def platforms(ecs):
    efs = {"cluster": "c", "taskDefinition": "efs", "launchType": "FARGATE", "networkConfiguration": SUBNETS}
    service = {**efs, "serviceName": "efs", "desiredCount": 0}
    unknown = ("PlatformUnknownException", "The specified platform does not exist.")
    lacking = ("PlatformTaskDefinitionIncompatibilityException",
               "One or more of the requested capabilities are not supported.")
    ecs.works("CreateService", **service)
    for operation, call in (("CreateService", service), ("RunTask", efs),
                            ("UpdateService", {"cluster": "c", "service": "efs"})):
        ecs.refuses(operation, *unknown, **{**call, "platformVersion": "9.9.9"})
        ecs.refuses(operation, *lacking, **{**call, "platformVersion": "1.3.0"})
    ecs.refuses("RunTask", INVALID, "The platform version must be null when specifying an EC2 launch type.",
                cluster="c", taskDefinition="app", platformVersion="LATEST")


def tasks(ecs):
    ecs.local.advance("5m")
    arns = ecs.works("ListTasks", cluster="c", serviceName="s", desiredStatus="RUNNING")["taskArns"]
    ecs.works("DescribeTasks", cluster="c", tasks=arns, include=["TAGS"])
    ecs.finds_failure("DescribeTasks", "MISSING", cluster="c", tasks=["0" * 32])
    ecs.works("UpdateTaskProtection", cluster="c", tasks=arns[:1], protectionEnabled=True, expiresInMinutes=1)
    ecs.works("GetTaskProtection", cluster="c", tasks=arns)
    ecs.finds_failure("GetTaskProtection", "MISSING", cluster="c", tasks=["0" * 32])
    ecs.finds_failure("UpdateTaskProtection", "MISSING", cluster="c", tasks=["0" * 32], protectionEnabled=True)
    run, = ecs.works("RunTask", cluster="c", taskDefinition="app", clientToken="t", startedBy="me", overrides={
        "containerOverrides": [{"name": "app", "command": ["x"], "environment": [{"name": "B", "value": "2"}]}]},
                     tags=[{"key": "k", "value": "v"}])["tasks"]
    ecs.finds_failure("GetTaskProtection", "TASK_NOT_VALID", cluster="c", tasks=[run["taskArn"]])
    ecs.works("StopTask", cluster="c", task=run["taskArn"], reason="enough")
    ecs.works("StopTask", cluster="c", task=arns[0])
    ecs.works("DescribeTasks", cluster="c", tasks=[run["taskArn"], arns[0]])
    for operation, call in (("ListTasks", {}), ("DescribeTasks", {"tasks": arns}), ("StopTask", {"task": arns[0]}),
                            ("RunTask", {"taskDefinition": "app"}), ("GetTaskProtection", {"tasks": arns}),
                            ("UpdateTaskProtection", {"tasks": arns, "protectionEnabled": True})):
        ecs.refuses(operation, *NO_CLUSTER, cluster="nowhere", **call)
    ecs.refuses("ListTasks", *NO_SERVICE, cluster="c", serviceName="unknown")
    ecs.refuses("ListTasks", INVALID, cluster="c", startedBy="me", family="app")
    ecs.refuses("DescribeTasks", INVALID, "taskId length should be one of [32,36]", cluster="c", tasks=["short"])
    ecs.refuses("DescribeTasks", INVALID, "Unexpected number of separators", cluster="c", tasks=["a/b/c"])
    ecs.refuses("StopTask", INVALID, "The referenced task was not found.", cluster="c", task="0" * 32)
    ecs.refuses("RunTask", "ConflictException", cluster="c", taskDefinition="app", clientToken="t")
    ecs.refuses("RunTask", INVALID, "TaskDefinition is inactive", cluster="c", taskDefinition="old:1")
    ecs.refuses("RunTask", INVALID, cluster="c", taskDefinition="app", count=11)
    ecs.refuses("GetTaskProtection", INVALID, cluster="c", tasks=["short"])
    ecs.refuses("UpdateTaskProtection", INVALID, cluster="c", tasks=arns, protectionEnabled=True,
                expiresInMinutes=2881)


def clusters_with_tasks(ecs):
    ecs.works("CreateCluster", clusterName="busy")
    task, = ecs.works("RunTask", cluster="busy", taskDefinition="app")["tasks"]
    ecs.refuses("DeleteCluster", "ClusterContainsTasksException", cluster="busy")
    ecs.works("StopTask", cluster="busy", task=task["taskArn"])


def deployments(ecs):
    listed = ecs.works("ListServiceDeployments", cluster="c", service="s", status=["SUCCESSFUL", "IN_PROGRESS"])
    newest = listed["serviceDeployments"][0]["serviceDeploymentArn"]
    ecs.works("DescribeServiceDeployments", serviceDeploymentArns=[newest])
    ecs.works("DescribeServiceRevisions",
              serviceRevisionArns=[listed["serviceDeployments"][0]["targetServiceRevisionArn"]])
    for operation, member, kind in (("DescribeServiceDeployments", "serviceDeploymentArns", "service-deployment"),
                                    ("DescribeServiceRevisions", "serviceRevisionArns", "service-revision")):
        for unknown in ("c/s/1", "c/unknown/1", "nowhere/s/1"):
            ecs.finds_failure(operation, "MISSING", **{member: [arn(kind, unknown)]})
        ecs.refuses(operation, INVALID, **{member: [newest] * 21})
    ecs.refuses("ListServiceDeployments", *NO_CLUSTER, cluster="nowhere", service="s")
    ecs.refuses("ListServiceDeployments", *NO_SERVICE, cluster="c", service="unknown")
    ecs.refuses("ListServiceDeployments", INVALID, cluster="c", service="s", status=["BRAVE"])
    ecs.refuses("StopServiceDeployment", "ConflictException", serviceDeploymentArn=newest)
    ecs.refuses("StopServiceDeployment", "ServiceDeploymentNotFoundException",
                serviceDeploymentArn=arn("service-deployment", "c/s/1"))
    ecs.refuses("StopServiceDeployment", INVALID, serviceDeploymentArn=newest, stopType="ABORT")
    ecs.works("UpdateService", cluster="c", service="s", forceNewDeployment=True)
    newest = ecs.works("ListServiceDeployments", cluster="c", service="s")["serviceDeployments"][0]
    ecs.works("StopServiceDeployment", serviceDeploymentArn=newest["serviceDeploymentArn"])
    ecs.local.advance("10m")
    rolled_back, = ecs.works("DescribeServiceDeployments",
                             serviceDeploymentArns=[newest["serviceDeploymentArn"]])["serviceDeployments"]
    assert rolled_back["status"] == "ROLLBACK_SUCCESSFUL", rolled_back


def tags(ecs):
    service = arn("service", "c/s")
    ecs.works("TagResource", resourceArn=service, tags=[{"key": "a", "value": "1"}])
    ecs.works("ListTagsForResource", resourceArn=service)
    ecs.works("UntagResource", resourceArn=service, tagKeys=["a"])
    for operation, call in (("TagResource", {"tags": [{"key": "a", "value": "1"}]}), ("ListTagsForResource", {}),
                            ("UntagResource", {"tagKeys": ["a"]})):
        ecs.refuses(operation, *NO_CLUSTER, resourceArn=arn("cluster", "nowhere"), **call)
        ecs.refuses(operation, *NO_CLUSTER, resourceArn=arn("service", "nowhere/s"), **call)
        ecs.refuses(operation, INVALID, "The specified cluster is inactive. Specify an active cluster and try again.",
                    resourceArn=arn("cluster", "short"), **call)
        ecs.refuses(operation, INVALID, resourceArn="no-arn", **call)
    ecs.refuses("TagResource", "ResourceNotFoundException", resourceArn=arn("service", "c/unknown"), tags=[])
    ecs.refuses("UntagResource", "ResourceNotFoundException", resourceArn=arn("service", "c/unknown"), tagKeys=["a"])
    ecs.refuses("ListTagsForResource", INVALID, resourceArn=arn("service", "c/unknown"))
    ecs.refuses("TagResource", INVALID, resourceArn=service,
                tags=[{"key": str(i), "value": ""} for i in range(51)])


SCENES = (clusters, task_definitions, container_instances, services, platforms, tasks, clusters_with_tasks,
          deployments, tags)
