#include "act/held_run.hpp"

#include <utility>

namespace ecsr::act {

HeldRun::HeldRun(Journal& journal, Lock lock, Clock& clock, const aws::Caller& caller, aws::CallCounts calls_before,
                 aws::CallCounts baseline)
    : journal_(&journal), lock_(std::move(lock)), clock_(&clock), caller_(&caller),
      calls_before_(std::move(calls_before)), baseline_(std::move(baseline)) {}

Status HeldRun::save(const recycle::Run& run, const std::vector<Entry>& story) {
    return journal_->save(lock_, run, calls(), story, clock_->now());
}

Result<Beat> HeldRun::beat() {
    return journal_->beat(lock_, clock_->now());
}

Status HeldRun::release() {
    return journal_->release(lock_);
}

aws::CallCounts HeldRun::calls() const {
    aws::CallCounts sum = calls_before_;
    const aws::CallCounts counted = caller_->counts();
    sum.total += counted.total - baseline_.total;
    for (const auto& [operation, count] : counted.by_operation) {
        const auto before = baseline_.by_operation.find(operation);
        const auto spent = count - (before == baseline_.by_operation.end() ? 0 : before->second);
        if (spent > 0) { sum.by_operation[operation] += spent; }
    }
    return sum;
}

} // namespace ecsr::act
