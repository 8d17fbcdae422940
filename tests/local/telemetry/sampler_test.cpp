// What ECS tells of its tasks each minute (ECS behaviour F1, F2, F3).
#include "local/telemetry/sampler.hpp"
#include "tests/support/manual_clock.hpp"

#include <gtest/gtest.h>

namespace ecsr::local {
namespace {

constexpr std::uint64_t mebibyte = 1U << 20U;
const Instant at = std::chrono::floor<std::chrono::minutes>(ecsr::testing::fixed_epoch);

class FixedUse : public Runtime {
public:
    std::map<std::string, std::map<std::string, std::uint64_t>> tasks;
    std::map<std::string, std::map<std::string, ContainerWork>> work;

    void launch(const TaskLaunch&, Instant) override {}
    void stop(const std::string&, Instant) override {}
    std::vector<Event> take_events(Instant) override { return {}; }
    std::map<std::string, std::uint64_t> memory_usage(const std::string& id) override { return tasks[id]; }
    std::map<std::string, ContainerWork> work_of(const std::string& id) override { return work[id]; }
    Instant next_event_at() override { return Instant::max(); }
};

// Two tasks of the service "web" with 100 MiB reserved each, and one that has not started.
struct Scene {
    State state;
    FixedUse runtime;
    MetricStore store;
    Sampler sampler;

    Scene() {
        state.clusters["c"].name = "c";
        ContainerDefinition container;
        container.name = "app";
        container.cpu = 256;
        container.memory_mib = 200;
        container.memory_reservation_mib = 100;
        TaskDefinition definition;
        definition.family = "web";
        definition.revision = 1;
        definition.containers.push_back(container);
        state.task_definitions["web"].push_back(definition);
        Service& service = state.services[{"c", "web"}];
        service.cluster = "c";
        service.name = "web";
        service.desired_count = 3;
        add_task("a", TaskStatus::Running, 50 * mebibyte);
        add_task("b", TaskStatus::Running, 130 * mebibyte);
        add_task("new", TaskStatus::Pending, 0);
    }

    void add_task(const std::string& id, TaskStatus status, std::uint64_t bytes) {
        Task task;
        task.id = id;
        task.cluster = "c";
        task.service = "web";
        task.task_definition = "web:1";
        task.last_status = status;
        task.started_at = at;
        state.tasks.add(task);
        runtime.tasks[id] = {{"app", bytes}};
    }

    std::vector<Datapoint> sampled(const char* name_space, const char* name) {
        return store.read({name_space, name, {{"ClusterName", "c"}, {"ServiceName", "web"}}}, "", at, at + minute,
                          minute);
    }
};

TEST(Sampler, UtilizationIsOfWhatEachTaskReserves) {
    Scene on;
    on.sampler.sample(on.state, on.runtime, on.store, at, at + minute);
    const auto points = on.sampled("AWS/ECS", "MemoryUtilization");
    ASSERT_EQ(points.size(), 1U);
    EXPECT_EQ(points[0].statistics.count, 2);
    EXPECT_EQ(points[0].statistics.minimum, 50);
    EXPECT_EQ(points[0].statistics.maximum, 130); // above its soft limit
    EXPECT_TRUE(on.sampled("ECS/ContainerInsights", "RunningTaskCount").empty());
}

TEST(Sampler, ContainerInsightsWhereTheClusterAsksForThem) {
    Scene on;
    on.state.clusters["c"].settings["containerInsights"] = "enabled";
    on.sampler.sample(on.state, on.runtime, on.store, at, at + minute);
    EXPECT_EQ(on.sampled("ECS/ContainerInsights", "RunningTaskCount").at(0).statistics.sum, 2);
    EXPECT_EQ(on.sampled("ECS/ContainerInsights", "DesiredTaskCount").at(0).statistics.sum, 3);
    EXPECT_EQ(on.sampled("ECS/ContainerInsights", "MemoryUtilized").at(0).statistics.sum, 180);
    EXPECT_EQ(on.sampled("ECS/ContainerInsights", "MemoryReserved").at(0).statistics.sum, 200);
}

TEST(Sampler, WithoutRunningTasksThereIsNoUtilization) {
    Scene on;
    on.state.tasks.erase(on.state.tasks.find("a"));
    on.state.tasks.erase(on.state.tasks.find("b"));
    on.sampler.sample(on.state, on.runtime, on.store, at, at + minute);
    EXPECT_TRUE(on.sampled("AWS/ECS", "MemoryUtilization").empty());
}

TEST(Sampler, CpuIsTheAverageSinceTheLastLook) {
    Scene on;
    on.runtime.work["a"]["app"] = {Seconds(15), 0}; // a quarter of a processor in the first minute: what it reserves
    on.runtime.work["b"]["app"] = {Seconds(3), 0};
    on.sampler.sample(on.state, on.runtime, on.store, at, at + minute);
    const auto points = on.sampled("AWS/ECS", "CPUUtilization");
    ASSERT_EQ(points.size(), 1U);
    EXPECT_EQ(points[0].statistics.maximum, 100);
    EXPECT_EQ(points[0].statistics.minimum, 20);
    EXPECT_EQ(on.store.read({"AWS/ECS", "CPUUtilization", {{"ClusterName", "c"}}}, "", at, at + minute, minute)
                  .at(0)
                  .statistics.sum,
              120);

    on.runtime.work["a"]["app"].cpu_time += Seconds(30);
    on.runtime.work["b"]["app"].cpu_time =
        Seconds(6); // a restart has begun it anew, or 3 seconds more: as much as that
    on.sampler.sample(on.state, on.runtime, on.store, at + minute, at + 2 * minute);
    const auto next = on.store.read({"AWS/ECS", "CPUUtilization", {{"ClusterName", "c"}, {"ServiceName", "web"}}}, "",
                                    at + minute, at + 2 * minute, minute);
    ASSERT_EQ(next.size(), 1U);
    EXPECT_EQ(next[0].statistics.maximum, 200) << "more than it reserves";
    EXPECT_EQ(next[0].statistics.minimum, 20);
}

TEST(Sampler, CpuTimeThatBeganAnewCountsFromThere) {
    Scene on;
    on.runtime.work["a"]["app"] = {Seconds(60), 0};
    on.sampler.sample(on.state, on.runtime, on.store, at, at + minute);
    on.runtime.work["a"]["app"] = {Seconds(3), 1};
    on.sampler.sample(on.state, on.runtime, on.store, at + minute, at + 2 * minute);
    const auto points = on.store.read({"AWS/ECS", "CPUUtilization", {{"ClusterName", "c"}, {"ServiceName", "web"}}}, "",
                                      at + minute, at + 2 * minute, minute);
    EXPECT_EQ(points.at(0).statistics.sum, 20);
}

TEST(Sampler, WithoutTheProcessorTimeThereIsNoCpu) {
    Scene on;
    on.sampler.sample(on.state, on.runtime, on.store, at, at + minute);
    EXPECT_TRUE(on.sampled("AWS/ECS", "CPUUtilization").empty());
    EXPECT_FALSE(on.sampled("AWS/ECS", "MemoryUtilization").empty());
}

TEST(Sampler, EnhancedInsightsTellOfTasksAndContainers) {
    Scene on;
    on.state.clusters["c"].settings["containerInsights"] = "enhanced";
    ContainerDefinition& app = on.state.task_definitions["web"][0].containers[0];
    app.restart_policy.emplace();
    Container told;
    told.name = "app";
    told.has_health_check = true;
    told.health = Health::Unhealthy;
    on.state.tasks.at("a").containers.push_back(told);
    on.runtime.work["a"]["app"] = {Seconds(6), 3};
    on.sampler.sample(on.state, on.runtime, on.store, at, at + minute);
    const auto value = [&](const char* name, std::map<std::string, std::string> dimensions) {
        dimensions["ClusterName"] = "c";
        const auto points = on.store.read({"ECS/ContainerInsights", name, dimensions}, "", at, at + minute, minute);
        return points.empty() ? -1 : points[0].statistics.sum;
    };
    EXPECT_EQ(value("TaskCpuUtilization", {{"ServiceName", "web"}, {"TaskId", "a"}}), 40);
    EXPECT_EQ(value("TaskMemoryUtilization", {{"TaskDefinitionFamily", "web"}, {"TaskId", "b"}}), 130);
    const std::map<std::string, std::string> container{
        {"ServiceName", "web"}, {"TaskId", "a"}, {"ContainerName", "app"}};
    EXPECT_NEAR(value("ContainerCpuUtilized", container), 102.4, 0.001);
    EXPECT_EQ(value("ContainerCpuReserved", container), 256);
    EXPECT_EQ(value("ContainerMemoryUtilization", container), 50);
    EXPECT_EQ(value("RestartCount", container), 3);
    EXPECT_EQ(value("UnHealthyContainerHealthStatus", container), 1);
    EXPECT_NEAR(value("CpuUtilized", {{"TaskDefinitionFamily", "web"}}), 102.4, 0.001);

    on.state.clusters["c"].settings["containerInsights"] = "enabled";
    MetricStore standard;
    on.sampler.sample(on.state, on.runtime, standard, at, at + minute);
    EXPECT_TRUE(std::ranges::none_of(standard.metrics_since(at),
                                     [](const MetricName& name) { return name.dimensions.contains("TaskId"); }));
}

} // namespace
} // namespace ecsr::local
