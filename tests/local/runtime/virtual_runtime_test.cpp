// Containers that exist on virtual time alone: what their dockerLabels say, at the very moment they say it.
#include "local/runtime/virtual_runtime.hpp"
#include "tests/support/manual_clock.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <tuple>

namespace ecsr::local {
namespace {

using ecsr::testing::fixed_epoch;
using Labels = std::map<std::string, std::string>;

struct Told {
    Millis at{0};
    Event event;
};

class VirtualContainers : public ::testing::Test {
protected:
    void launch(const Labels& labels, std::optional<int> memory_mib = {}) {
        TaskLaunch task;
        task.task_id = "t1";
        task.network_mode = NetworkMode::Awsvpc;
        task.address = "127.1.2.3";
        ContainerDefinition container;
        container.name = "app";
        container.docker_labels = labels;
        container.memory_mib = memory_mib;
        container.stop_timeout = Seconds(20);
        container.port_mappings = {{.container_port = 80, .host_port = 0, .protocol = "tcp", .name = ""}};
        task.containers = {container};
        runtime.launch(task, fixed_epoch);
    }

    // Jumps from event to event, as the plane does.
    void run_until(Millis end) {
        while (runtime.next_event_at() <= fixed_epoch + end) {
            now = std::max(now, runtime.next_event_at());
            ASSERT_LT(++turns, 10'000) << "time stands still";
            for (auto& event : runtime.take_events(now)) { told.push_back({now - fixed_epoch, std::move(event)}); }
        }
        now = fixed_epoch + end;
    }

    const Told* exit() const {
        const auto found = std::ranges::find_if(
            told, [](const Told& each) { return std::holds_alternative<ContainerExited>(each.event); });
        return found == told.end() ? nullptr : &*found;
    }
    void expect_exit(Millis at, int code, const std::string& reason) {
        ASSERT_NE(exit(), nullptr);
        EXPECT_EQ(exit()->at, at);
        EXPECT_EQ(std::get<ContainerExited>(exit()->event).exit_code, code);
        EXPECT_EQ(std::get<ContainerExited>(exit()->event).reason, reason);
        EXPECT_EQ(runtime.running(), 0U);
    }

    static constexpr const char* out_of_memory = "OutOfMemoryError: Container killed due to memory usage";

    VirtualRuntime runtime{Random(1)};
    Instant now = fixed_epoch;
    std::vector<Told> told;
    int turns = 0;
};

TEST_F(VirtualContainers, StartWhenTheirImageIsPulledAndServeAfterTheirStartup) {
    launch({{"local.ecs/image-pull", "3s"}, {"local.ecs/startup", "5s"}});
    run_until(Seconds(60));
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(told[0].at, Seconds(3));
    EXPECT_TRUE(std::holds_alternative<ContainerStarted>(told[0].event));
    EXPECT_FALSE(runtime.serves("127.1.2.3", 80, fixed_epoch + Millis(7'999)));
    EXPECT_TRUE(runtime.serves("127.1.2.3", 80, fixed_epoch + Millis(8'000)));
    EXPECT_FALSE(runtime.serves("127.1.2.3", 81, fixed_epoch + Seconds(60)));
}

TEST_F(VirtualContainers, ThatCannotBePulledSaySo) {
    launch({{"local.ecs/image-pull", "fail: no such tag"}});
    run_until(Seconds(1));
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(std::get<ImagePullFailed>(told[0].event).reason, "CannotPullContainerError: no such tag");
}

TEST_F(VirtualContainers, ThatLeakAreKilledTheMillisecondTheyAreOverTheirLimit) {
    launch({{"local.ecs/memory-base", "32MiB"}, {"local.ecs/memory-growth", "1MiB/s"}}, 64);
    run_until(Seconds(16));
    EXPECT_EQ(runtime.memory_usage("t1").at("app"), 32ULL << 20U) << "nothing has happened since the start";
    EXPECT_EQ(exit(), nullptr);
    run_until(Seconds(60));
    expect_exit(Millis(32'001), 137, out_of_memory);
}

TEST_F(VirtualContainers, ThatLeakInStepsAreKilledAtAStep) {
    launch({{"local.ecs/memory-growth", "1MiB/s step 10s"}}, 64);
    run_until(Seconds(200));
    expect_exit(Seconds(70), 137, out_of_memory);
}

TEST_F(VirtualContainers, ThatLeakWithASawToothAreKilledAtATooth) {
    launch({{"local.ecs/memory-growth", "1MiB/s saw-tooth 10s"}}, 64);
    run_until(Seconds(200));
    ASSERT_NE(exit(), nullptr);
    EXPECT_GT(exit()->at, Seconds(57));
    EXPECT_LT(exit()->at, Seconds(58));
}

TEST(CpuCurve, UsesItsShareInEachMinute) {
    const auto in_minute = [](const char* label, int number) {
        const auto behaviour = parse_behaviour({{"local.ecs/cpu", label}});
        EXPECT_TRUE(behaviour) << label;
        const Millis minute = Seconds(60);
        return (behaviour->cpu.used_until(minute * (number + 1), 7) - behaviour->cpu.used_until(minute * number, 7)) /
               Millis(600); // percent
    };
    EXPECT_EQ(in_minute("80%", 0), 80);
    EXPECT_EQ(in_minute("250%", 5), 250);
    EXPECT_EQ(in_minute("80% step 2m", 1), 0);
    EXPECT_EQ(in_minute("80% step 2m", 2), 80);
    EXPECT_EQ(in_minute("80% saw-tooth 2m", 0), 20);
    EXPECT_EQ(in_minute("80% saw-tooth 2m", 1), 60);
    EXPECT_EQ(in_minute("80% saw-tooth 2m", 2), 20);
    bool differs = false;
    for (int i = 0; i < 100; ++i) {
        const auto percent = in_minute("80% noise 10%", i);
        EXPECT_GE(percent, 71);
        EXPECT_LE(percent, 88);
        differs = differs || percent != 80;
    }
    EXPECT_TRUE(differs);
}

TEST(CpuCurve, OfALabelThatCannotBeRead) {
    EXPECT_EQ(parse_behaviour({{"local.ecs/cpu", "1001%"}}).error().message,
              "dockerLabels local.ecs/cpu=1001%: '1001%' is not a share from 0% to 1000%");
    EXPECT_EQ(
        parse_behaviour({{"local.ecs/cpu", "80% noise"}}).error().message,
        "dockerLabels local.ecs/cpu=80% noise: '80% noise' is not SHARE% [noise P% | saw-tooth TIME | step TIME]");
}

TEST_F(VirtualContainers, UseTheProcessorAsTheirLabelSays) {
    launch({{"local.ecs/cpu", "50%"}});
    run_until(Seconds(60));
    runtime.take_events(now);
    EXPECT_EQ(runtime.work_of("t1").at("app").cpu_time, Seconds(30)) << "nothing is reserved: of one processor";
}

TEST_F(VirtualContainers, ThatLeakWithNoiseAreKilledNearTheLine) {
    launch({{"local.ecs/memory-growth", "1MiB/s noise 10%"}}, 64);
    run_until(Seconds(200));
    ASSERT_NE(exit(), nullptr);
    EXPECT_GT(exit()->at, Seconds(58));
    EXPECT_LT(exit()->at, Seconds(72));
}

TEST_F(VirtualContainers, ExitByThemselves) {
    launch({{"local.ecs/exit", "3@90s"}});
    run_until(Seconds(100));
    expect_exit(Seconds(90), 3, "");
}

TEST_F(VirtualContainers, ObeySigterm) {
    launch({});
    run_until(Seconds(10));
    runtime.stop("t1", now);
    run_until(Seconds(60));
    expect_exit(Seconds(10), 143, "");
}

TEST_F(VirtualContainers, ThatIgnoreSigtermAreKilledAfterTheirStopTimeout) {
    launch({{"local.ecs/ignore-sigterm", "true"}});
    run_until(Seconds(10));
    runtime.stop("t1", now);
    run_until(Seconds(60));
    expect_exit(Seconds(30), 137, "");
}

// Two containers, of which "app" depends on "init" (ECS behaviour B10).
class DependentContainers : public VirtualContainers {
protected:
    void launch_pair(const std::string& condition, const Labels& init_labels, std::optional<Seconds> start_timeout = {},
                     bool checked = false) {
        ContainerDefinition init;
        init.name = "init";
        init.essential = false;
        init.docker_labels = init_labels;
        init.start_timeout = start_timeout;
        if (checked) { init.health_check = HealthCheck{.command = {"CMD-SHELL", "true"}, .interval = Seconds(10)}; }
        ContainerDefinition app;
        app.name = "app";
        app.depends_on = {{"init", condition}};
        TaskLaunch task;
        task.task_id = "t1";
        task.containers = {app, init};
        runtime.launch(task, fixed_epoch);
    }
    std::optional<Millis> started_at(const std::string& name) const {
        for (const auto& [at, event] : told) {
            const auto* started = std::get_if<ContainerStarted>(&event);
            if (started != nullptr && started->container == name) { return at; }
        }
        return std::nullopt;
    }
    std::string refused() const {
        for (const auto& [at, event] : told) {
            if (const auto* failed = std::get_if<ImagePullFailed>(&event)) {
                return std::to_string(at / Seconds(1)) + " s: " + failed->reason;
            }
        }
        return {};
    }
};

TEST_F(DependentContainers, StartWhenTheOtherHasStartedEndedOrIsHealthy) {
    const std::tuple<std::string, Labels, bool, Millis> cases[] = {
        {"START", {{"local.ecs/image-pull", "3s"}}, false, Seconds(3)},
        {"COMPLETE", {{"local.ecs/exit", "9@4s"}}, false, Seconds(4)},
        {"SUCCESS", {{"local.ecs/exit", "0@5s"}}, false, Seconds(5)},
        {"HEALTHY", {{"local.ecs/health-after", "15s"}}, true, Seconds(20)},
    };
    for (const auto& [condition, labels, checked, at] : cases) {
        SCOPED_TRACE(condition);
        runtime = VirtualRuntime(Random(1));
        told.clear();
        now = fixed_epoch;
        launch_pair(condition, labels, {}, checked);
        run_until(Seconds(60));
        EXPECT_EQ(started_at("app"), at);
    }
}

TEST_F(DependentContainers, ThatCanNeverStartSayWhatTheyWaitedFor) {
    launch_pair("SUCCESS", {{"local.ecs/exit", "1@4s"}});
    run_until(Seconds(60));
    EXPECT_EQ(refused(), "4 s: TaskDependencyError: container app depends on container init to reach SUCCESS, which "
                         "cannot happen any more");
}

TEST_F(DependentContainers, GiveUpAfterTheStartTimeoutOfTheOther) {
    launch_pair("HEALTHY", {{"local.ecs/health-after", "1h"}}, Seconds(120), true);
    run_until(Seconds(600));
    EXPECT_EQ(refused(), "120 s: TaskDependencyError: container app depends on container init to reach HEALTHY, which "
                         "has not happened within its startTimeout");
    EXPECT_FALSE(started_at("app"));
}

TEST_F(VirtualContainers, StopServingWhenTheyBecomeUnhealthy) {
    launch({{"local.ecs/unhealthy-after", "20s"}});
    run_until(Seconds(1));
    EXPECT_TRUE(runtime.serves("127.1.2.3", 80, fixed_epoch + Seconds(19)));
    EXPECT_FALSE(runtime.serves("127.1.2.3", 80, fixed_epoch + Seconds(20)));
}

TEST(BehaviourLabels, ThatAreWrongAreToldInOneLine) {
    const std::vector<std::pair<std::string, std::string>> wrong = {{"startup", "soon"},
                                                                    {"exit", "90s"},
                                                                    {"exit", "256@1s"},
                                                                    {"memory-base", "12 apples"},
                                                                    {"memory-growth", "1MiB"},
                                                                    {"memory-growth", "1MiB/s wobble 3s"},
                                                                    {"memory-growth", "1MiB/0s"},
                                                                    {"memory-growth", "1MiB/s noise 200%"},
                                                                    {"ignore-sigterm", "perhaps"},
                                                                    {"colour", "red"}};
    for (const auto& [name, value] : wrong) {
        const auto parsed = parse_behaviour({{"local.ecs/" + name, value}});
        ASSERT_FALSE(parsed.has_value()) << name << "=" << value;
        EXPECT_EQ(parsed.error().message.find('\n'), std::string::npos);
        EXPECT_TRUE(parsed.error().message.starts_with("dockerLabels local.ecs/" + name + "=" + value + ": "))
            << parsed.error().message;
    }
}

TEST(BehaviourLabels, OfOthersAreNotLookedAt) {
    EXPECT_TRUE(parse_behaviour({{"com.example/startup", "soon"}}).has_value());
}

class RestartedContainers : public VirtualContainers {
protected:
    void launch_with_policy(const Labels& labels, std::vector<int> ignored = {}) {
        TaskLaunch task;
        task.task_id = "t1";
        ContainerDefinition container;
        container.name = "app";
        container.docker_labels = labels;
        container.memory_mib = 100;
        container.restart_policy = RestartPolicy{std::move(ignored), Seconds(60)};
        container.health_check = HealthCheck{.command = {"CMD", "x"}, .interval = Seconds(5)};
        task.containers = {container};
        runtime.launch(task, fixed_epoch);
    }
};

TEST_F(RestartedContainers, RunAgainWithoutAWord) {
    launch_with_policy({{"local.ecs/exit", "3@90s"}});
    run_until(Seconds(300));
    EXPECT_EQ(exit(), nullptr);
    EXPECT_EQ(runtime.running(), 1U);
    std::vector<std::pair<Millis, Health>> verdicts;
    for (const Told& each : told) {
        if (const auto* health = std::get_if<ContainerHealthChanged>(&each.event)) {
            verdicts.emplace_back(each.at, health->health);
        }
    }
    ASSERT_GE(verdicts.size(), 3U);
    EXPECT_EQ(verdicts[0], std::pair(Millis(5'000), Health::Healthy));
    EXPECT_EQ(verdicts[1], std::pair(Millis(90'000), Health::Unknown));
    EXPECT_EQ(verdicts[2], std::pair(Millis(95'000), Health::Healthy));
}

TEST_F(RestartedContainers, EndWhenTheyHaveRunShorterThanTheAttemptPeriod) {
    launch_with_policy({{"local.ecs/exit", "3@59s"}});
    run_until(Seconds(120));
    expect_exit(Seconds(59), 3, "");
}

TEST_F(RestartedContainers, EndWithAnIgnoredExitCode) {
    launch_with_policy({{"local.ecs/exit", "3@90s"}}, {0, 3});
    run_until(Seconds(120));
    expect_exit(Seconds(90), 3, "");
}

TEST_F(RestartedContainers, AlsoComeBackFromAMemoryKill) {
    launch_with_policy({{"local.ecs/memory-base", "10MiB"}, {"local.ecs/memory-growth", "1MiB/s"}});
    run_until(Seconds(200));
    EXPECT_EQ(exit(), nullptr);
    EXPECT_LT(runtime.memory_usage("t1").at("app"), 100ULL << 20U);
}

TEST_F(RestartedContainers, AreNotKeptFromStopping) {
    launch_with_policy({});
    run_until(Seconds(100));
    runtime.stop("t1", now);
    run_until(Seconds(110));
    expect_exit(Seconds(100), 143, "");
}

} // namespace
} // namespace ecsr::local
