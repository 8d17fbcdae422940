#include "act/held_run.hpp"

#include <utility>

namespace ecsr::act {

HeldRun::HeldRun(Journal& journal, Lock lock, const aws::Caller& caller, aws::CallCounts calls_before,
                 aws::CallCounts baseline)
    : journal_(&journal), lock_(std::move(lock)), caller_(&caller), calls_before_(std::move(calls_before)),
      baseline_(std::move(baseline)) {}

Status HeldRun::save(const recycle::Run& run, const std::vector<Entry>& story, Instant now) {
    return journal_->save(lock_, run, calls(), story, now);
}

Result<Beat> HeldRun::beat(Instant now) {
    return journal_->beat(lock_, now);
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
