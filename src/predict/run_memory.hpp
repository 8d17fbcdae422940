// A journal of one run that nobody will resume: in memory, forgotten with the simulation.
#pragma once

#include "act/journal.hpp"

#include <optional>

namespace ecsr::predict {

class RunMemory : public act::Journal {
public:
    Result<act::Lock> begin(const recycle::Run& run, const std::string& service_key, const act::Claim& claim) override;
    Result<act::Lock> take(const std::string& run_id, const act::Claim& claim) override;
    Result<act::Beat> beat(const act::Lock& lock, Instant now) override;
    Status release(const act::Lock& lock) override;
    Status save(const act::Lock& lock, const recycle::Run& run, const aws::CallCounts& calls,
                const std::vector<act::Entry>& story, Instant now) override;
    Status request_abort(const std::string& run_id, const std::string& reason) override;
    Result<act::RunRecord> load(const std::string& id) override;
    Result<std::vector<act::RunRecord>> list(int limit, const std::string& service_key) override;
    // Always empty: the story is not kept.
    Result<std::vector<act::Entry>> entries(const std::string& run_id) override;
    Result<std::optional<act::RunRecord>> unfinished(const std::string& service_key) override;

private:
    std::optional<act::RunRecord> record_;
};

} // namespace ecsr::predict
