// Availability Zone rebalancing (ECS behaviour B14).
#include "tests/local/scheduler/world.hpp"

#include <gmock/gmock.h>

namespace ecsr::local {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::Contains;
using ::testing::HasSubstr;

std::map<std::string, int> zones(World& world) {
    std::map<std::string, int> counts;
    for (const Task* task : world.live()) { ++counts[task->availability_zone]; }
    return counts;
}

// A steady service whose tasks are where the zones say.
void start_lopsided(World& world, const std::vector<std::string>& where, int maximum_percent = 200) {
    world.start_service({.desired_count = static_cast<int>(where.size()), .maximum_percent = maximum_percent});
    const auto tasks = world.live();
    for (std::size_t i = 0; i < where.size(); ++i) { tasks[i]->availability_zone = "us-east-1" + where[i]; }
    world.service().touched = true;
}

TEST(Rebalancing, starts_in_the_lean_zone_and_then_stops_in_the_crowded_one) {
    World world;
    start_lopsided(world, {"a", "a", "a", "b"});
    world.run_for(minutes{4});
    EXPECT_EQ(world.told("AZ"), 0) << "not before it has been steady for a while";
    ASSERT_TRUE(world.run_until([&] { return world.live().size() == 5; }, minutes{2}));
    EXPECT_THAT(world.messages(),
                Contains("(service web) is not AZ balanced with 3 tasks in us-east-1a, 1 tasks in us-east-1b, 0 tasks "
                         "in us-east-1c. AZ Rebalancing in progress."));
    EXPECT_EQ(world.told("has started 1 tasks in us-east-1c to AZ Rebalance: (task "), 1);
    int least = 4;
    world.after_each_step = [&] { least = std::min(least, world.count(TaskStatus::Running)); };
    ASSERT_TRUE(world.run_until_steady());
    EXPECT_EQ(zones(world), (std::map<std::string, int>{{"us-east-1a", 2}, {"us-east-1b", 1}, {"us-east-1c", 1}}));
    EXPECT_THAT(world.messages(), Contains("(service web) is AZ balanced with 2 tasks in us-east-1a, 1 tasks in "
                                           "us-east-1b, 1 tasks in us-east-1c."));
    EXPECT_GE(least, 4);
    EXPECT_EQ(world.told("has stopped 1 running tasks"), 1);
    world.run_for(std::chrono::hours{1});
    EXPECT_EQ(world.told("is not AZ balanced"), 1);
}

TEST(Rebalancing, leaves_a_difference_of_one_alone) {
    World world;
    start_lopsided(world, {"a", "a", "b", "c"});
    world.run_for(std::chrono::hours{1});
    EXPECT_EQ(world.told("AZ"), 0);
}

TEST(Rebalancing, needs_the_setting_and_room_above_the_desired_count) {
    World off;
    start_lopsided(off, {"a", "a", "a"});
    off.service().availability_zone_rebalancing = "DISABLED";
    off.run_for(std::chrono::hours{1});
    EXPECT_EQ(off.told("AZ"), 0);
    World tight;
    start_lopsided(tight, {"a", "a", "a"}, 100);
    tight.run_for(std::chrono::hours{1});
    EXPECT_EQ(tight.told("AZ"), 0);
}

TEST(Rebalancing, does_not_move_protected_tasks) {
    World world;
    start_lopsided(world, {"a", "a", "a"});
    for (Task* task : world.live()) { protect_task(world.state, *task, true, std::chrono::hours{2}, world.now); }
    world.run_for(std::chrono::hours{1});
    EXPECT_EQ(world.live().size(), 3U);
    EXPECT_EQ(world.told("AZ"), 0);
    ASSERT_TRUE(world.run_until([&] { return zones(world).size() == 3; }, std::chrono::hours{2}));
}

TEST(Rebalancing, gives_way_to_a_deployment) {
    World world;
    start_lopsided(world, {"a", "a", "a"});
    ASSERT_TRUE(world.run_until([&] { return world.live().size() == 5; }, minutes{10}));
    world.force_deployment();
    world.run_for(seconds{2});
    EXPECT_FALSE(world.service().rebalancing);
    ASSERT_TRUE(world.run_until_steady());
    EXPECT_EQ(world.told("is AZ balanced"), 0);
}

TEST(Rebalancing, gives_way_to_a_smaller_desired_count) {
    World world;
    start_lopsided(world, {"a", "a", "a", "b"});
    ASSERT_TRUE(world.run_until([&] { return world.live().size() == 5; }, minutes{10}));
    world.scale(1);
    world.run_for(seconds{5});
    EXPECT_EQ(world.live().size(), 1U);
}

} // namespace
} // namespace ecsr::local
