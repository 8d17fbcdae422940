// Runs that last for hours, carried on by invocations that last for seconds, as a state machine does it.
#include "lambda/handler.hpp"
#include "tests/lambda/step_clock.hpp"
#include "tests/support/fake_ecs.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <set>

namespace ecsr::lambda {
namespace {

using namespace ecsr::testing;
using std::chrono::hours;
using std::chrono::minutes;

constexpr Seconds time_limit{60}; // of an invocation
constexpr int steps_most = 5'000;

struct InSteps : ::testing::Test {
    explicit InSteps(FakeServiceOptions options) : ecs(clock, std::move(options)) {
        for (const FakeTask& task : ecs.tasks()) { old_tasks.insert(task.arn); }
    }

    Handler handler() {
        return Handler({.caller = ecs,
                        .clock = clock,
                        .journal = *journal,
                        .journal_lasts = true,
                        .random = Random(static_cast<std::uint64_t>(++steps)),
                        .invoke_again = [](const std::string& event) -> Status {
                            ADD_FAILURE() << "invoked again: " << event;
                            return {};
                        },
                        .tell_metrics = [](const std::string&) {},
                        .notifier = nullptr},
                       {});
    }

    // Each answer is the event of the next step, until one says that all is done or that it failed.
    Answer run(std::string event) {
        while (steps < steps_most) {
            const Instant began = clock.now();
            const Answer answer =
                handler().handle({fmt::format("request {}", steps), event, began + time_limit, "", ""});
            longest_step = std::max(longest_step, clock.now() - began);
            if (!answer) { return answer; }
            const auto document = boost::json::parse(*answer).as_object();
            run_ids.emplace(document.at("run_id").as_string());
            if (document.at("done").as_bool()) { return answer; }
            const auto wait = document.at("wait_seconds").to_number<int>();
            waited += Seconds(wait);
            clock.sleep_until(clock.now() + Seconds(wait), {});
            event = *answer;
        }
        return std::unexpected(RuntimeError{"test", "never done"});
    }

    void expect_as_it_was(int desired) {
        EXPECT_EQ(ecs.desired(), desired);
        EXPECT_TRUE(ecs.protected_tasks().empty());
        EXPECT_EQ(ecs.live().size(), static_cast<std::size_t>(desired));
        EXPECT_GE(ecs.lowest_healthy(), desired);
        EXPECT_FALSE(journal->unfinished("123456789012/eu-west-1/prod/web").value().has_value());
    }

    StepClock clock;
    FakeEcs ecs;
    std::unique_ptr<act::Journal> journal = act::open_journal(":memory:").value();
    std::set<std::string> old_tasks;
    std::set<std::string> run_ids;
    int steps = 0;
    Millis longest_step{0};
    Millis waited{0};
};

struct SlowDrain : InSteps {
    SlowDrain() : InSteps({.desired = 6, .deregistration_delay = hours(1), .scalable_target = {}}) {}
};

TEST_F(SlowDrain, ARunOfManyHoursIsCarriedOnByShortSteps) {
    const auto answer = run(R"({"cluster_name": "prod", "service_name": "web", "step": true, "wait": "1h",
                                "timeout": "12h"})");
    ASSERT_TRUE(answer.has_value()) << answer.error().message;
    const auto document = boost::json::parse(*answer).as_object();
    EXPECT_EQ(document.at("outcome").as_string(), "done");
    EXPECT_TRUE(document.at("restored").as_bool());
    EXPECT_EQ(document.at("tasks_recycled").to_number<int>(), 6);
    EXPECT_GE(clock.now() - fixed_epoch, hours(6)); // the drains, one after another
    EXPECT_GE(waited, hours(6) - minutes(10));      // by the state machine, not by the function
    EXPECT_LE(longest_step, 2 * time_limit);
    EXPECT_GT(steps, 10);
    EXPECT_EQ(run_ids.size(), 1U);
    for (const FakeTask& task : ecs.tasks()) {
        if (old_tasks.contains(task.arn)) { EXPECT_TRUE(task.stop_ordered_at.has_value()) << task.arn; }
    }
    expect_as_it_was(6);
}

struct Broken : InSteps {
    Broken() : InSteps({.desired = 3, .scalable_target = {}}) { ecs.new_tasks_never_healthy(true); }
};

TEST_F(Broken, PatienceIsThatOfAllStepsTogether) {
    const auto answer = run(R"({"cluster_name": "prod", "service_name": "web", "step": true, "timeout": "12h"})");
    ASSERT_FALSE(answer.has_value()) << *answer;
    EXPECT_EQ(answer.error().type, "Recycler.Failed");
    EXPECT_NE(answer.error().message.find("not healthy within 15m"), std::string::npos) << answer.error().message;
    EXPECT_LT(clock.now() - fixed_epoch, minutes(25));
    EXPECT_GT(steps, 10);
    expect_as_it_was(3);
}

} // namespace
} // namespace ecsr::lambda
