#include "cli/commands.hpp"
#include "cli/failure.hpp"
#include "cli/parts.hpp"
#include "tell/run_report.hpp"

#include <ostream>

namespace ecsr::cli {

int runs_list(const Invocation& invocation, World& world) {
    const auto journal = make_journal(invocation, world);
    if (!journal) { return report_failure(journal.error(), invocation, world); }
    const auto records = (*journal)->list(static_cast<int>(invocation.number("limit")), "");
    if (!records) { return report_failure(records.error(), invocation, world); }
    const Instant now = world.clock.now();
    world.console.out << (wants_json(invocation) ? tell::runs_json(*records, now) + "\n"
                                                 : tell::runs_text(*records, now));
    return 0;
}

int runs_show(const Invocation& invocation, World& world) {
    const auto journal = make_journal(invocation, world);
    if (!journal) { return report_failure(journal.error(), invocation, world); }
    const auto record = (*journal)->load(invocation.positional(0));
    if (!record) { return report_failure(record.error(), invocation, world); }
    const auto entries = (*journal)->entries(record->run.id);
    if (!entries) { return report_failure(entries.error(), invocation, world); }
    const Instant now = world.clock.now();
    world.console.out << (wants_json(invocation) ? tell::story_json(*record, *entries, now) + "\n"
                                                 : tell::story_text(*record, *entries, now));
    return 0;
}

} // namespace ecsr::cli
