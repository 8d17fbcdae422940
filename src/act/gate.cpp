#include "act/gate.hpp"

#include "act/carry_out.hpp"

#include <fmt/format.h>

namespace ecsr::act {

namespace {

std::map<std::string, std::string> facts_of(const recycle::Run& run, const Snapshot& snapshot) {
    std::map<std::string, std::string> facts;
    facts["phase"] = recycle::to_string(run.phase);
    facts["desired"] = std::to_string(snapshot.service.desired_count);
    facts["desired_without_us"] = std::to_string(run.desired_theirs);
    if (snapshot.listed_at) { facts["healthy"] = std::to_string(healthy_count(snapshot)); }
    return facts;
}

Entry outcome_of(const recycle::Change& change, const Status& made, Instant now) {
    Entry entry{0, now, EntryKind::Outcome, recycle::describe(change) + ": done", {}};
    if (made) { return entry; }
    const Error& error = made.error();
    const char* doubt = error.request_may_have_been_executed ? "it is not known whether it was made: " : "not made: ";
    entry.text = fmt::format("{}: {}{}", recycle::describe(change), doubt, error.message);
    entry.facts["error"] = to_string(error.kind);
    if (!error.code.empty()) { entry.facts["code"] = error.code; }
    return entry;
}

} // namespace

Result<Status> Gate::perform(const recycle::Run& run, const recycle::Change& change, const std::string& reason,
                             std::vector<Entry>& story, Snapshot& snapshot, std::stop_token stop) {
    ECSR_ASSERT(run.pending.has_value());
    ECSR_ASSERT(snapshot.service_at.has_value());
    const Instant now = clock_->now();
    if (const auto broken = broken_limit(limits_, run, change, snapshot)) {
        const Status refused = fail(ErrorKind::Refused, fmt::format("limit {}: {}", broken->name, broken->text));
        story.push_back(outcome_of(change, refused, now));
        story.back().facts["limit"] = broken->name;
        return refused;
    }
    story.push_back(
        {0, now, EntryKind::Intent, fmt::format("{}: {}", recycle::describe(change), reason), facts_of(run, snapshot)});
    // Durable, and still ours: only then may the world be touched.
    if (auto saved = held_->save(run, story); !saved) { return std::unexpected(saved.error()); }
    story.clear();

    CarryOut carry_out(*caller_, snapshot, std::move(stop));
    const Status made = std::visit(carry_out, change);
    const Instant after = clock_->now();
    carry_out.merge(after);
    story.push_back(outcome_of(change, made, after));
    return made;
}

} // namespace ecsr::act
