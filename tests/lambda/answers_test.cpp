#include "lambda/answers.hpp"
#include "tests/support/manual_clock.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

namespace ecsr::lambda {
namespace {

using testing::fixed_epoch;

AnswerFacts facts() {
    recycle::Run run;
    run.id = "r1";
    run.spec.cluster = "shop";
    run.spec.service = "web";
    run.started_at = fixed_epoch;
    run.replaced.resize(2);
    run.remaining = {"a", "b", "c"};
    run.batch = {"d"};
    return facts_of(run, fixed_epoch + Millis(1'500));
}

boost::json::object parsed(const std::string& text) {
    return boost::json::parse(text).as_object();
}

boost::json::object body_of(const std::string& text) {
    return parsed(std::string(parsed(text).at("body").as_string()));
}

TEST(LambdaAnswer, OfARecycleHasTheOlderMembersFirst) {
    const std::string text = recycle_answer(facts());
    EXPECT_EQ(parsed(text).at("statusCode").to_number<int>(), 200);
    const auto body = body_of(text);
    std::vector<std::string> names;
    for (const auto& member : body) { names.emplace_back(member.key()); }
    EXPECT_EQ(std::vector<std::string>(names.begin(), names.begin() + 4),
              (std::vector<std::string>{"cluster", "service", "tasks_recycled", "timestamp"}));
    EXPECT_EQ(body.at("tasks_recycled").to_number<int>(), 2);
    EXPECT_EQ(body.at("tasks_left").to_number<int>(), 4);
    EXPECT_EQ(body.at("outcome").as_string(), "continued");
}

TEST(LambdaAnswer, OfAScheduleHasTheOlderNames) {
    AnswerFacts told = facts();
    told.deployment_id = "ecs-svc/1";
    told.task_definition = "arn:td";
    const auto body = body_of(scheduled_answer(told));
    EXPECT_EQ(body.at("deploymentId").as_string(), "ecs-svc/1");
    EXPECT_EQ(body.at("taskDefinition").as_string(), "arn:td");
    EXPECT_FALSE(body.at("message").as_string().empty());
    const std::string error = scheduled_error(400, "missing");
    EXPECT_EQ(parsed(error).at("statusCode").to_number<int>(), 400);
    EXPECT_EQ(body_of(error).at("error").as_string(), "missing");
}

TEST(LambdaAnswer, OfAStepRoundsItsWaitUp) {
    const auto step = parsed(step_answer(facts(), false, Millis(1'001)));
    EXPECT_EQ(step.at("wait_seconds").to_number<int>(), 2);
    EXPECT_FALSE(step.at("done").as_bool());
    EXPECT_TRUE(step.at("step").as_bool());
    EXPECT_EQ(step.at("run_id").as_string(), "r1");
}

TEST(LambdaAnswer, OfASkippedRunSaysWhyAndUntilWhen) {
    const Skipped skipped{.cluster = "shop",
                          .service = "web",
                          .reason = "outside 01:00-05:00 UTC",
                          .next_opening = "2026-11-21T01:00:00+00:00",
                          .at = fixed_epoch};
    EXPECT_EQ(parsed(skipped_answer(skipped)).at("statusCode").to_number<int>(), 200);
    const auto body = body_of(skipped_answer(skipped));
    EXPECT_EQ(body.at("outcome").as_string(), "skipped");
    EXPECT_EQ(body.at("reason").as_string(), "outside 01:00-05:00 UTC");
    EXPECT_EQ(body.at("next_opening").as_string(), "2026-11-21T01:00:00+00:00");
    EXPECT_EQ(body.at("tasks_recycled").to_number<int>(), 0);
    EXPECT_EQ(body.at("message").as_string(),
              "Skipped shop/web: outside 01:00-05:00 UTC; it may begin at 2026-11-21T01:00:00+00:00");
    const auto step = parsed(skipped_step(skipped));
    EXPECT_TRUE(step.at("done").as_bool());
    EXPECT_EQ(step.at("wait_seconds").to_number<int>(), 0);
    EXPECT_EQ(step.at("outcome").as_string(), "skipped");
    const auto for_ever =
        body_of(skipped_answer({.cluster = "c", .service = "s", .reason = "r", .next_opening = {}, .at = {}}));
    EXPECT_FALSE(for_ever.contains("next_opening"));
    EXPECT_EQ(for_ever.at("message").as_string(), "Skipped c/s: r; it may never begin");
}

TEST(LambdaMetrics, AreInTheEmbeddedFormat) {
    const auto line = parsed(metrics_line(facts(), true));
    const auto& directive = line.at("_aws").as_object().at("CloudWatchMetrics").as_array().at(0).as_object();
    EXPECT_EQ(directive.at("Namespace").as_string(), "ecs-recycler");
    for (const auto& metric : directive.at("Metrics").as_array()) {
        EXPECT_TRUE(line.contains(metric.as_object().at("Name").as_string()));
    }
    for (const auto& dimension : directive.at("Dimensions").as_array().at(0).as_array()) {
        EXPECT_TRUE(line.contains(dimension.as_string()));
    }
    EXPECT_EQ(line.at("_aws").as_object().at("Timestamp").to_number<std::int64_t>(),
              (fixed_epoch + Millis(1'500)).time_since_epoch().count());
    EXPECT_EQ(line.at("Failures").to_number<int>(), 1);
    EXPECT_DOUBLE_EQ(line.at("Duration").to_number<double>(), 1.5);
}

} // namespace
} // namespace ecsr::lambda
