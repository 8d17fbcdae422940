// How many API calls a recycle costs, by size of the service and batch: what is not needed is not asked.
#include "tests/run/world.hpp"

namespace ecsr::testing {
namespace {

struct Case {
    const char* name;
    bool target_group;
    int tasks;
    int batch;
    std::int64_t most;
};

class CallBudget : public ::testing::TestWithParam<Case> {};

TEST_P(CallBudget, IsKept) {
    FakeServiceOptions options;
    options.desired = GetParam().tasks;
    options.target_group = GetParam().target_group;
    World world(options);
    world.spec.batch = {GetParam().batch, false};
    const auto record = world.recycle();
    ASSERT_TRUE(record.has_value());
    ASSERT_EQ(record->run.ending->outcome, recycle::Outcome::Done);
    EXPECT_EQ(record->run.replaced.size(), static_cast<std::size_t>(GetParam().tasks));
    EXPECT_LE(record->calls.total, GetParam().most);
}

// A few calls above what a run needs today; bench/RESULTS.md tells how they came about.
INSTANTIATE_TEST_SUITE_P(Services, CallBudget,
                         ::testing::Values(Case{"ScaleIn3", true, 3, 1, 56}, Case{"ScaleIn10", true, 10, 1, 125},
                                           Case{"ScaleIn50By5", true, 50, 5, 133},
                                           Case{"ScaleIn200By20", true, 200, 20, 205},
                                           Case{"StopTask3", false, 3, 1, 37}, Case{"StopTask10", false, 10, 1, 65},
                                           Case{"StopTask50By5", false, 50, 5, 105}),
                         [](const auto& param) { return std::string(param.param.name); });

} // namespace
} // namespace ecsr::testing
