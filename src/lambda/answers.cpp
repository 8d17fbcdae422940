#include "lambda/answers.hpp"

#include "base/json_mapper.hpp"
#include "base/text.hpp"

#include <boost/describe.hpp>
#include <cmath>
#include <fmt/format.h>
#include <utility>

namespace ecsr::lambda {

namespace {

// Documents of the older recyclers: names as they wrote them.
struct AsWritten {
    static std::string member(std::string_view name) { return std::string(name); }
    static std::string enumerator(std::string_view name) { return std::string(name); }
    static constexpr bool times_as_text = true;
    static constexpr bool omit_empty = false;
};

struct Envelope {
    int statusCode = 200;
    std::string body;
};
BOOST_DESCRIBE_STRUCT(Envelope, (), (statusCode, body))

struct RecycleBody {
    std::string cluster;
    std::string service;
    int tasks_recycled = 0;
    Instant timestamp{};
    std::string run_id;
    std::string outcome;
    bool restored = true;
    int tasks_left = 0;
    double duration_seconds = 0;
};
BOOST_DESCRIBE_STRUCT(RecycleBody, (),
                      (cluster, service, tasks_recycled, timestamp, run_id, outcome, restored, tasks_left,
                       duration_seconds))

struct ScheduledBody {
    Instant timestamp{};
    std::string cluster;
    std::string service;
    std::string deploymentId;
    std::string taskDefinition;
    std::string message;
    std::string run_id;
    int tasks_recycled = 0;
};
BOOST_DESCRIBE_STRUCT(ScheduledBody, (),
                      (timestamp, cluster, service, deploymentId, taskDefinition, message, run_id, tasks_recycled))

// Has the names of both older answers: nobody who reads one of them misses a member.
struct SkippedBody {
    Instant timestamp{};
    std::string cluster;
    std::string service;
    std::string deploymentId;
    std::string taskDefinition;
    std::string message;
    int tasks_recycled = 0;
    std::string outcome = "skipped";
    std::string reason;
    std::optional<std::string> next_opening;
};
BOOST_DESCRIBE_STRUCT(SkippedBody, (),
                      (timestamp, cluster, service, deploymentId, taskDefinition, message, tasks_recycled, outcome,
                       reason, next_opening))

struct SkippedStep {
    bool done = true;
    int wait_seconds = 0;
    std::string cluster_name;
    std::string service_name;
    std::string outcome = "skipped";
    std::string reason;
    std::optional<std::string> next_opening;
    int tasks_recycled = 0;
    bool step = true;
};
BOOST_DESCRIBE_STRUCT(SkippedStep, (),
                      (done, wait_seconds, cluster_name, service_name, outcome, reason, next_opening, tasks_recycled,
                       step))

struct ErrorBody {
    std::string error;
};
BOOST_DESCRIBE_STRUCT(ErrorBody, (), (error))

struct StepDocument {
    bool done = false;
    int wait_seconds = 0;
    std::string run_id;
    std::string cluster_name;
    std::string service_name;
    std::string outcome;
    int tasks_recycled = 0;
    int tasks_left = 0;
    bool restored = true;
    double duration_seconds = 0;
    bool step = true; // the answer is the event of the next step
};
BOOST_DESCRIBE_STRUCT(StepDocument, (),
                      (done, wait_seconds, run_id, cluster_name, service_name, outcome, tasks_recycled, tasks_left,
                       restored, duration_seconds, step))

struct MetricUnit {
    std::string Name;
    std::string Unit;
};
BOOST_DESCRIBE_STRUCT(MetricUnit, (), (Name, Unit))
struct MetricSet {
    std::string Namespace = "ecs-recycler";
    std::vector<std::vector<std::string>> Dimensions{{"Cluster", "Service"}};
    std::vector<MetricUnit> Metrics{
        {"Runs", "Count"}, {"TasksRecycled", "Count"}, {"Failures", "Count"}, {"Duration", "Seconds"}};
};
BOOST_DESCRIBE_STRUCT(MetricSet, (), (Namespace, Dimensions, Metrics))
struct MetricHead {
    std::int64_t Timestamp = 0;
    std::vector<MetricSet> CloudWatchMetrics{MetricSet{}};
};
BOOST_DESCRIBE_STRUCT(MetricHead, (), (Timestamp, CloudWatchMetrics))
struct MetricDocument {
    MetricHead _aws;
    std::string Cluster;
    std::string Service;
    std::string RunId;
    int Runs = 1;
    int TasksRecycled = 0;
    int Failures = 0;
    double Duration = 0;
};
BOOST_DESCRIBE_STRUCT(MetricDocument, (), (_aws, Cluster, Service, RunId, Runs, TasksRecycled, Failures, Duration))

std::string envelope(int status_code, std::string body) {
    return json::to_json<AsWritten>(Envelope{status_code, std::move(body)});
}

std::string message_of(const AnswerFacts& facts) {
    if (!facts.deployment_id.empty()) {
        return fmt::format("Force new deployment initiated for service {} in cluster {}", facts.service, facts.cluster);
    }
    if (facts.outcome == "continued") {
        return fmt::format("{} tasks recycled, {} left: another invocation goes on", facts.tasks_recycled,
                           facts.tasks_left);
    }
    return fmt::format("{} tasks recycled", facts.tasks_recycled);
}

} // namespace

AnswerFacts facts_of(const recycle::Run& run, Instant now) {
    AnswerFacts facts;
    facts.cluster = run.spec.cluster;
    facts.service = run.spec.service;
    facts.run_id = run.id;
    facts.outcome = run.ending ? recycle::to_string(run.ending->outcome) : "continued";
    if (run.spec.strategy == Strategy::ForceDeployment) { facts.deployment_id = run.deployment_id; }
    facts.tasks_recycled = static_cast<int>(run.replaced.size());
    facts.tasks_left = static_cast<int>(recycle::tasks_left(run));
    facts.restored = run.restored;
    const Millis took = run.ended_at.value_or(now) - run.started_at;
    facts.duration_seconds = static_cast<double>(took.count()) / 1000.0;
    facts.at = now;
    return facts;
}

std::string recycle_answer(const AnswerFacts& facts) {
    return envelope(200, json::to_json<AsWritten>(RecycleBody{facts.cluster, facts.service, facts.tasks_recycled,
                                                              facts.at, facts.run_id, facts.outcome, facts.restored,
                                                              facts.tasks_left, facts.duration_seconds}));
}

std::string scheduled_answer(const AnswerFacts& facts) {
    return envelope(200, json::to_json<AsWritten>(ScheduledBody{
                             facts.at, facts.cluster, facts.service, facts.deployment_id, facts.task_definition,
                             message_of(facts), facts.run_id, facts.tasks_recycled}));
}

std::string scheduled_error(int status_code, const std::string& error) {
    return envelope(status_code, json::to_json<AsWritten>(ErrorBody{error}));
}

std::string skipped_answer(const Skipped& skipped) {
    SkippedBody body;
    body.timestamp = skipped.at;
    body.cluster = skipped.cluster;
    body.service = skipped.service;
    body.message = describe(skipped);
    body.reason = skipped.reason;
    body.next_opening = skipped.next_opening;
    return envelope(200, json::to_json<AsWritten>(body));
}

std::string skipped_step(const Skipped& skipped) {
    SkippedStep step;
    step.cluster_name = skipped.cluster;
    step.service_name = skipped.service;
    step.reason = skipped.reason;
    step.next_opening = skipped.next_opening;
    return json::to_json<AsWritten>(step);
}

std::string describe(const Skipped& skipped) {
    return fmt::format("Skipped {}/{}: {}; {}", skipped.cluster, skipped.service, skipped.reason,
                       skipped.next_opening ? "it may begin at " + *skipped.next_opening : "it may never begin");
}

std::string step_answer(const AnswerFacts& facts, bool done, Millis wait) {
    return json::to_json<json::SnakeCase>(
        StepDocument{done, static_cast<int>((wait.count() + 999) / 1000), facts.run_id, facts.cluster, facts.service,
                     facts.outcome, facts.tasks_recycled, facts.tasks_left, facts.restored, facts.duration_seconds});
}

std::string metrics_line(const AnswerFacts& facts, bool failed) {
    MetricDocument document;
    document._aws.Timestamp = facts.at.time_since_epoch().count();
    document.Cluster = short_id(facts.cluster);
    document.Service = short_id(facts.service);
    document.RunId = facts.run_id;
    document.TasksRecycled = facts.tasks_recycled;
    document.Failures = failed ? 1 : 0;
    document.Duration = facts.duration_seconds;
    return json::to_json<AsWritten>(document);
}

} // namespace ecsr::lambda
