// A service "web" with two tasks behind a load balancer, as AWS would tell it: calls and answers for scripts.
#pragma once

#include "tests/support/manual_clock.hpp"
#include "tests/support/scripted_caller.hpp"

#include <fmt/format.h>
#include <string>

namespace ecsr::testing {

inline const std::string arns = "arn:aws:ecs:eu-west-1:123456789012:";
inline const std::string group_arn =
    "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/web/73e2d6bc24d8a067";
inline const std::string definition_arn = arns + "task-definition/web:7";
inline const std::string instance_arn = arns + "container-instance/prod/99999999999999999999999999999999";
inline const std::string image = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/web:1.4";

// "a" -> the ARN of task aaaa...
inline std::string task_arn(char id) {
    return arns + "task/prod/" + std::string(32, id);
}

inline std::string service_json(int desired = 2, int running = 2, const std::string& events = "") {
    return fmt::format(
        R"({{"services":[{{"serviceArn":"{0}service/prod/web","serviceName":"web","clusterArn":"{0}cluster/prod",
        "status":"ACTIVE","desiredCount":{1},"runningCount":{4},"pendingCount":0,
          "launchType":"FARGATE","taskDefinition":"{2}",
        "loadBalancers":[{{"targetGroupArn":"{3}","containerName":"web","containerPort":8080}}],
        "deployments":[{{"id":"ecs-svc/1","status":"PRIMARY","taskDefinition":"{2}","desiredCount":{1},"runningCount":2,
            "createdAt":1767000000.5,"updatedAt":1767000001,"rolloutState":"COMPLETED"}}],
        "events":[{5}],"createdAt":1766000000,"schedulingStrategy":"REPLICA","tags":[{{"key":"team",
          "value":"blue"}}]}}],"failures":[]}})",
        arns, desired, definition_arn, group_arn, running, events);
}

// The n-th event of the service; {a} in the text stands for task a.
inline std::string event_json(int n, std::string text) {
    for (auto at = text.find('{'); at != std::string::npos; at = text.find('{')) {
        text.replace(at, 3, "(task " + std::string(32, text[at + 1]) + ")");
    }
    return fmt::format(R"({{"id":"event-{}","createdAt":{},"message":"(service web) {}"}})", n, 1767000100 + n, text);
}

inline std::string task_json(char id, const std::string& last_status = "RUNNING",
                             const std::string& desired_status = "RUNNING", const std::string& more = "") {
    return fmt::format(R"({{"taskArn":"{}","taskDefinitionArn":"{}","group":"service:web","startedBy":"ecs-svc/1",
        "lastStatus":"{}","desiredStatus":"{}","healthStatus":"UNKNOWN","launchType":"FARGATE",
          "createdAt":1767000010.25,
        "containers":[{{"name":"web","image":"{}","imageDigest":"sha256:old","lastStatus":"{}","networkBindings":[],
            "networkInterfaces":[{{"privateIpv4Address":"10.0.0.{}"}}]}}]{}}})",
                       task_arn(id), definition_arn, last_status, desired_status, image, last_status,
                       static_cast<int>(id), more);
}

inline std::string tasks_json(const std::string& tasks, const std::string& missing_arn = "") {
    const std::string failures = missing_arn.empty() ? "" : R"({"arn":")" + missing_arn + R"(","reason":"MISSING"})";
    return R"({"tasks":[)" + tasks + R"(],"failures":[)" + failures + "]}";
}

inline ScriptedCall describe_service(Result<std::string> answer) {
    return {"DescribeServices", R"({"cluster":"prod","services":["web"],"include":["TAGS"]})", std::move(answer)};
}

inline ScriptedCall list_tasks(Result<std::string> answer) {
    return {"ListTasks", R"({"cluster":"prod","serviceName":"web","desiredStatus":"RUNNING","maxResults":100})",
            std::move(answer)};
}

// ids "ab": tasks a and b.
inline std::string task_list(const std::string& ids) {
    std::string list;
    for (const char id : ids) { list += (list.empty() ? "\"" : ",\"") + task_arn(id) + "\""; }
    return list;
}

inline ScriptedCall list_tasks_giving(const std::string& ids) {
    return list_tasks(R"({"taskArns":[)" + task_list(ids) + "]}");
}

inline ScriptedCall describe_tasks(const std::string& ids, Result<std::string> answer) {
    return {"DescribeTasks", R"({"cluster":"prod","tasks":[)" + task_list(ids) + "]}", std::move(answer)};
}

inline ScriptedCall describe_definition() {
    return {"DescribeTaskDefinition", R"({"taskDefinition":")" + definition_arn + "\"}",
            R"({"taskDefinition":{"taskDefinitionArn":")" + definition_arn +
                R"(","family":"web","revision":7,"networkMode":"awsvpc","memory":"512","containerDefinitions":[
                {"name":"web","essential":true,"healthCheck":{"command":["CMD-SHELL","true"]},"stopTimeout":20}]}})"};
}

inline std::string group_parameter(const std::string& prefix) {
    return prefix +
           "=arn%3Aaws%3Aelasticloadbalancing%3Aeu-west-1%3A123456789012%3Atargetgroup%2Fweb%2F73e2d6bc24d8a067";
}

inline ScriptedCall describe_groups() {
    return {
        "DescribeTargetGroups", group_parameter("TargetGroupArns.member.1"),
        "<DescribeTargetGroupsResponse><DescribeTargetGroupsResult><TargetGroups><member><TargetGroupArn>" + group_arn +
            "</TargetGroupArn><TargetGroupName>web</TargetGroupName><TargetType>ip</TargetType>"
            "<HealthCheckIntervalSeconds>5</HealthCheckIntervalSeconds><HealthyThresholdCount>2</HealthyThresholdCount>"
            "</member></TargetGroups></DescribeTargetGroupsResult></DescribeTargetGroupsResponse>"};
}

inline ScriptedCall describe_group_attributes() {
    return {"DescribeTargetGroupAttributes", group_parameter("TargetGroupArn"),
            "<DescribeTargetGroupAttributesResponse><DescribeTargetGroupAttributesResult><Attributes>"
            "<member><Key>stickiness.enabled</Key><Value>false</Value></member>"
            "<member><Key>deregistration_delay.timeout_seconds</Key><Value>45</Value></member>"
            "</Attributes></DescribeTargetGroupAttributesResult></DescribeTargetGroupAttributesResponse>"};
}

inline std::string target_xml(const std::string& id, int port, const std::string& state) {
    return fmt::format("<member><Target><Id>{}</Id><Port>{}</Port></Target><HealthCheckPort>{}</HealthCheckPort>"
                       "<TargetHealth><State>{}</State></TargetHealth></member>",
                       id, port, port, state);
}

inline ScriptedCall describe_health(const std::string& targets) {
    return {"DescribeTargetHealth", group_parameter("TargetGroupArn"),
            "<DescribeTargetHealthResponse><DescribeTargetHealthResult><TargetHealthDescriptions>" + targets +
                "</TargetHealthDescriptions></DescribeTargetHealthResult></DescribeTargetHealthResponse>"};
}

inline ScriptedCall describe_scaling(Result<std::string> answer) {
    return {"DescribeScalableTargets",
            R"({"ServiceNamespace":"ecs","ResourceIds":["service/prod/web"],)"
            R"("ScalableDimension":"ecs:service:DesiredCount"})",
            std::move(answer)};
}

inline const std::string scaling_json =
    R"({"ScalableTargets":[{"ServiceNamespace":"ecs","ResourceId":"service/prod/web",
    "ScalableDimension":"ecs:service:DesiredCount","MinCapacity":2,"MaxCapacity":6,"RoleARN":"arn",
      "CreationTime":1766000000,
    "SuspendedState":{"DynamicScalingInSuspended":true}}]})";

inline ScriptedCall get_protection(const std::string& ids, Result<std::string> answer) {
    return {"GetTaskProtection", R"({"cluster":"prod","tasks":[)" + task_list(ids) + "]}", std::move(answer)};
}

inline std::string protection_json(char id) {
    return R"({"protectedTasks":[{"taskArn":")" + task_arn(id) +
           R"(","protectionEnabled":true,"expirationDate":1767010000}],"failures":[]})";
}

inline ScriptedCall describe_alarms(const std::string& names, Result<std::string> answer) {
    return {"DescribeAlarms", R"({"AlarmNames":[)" + names + R"(],"AlarmTypes":["MetricAlarm","CompositeAlarm"]})",
            std::move(answer)};
}

inline const std::string alarms_json = R"({"MetricAlarms":[{"AlarmName":"errors","StateValue":"OK"}],
    "CompositeAlarms":[{"AlarmName":"all","StateValue":"ALARM"}]})";

inline ScriptedCall get_image(Result<std::string> answer) {
    return {"BatchGetImage",
            R"({"registryId":"123456789012","repositoryName":"team/web",)"
            R"("imageIds":[{"imageTag":"1.4"}],"acceptedMediaTypes":[)"
            R"("application/vnd.docker.distribution.manifest.v2+json",)"
            R"("application/vnd.docker.distribution.manifest.list.v2+json",)"
            R"("application/vnd.oci.image.manifest.v1+json","application/vnd.oci.image.index.v1+json"]})",
            std::move(answer)};
}

} // namespace ecsr::testing
