#include "aws/ecs/client.hpp"
#include "aws/ecs/convert.hpp"
#include "tests/support/scripted_caller.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace ecsr::aws::ecs {
namespace {

using testing::aws_error;
using ::testing::HasSubstr;
using testing::ScriptedCall;
using testing::ScriptedCaller;
using ::testing::SizeIs;

// As captured from ECS, cut down to one of each.
const std::string recorded_services = R"({"services":[{"serviceArn":"arn:aws:ecs:eu-west-1:1:service/prod/web",
    "serviceName":"web","clusterArn":"arn:aws:ecs:eu-west-1:1:cluster/prod","loadBalancers":[
        {"targetGroupArn":"arn:tg","containerName":"web","containerPort":8080},
          {"loadBalancerName":"classic","containerName":"web"}],
    "serviceRegistries":[],"status":"ACTIVE","desiredCount":2,"runningCount":1,"pendingCount":1,"launchType":"FARGATE",
    "platformVersion":"LATEST","taskDefinition":"arn:td:7","deploymentConfiguration":{
        "deploymentCircuitBreaker":{"enable":true,"rollback":true,"resetOnHealthyTask":true},"maximumPercent":150,
        "minimumHealthyPercent":50,"alarms":{"alarmNames":["errors"],"rollback":true,"enable":true}},
    "deployments":[
        {"id":"ecs-svc/1","status":"ACTIVE","taskDefinition":"arn:td:6","desiredCount":2,
          "pendingCount":0,"runningCount":1,
         "failedTasks":0,"createdAt":1672909881.161,"updatedAt":1672909882.0,
           "rolloutState":"COMPLETED","rolloutStateReason":"x"},
        {"id":"ecs-svc/2","status":"PRIMARY","taskDefinition":"arn:td:7","desiredCount":0,
          "pendingCount":1,"runningCount":0,
         "failedTasks":3,"createdAt":1672909900.5,"updatedAt":1672909901,"rolloutState":"IN_PROGRESS"}],
    "roleArn":"arn:role","events":[{"id":"e1","createdAt":1672909890.001,
      "message":"(service web) has started 1 tasks: (task a)."}],
    "createdAt":1672900000,"healthCheckGracePeriodSeconds":60,"schedulingStrategy":"REPLICA",
    "deploymentController":{"type":"ECS"},"tags":[{"key":"team","value":"blue"}],
      "enableECSManagedTags":false}],"failures":[]})";

const std::string recorded_tasks =
    R"({"tasks":[{"attachments":[{"id":"1","type":"ElasticNetworkInterface","status":"ATTACHED","details":[]}],
    "availabilityZone":"eu-west-1a","clusterArn":"arn:c","connectivity":"CONNECTED",
      "containers":[{"containerArn":"arn:con",
        "taskArn":"arn:t","name":"web","image":"web:1","imageDigest":"sha256:1","lastStatus":"STOPPED","exitCode":137,
        "reason":"OutOfMemoryError: Container killed due to memory usage",
          "networkBindings":[{"bindIP":"0.0.0.0","containerPort":8080,
        "hostPort":49153,"protocol":"tcp"}],"networkInterfaces":[{"attachmentId":"1","privateIpv4Address":"10.0.0.7"}],
        "healthStatus":"UNKNOWN","cpu":"0"}],"cpu":"256","createdAt":1672909881.161,
          "desiredStatus":"STOPPED","group":"service:web",
    "healthStatus":"UNKNOWN","lastStatus":"STOPPED","launchType":"FARGATE","memory":"512","startedAt":1672909890.25,
    "startedBy":"ecs-svc/2","stopCode":"EssentialContainerExited","stoppedAt":1672910000.75,
    "stoppedReason":"Essential container in task exited","stoppingAt":1672909999,"tags":[],"taskArn":"arn:t",
    "taskDefinitionArn":"arn:td:7","version":7,"containerInstanceArn":null}],
      "failures":[{"arn":"arn:u","reason":"MISSING"}]})";

template <class Call>
auto call_once(ScriptedCall scripted, Call call) {
    ScriptedCaller caller({std::move(scripted)});
    auto answer = call(Client(caller));
    EXPECT_EQ(caller.unused(), 0U);
    return answer;
}

auto describe_services(Result<std::string> answer) {
    return call_once({"DescribeServices", R"({"cluster":"prod","services":["web"]})", std::move(answer)},
                     [](Client client) {
                         return client.describe_services({.cluster = "prod", .services = {"web"}, .include = {}}, {});
                     });
}

auto describe_tasks(Result<std::string> answer) {
    return call_once({"DescribeTasks", R"({"cluster":"prod","tasks":["t","u"]})", std::move(answer)},
                     [](Client client) { return client.describe_tasks({.cluster = "prod", .tasks = {"t", "u"}}, {}); });
}

TEST(EcsClient, ReadsARecordedServiceIntoTheModel) {
    const auto answer = describe_services(recorded_services);
    ASSERT_TRUE(answer) << answer.error().message;
    const ecsr::Service service = to_model(answer->services.at(0));
    EXPECT_EQ(service.arn, "arn:aws:ecs:eu-west-1:1:service/prod/web");
    EXPECT_EQ(service.desired_count, 2);
    EXPECT_EQ(service.pending_count, 1);
    ASSERT_THAT(service.target_groups, SizeIs(1));
    EXPECT_EQ(service.target_groups[0].container_port, 8080);
    EXPECT_TRUE(service.has_classic_load_balancer);
    EXPECT_EQ(service.maximum_percent, 150);
    EXPECT_EQ(service.minimum_healthy_percent, 50);
    EXPECT_EQ(service.health_check_grace_period, Seconds(60));
    EXPECT_EQ(service.deployment_alarms, std::vector<std::string>{"errors"});
    ASSERT_THAT(service.deployments, SizeIs(2));
    EXPECT_EQ(service.deployments[0].id, "ecs-svc/2") << "PRIMARY comes first";
    EXPECT_EQ(service.deployments[0].failed_tasks, 3);
    EXPECT_EQ(service.deployments[1].rollout_state, "COMPLETED");
    EXPECT_EQ(to_rfc3339(service.deployments[1].created_at), "2023-01-05T09:11:21.161Z");
    EXPECT_EQ(service.events.at(0).message, "(service web) has started 1 tasks: (task a).");
    EXPECT_EQ(service.tags.at("team"), "blue");
}

TEST(EcsClient, WhatAServiceLeavesOutHasEcsDefaults) {
    const ecsr::Service service = to_model(Service{});
    EXPECT_EQ(service.scheduling_strategy, "REPLICA");
    EXPECT_EQ(service.deployment_controller, "ECS");
    EXPECT_EQ(service.maximum_percent, 200);
    EXPECT_EQ(service.minimum_healthy_percent, 100);
}

TEST(EcsClient, AlarmsThatAreSwitchedOffAreNone) {
    Service service;
    service.deployment_configuration.emplace().alarms = {.alarm_names = {"x"}, .rollback = true, .enable = false};
    EXPECT_TRUE(to_model(service).deployment_alarms.empty());
}

TEST(EcsClient, ReadsARecordedTaskIntoTheModel) {
    const auto answer = describe_tasks(recorded_tasks);
    ASSERT_TRUE(answer) << answer.error().message;
    const ecsr::Task task = to_model(answer->tasks.at(0));
    EXPECT_EQ(task.arn, "arn:t");
    EXPECT_EQ(task.task_definition, "arn:td:7");
    EXPECT_EQ(task.availability_zone, "eu-west-1a");
    EXPECT_EQ(task.stop_code, "EssentialContainerExited");
    EXPECT_EQ(task.started_by, "ecs-svc/2");
    EXPECT_EQ(to_rfc3339(*task.stopped_at), "2023-01-05T09:13:20.750Z");
    EXPECT_EQ(task.container_instance_arn, "");
    ASSERT_THAT(task.containers, SizeIs(1));
    EXPECT_EQ(task.containers[0].exit_code, 137);
    EXPECT_EQ(task.containers[0].private_ip, "10.0.0.7");
    EXPECT_EQ(task.containers[0].network_bindings.at(0).host_port, 49153);
    EXPECT_TRUE(killed_for_memory(task));
    EXPECT_EQ(answer->failures.at(0).reason, "MISSING");
}

TEST(EcsClient, ReadsATaskDefinitionIntoTheModel) {
    const auto answer = call_once({"DescribeTaskDefinition", R"({"taskDefinition":"web:7"})",
                                   R"({"taskDefinition":{"taskDefinitionArn":"arn:td:7","family":"web","revision":7,
           "memory":"512","containerDefinitions":[
            {"name":"web","image":"web:1","memory":256,"essential":true,"stopTimeout":90,
              "healthCheck":{"command":["CMD","true"]}},
            {"name":"log","image":"log:1","memoryReservation":64,"essential":false}]}})"},
                                  [](Client client) { return client.describe_task_definition({"web:7"}, {}); });
    ASSERT_TRUE(answer) << answer.error().message;
    const ecsr::TaskDefinition definition = to_model(*answer->task_definition);
    EXPECT_EQ(definition.memory_mib, 512);
    EXPECT_EQ(definition.network_mode, "bridge") << "what ECS takes when none is said";
    EXPECT_TRUE(definition.containers[0].has_health_check);
    EXPECT_EQ(definition.containers[0].stop_timeout, Seconds(90));
    EXPECT_EQ(definition.containers[0].memory_mib, 256);
    EXPECT_FALSE(definition.containers[1].essential);
    EXPECT_EQ(definition.containers[1].stop_timeout, Seconds(30));
    EXPECT_EQ(definition.containers[1].memory_reservation_mib, 64);
}

TEST(EcsClient, AWrongTypeAtAnyLevelIsAnErrorThatSaysWhere) {
    const std::vector<std::pair<std::string, std::string>> spoilt{
        {R"([])", "$: expected object, got array"},
        {R"({"services":{}})", "$.services: expected array, got object"},
        {R"({"services":["web"]})", "$.services[0]: expected object, got string"},
        {R"({"services":[{"desiredCount":"2"}]})", "$.services[0].desiredCount: expected number, got string"},
        {R"({"services":[{"deployments":[{},{"createdAt":"now"}]}]})",
         "$.services[0].deployments[1].createdAt: expected number, got string"},
        {R"({"services":[{"deploymentConfiguration":{"alarms":{"alarmNames":[1]}}}]})",
         "$.services[0].deploymentConfiguration.alarms.alarmNames[0]: expected string, got number"},
        {R"({"failures":[{"reason":{}}]})", "$.failures[0].reason: expected string, got object"},
        {"<html>502</html>", "not JSON: "},
        {recorded_services.substr(0, recorded_services.size() / 2), "not JSON: "},
    };
    for (const auto& [body, complaint] : spoilt) {
        const auto answer = describe_services(body);
        ASSERT_FALSE(answer) << body;
        EXPECT_EQ(answer.error().kind, ErrorKind::Remote);
        EXPECT_THAT(answer.error().message, HasSubstr("ecs DescribeServices: " + complaint));
    }
}

TEST(EcsClient, ACallersErrorGoesUpUnchanged) {
    const Error error = aws_error(ErrorKind::NotFound, "ClusterNotFoundException");
    const auto answer = describe_services(std::unexpected(error));
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, "ClusterNotFoundException");
    EXPECT_EQ(answer.error().message, error.message);
}

ScriptedCall list_services_page(const std::string& token, Result<std::string> answer) {
    return {"ListServices",
            token.empty() ? R"({"maxResults":100})" : R"({"maxResults":100,"nextToken":")" + token + "\"}",
            std::move(answer)};
}

TEST(EcsClient, ListsFollowThePagesToTheEnd) {
    ScriptedCaller caller({list_services_page("", R"({"serviceArns":["a","b"],"nextToken":"2"})"),
                           list_services_page("2", R"({"serviceArns":[],"nextToken":"3"})"),
                           list_services_page("3", R"({"serviceArns":["c"]})")});
    const auto answer = Client(caller).list_services({}, {});
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->service_arns, (std::vector<std::string>{"a", "b", "c"}));
    EXPECT_EQ(answer->next_token, "");
}

TEST(EcsClient, APageThatFailsFailsTheList) {
    ScriptedCaller caller(
        {list_services_page("", R"({"serviceArns":["a"],"nextToken":"2"})"),
         list_services_page("2", std::unexpected(aws_error(ErrorKind::Throttled, "ThrottlingException")))});
    const auto answer = Client(caller).list_services({}, {});
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().kind, ErrorKind::Throttled);
}

TEST(EcsClient, APageThatNamesItselfAsTheNextOneIsAnErrorAndNoEndlessLoop) {
    ScriptedCaller caller({list_services_page("", R"({"serviceArns":["a"],"nextToken":"2"})"),
                           list_services_page("2", R"({"serviceArns":["b"],"nextToken":"2"})")});
    const auto answer = Client(caller).list_services({}, {});
    ASSERT_FALSE(answer);
    EXPECT_THAT(answer.error().message, HasSubstr("ecs ListServices: "));
}

TEST(EcsClient, ElevenServicesTakeTwoCalls) {
    std::vector<std::string> names;
    std::string first_ten;
    for (int i = 0; i < 11; ++i) {
        names.push_back(fmt::format("s{}", i));
        if (i < 10) { first_ten += fmt::format("{}\"s{}\"", i == 0 ? "" : ",", i); }
    }
    ScriptedCaller caller(
        {{"DescribeServices", R"({"services":[)" + first_ten + "]}", R"({"services":[{"serviceName":"s0"}]})"},
         {"DescribeServices", R"({"services":["s10"]})",
          R"({"services":[],"failures":[{"arn":"s10","reason":"MISSING"}]})"}});
    const auto answer = Client(caller).describe_services({.cluster = {}, .services = names, .include = {}}, {});
    ASSERT_TRUE(answer);
    EXPECT_THAT(answer->services, SizeIs(1));
    EXPECT_THAT(answer->failures, SizeIs(1));
}

TEST(EcsClient, AnEmptyListAsksNothing) {
    ScriptedCaller caller({});
    EXPECT_TRUE(Client(caller).get_task_protection({.cluster = "prod", .tasks = {}}, {}));
    EXPECT_TRUE(Client(caller).describe_tasks({.cluster = "prod", .tasks = {}}, {}));
}

TEST(EcsClient, OnlyWhatHasNoFurtherEffectIsRepeated) {
    ScriptedCaller caller(
        {{"UpdateService", R"({"cluster":"prod","service":"web","desiredCount":0})",
          R"({"service":{"desiredCount":0}})"},
         {"UpdateService", R"({"cluster":"prod","service":"web","forceNewDeployment":true})", "{}"},
         {"StopTask", R"({"cluster":"prod","task":"t","reason":"recycle"})", R"({"task":{"taskArn":"t"}})"},
         {"RegisterTaskDefinition", R"({"family":"f"})", "{}"}});
    Client client(caller);
    UpdateServiceRequest lower;
    lower.cluster = "prod";
    lower.service = "web";
    UpdateServiceRequest force = lower;
    lower.desired_count = 0;
    force.force_new_deployment = true;
    EXPECT_EQ(client.update_service(lower, {})->service->desired_count, 0);
    EXPECT_FALSE(client.update_service(force, {})->service);
    EXPECT_EQ(client.stop_task({"prod", "t", "recycle"}, {})->task->task_arn, "t");
    RegisterTaskDefinitionRequest definition;
    definition.family = "f";
    EXPECT_TRUE(client.register_task_definition(definition, {}));
    ASSERT_THAT(caller.calls(), SizeIs(4));
    EXPECT_EQ(caller.calls()[0].repeat, Repeat::Safe);
    EXPECT_EQ(caller.calls()[1].repeat, Repeat::OnlyIfNotSent);
    EXPECT_EQ(caller.calls()[2].repeat, Repeat::Safe);
    EXPECT_EQ(caller.calls()[3].repeat, Repeat::OnlyIfNotSent);
}

TEST(EcsClient, AProtectionUpdateIsOneCallForAtMostTenTasks) {
    const auto answer =
        call_once({"UpdateTaskProtection",
                   R"({"cluster":"prod","tasks":["a","b"],"protectionEnabled":true,"expiresInMinutes":60})",
                   R"({"protectedTasks":[{"taskArn":"a","protectionEnabled":true,"expirationDate":1672909881.5}],
             "failures":[{"arn":"b","reason":"DEPLOYMENT_BLOCKED"}]})"},
                  [](Client client) { return client.update_task_protection({"prod", {"a", "b"}, true, 60}, {}); });
    ASSERT_TRUE(answer);
    const TaskProtection protection = to_model(answer->protected_tasks.at(0));
    EXPECT_TRUE(protection.enabled);
    EXPECT_EQ(protection.expires_at, from_epoch_seconds(1672909881.5));
    EXPECT_EQ(answer->failures.at(0).reason, "DEPLOYMENT_BLOCKED");
    ScriptedCaller caller({});
    EXPECT_DEATH((void)Client(caller).update_task_protection({"prod", std::vector<std::string>(11, "t"), true, {}}, {}),
                 "tasks.size");
}

TEST(EcsClient, CreatesWhatADemoNeeds) {
    ScriptedCaller caller(
        {{"CreateCluster", R"({"clusterName":"prod"})", R"({"cluster":{"clusterName":"prod","status":"ACTIVE"}})"},
         {"CreateService",
          R"({"cluster":"prod","serviceName":"web","taskDefinition":"web","loadBalancers":[{"targetGroupArn":"tg",)"
          R"("containerName":"web","containerPort":80}],"desiredCount":3,"networkConfiguration":)"
          R"({"awsvpcConfiguration":{"subnets":["s"]}}})",
          R"({"service":{"serviceName":"web"}})"},
         {"DeleteService", R"({"cluster":"prod","service":"web","force":true})", "{}"},
         {"DeleteCluster", R"({"cluster":"prod"})", "{}"},
         {"DeregisterTaskDefinition", R"({"taskDefinition":"web:1"})", "{}"}});
    Client client(caller);
    EXPECT_EQ(client.create_cluster({"prod"}, {})->cluster->status, "ACTIVE");
    CreateServiceRequest service;
    service.cluster = "prod";
    service.service_name = "web";
    service.task_definition = "web";
    service.load_balancers = {
        {.target_group_arn = "tg", .load_balancer_name = {}, .container_name = "web", .container_port = 80}};
    service.desired_count = 3;
    service.network_configuration = {{{.subnets = {"s"}, .security_groups = {}, .assign_public_ip = {}}}};
    EXPECT_EQ(client.create_service(service, {})->service->service_name, "web");
    EXPECT_TRUE(client.delete_service({"prod", "web", true}, {}));
    EXPECT_TRUE(client.delete_cluster({"prod"}, {}));
    EXPECT_TRUE(client.deregister_task_definition({"web:1"}, {}));
}

} // namespace
} // namespace ecsr::aws::ecs
