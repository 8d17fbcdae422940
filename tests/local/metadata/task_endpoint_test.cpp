// ECS behaviour F7 and B13.
#include "local/metadata/task_endpoint.hpp"
#include "tests/support/manual_clock.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

namespace ecsr::local {
namespace {

namespace json = boost::json;

const std::string arn = "arn:aws:ecs:us-east-1:000000000000:task/c/t1";

class TaskEndpoint : public ::testing::Test {
protected:
    TaskEndpoint() {
        TaskDefinition definition;
        definition.family = "app";
        definition.revision = 1;
        definition.cpu = 256;
        definition.memory_mib = 512;
        ContainerDefinition container;
        container.name = "web";
        container.memory_mib = 64;
        container.docker_labels = {{"team", "orders"}};
        definition.containers = {container};
        state.task_definitions["app"] = {definition};
        state.services[{"c", "s"}].name = "s";
        Task task;
        task.id = "t1";
        task.cluster = "c";
        task.service = "s";
        task.task_definition = task_definition_arn(state.identity, "app", 1);
        task.last_status = TaskStatus::Running;
        task.tags = {{"a", "b"}};
        task.pull_started_at = now;
        Container made;
        made.name = "web";
        made.uuid = "12345678-0000-4000-8000-000000000000";
        made.image = "i";
        made.runtime_id = "abc";
        made.last_status = TaskStatus::Running;
        task.containers = {made};
        state.tasks.add(task);
    }

    TaskEndpointAnswer ask(const std::string& method, const std::string& url, const std::string& body = "") {
        const HttpRequest request{method, url, {}, body};
        EXPECT_TRUE(is_for_task_endpoint(request));
        const auto memory = [](const std::string&) { return std::map<std::string, std::uint64_t>{{"web", 1000}}; };
        return answer_task_endpoint(request, state, memory, now);
    }
    json::object get(const std::string& url) {
        const auto answer = ask("GET", url);
        EXPECT_EQ(answer.response.status, 200) << answer.response.body;
        return json::parse(answer.response.body).as_object();
    }
    TaskEndpointAnswer protect(const std::string& body) {
        return ask("PUT", agent_path("abc") + "/task-protection/v1/state", body);
    }

    State state;
    Instant now = ecsr::testing::fixed_epoch;
};

TEST_F(TaskEndpoint, TellsAContainerAboutItself) {
    const auto told = get(metadata_path("abc"));
    EXPECT_EQ(told.at("DockerId"), "abc");
    EXPECT_EQ(told.at("Name"), "web");
    EXPECT_EQ(told.at("DockerName"), "ecs-app-1-web-12345678");
    EXPECT_EQ(told.at("KnownStatus"), "RUNNING");
    EXPECT_EQ(told.at("Limits").at("Memory"), 64);
    EXPECT_EQ(told.at("Labels").at("team"), "orders");
    EXPECT_EQ(told.at("Labels").at("com.amazonaws.ecs.task-arn"), json::string(arn));
}

TEST_F(TaskEndpoint, TellsItAboutItsTask) {
    const auto told = get(metadata_path("abc") + "/task");
    EXPECT_EQ(told.at("Cluster"), "c");
    EXPECT_EQ(told.at("TaskARN"), json::string(arn));
    EXPECT_EQ(told.at("Family"), "app");
    EXPECT_EQ(told.at("Revision"), "1");
    EXPECT_EQ(told.at("ServiceName"), "s");
    EXPECT_EQ(told.at("Limits").at("CPU"), 0.25);
    EXPECT_EQ(told.at("Limits").at("Memory"), 512);
    EXPECT_EQ(told.at("PullStartedAt"), "2026-01-02T03:04:05Z");
    EXPECT_EQ(told.at("Containers").as_array().size(), 1U);
    EXPECT_FALSE(told.contains("TaskTags"));
    EXPECT_EQ(get(metadata_path("abc") + "/taskWithTags").at("TaskTags").at("a"), "b");
}

TEST_F(TaskEndpoint, TellsTheMemoryInUse) {
    EXPECT_EQ(get(metadata_path("abc") + "/stats").at("memory_stats").at("usage"), 1000);
    const auto all = get(metadata_path("abc") + "/task/stats");
    EXPECT_EQ(all.at("abc").at("memory_stats").at("limit"), 64 << 20);
    state.tasks.at("t1").containers[0].name = "other"; // not measured yet
    EXPECT_TRUE(get(metadata_path("abc") + "/task/stats").at("abc").is_null());
}

TEST_F(TaskEndpoint, KnowsOnlyContainersThatRun) {
    EXPECT_EQ(ask("GET", metadata_path("abcd")).response.status, 404);
    EXPECT_EQ(ask("GET", metadata_path("")).response.status, 404);
    EXPECT_EQ(ask("GET", metadata_path("abc") + "/nothing").response.status, 404);
    state.tasks.at("t1").last_status = TaskStatus::Stopped;
    EXPECT_EQ(ask("GET", metadata_path("abc")).response.status, 404);
    const auto answer = ask("GET", agent_path("abc") + "/task-protection/v1/state");
    EXPECT_EQ(answer.response.status, 404);
    EXPECT_EQ(answer.response.body,
              R"({"error":{"Code":"ResourceNotFoundException","Message":"Failed to find a task for the request"}})");
}

TEST_F(TaskEndpoint, ATaskProtectsItself) {
    const auto set = protect(R"({"ProtectionEnabled":true,"ExpiresInMinutes":60})");
    EXPECT_TRUE(set.changed);
    const std::string on = R"({"protection":{"ExpirationDate":"2026-01-02T04:04:05Z","ProtectionEnabled":true,)"
                           R"("TaskArn":")" +
                           arn + R"("}})";
    EXPECT_EQ(set.response.body, on);
    EXPECT_EQ(state.tasks.at("t1").protection_expires_at, now + std::chrono::hours(1));
    const auto read = ask("GET", agent_path("abc") + "/task-protection/v1/state");
    EXPECT_EQ(read.response.body, on);
    EXPECT_FALSE(read.changed);
    EXPECT_EQ(protect(R"({"protectionEnabled":false})").response.body,
              R"({"protection":{"ExpirationDate":null,"ProtectionEnabled":false,"TaskArn":")" + arn + R"("}})");
    EXPECT_EQ(protect(R"({"ProtectionEnabled":true})").response.status, 200);
    EXPECT_EQ(state.tasks.at("t1").protection_expires_at, now + std::chrono::hours(2));
}

TEST_F(TaskEndpoint, WhatCannotBeProtectedIsAFailure) {
    Task standalone = state.tasks.at("t1");
    standalone.service.clear();
    state.tasks.erase(state.tasks.find("t1"));
    state.tasks.add(standalone);
    const auto answer = protect(R"({"ProtectionEnabled":true})");
    EXPECT_EQ(answer.response.status, 200);
    EXPECT_EQ(answer.response.body, R"({"failure":{"Arn":")" + arn + R"(","Detail":null,"Reason":"TASK_NOT_VALID"}})");
    EXPECT_FALSE(answer.changed);
}

TEST_F(TaskEndpoint, BadRequestsAreRefusedAsTheAgentDoes) {
    EXPECT_EQ(protect("{").response.body, R"({"error":{"Code":"InvalidParameterException",)"
                                          R"("Message":"UpdateTaskProtection: failed to decode request"}})");
    EXPECT_EQ(protect(R"({"Other":1})").response.status, 400);
    EXPECT_EQ(protect("{}").response.body, R"({"error":{"Arn":")" + arn +
                                               R"(","Code":"InvalidParameterException","Message":)"
                                               R"("Invalid request: does not contain 'ProtectionEnabled' field"}})");
    EXPECT_EQ(protect(R"({"ProtectionEnabled":true,"ExpiresInMinutes":3000})").response.status, 400);
    EXPECT_FALSE(state.tasks.at("t1").protection_expires_at);
}

} // namespace
} // namespace ecsr::local
