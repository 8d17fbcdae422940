// A run that this process holds: what it writes to the journal, and the API calls it has cost.
#pragma once

#include "act/journal.hpp"
#include "base/clock.hpp"

#include <vector>

namespace ecsr::act {

// Not thread-safe, but beat() may be called from a second thread. Does not release by itself: a process that dies does
// not either.
class HeldRun {
public:
    // `calls_before`: what earlier processes spent. `baseline`: what `caller` had counted before this process began to
    // work on the run.
    // `clock`: the machine's, by which others judge the lock.
    HeldRun(Journal& journal, Lock lock, Clock& clock, const aws::Caller& caller, aws::CallCounts calls_before,
            aws::CallCounts baseline);

    // Error Locked: taken over by somebody else; the caller must stop at once, without writing anything.
    Status save(const recycle::Run& run, const std::vector<Entry>& story);
    Result<Beat> beat();
    Status release();

    const Lock& lock() const { return lock_; }
    aws::CallCounts calls() const; // of all processes so far

private:
    Journal* journal_;
    Lock lock_;
    Clock* clock_;
    const aws::Caller* caller_;
    aws::CallCounts calls_before_;
    aws::CallCounts baseline_;
};

} // namespace ecsr::act
