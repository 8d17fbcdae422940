// The documents that invocations answer with. Pure.
#pragma once

#include "act/journal.hpp"
#include "lambda/event.hpp"

#include <optional>
#include <string>

namespace ecsr::lambda {

// What an answer tells of a run.
struct AnswerFacts {
    std::string cluster;
    std::string service;
    std::string run_id;
    std::string outcome;         // "done", ...; "continued": another invocation goes on with it
    std::string deployment_id;   // of a forced deployment
    std::string task_definition; // ARN
    int tasks_recycled = 0;
    int tasks_left = 0;
    bool restored = true;
    double duration_seconds = 0;
    Instant at{};
};

AnswerFacts facts_of(const recycle::Run& run, Instant now);

// {"statusCode": 200, "body": "{\"cluster\": .., \"service\": .., \"tasks_recycled\": N, \"timestamp\": .., ...}"}
std::string recycle_answer(const AnswerFacts& facts);
// {"statusCode": 200, "body": "{\"timestamp\": .., \"cluster\": .., \"deploymentId\": .., \"taskDefinition\": ..,
// \"message\": ..}"}
std::string scheduled_answer(const AnswerFacts& facts);
// {"statusCode": 400 or 500, "body": "{\"error\": ..}"}
std::string scheduled_error(int status_code, const std::string& error);
// Nothing was done, because no run may begin now.
struct Skipped {
    std::string cluster;
    std::string service;
    std::string reason;                      // "outside MON-FRI 01:00-05:00 UTC"
    std::optional<std::string> next_opening; // RFC 3339, in the zone of the windows; nothing, and left out: never
    Instant at{};
};
// {"statusCode": 200, "body": "{.., \"outcome\": \"skipped\", \"reason\": .., \"next_opening\": .., ..}"}: what both
// kinds of events are answered with
std::string skipped_answer(const Skipped& skipped);
// {"done": true, "outcome": "skipped", ...}: to a step
std::string skipped_step(const Skipped& skipped);
std::string describe(const Skipped& skipped);

// {"done": false, "wait_seconds": 12, "run_id": "..", ..., "step": true}: also the event of the next step
std::string step_answer(const AnswerFacts& facts, bool done, Millis wait);

// One line in CloudWatch's embedded metric format: namespace ecs-recycler, dimensions Cluster and Service, metrics
// Runs, TasksRecycled, Failures and Duration.
std::string metrics_line(const AnswerFacts& facts, bool failed);

} // namespace ecsr::lambda
