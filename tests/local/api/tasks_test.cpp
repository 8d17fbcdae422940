#include "tests/local/api/aws_client.hpp"

namespace ecsr::local {
namespace {

using namespace testing;

class Tasks : public ::testing::Test {
protected:
    void SetUp() override {
        aws.make_service(3);
        aws.let_the_scheduler_act();
        for (const auto& [id, task] : aws.state.tasks) { ids.push_back(id); }
        ASSERT_EQ(ids.size(), 3U);
    }
    std::string list(const std::string& members) {
        return json::serialize(aws.ecs("ListTasks", R"({"cluster":"c")" + members + "}").at("taskArns"));
    }
    std::string all() const {
        json::array arns;
        for (const auto& id : ids) { arns.emplace_back(ecs_arns + "task/c/" + id); }
        return json::serialize(arns);
    }

    AwsClient aws;
    std::vector<std::string> ids;
};

TEST_F(Tasks, AreListedByTheStatusThatTheyShouldHave) {
    EXPECT_EQ(list(""), all());
    EXPECT_EQ(list(R"(,"desiredStatus":"PENDING")"), "[]");
    EXPECT_EQ(list(R"(,"desiredStatus":"STOPPED")"), "[]");
    aws.ecs("StopTask", R"({"cluster":"c","task":")" + ids[0] + "\"}");
    EXPECT_EQ(list(R"(,"desiredStatus":"STOPPED")"), "[\"" + ecs_arns + "task/c/" + ids[0] + "\"]");
}

TEST_F(Tasks, AreFiltered) {
    EXPECT_EQ(list(R"(,"serviceName":"s")"), all());
    EXPECT_EQ(list(R"(,"serviceName":"arn:aws:ecs:us-east-1:000000000000:service/c/s")"), all());
    EXPECT_EQ(list(R"(,"family":"app")"), all());
    EXPECT_EQ(list(R"(,"family":"ap")"), "[]");
    EXPECT_EQ(list(R"(,"launchType":"FARGATE")"), "[]");
    EXPECT_EQ(list(R"(,"startedBy":")" + aws.state.services.at({"c", "s"}).deployments[0].id + "\""), all());
    EXPECT_EQ(list(R"(,"containerInstance":")" + aws.state.clusters.at("c").container_instance_id + "\""), all());
    EXPECT_EQ(list(R"(,"containerInstance":"other")"), "[]");
    EXPECT_EQ(aws.ecs_refusal("ListTasks", R"({"cluster":"c","serviceName":"x"})"),
              "ServiceNotFoundException: Service not found.");
    EXPECT_EQ(aws.ecs_refusal("ListTasks", R"({"cluster":"c","startedBy":"x","family":"app"})"),
              "InvalidParameterException: startedBy must be the only filter.");
}

TEST_F(Tasks, AreListedInPages) {
    const auto first = aws.ecs("ListTasks", R"({"cluster":"c","maxResults":2})");
    EXPECT_EQ(first.at("taskArns").as_array().size(), 2U);
    const auto second =
        aws.ecs("ListTasks", R"({"cluster":"c","maxResults":2,"nextToken":")" + text(first.at("nextToken")) + "\"}");
    EXPECT_EQ(second.at("taskArns"), (json::array{ecs_arns + "task/c/" + ids[2]}));
}

TEST_F(Tasks, AreDescribedById) {
    const auto told = aws.ecs("DescribeTasks", R"({"cluster":"c","tasks":[")" + ids[0] +
                                                   R"(","arn:aws:ecs:us-east-1:000000000000:task/c/)" + ids[1] +
                                                   R"(","ffffffffffffffffffffffffffffffff"]})");
    ASSERT_EQ(told.at("tasks").as_array().size(), 2U);
    const auto& task = told.at("tasks").at(0);
    EXPECT_EQ(task.at("taskArn"), json::value(ecs_arns + "task/c/" + ids[0]));
    EXPECT_EQ(task.at("group"), "service:s");
    EXPECT_EQ(task.at("desiredStatus"), "RUNNING");
    EXPECT_EQ(task.at("memory"), "64");
    EXPECT_EQ(task.at("healthStatus"), "UNKNOWN");
    EXPECT_FALSE(task.as_object().contains("startedAt"));
    EXPECT_EQ(task.at("containers").at(0).at("name"), "app");
    EXPECT_EQ(told.at("failures").at(0).at("reason"), "MISSING");
}

TEST_F(Tasks, WithMalformedIdsAreRefused) {
    const auto refusal = [&](const std::string& id) {
        return aws.ecs_refusal("DescribeTasks", R"({"cluster":"c","tasks":[")" + id + "\"]}");
    };
    EXPECT_EQ(refusal("abc"), "InvalidParameterException: taskId length should be one of [32,36]");
    EXPECT_EQ(refusal("a/b/c"), "InvalidParameterException: Unexpected number of separators");
    EXPECT_EQ(refusal("arn:aws:ecs:us-east-1:000000000000:task"),
              "InvalidParameterException: Unexpected number of separators");
    EXPECT_EQ(aws.ecs_refusal("DescribeTasks", R"({"cluster":"c"})"),
              "InvalidParameterException: Tasks cannot be empty.");
}

TEST_F(Tasks, ThatRunTellTheirTimesBindingsAndReasons) {
    Task& task = aws.state.tasks.at(ids[0]);
    task.last_status = TaskStatus::Stopped;
    task.stop_code = "EssentialContainerExited";
    task.stopped_reason = "Essential container in task exited";
    task.started_at = aws.now;
    task.containers[0].exit_code = 137;
    task.containers[0].reason = "OutOfMemoryError: Container killed due to memory usage";
    task.containers[0].network_bindings = {{"127.0.0.1", 8080, 41000, "tcp"}};
    const auto told = aws.ecs("DescribeTasks", R"({"cluster":"c","tasks":[")" + ids[0] + "\"]}").at("tasks").at(0);
    EXPECT_EQ(told.at("stopCode"), "EssentialContainerExited");
    EXPECT_DOUBLE_EQ(told.at("startedAt").to_number<double>(), to_epoch_seconds(aws.now));
    EXPECT_EQ(told.at("containers").at(0).at("exitCode"), 137);
    EXPECT_EQ(told.at("containers").at(0).at("networkBindings").at(0).at("hostPort"), 41000);
}

TEST_F(Tasks, StoppedByTheUserSayWhy) {
    const auto stop = [&](const std::string& id, const std::string& more) {
        return aws.ecs("StopTask", R"({"cluster":"c","task":")" + id + "\"" + more + "}").at("task");
    };
    const auto first = stop(ids[0], R"(,"reason":"leaks")");
    EXPECT_EQ(first.at("stopCode"), "UserInitiated");
    EXPECT_EQ(first.at("stoppedReason"), "leaks");
    EXPECT_EQ(first.at("desiredStatus"), "STOPPED");
    EXPECT_EQ(stop(ids[0], R"(,"reason":"again")").at("stoppedReason"), "leaks");
    EXPECT_EQ(stop(ids[1], "").at("stoppedReason"), "Task stopped by user");
    EXPECT_EQ(aws.ecs_refusal("StopTask", R"({"cluster":"c","task":"ffffffffffffffffffffffffffffffff"})"),
              "InvalidParameterException: The referenced task was not found.");
}

TEST_F(Tasks, CanBeProtectedForAWhile) {
    const auto update = [&](const std::string& members) {
        return aws.ecs("UpdateTaskProtection", R"({"cluster":"c","tasks":[")" + ids[0] + "\"]," + members + "}")
            .at("protectedTasks")
            .at(0);
    };
    const auto get = [&] {
        return aws.ecs("GetTaskProtection", R"({"cluster":"c","tasks":[")" + ids[0] + "\"]}")
            .at("protectedTasks")
            .at(0);
    };
    EXPECT_EQ(get().at("protectionEnabled"), false);
    const auto set = update(R"("protectionEnabled":true)");
    EXPECT_DOUBLE_EQ(set.at("expirationDate").to_number<double>(), to_epoch_seconds(aws.now + std::chrono::hours(2)));
    update(R"("protectionEnabled":true,"expiresInMinutes":1)");
    EXPECT_EQ(get().at("protectionEnabled"), true);
    aws.now += std::chrono::minutes(1);
    EXPECT_EQ(get().at("protectionEnabled"), false);
    update(R"("protectionEnabled":true)");
    EXPECT_EQ(update(R"("protectionEnabled":false)").at("protectionEnabled"), false);
}

TEST_F(Tasks, ThatCannotBeProtectedAreFailures) {
    Task standalone = aws.state.tasks.at(ids[1]);
    standalone.service.clear();
    aws.state.tasks.erase(aws.state.tasks.find(ids[1]));
    aws.state.tasks.add(standalone);
    const auto told = aws.ecs("UpdateTaskProtection", R"({"cluster":"c","protectionEnabled":true,"tasks":[")" + ids[1] +
                                                          R"(","ffffffffffffffffffffffffffffffff"]})");
    EXPECT_EQ(told.at("failures").at(0).at("reason"), "TASK_NOT_VALID");
    EXPECT_EQ(told.at("failures").at(1).at("reason"), "MISSING");
    EXPECT_EQ(aws.ecs("GetTaskProtection", R"({"cluster":"c","tasks":[")" + ids[1] + "\"]}")
                  .at("failures")
                  .at(0)
                  .at("reason"),
              "TASK_NOT_VALID");
}

TEST_F(Tasks, ProtectionHasLimits) {
    const std::string eleven = R"(["1","2","3","4","5","6","7","8","9","10","11"])";
    EXPECT_EQ(
        aws.ecs_refusal("UpdateTaskProtection", R"({"cluster":"c","protectionEnabled":true,"tasks":)" + eleven + "}"),
        "InvalidParameterException: Tasks can have at most 10 items.");
    EXPECT_TRUE(
        aws.ecs_refusal("UpdateTaskProtection", R"({"cluster":"c","tasks":["x"]})")
            .ends_with("Value null at 'protectionEnabled' failed to satisfy constraint: Member must not be null"));
    EXPECT_TRUE(aws.ecs_refusal("UpdateTaskProtection",
                                R"({"cluster":"c","tasks":["x"],"protectionEnabled":true,"expiresInMinutes":2881})")
                    .ends_with("Member must have value less than or equal to 2880"));
}

} // namespace
} // namespace ecsr::local
