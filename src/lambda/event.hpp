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
//   ... "windows": ["MON-FRI 01:00-05:00"], "blackouts": "2026-12-24", "timezone": "Europe/Berlin"
//       when a run may begin, as in recycler.yaml and instead of what the environment says; []: at any time
#pragma once

#include "base/error.hpp"
#include "base/time.hpp"
#include "judge/schedule/windows.hpp"
#include "lambda/settings.hpp"
#include "model/run_spec.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace ecsr::lambda {

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
    schedule::Windows windows;        // when a run may begin; one that has begun is finished
    schedule::TimeZone zone;          // in which people are told when it may
    std::vector<std::string> unknown; // members that mean nothing here, with what may have been meant
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
