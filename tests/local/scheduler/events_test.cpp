// Service events (ECS behaviour C1) and the exactness of time.
#include "tests/local/scheduler/world.hpp"

#include <gmock/gmock.h>

namespace ecsr::local {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::ContainsRegex;
using ::testing::ElementsAre;
using ::testing::MatchesRegex;
using ::testing::SizeIs;

TEST(Events, of_a_new_service_tell_its_start_letter_for_letter) {
    World world;
    world.target_group("blue");
    world.start_service({.desired_count = 2, .target_groups = {"blue"}});
    const std::string id = world.service().deployments.front().id;
    EXPECT_THAT(world.messages(),
                ElementsAre(MatchesRegex("\\(service web\\) has started 2 tasks: \\(task [0-9a-f]{32}\\) "
                                         "\\(task [0-9a-f]{32}\\)\\."),
                            "(service web) registered 2 targets in (target-group " + World::arn_of_group("blue") + ")",
                            "(service web) (deployment " + id + ") deployment completed.",
                            "(service web) has reached a steady state."));
}

TEST(Events, have_uuids_and_times_and_come_newest_first) {
    World world;
    world.start_service({.desired_count = 2});
    const auto& events = world.service().events;
    std::set<std::string> ids;
    for (std::size_t i = 0; i < events.size(); ++i) {
        EXPECT_THAT(events[i].id, MatchesRegex("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"));
        ids.insert(events[i].id);
        if (i > 0) { EXPECT_LE(events[i].created_at, events[i - 1].created_at); }
    }
    EXPECT_EQ(ids.size(), events.size());
}

TEST(Events, only_the_100_newest_are_kept) {
    World world;
    Service& service = world.create({.desired_count = 0});
    for (int i = 1; i <= 150; ++i) { add_event(world.state, service, std::to_string(i), world.now); }
    ASSERT_THAT(service.events, SizeIs(100));
    EXPECT_EQ(service.events.front().message, "(service web) 150");
    EXPECT_EQ(service.events.back().message, "(service web) 51");
}

TEST(Events, the_steady_state_is_told_again_every_6_hours_to_the_millisecond) {
    World world;
    world.start_service({.desired_count = 1});
    const Instant first = *world.told_at("has reached a steady state.");
    world.run_for(hours{25});
    std::vector<Millis> since;
    for (const ServiceEvent& event : world.service().events) {
        if (event.message == "(service web) has reached a steady state.") { since.push_back(event.created_at - first); }
    }
    EXPECT_THAT(since, ElementsAre(hours{24}, hours{18}, hours{12}, hours{6}, hours{0}));
}

TEST(Events, the_steady_state_is_told_again_after_each_disturbance) {
    World world;
    world.start_service({.desired_count = 2});
    stop_task(world.state, *world.live().front(), "", world.now);
    ASSERT_TRUE(world.run_until([&] { return world.told("has reached a steady state.") == 2; }));
    world.run_for(hours{1});
    EXPECT_EQ(world.told("has reached a steady state."), 2);
}

TEST(Events, a_lasting_obstacle_is_told_again_after_6_hours) {
    World world;
    world.start_service({.desired_count = 1, .minimum_healthy_percent = 100, .maximum_percent = 100});
    world.define("web");
    world.deploy("web:2");
    world.run_for(hours{5});
    EXPECT_EQ(world.told("was unable to stop or start tasks"), 1);
    world.run_for(hours{2});
    world.scale(1); // any decision
    world.run_for(minutes{1});
    EXPECT_EQ(world.told("was unable to stop or start tasks"), 2);
}

TEST(Time, decisions_take_between_100_and_300_ms) {
    std::set<Millis> latencies;
    for (std::uint64_t seed = 1; seed <= 30; ++seed) {
        World world({}, seed);
        world.create({.desired_count = 1});
        const Instant asked = world.now;
        ASSERT_TRUE(world.run_until([&] { return world.count(TaskStatus::Provisioning) == 1; }));
        latencies.insert(world.now - asked);
        EXPECT_GE(world.now - asked, Millis{100});
        EXPECT_LE(world.now - asked, Millis{300});
    }
    EXPECT_GT(latencies.size(), 10U);
}

TEST(Time, a_steady_service_sleeps_until_its_next_event) {
    World world;
    world.start_service({.desired_count = 50});
    world.run_for(minutes{1});
    const int before = world.steps;
    world.run_for(hours{5});
    EXPECT_LE(world.steps - before, 2) << "a virtual clock must be able to jump";
}

TEST(Time, an_idle_plane_has_nothing_to_wake_up_for) {
    World world;
    world.run_for(seconds{1});
    EXPECT_EQ(world.scheduler.next_wakeup(world.state), Instant::max());
}

TEST(Time, a_pace_of_zero_still_comes_to_rest) {
    SchedulerOptions options;
    options.pace.decide_low = options.pace.decide_high = options.pace.provision = options.pace.deprovision = Millis{0};
    World world(options);
    world.target_group("blue", 0);
    world.behaviours["app"].starts_after = world.behaviours["app"].stops_after = Millis{0};
    world.behaviours["app"].target = {{Millis{0}, TargetState::Healthy}};
    world.start_service({.desired_count = 3, .target_groups = {"blue"}});
    world.define("web");
    world.deploy("web:2");
    EXPECT_TRUE(world.run_until_steady(seconds{1}));
    EXPECT_EQ(world.tasks_of("web:2").size(), 3U);
}

std::string history(World& world) {
    std::string text;
    for (const std::string& message : world.messages()) { text += message + "\n"; }
    for (const auto& [id, task] : world.state.tasks) {
        text += id + " " + to_string(task.last_status) + " " +
                std::to_string(task.created_at.time_since_epoch().count()) + " " + task.availability_zone + "\n";
    }
    return text;
}

TEST(Determinism, the_same_seed_and_the_same_requests_give_the_same_history) {
    const auto run = [](std::uint64_t seed) {
        World world({}, seed);
        world.target_group("blue", 7);
        world.start_service({.desired_count = 5, .target_groups = {"blue"}});
        world.define("web");
        world.deploy("web:2");
        world.run_for(seconds{9});
        world.scale(3);
        world.run_until_steady();
        return history(world);
    };
    EXPECT_EQ(run(7), run(7));
    EXPECT_NE(run(7), run(8));
}

TEST(Size, a_service_of_500_tasks_is_rolled_over_within_its_bounds) {
    World world;
    world.target_group("blue", 10);
    world.start_service({.desired_count = 500, .maximum_percent = 110, .target_groups = {"blue"}});
    world.define("web");
    std::size_t most = 0;
    std::size_t fewest = 10'000;
    world.after_each_step = [&] {
        most = std::max(most, world.live().size());
        fewest = std::min(fewest, world.live().size());
    };
    const int before = world.steps;
    world.deploy("web:2");
    ASSERT_TRUE(world.run_until_steady());
    EXPECT_EQ(world.tasks_of("web:2").size(), 500U);
    EXPECT_EQ(most, 550U);
    EXPECT_EQ(fewest, 500U);
    EXPECT_LT(world.steps - before, 2000) << "steps follow what happens, not a tick";
}

} // namespace
} // namespace ecsr::local
