"""Every operation of the services beside ECS that the local ECS serves: a call that works, and one that is refused."""

import datetime
import json
import time

NO_GROUP = "arn:aws:elasticloadbalancing:us-east-1:000000000000:targetgroup/none/0123456789abcdef"
NO_BALANCER = "arn:aws:elasticloadbalancing:us-east-1:000000000000:loadbalancer/app/none/0123456789abcdef"
NO_LISTENER = "arn:aws:elasticloadbalancing:us-east-1:000000000000:listener/app/none/0123456789abcdef/0123456789abcdef"
NO_TOPIC = "arn:aws:sns:us-east-1:000000000000:none"


def scalable_targets(scaling):
    ecs = scaling.local.client("ecs")
    ecs.create_cluster(clusterName="scaling")
    ecs.register_task_definition(family="scaling", containerDefinitions=[{"name": "a", "image": "b", "memory": 64}])
    ecs.create_service(cluster="scaling", serviceName="s", taskDefinition="scaling", desiredCount=1)
    key = {"ServiceNamespace": "ecs", "ResourceId": "service/scaling/s",
           "ScalableDimension": "ecs:service:DesiredCount"}
    scaling.works("RegisterScalableTarget", **key, MinCapacity=1, MaxCapacity=2, Tags={"a": "b"})
    scaling.refuses("RegisterScalableTarget", "ValidationException", **key, MinCapacity=3, MaxCapacity=2)
    told, = scaling.works("DescribeScalableTargets", ServiceNamespace="ecs")["ScalableTargets"]
    arn = told["ScalableTargetARN"]
    step = {"AdjustmentType": "ChangeInCapacity",
            "StepAdjustments": [{"MetricIntervalLowerBound": 0, "ScalingAdjustment": 1}]}
    policy = {**key, "PolicyName": "p", "PolicyType": "StepScaling", "StepScalingPolicyConfiguration": step}
    scaling.works("PutScalingPolicy", **policy)
    scaling.works("PutScalingPolicy", **{**key, "PolicyName": "q", "PolicyType": "TargetTrackingScaling"},
                  TargetTrackingScalingPolicyConfiguration={"TargetValue": 5, "CustomizedMetricSpecification": {
                      "MetricName": "m", "Namespace": "n", "Statistic": "Sum",
                      "Dimensions": [{"Name": "d", "Value": "v"}]}})
    elsewhere = {"ResourceId": "service/scaling/none"}
    scaling.refuses("PutScalingPolicy", "ObjectNotFoundException", **{**policy, **elsewhere})
    scaling.refuses("PutScalingPolicy", "ValidationException", **{**policy, "PolicyType": "Guess"})
    schedule = {**key, "ScheduledActionName": "a", "Schedule": "rate(1 day)",
                "ScalableTargetAction": {"MinCapacity": 1}}
    scaling.works("PutScheduledAction", **schedule)
    scaling.refuses("PutScheduledAction", "ObjectNotFoundException", **{**schedule, **elsewhere})
    scaling.refuses("PutScheduledAction", "ValidationException", **{**schedule, "Schedule": "daily"})
    for operation, member in (("DescribeScalingPolicies", "ScalingPolicies"),
                              ("DescribeScheduledActions", "ScheduledActions")):
        told = scaling.works(operation, ServiceNamespace="ecs", MaxResults=1)
        assert len(told[member]) == 1, told
        scaling.refuses(operation, "InvalidNextTokenException", ServiceNamespace="ecs", NextToken="x")
    scaling.call("RegisterScalableTarget", **key, MinCapacity=2)
    scaling.works("DescribeScalingActivities", ServiceNamespace="ecs", IncludeNotScaledActivities=True)
    for operation, name in (("DeleteScalingPolicy", {"PolicyName": "p"}),
                            ("DeleteScheduledAction", {"ScheduledActionName": "a"})):
        scaling.works(operation, **key, **name)
        scaling.refuses(operation, "ObjectNotFoundException", **key, **name)
    for operation in ("DescribeScalableTargets", "DescribeScalingActivities", "DescribeScalingPolicies",
                      "DescribeScheduledActions"):
        scaling.refuses(operation, "ValidationException")
    scaling.works("TagResource", ResourceARN=arn, Tags={"c": "d"})
    scaling.works("ListTagsForResource", ResourceARN=arn)
    scaling.works("UntagResource", ResourceARN=arn, TagKeys=["c"])
    scaling.refuses("TagResource", "ResourceNotFoundException", ResourceARN=arn + "0", Tags={"c": "d"})
    scaling.refuses("ListTagsForResource", "ResourceNotFoundException", ResourceARN=arn + "0")
    scaling.refuses("UntagResource", "ResourceNotFoundException", ResourceARN=arn + "0", TagKeys=["c"])
    scaling.works("DeregisterScalableTarget", **key)
    scaling.refuses("DeregisterScalableTarget", "ObjectNotFoundException", **key)


def target_groups(elb):
    group, = elb.works("CreateTargetGroup", Name="g", Protocol="HTTP", Port=80, VpcId="vpc-1", TargetType="ip")[
        "TargetGroups"]
    arn = group["TargetGroupArn"]
    elb.refuses("CreateTargetGroup", "DuplicateTargetGroupName", Name="g", Protocol="HTTP", Port=81)
    target = [{"Id": "127.0.0.9", "Port": 9}]
    attributes = [{"Key": "deregistration_delay.timeout_seconds", "Value": "5"}]
    for operation, call in (("DescribeTargetHealth", {}), ("ModifyTargetGroup", {"HealthCheckPath": "/health"}),
                            ("DescribeTargetGroupAttributes", {}), ("RegisterTargets", {"Targets": target}),
                            ("ModifyTargetGroupAttributes", {"Attributes": attributes}),
                            ("DeregisterTargets", {"Targets": target})):
        elb.works(operation, TargetGroupArn=arn, **call)
        elb.refuses(operation, "TargetGroupNotFound", "One or more target groups not found", TargetGroupArn=NO_GROUP,
                    **call)
    elb.works("DescribeTargetGroups", TargetGroupArns=[arn])
    elb.refuses("DescribeTargetGroups", "TargetGroupNotFound", Names=["none"])


def balancers(elb):
    balancer, = elb.works("CreateLoadBalancer", Name="b", Subnets=["subnet-a", "subnet-b"])["LoadBalancers"]
    arn = balancer["LoadBalancerArn"]
    elb.refuses("CreateLoadBalancer", "DuplicateLoadBalancerName", Name="b", Scheme="internal", Subnets=["subnet-a"])
    elb.works("DescribeLoadBalancers", Names=["b"])
    elb.refuses("DescribeLoadBalancers", "LoadBalancerNotFound", Names=["none"])
    attributes = [{"Key": "idle_timeout.timeout_seconds", "Value": "10"}]
    for operation, call in (("DescribeLoadBalancerAttributes", {}),
                            ("ModifyLoadBalancerAttributes", {"Attributes": attributes})):
        elb.works(operation, LoadBalancerArn=arn, **call)
        elb.refuses(operation, "LoadBalancerNotFound", LoadBalancerArn=NO_BALANCER, **call)
    elb.works("AddTags", ResourceArns=[arn], Tags=[{"Key": "a", "Value": "b"}])
    elb.works("DescribeTags", ResourceArns=[arn])
    elb.works("RemoveTags", ResourceArns=[arn], TagKeys=["a"])
    for operation, call in (("AddTags", {"Tags": [{"Key": "a", "Value": "b"}]}), ("DescribeTags", {}),
                            ("RemoveTags", {"TagKeys": ["a"]})):
        elb.refuses(operation, "LoadBalancerNotFound", ResourceArns=[NO_BALANCER], **call)
        elb.refuses(operation, "TargetGroupNotFound", ResourceArns=[NO_GROUP], **call)


def listeners(elb):
    balancer = elb.call("DescribeLoadBalancers", Names=["b"])["LoadBalancers"][0]["LoadBalancerArn"]
    group = elb.call("DescribeTargetGroups", Names=["g"])["TargetGroups"][0]["TargetGroupArn"]
    forward = {"Protocol": "HTTP", "DefaultActions": [{"Type": "forward", "TargetGroupArn": group}]}
    listener = elb.works("CreateListener", LoadBalancerArn=balancer, Port=80, **forward)["Listeners"][0]["ListenerArn"]
    elb.refuses("CreateListener", "DuplicateListener", LoadBalancerArn=balancer, Port=80, **forward)
    elb.refuses("CreateListener", "LoadBalancerNotFound", LoadBalancerArn=NO_BALANCER, Port=80, **forward)
    elb.refuses("DeleteTargetGroup", "ResourceInUse", TargetGroupArn=group)
    elb.works("DescribeListeners", LoadBalancerArn=balancer)
    elb.refuses("DescribeListeners", "ListenerNotFound", ListenerArns=[NO_LISTENER])
    attributes = [{"Key": "routing.http.response.server.enabled", "Value": "false"}]
    for operation, call in (("ModifyListener", {"Port": 81}), ("DescribeListenerAttributes", {}),
                            ("ModifyListenerAttributes", {"Attributes": attributes}), ("DeleteListener", {})):
        elb.works(operation, ListenerArn=listener, **call)
        elb.refuses(operation, "ListenerNotFound", ListenerArn=NO_LISTENER, **call)
    elb.works("DeleteLoadBalancer", LoadBalancerArn=balancer)
    elb.refuses("DeleteLoadBalancer", "ValidationError")
    elb.works("DeleteTargetGroup", TargetGroupArn=group)


def alarms(watch):
    alarm = {"AlarmName": "high", "MetricName": "CPUUtilization", "Namespace": "AWS/ECS", "Statistic": "Average",
             "Period": 60, "EvaluationPeriods": 1, "Threshold": 70.0, "ComparisonOperator": "GreaterThanThreshold"}
    watch.works("PutMetricAlarm", **alarm, Tags=[{"Key": "a", "Value": "b"}])
    watch.refuses("PutMetricAlarm", "ValidationError", **{**alarm, "ComparisonOperator": "About"})
    told, = watch.works("DescribeAlarms", AlarmNames=["high"])["MetricAlarms"]
    watch.refuses("DescribeAlarms", "ValidationError", StateValue="LOUD")
    watch.works("SetAlarmState", AlarmName="high", StateValue="ALARM", StateReason="for a test")
    watch.refuses("SetAlarmState", "ResourceNotFound", AlarmName="none", StateValue="OK", StateReason="for a test")
    watch.works("DescribeAlarmsForMetric", MetricName="CPUUtilization", Namespace="AWS/ECS")
    watch.refuses("DescribeAlarmsForMetric", "ValidationError", MetricName="CPUUtilization")
    for operation in ("DisableAlarmActions", "EnableAlarmActions"):
        watch.works(operation, AlarmNames=["high"])
        watch.refuses(operation, "ValidationError")
    for operation, call in (("TagResource", {"Tags": [{"Key": "c", "Value": "d"}]}), ("ListTagsForResource", {}),
                            ("UntagResource", {"TagKeys": ["c"]})):
        watch.works(operation, ResourceARN=told["AlarmArn"], **call)
        watch.refuses(operation, "ResourceNotFoundException", ResourceARN=told["AlarmArn"] + "x", **call)
    watch.works("PutCompositeAlarm", AlarmName="any", AlarmRule="ALARM(high) OR FALSE")
    watch.refuses("PutCompositeAlarm", "ValidationError", AlarmName="any", AlarmRule="ALARM(nobody)")
    watch.refuses("DeleteAlarms", "ValidationError", AlarmNames=["high"])
    watch.works("DescribeAlarms", AlarmTypes=["CompositeAlarm"])
    watch.works("DescribeAlarmHistory", AlarmName="high", HistoryItemType="StateUpdate")
    watch.refuses("DescribeAlarmHistory", "InvalidNextToken", NextToken="zz")
    watch.works("DeleteAlarms", AlarmNames=["any", "high"])
    watch.refuses("DeleteAlarms", "ResourceNotFound", AlarmNames=["high"])


def metrics(watch):
    end = datetime.datetime.now(datetime.timezone.utc)
    span = {"StartTime": end - datetime.timedelta(hours=1), "EndTime": end}
    watch.works("PutMetricData", Namespace="App", MetricData=[{"MetricName": "m", "Value": 1.0}])
    watch.refuses("PutMetricData", "InvalidParameterValue", Namespace="AWS/ECS",
                  MetricData=[{"MetricName": "m", "Value": 1.0}])
    watch.works("ListMetrics", Namespace="App")
    watch.refuses("ListMetrics", "InvalidParameterValue", NextToken="made-up")
    query = {"Id": "m", "MetricStat": {"Metric": {"Namespace": "App", "MetricName": "m"}, "Period": 60, "Stat": "Sum"}}
    watch.works("GetMetricData", MetricDataQueries=[query], **span)
    watch.refuses("GetMetricData", "ValidationError", MetricDataQueries=[{"Id": "1"}], **span)
    watch.works("GetMetricStatistics", Namespace="App", MetricName="m", Period=60, Statistics=["Sum"], **span)
    watch.refuses("GetMetricStatistics", "ValidationError", Namespace="App", MetricName="m", Period=60,
                  Statistics=["Sum"], StartTime=end, EndTime=end - datetime.timedelta(hours=1))


def log_groups(logs):
    missing = ("ResourceNotFoundException", "The specified log group does not exist.")
    logs.works("CreateLogGroup", logGroupName="lines", tags={"a": "b"})
    logs.refuses("CreateLogGroup", "ResourceAlreadyExistsException", logGroupName="lines")
    logs.works("DescribeLogGroups", logGroupNamePrefix="lines")
    logs.refuses("DescribeLogGroups", "InvalidParameterException", nextToken="made-up")
    logs.works("CreateLogStream", logGroupName="lines", logStreamName="s")
    entry = [{"timestamp": int(time.time() * 1000), "message": "m"}]
    for operation, call in (("CreateLogStream", {"logStreamName": "s2"}), ("DescribeLogStreams", {}),
                            ("PutLogEvents", {"logStreamName": "s", "logEvents": entry}),
                            ("GetLogEvents", {"logStreamName": "s"}), ("FilterLogEvents", {"filterPattern": "m"}),
                            ("PutRetentionPolicy", {"retentionInDays": 7}), ("DeleteRetentionPolicy", {}),
                            ("TagLogGroup", {"tags": {"c": "d"}}), ("ListTagsLogGroup", {}),
                            ("UntagLogGroup", {"tags": ["c"]}), ("DeleteLogStream", {"logStreamName": "s"})):
        logs.works(operation, logGroupName="lines", **call)
        logs.refuses(operation, *missing, logGroupName="none", **call)
    arn = "arn:aws:logs:us-east-1:000000000000:log-group:"
    for operation, call in (("TagResource", {"tags": {"e": "f"}}), ("ListTagsForResource", {}),
                            ("UntagResource", {"tagKeys": ["e"]})):
        logs.works(operation, resourceArn=arn + "lines", **call)
        logs.refuses(operation, "ResourceNotFoundException", resourceArn=arn + "none", **call)
    logs.works("DeleteLogGroup", logGroupName="lines")
    logs.refuses("DeleteLogGroup", *missing, logGroupName="lines")


def rules(events):
    missing = ("ResourceNotFoundException", "Rule none does not exist on EventBus default.")
    pattern = '{"source": ["aws.ecs"]}'
    arn = events.works("PutRule", Name="r", EventPattern=pattern, Tags=[{"Key": "a", "Value": "b"}])["RuleArn"]
    events.refuses("PutRule", "InvalidEventPatternException", Name="r", EventPattern="{")
    target = {"Id": "1", "Arn": NO_TOPIC}
    for operation, call in (("DisableRule", {}), ("EnableRule", {}), ("DescribeRule", {})):
        events.works(operation, Name="r", **call)
        events.refuses(operation, *missing, Name="none", **call)
    for operation, call in (("PutTargets", {"Targets": [target]}), ("ListTargetsByRule", {}),
                            ("RemoveTargets", {"Ids": ["1"]})):
        events.works(operation, Rule="r", **call)
        events.refuses(operation, *missing, Rule="none", **call)
    for operation, call in (("ListRules", {}), ("ListRuleNamesByTarget", {"TargetArn": NO_TOPIC})):
        events.works(operation, **call)
        events.refuses(operation, "ResourceNotFoundException", EventBusName="none", **call)
    for operation, call in (("TagResource", {"Tags": [{"Key": "c", "Value": "d"}]}), ("ListTagsForResource", {}),
                            ("UntagResource", {"TagKeys": ["c"]})):
        events.works(operation, ResourceARN=arn, **call)
        events.refuses(operation, "ResourceNotFoundException", ResourceARN=arn + "x", **call)
    event = {"id": "1", "detail-type": "d", "source": "aws.ecs", "account": "0", "time": "2026-01-01T00:00:00Z",
             "region": "r", "resources": [], "detail": {}}
    events.works("TestEventPattern", EventPattern=pattern, Event=json.dumps(event))
    events.refuses("TestEventPattern", "InvalidEventPatternException", EventPattern="{", Event=json.dumps(event))
    entry = {"Source": "app", "DetailType": "d", "Detail": "{}"}
    events.works("PutEvents", Entries=[entry])
    events.refuses("PutEvents", "ValidationException", Entries=[entry] * 11)
    events.works("DeleteRule", Name="r")
    events.refuses("DeleteRule", "ResourceNotFoundException", Name="r", EventBusName="none")


def topics(sns):
    missing = ("NotFound", "Topic does not exist")
    arn = sns.works("CreateTopic", Name="t")["TopicArn"]
    sns.refuses("CreateTopic", "InvalidParameter", "Invalid parameter: Topic Name", Name="no spaces")
    for operation in ("ListTopics", "ListSubscriptions"):
        sns.works(operation)
        sns.refuses(operation, "InvalidParameter", NextToken="made-up")
    name = {"AttributeName": "DisplayName", "AttributeValue": "T"}
    entries = [{"Id": "a", "Message": "m"}]
    for operation, call in (("GetTopicAttributes", {}), ("SetTopicAttributes", name), ("Publish", {"Message": "m"}),
                            ("PublishBatch", {"PublishBatchRequestEntries": entries}), ("ListSubscriptionsByTopic", {}),
                            ("Subscribe", {"Protocol": "sqs", "Endpoint": "arn:aws:sqs:us-east-1:000000000000:q",
                                           "ReturnSubscriptionArn": True})):
        sns.works(operation, TopicArn=arn, **call)
        sns.refuses(operation, *missing, TopicArn=NO_TOPIC, **call)
    for operation, call in (("TagResource", {"Tags": [{"Key": "c", "Value": "d"}]}), ("ListTagsForResource", {}),
                            ("UntagResource", {"TagKeys": ["c"]})):
        sns.works(operation, ResourceArn=arn, **call)
        sns.refuses(operation, "ResourceNotFound", ResourceArn=NO_TOPIC, **call)


def subscriptions(sns):
    arn = sns.call("CreateTopic", Name="t")["TopicArn"]
    subscription = sns.call("ListSubscriptionsByTopic", TopicArn=arn)["Subscriptions"][0]["SubscriptionArn"]
    raw = {"AttributeName": "RawMessageDelivery", "AttributeValue": "true"}
    for operation, call in (("SetSubscriptionAttributes", raw), ("GetSubscriptionAttributes", {})):
        sns.works(operation, SubscriptionArn=subscription, **call)
        sns.refuses(operation, "NotFound", SubscriptionArn=subscription + "0", **call)
    sns.call("Subscribe", TopicArn=arn, Protocol="email", Endpoint="ops@example.com")
    token = sns.local.page("/_local/messages?topic=t")["unconfirmed"][0]["confirmUrl"].split("Token=")[1].split("&")[0]
    sns.works("ConfirmSubscription", TopicArn=arn, Token=token)
    sns.refuses("ConfirmSubscription", "InvalidParameter", "Invalid parameter: Token", TopicArn=arn, Token="made-up")
    sns.works("Unsubscribe", SubscriptionArn=subscription)
    sns.refuses("Unsubscribe", "InvalidParameter", SubscriptionArn="no-arn")
    sns.works("DeleteTopic", TopicArn=arn)
    sns.refuses("DeleteTopic", "ValidationError")


def identity(sts):
    sts.works("GetCallerIdentity")
    sts.works("AssumeRole", RoleArn="arn:aws:iam::123456789012:role/ops", RoleSessionName="me")
    sts.refuses("AssumeRole", "ValidationError", RoleArn="arn:aws:iam::123456789012:role/ops", RoleSessionName="m")


SCENES = {"application-autoscaling": (scalable_targets,), "elbv2": (target_groups, balancers, listeners),
          "cloudwatch": (alarms, metrics), "logs": (log_groups,), "events": (rules,), "sns": (topics, subscriptions),
          "sts": (identity,)}
