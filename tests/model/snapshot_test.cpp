#include "model/snapshot.hpp"

#include <gtest/gtest.h>

namespace ecsr {
namespace {

Snapshot with_service(const std::string& group_arn) {
    Snapshot snapshot;
    snapshot.service.target_groups.push_back({group_arn, "app", 8080});
    return snapshot;
}

Task running_task() {
    Task task;
    task.arn = "arn:task/1";
    task.desired_status = "RUNNING";
    task.last_status = "RUNNING";
    task.health_status = "UNKNOWN";
    task.containers.push_back({});
    task.containers[0].name = "app";
    return task;
}

TargetHealth target(const std::string& group, const std::string& id, int port, const std::string& state) {
    return {group, id, port, state, "", ""};
}

TEST(Healthy, an_awsvpc_task_is_found_by_its_address_and_container_port) {
    Snapshot snapshot = with_service("tg");
    Task task = running_task();
    task.containers[0].private_ip = "10.0.0.1";
    snapshot.targets = {target("tg", "10.0.0.1", 9090, "healthy"), target("other", "10.0.0.1", 8080, "healthy"),
                        target("tg", "10.0.0.2", 8080, "healthy")};
    EXPECT_EQ(why_not_healthy(snapshot, task), "not registered in its target group");
    TargetHealth starting = target("tg", "10.0.0.1", 8080, "initial");
    starting.reason = "Elb.InitialHealthChecking";
    snapshot.targets.push_back(starting);
    EXPECT_EQ(why_not_healthy(snapshot, task), "target initial (Elb.InitialHealthChecking)");
    snapshot.targets = {target("tg", "10.0.0.1", 8080, "unused"), target("other", "10.0.0.1", 8080, "unhealthy"),
                        target("tg", "10.0.0.1", 8080, "healthy")};
    EXPECT_TRUE(is_healthy(snapshot, task));
}

TEST(Healthy, a_bridge_task_is_found_by_its_instance_and_host_port) {
    Snapshot snapshot = with_service("tg");
    Task task = running_task();
    task.container_instance_arn = "arn:instance/1";
    task.containers[0].network_bindings = {{8080, 32768}};
    snapshot.instance_ids["arn:instance/1"] = "i-1";
    snapshot.targets = {target("tg", "i-1", 32769, "healthy"), target("tg", "i-2", 32768, "healthy")};
    EXPECT_FALSE(is_healthy(snapshot, task));
    snapshot.targets.push_back(target("tg", "i-1", 32768, "healthy"));
    EXPECT_TRUE(is_healthy(snapshot, task));
    EXPECT_EQ(targets_of(snapshot, task).size(), 1U);
}

TEST(Healthy, every_target_group_has_its_say) {
    Snapshot snapshot = with_service("one");
    snapshot.service.target_groups.push_back({"two", "app", 8080});
    Task task = running_task();
    task.containers[0].private_ip = "10.0.0.1";
    snapshot.targets = {target("one", "10.0.0.1", 8080, "healthy"), target("two", "10.0.0.1", 8080, "unhealthy")};
    EXPECT_FALSE(is_healthy(snapshot, task));
}

TEST(Healthy, an_essential_health_check_must_say_healthy) {
    Snapshot snapshot;
    Task task = running_task();
    task.task_definition = "td";
    EXPECT_TRUE(is_healthy(snapshot, task));
    EXPECT_FALSE(is_vouched_for(snapshot, task));
    TaskDefinition definition;
    definition.containers.push_back({"app", "img", true, true, {}, {}, Seconds(30)});
    snapshot.task_definitions["td"] = definition;
    EXPECT_EQ(why_not_healthy(snapshot, task), "health check UNKNOWN");
    task.health_status = "HEALTHY";
    EXPECT_TRUE(is_healthy(snapshot, task));
    EXPECT_TRUE(is_vouched_for(snapshot, task));
}

TEST(Healthy, a_task_that_was_told_to_stop_does_not_count) {
    Snapshot snapshot;
    Task task = running_task();
    task.desired_status = "STOPPED";
    snapshot.tasks[task.arn] = task;
    EXPECT_EQ(healthy_count(snapshot), 0);
    EXPECT_TRUE(live_tasks(snapshot).empty());
}

TEST(Memory, is_told_by_the_reason_in_every_spelling) {
    for (const char* reason :
         {"OutOfMemoryError: Container killed due to memory usage",
          "OutOfMemoryError: container killed due to memory usage", "Container killed due to memory usage"}) {
        Task task = running_task();
        EXPECT_FALSE(killed_for_memory(task));
        task.containers[0].reason = reason;
        EXPECT_TRUE(killed_for_memory(task)) << reason;
    }
}

TEST(Deployments, are_in_flight_while_ecs_replaces_tasks) {
    Service service;
    service.deployments.push_back({});
    service.deployments[0].status = "PRIMARY";
    service.deployments[0].rollout_state = "COMPLETED";
    EXPECT_FALSE(deployment_in_flight(service));
    service.deployments[0].rollout_state = "IN_PROGRESS";
    EXPECT_TRUE(deployment_in_flight(service));
    service.deployments[0].rollout_state = "COMPLETED";
    service.deployments.push_back({});
    EXPECT_TRUE(deployment_in_flight(service));
}

} // namespace
} // namespace ecsr
