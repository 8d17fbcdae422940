// What ECS tells of its tasks each minute (ECS behaviour F1, F2).
#include "local/telemetry/sampler.hpp"
#include "tests/support/manual_clock.hpp"

#include <gtest/gtest.h>

namespace ecsr::local {
namespace {

constexpr std::uint64_t mebibyte = 1U << 20U;
const Instant at = std::chrono::floor<std::chrono::minutes>(ecsr::testing::fixed_epoch);

class FixedMemory : public Runtime {
public:
    std::map<std::string, std::map<std::string, std::uint64_t>> tasks;

    void launch(const TaskLaunch&, Instant) override {}
    void stop(const std::string&, Instant) override {}
    std::vector<Event> take_events(Instant) override { return {}; }
    std::map<std::string, std::uint64_t> memory_usage(const std::string& id) override { return tasks[id]; }
    Instant next_event_at() override { return Instant::max(); }
};

// Two tasks of the service "web" with 100 MiB reserved each, and one that has not started.
struct Scene {
    State state;
    FixedMemory runtime;
    MetricStore store;

    Scene() {
        state.clusters["c"].name = "c";
        ContainerDefinition container;
        container.name = "app";
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
        Task& task = state.tasks[id];
        task.id = id;
        task.cluster = "c";
        task.service = "web";
        task.task_definition = "web:1";
        task.last_status = status;
        runtime.tasks[id] = {{"app", bytes}};
    }

    std::vector<Datapoint> sampled(const char* name_space, const char* name) {
        return store.read({name_space, name, {{"ClusterName", "c"}, {"ServiceName", "web"}}}, "", at, at + minute,
                          minute);
    }
};

TEST(Sampler, UtilizationIsOfWhatEachTaskReserves) {
    Scene on;
    sample(on.state, on.runtime, on.store, at, at + minute);
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
    sample(on.state, on.runtime, on.store, at, at + minute);
    EXPECT_EQ(on.sampled("ECS/ContainerInsights", "RunningTaskCount").at(0).statistics.sum, 2);
    EXPECT_EQ(on.sampled("ECS/ContainerInsights", "DesiredTaskCount").at(0).statistics.sum, 3);
    EXPECT_EQ(on.sampled("ECS/ContainerInsights", "MemoryUtilized").at(0).statistics.sum, 180);
    EXPECT_EQ(on.sampled("ECS/ContainerInsights", "MemoryReserved").at(0).statistics.sum, 200);
}

TEST(Sampler, WithoutRunningTasksThereIsNoUtilization) {
    Scene on;
    on.state.tasks.erase("a");
    on.state.tasks.erase("b");
    sample(on.state, on.runtime, on.store, at, at + minute);
    EXPECT_TRUE(on.sampled("AWS/ECS", "MemoryUtilization").empty());
}

} // namespace
} // namespace ecsr::local
