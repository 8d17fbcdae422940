// What an invocation is asked to do: the events of the two older recyclers, unchanged, and this one's own. Pure.
//
//   {"cluster_name": "shop", "service_name": "web", "maintain_service_state": true, "wait_time": 30}
//       one task after another, `wait_time` seconds apart; `maintain_service_state` false: no further task is started
//       first, so that one fewer than desired may be healthy. Further members: those of a run (EventDocument).
//   {} or a scheduled event
//       the service that the environment names: a new deployment (or, by ECS_RECYCLER_STRATEGY, what the first does)
//   {"run_id": "...", ...}
//       go on with a run
//   ... "step": true
//       one bounded piece of work; the answer says whether to come back, and when
#pragma once

#include "aws/environment.hpp"
#include "base/error.hpp"
#include "base/time.hpp"
#include "model/run_spec.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ecsr::lambda {

// What the function's environment says; read once.
struct Settings {
    std::string cluster;              // ECS_CLUSTER_NAME
    std::string service;              // ECS_SERVICE_NAME
    std::optional<Strategy> strategy; // ECS_RECYCLER_STRATEGY
    std::string table;                // ECS_RECYCLER_TABLE: DynamoDB table of the journal; empty: none
    std::string function;             // ECS_RECYCLER_FUNCTION, else AWS_LAMBDA_FUNCTION_NAME: goes on there
    std::string batch;                // ECS_RECYCLER_BATCH
    std::string drain;                // ECS_RECYCLER_DRAIN
    std::optional<Millis> wait;       // ECS_RECYCLER_WAIT
    std::vector<std::string> alarms;  // ECS_RECYCLER_ALARM, separated by commas
    Millis margin{15'000};            // ECS_RECYCLER_MARGIN: work ends this long before the deadline
};

// Error Usage: names the variable and what it allows.
Result<Settings> read_settings(const aws::Environment& environment);

enum class EventKind {
    Recycle,  // answers as the older recycler that stopped task after task
    Scheduled // answers as the older one that forced a deployment
};

struct Event {
    EventKind kind = EventKind::Recycle;
    RunSpec spec;
    std::string run_id; // empty: a new run
    bool step = false;
    int hop = 0;                      // how many invocations came before this one for the same work
    std::vector<std::string> unknown; // members that mean nothing here
};

inline constexpr int most_hops = 200;

// Errors Usage: "event: wait_time: expected number, got array". A scheduled event without the names in the environment
// is one too: "missing required environment variables: ECS_CLUSTER_NAME".
Result<Event> parse_event(std::string_view text, const Settings& settings, Instant now);

// Whether the text is an event of a schedule (or {}): failures of those are answers with a status code.
bool is_scheduled(std::string_view text);

// The event with which another invocation goes on: with a run that the journal holds, or, without one, with what is
// left of it, told by its cut-off.
std::string continue_run_event(const std::string& run_id, int hop);
std::string continue_cutoff_event(const Event& event, Instant cutoff, Instant deadline, int hop);

} // namespace ecsr::lambda
