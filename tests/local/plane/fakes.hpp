// A runtime and a balancer that do what a test says, for the tests of this room.
#pragma once

#include "local/plane/plane.hpp"
#include "tests/support/manual_clock.hpp"

#include <boost/json.hpp>
#include <filesystem>
#include <gtest/gtest.h>
#include <set>
#include <string>
#include <vector>

namespace ecsr::local::testing {

namespace json = boost::json;

// Every container starts at once, and ends at once when it is told to, unless it is stubborn.
class FakeRuntime : public Runtime {
public:
    void launch(const TaskLaunch& launch, Instant) override {
        launched.push_back(launch.task_id);
        for (const auto& container : launch.containers) {
            events.push_back(ContainerStarted{launch.task_id, container.name, "r-" + container.name, {}});
            containers_[launch.task_id].insert(container.name);
        }
    }
    void stop(const std::string& task_id, Instant) override {
        stopped.push_back(task_id);
        if (stubborn) { return; }
        for (const auto& name : containers_[task_id]) { events.push_back(ContainerExited{task_id, name, 143, ""}); }
        containers_.erase(task_id);
    }
    std::vector<Event> take_events(Instant) override { return std::exchange(events, {}); }
    std::map<std::string, std::uint64_t> memory_usage(const std::string&) override { return {{"app", 4096}}; }
    std::map<std::string, ContainerWork> work_of(const std::string&) override { return {}; }
    Instant next_event_at() override { return events.empty() ? Instant::max() : Instant{}; }

    std::vector<std::string> launched, stopped;
    std::vector<Event> events;
    bool stubborn = false;

private:
    std::map<std::string, std::set<std::string>> containers_;
};

// Binds every listener to port 41000 and up.
class FakeBalancer : public Balancer {
public:
    void apply(const std::vector<Listener>& listeners, const std::vector<TargetGroup>& groups, Instant) override {
        ++applied;
        group_count = groups.size();
        for (const auto& listener : listeners) {
            if (bound_.insert(listener.arn).second) {
                events.push_back(ListenerBound{listener.arn, 41'000 + static_cast<int>(bound_.size())});
            }
        }
    }
    std::vector<Event> take_events(Instant) override { return std::exchange(events, {}); }
    Instant next_event_at() override { return Instant::max(); }

    int applied = 0;
    std::size_t group_count = 0;
    std::vector<Event> events;

private:
    std::set<std::string> bound_;
};

inline HttpRequest ecs_request(const std::string& operation, const std::string& body) {
    return {"POST",
            "/",
            {{"X-Amz-Target", "AmazonEC2ContainerServiceV20141113." + operation},
             {"Content-Type", "application/x-amz-json-1.1"}},
            body};
}

inline HttpRequest elb_request(const std::string& form) {
    return {"POST", "/", {}, form + "&Version=2015-12-01"};
}

// A folder that goes away with the test.
class TemporaryFolder {
public:
    TemporaryFolder() {
        std::string pattern = (std::filesystem::temp_directory_path() / "plane-test-XXXXXX").string();
        path_ = mkdtemp(pattern.data());
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    ~TemporaryFolder() { std::filesystem::remove_all(path_); }
    const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

// A plane on virtual time that the test turns.
class TurnedPlane {
public:
    explicit TurnedPlane(const std::filesystem::path& folder = {}) {
        PlaneOptions options;
        options.own_thread = false;
        options.state_folder = folder;
        auto made = Plane::create(runtime, balancer, clock, options, State{});
        EXPECT_TRUE(made) << made.error().message;
        plane = std::move(*made);
    }

    json::object ecs(const std::string& operation, const std::string& body) {
        const auto response = plane->handle(ecs_request(operation, body));
        EXPECT_EQ(response.status, 200) << response.body;
        return json::parse(response.body).as_object();
    }

    // As the plane's own thread would, for so long.
    void run(Millis span) {
        const Instant end = clock.now() + span;
        while (clock.now() < end) { clock.set(std::min(end, plane->turn())); }
    }

    void make_service(int count) {
        ecs("CreateCluster", R"({"clusterName":"c"})");
        ecs("RegisterTaskDefinition",
            R"({"family":"app","containerDefinitions":[{"name":"app","image":"i","memory":64,"command":["run"]}]})");
        ecs("CreateService",
            R"({"cluster":"c","serviceName":"s","taskDefinition":"app","desiredCount":)" + std::to_string(count) + "}");
    }
    std::int64_t running() {
        return ecs("DescribeServices", R"({"cluster":"c","services":["s"]})")
            .at("services")
            .at(0)
            .at("runningCount")
            .as_int64();
    }

    ecsr::testing::ManualClock clock;
    FakeRuntime runtime;
    FakeBalancer balancer;
    std::unique_ptr<Plane> plane;
};

} // namespace ecsr::local::testing
