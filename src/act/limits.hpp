// The limits of what a run may change, as a pure function. The engine keeps to them by itself; the gate makes sure.
#pragma once

#include "judge/recycle/run.hpp"
#include "model/snapshot.hpp"

#include <optional>
#include <string>

namespace ecsr::act {

struct Limits {
    bool read_only = false; // nothing may be changed
};

struct BrokenLimit {
    std::string name; // "healthy-floor", "cut-off", "foreign-protection", ...
    std::string text; // "stopping task ab12 would leave 2 healthy tasks, 3 are needed"
};

// Names of the limits:
//   read-only            nothing may be changed
//   run-ended            no task is stopped once the run heads for its end (invariant I5)
//   cut-off              no task created at or after the run's cut-off is stopped (I2)
//   foreign-service      only tasks of the run's service are touched
//   healthy-floor        healthy tasks never fall below desired - max_unavailable because of us (I1)
//   surge                the desired count is not raised beyond what would be without us plus the surge
//   foreign-protection   protection that somebody else set is neither changed nor ignored
//   protection-chunk     at most 10 tasks a call (ECS behaviour A7)
//   scaling-fields       of a scalable target only max capacity and suspended scale-in are changed
//   strategy             a new deployment is forced only where that was asked for
std::optional<BrokenLimit> broken_limit(const Limits& limits, const recycle::Run& run, const recycle::Change& change,
                                        const Snapshot& snapshot);

} // namespace ecsr::act
