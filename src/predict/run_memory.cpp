#include "predict/run_memory.hpp"

namespace ecsr::predict {

namespace {

std::unexpected<Error> no_such_run(const std::string& id) {
    return fail(ErrorKind::NotFound, "no run " + id);
}

} // namespace

Result<act::Lock> RunMemory::begin(const recycle::Run& run, const std::string& service_key, const act::Claim& claim) {
    record_ = act::RunRecord{.run = run,
                             .service_key = service_key,
                             .calls = {},
                             .holder = {},
                             .abort_ask = {},
                             .created_at = claim.now,
                             .updated_at = claim.now};
    return act::Lock{service_key, run.id, claim.who, claim.now, claim.ttl};
}

Result<act::Lock> RunMemory::take(const std::string& run_id, const act::Claim&) {
    return no_such_run(run_id);
}

Result<act::Beat> RunMemory::beat(const act::Lock&, Instant) {
    return act::Beat{};
}

Status RunMemory::release(const act::Lock&) {
    return {};
}

Status RunMemory::save(const act::Lock&, const recycle::Run& run, const aws::CallCounts& calls,
                       const std::vector<act::Entry>&, Instant now) {
    ECSR_ASSERT(record_.has_value());
    record_->run = run;
    record_->calls = calls;
    record_->updated_at = now;
    return {};
}

Status RunMemory::request_abort(const std::string& run_id, const std::string&) {
    return no_such_run(run_id);
}

Result<act::RunRecord> RunMemory::load(const std::string& id) {
    if (!record_) { return no_such_run(id); }
    return *record_;
}

Result<std::vector<act::RunRecord>> RunMemory::list(int, const std::string&) {
    if (!record_) { return std::vector<act::RunRecord>{}; }
    return std::vector<act::RunRecord>{*record_};
}

Result<std::vector<act::Entry>> RunMemory::entries(const std::string&) {
    return std::vector<act::Entry>{};
}

Result<std::optional<act::RunRecord>> RunMemory::unfinished(const std::string&) {
    return std::optional<act::RunRecord>{};
}

} // namespace ecsr::predict
