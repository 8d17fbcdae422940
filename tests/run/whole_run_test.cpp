#include "tests/run/world.hpp"

namespace ecsr::testing {
namespace {

FakeServiceOptions without_load_balancer() {
    FakeServiceOptions options;
    options.target_group = false;
    return options;
}

TEST(WholeRun, ScaleInReplacesEveryTaskAndPutsEverythingBack) {
    World world;
    const auto record = world.recycle();
    ASSERT_TRUE(record.has_value()) << record.error().message;
    EXPECT_EQ(record->run.drain, Drain::ScaleIn);
    EXPECT_EQ(record->run.ending->outcome, recycle::Outcome::Done) << record->run.ending->reason;
    EXPECT_TRUE(record->run.restored);
    EXPECT_EQ(record->run.replaced.size(), 3U);
    EXPECT_EQ(record->run.lowest_healthy, 3);
    EXPECT_EQ(run::exit_code(record->run), 0);
    EXPECT_EQ(world.heard.replaced, world.old_tasks);
    EXPECT_EQ(world.heard.finished, 1);
    EXPECT_EQ(world.ecs.calls("StopTask"), 0);
    world.expect_all_replaced(record->run);
    world.expect_restored();
    world.expect_unharmed(3);
}

TEST(WholeRun, StopTaskReplacesEveryTaskWithoutALoadBalancer) {
    World world(without_load_balancer());
    const auto record = world.recycle();
    ASSERT_TRUE(record.has_value()) << record.error().message;
    EXPECT_EQ(record->run.drain, Drain::StopTask);
    EXPECT_EQ(record->run.ending->outcome, recycle::Outcome::Done) << record->run.ending->reason;
    EXPECT_EQ(world.ecs.calls("StopTask"), 3);
    world.expect_all_replaced(record->run);
    world.expect_restored();
    world.expect_unharmed(3);
}

} // namespace
} // namespace ecsr::testing
