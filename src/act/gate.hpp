// THE gate: the only place from which the world is changed.
//
// For every change it checks the limits, journals the intent, makes one API call, tells the outcome, and merges what
// the answer tells into the snapshot. It decides nothing: judge/recycle does.
#pragma once

#include "act/held_run.hpp"
#include "act/limits.hpp"
#include "aws/call.hpp"
#include "base/clock.hpp"
#include "model/snapshot.hpp"

#include <stop_token>
#include <string>
#include <vector>

namespace ecsr::act {

class Gate {
public:
    // All must outlive the gate.
    Gate(aws::Caller& caller, Clock& clock, HeldRun& held, Limits limits)
        : caller_(&caller), clock_(&clock), held_(&held), limits_(limits) {}

    // Requires: run.pending is `change` (step() sets it), and the service was read.
    //
    // `story`: the lines of the run that the journal does not have yet. They and the intent are saved together, before
    // the call; the outcome is left in it, to be saved with the concluded run by whoever calls, before anything is
    // waited for. A process that dies in between leaves the intent, and run.pending is resolved from the world.
    //
    // Inner result: what became of the change, for recycle::conclude(). A limit that stopped it is Error Refused and
    // names the limit; of AWS's failures inside HTTP 200, DEPLOYMENT_BLOCKED and TASK_NOT_VALID are Refused with that
    // code, and MISSING counts as success, because a task that is gone needs no protection.
    // Outer error: the hold on the service is lost (Locked), or the journal cannot be written (Io). Then nothing more
    // may be changed; what was changed is known to the journal as an intent.
    Result<Status> perform(const recycle::Run& run, const recycle::Change& change, const std::string& reason,
                           std::vector<Entry>& story, Snapshot& snapshot, std::stop_token stop);

private:
    aws::Caller* caller_;
    Clock* clock_;
    HeldRun* held_;
    Limits limits_;
};

} // namespace ecsr::act
