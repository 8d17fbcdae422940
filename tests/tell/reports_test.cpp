#include "tell/demo_report.hpp"
#include "tell/error_json.hpp"
#include "tell/local_report.hpp"
#include "tell/plan_report.hpp"
#include "tell/run_report.hpp"
#include "tell/status_report.hpp"
#include "tests/support/golden.hpp"
#include "tests/tell/facts.hpp"

#include <gmock/gmock.h>

namespace ecsr::tell {
namespace {

using testing::expect_golden;
using testing::finished_run;
using ::testing::HasSubstr;
using testing::noon;
using ::testing::Not;
using testing::service_of_two;
using testing::unfinished_run;

RunSpec spec_of_cart() {
    RunSpec spec;
    spec.cluster = "shop";
    spec.service = "cart";
    return spec;
}

recycle::Plan plan_of_cart() {
    recycle::Plan plan;
    plan.tasks = {
        {testing::task_arn("aaaa1111"), 1, noon - std::chrono::hours(76), "eu-west-1a", "created before the cut-off"},
        {testing::task_arn("bbbb2222"), 2, noon - Millis(90'000), "", "named"}};
    plan.skipped = {{testing::task_arn("dddd4444"), "protected from scale-in by somebody else"}};
    plan.changes = {"desired count 2 -> 3 once, and back to 2 at the end"};
    plan.permissions = {"ecs:DescribeServices", "ecs:StopTask"};
    plan.risks = {"StopTask may end a task before its connections are drained"};
    plan.drain = Drain::StopTask;
    plan.batch = plan.surge = 1;
    plan.desired_count = 2;
    return plan;
}

Forecast forecast_of_cart() {
    Forecast forecast;
    forecast.predicted = Prediction{.duration = Millis(95'250),
                                    .shortest = Millis(91'000),
                                    .longest = Millis(99'500),
                                    .lowest_healthy = 2,
                                    .extra_tasks = 1,
                                    .api_calls = 41,
                                    .simulated_runs = 15};
    forecast.risks = {"start-up time rests on 2 tasks alone"};
    return forecast;
}

std::vector<act::Entry> story() {
    return {{1, noon - Millis(95'250), act::EntryKind::Started, "Starting task recycle for shop/cart", {}},
            {2, noon - Millis(95'000), act::EntryKind::Intent, "desired count 2 -> 3", {{"reason", "new tasks first"}}},
            {3, noon, act::EntryKind::Ended, "done: 2 tasks recycled", {}}};
}

DemoFacts demo_facts() {
    DemoFacts facts{
        .tasks = 3, .memory_limit_bytes = 64 << 20, .memory_guard = "cgroup v2", .leak_bytes_per_second = 800'000};
    facts.recycle = {.run_id = "0123abcdef",
                     .outcome = "done",
                     .reason = "3 tasks recycled",
                     .tasks_replaced = 3,
                     .requests_sent = 5664,
                     .requests_per_second = 239.6,
                     .lowest_healthy = 3,
                     .memory_before_bytes = 28 << 20,
                     .memory_highest_bytes = 45 << 20,
                     .memory_after_bytes = 17 << 20,
                     .api_calls = 36,
                     .duration_seconds = 23.64};
    facts.unrecycled = {
        .leak_bytes_per_second = 5'000'000,
        .requests_sent = 3822,
        .requests_failed = 56,
        .first_failure = "HTTP 502",
        .oom_kills = 1,
        .kills = {{testing::task_arn("eeee5555"), 137, "OutOfMemoryError: Container killed due to memory usage", noon}},
        .duration_seconds = 16.02};
    facts.duration_seconds = 70.2;
    return facts;
}

TEST(StatusReport, AServiceWithATaskThatIsNotYetHealthy) {
    expect_golden("status.txt", status_text(service_of_two(), noon, 5));
    expect_golden("status.json", status_json(service_of_two(), noon, 1));
}

TEST(StatusReport, AServiceWithoutTasksEventsOrAutoscaling) {
    Snapshot snapshot = service_of_two();
    snapshot.tasks.clear();
    snapshot.listed.clear();
    snapshot.scalable_target.reset();
    const std::string text = status_text(snapshot, noon, 0);
    EXPECT_THAT(text, HasSubstr("No tasks."));
    EXPECT_THAT(text, Not(HasSubstr("Autoscaling")));
    EXPECT_THAT(text, Not(HasSubstr("Last events")));
    EXPECT_THAT(status_json(snapshot, noon, 0), Not(HasSubstr("autoscaling")));
}

TEST(PlanReport, TasksInOrderWithWhatIsChangedAndPutBack) {
    expect_golden("plan.txt", plan_text(spec_of_cart(), plan_of_cart(), forecast_of_cart(), noon));
    expect_golden("plan.json", plan_json(spec_of_cart(), plan_of_cart(), forecast_of_cart()));
}

TEST(PlanReport, ARefusalComesWithWhatToDoInstead) {
    recycle::Plan plan;
    plan.refusals = {{"desired-zero", "service cart has desired count 0", "scale it up first"}};
    Forecast forecast;
    forecast.not_predicted = "the run would be refused";
    const std::string text = plan_text(spec_of_cart(), plan, forecast, noon);
    EXPECT_THAT(text, HasSubstr("Not predicted: the run would be refused\n"));
    EXPECT_THAT(text, HasSubstr("It would refuse:\n  - service cart has desired count 0; scale it up first\n"));
    EXPECT_THAT(text, HasSubstr("No task is to be replaced."));
}

TEST(RunReport, ARunThatIsDone) {
    expect_golden("run.txt", run_text(finished_run(), noon));
    expect_golden("run.json", run_json(finished_run(), noon));
}

TEST(RunReport, WhatIsNotKnownOfAnUnfinishedRunIsLeftOut) {
    const std::string document = run_json(unfinished_run(), noon);
    EXPECT_THAT(document, HasSubstr("\"state\": \"unfinished\""));
    for (const char* member : {"\"outcome\"", "\"finished_at\"", "\"lowest_healthy\"", "\"holder\""}) {
        EXPECT_THAT(document, Not(HasSubstr(member)));
    }
    EXPECT_THAT(run_text(unfinished_run(), noon), HasSubstr("NOT put back"));
}

TEST(RunReport, TheStateTellsWhoeverAsksWhetherARunCanBeTaken) {
    act::RunRecord record = unfinished_run();
    EXPECT_EQ(run_state(record, noon), "unfinished");
    record.holder = act::Holder{record.run.id, "ann@host pid 7", noon, noon, noon + Millis(30'000)};
    EXPECT_EQ(run_state(record, noon), "running");
    EXPECT_EQ(run_state(record, noon + Millis(30'000)), "unfinished");
    record.run.paused = true;
    EXPECT_EQ(run_state(record, noon + Millis(30'000)), "paused");
    EXPECT_EQ(run_state(finished_run(), noon), "done");
}

TEST(RunReport, RunsAreListedAsATable) {
    expect_golden("runs.txt", runs_text({unfinished_run(), finished_run()}, noon));
    EXPECT_EQ(runs_text({}, noon), "No runs.\n");
    EXPECT_EQ(runs_json({}, noon), "{\n  \"runs\": []\n}");
}

TEST(RunReport, AStoryHasEveryStepWithItsFacts) {
    expect_golden("story.txt", story_text(finished_run(), story(), noon));
    expect_golden("story.json", story_json(finished_run(), story(), noon));
}

TEST(DemoReport, EveryFigureIsTold) {
    expect_golden("demo.txt", demo_text(demo_facts()));
    expect_golden("demo.json", demo_json(demo_facts()));
}

TEST(DemoReport, ARecycleThatFailedEndsTheStory) {
    DemoFacts facts = demo_facts();
    facts.unrecycled.reset();
    EXPECT_THAT(demo_text(facts), Not(HasSubstr("Left alone")));
    EXPECT_THAT(demo_json(facts), Not(HasSubstr("unrecycled")));
}

TEST(LocalReport, LinesThatAShellCanEvaluate) {
    const LocalEcsFacts facts{"http://127.0.0.1:4510", 4510, "process", 1, "cgroup v2", ""};
    const LocalVariables variables{{"AWS_ENDPOINT_URL", "http://127.0.0.1:4510"},
                                   {"AWS_ACCESS_KEY_ID", "local"},
                                   {"AWS_SECRET_ACCESS_KEY", "local"},
                                   {"AWS_REGION", "us-east-1"},
                                   {"AWS_DEFAULT_REGION", "us-east-1"}};
    expect_golden("local_up.txt", local_ecs_text(facts, variables));
    EXPECT_THAT(local_ecs_json(facts), HasSubstr("\"endpoint_url\": \"http://127.0.0.1:4510\""));
}

TEST(ErrorJson, NamesKindCodeAndMessage) {
    Error error;
    error.kind = ErrorKind::NotFound;
    error.code = "ClusterNotFoundException";
    error.message = "cluster \"shoq\" does not exist";
    EXPECT_EQ(error_json(error), "{\n  \"error\": {\n    \"kind\": \"not found\",\n    \"code\": "
                                 "\"ClusterNotFoundException\",\n    \"message\": \"cluster \\\"shoq\\\" does not "
                                 "exist\"\n  }\n}");
}

} // namespace
} // namespace ecsr::tell
