#include "cli/commands.hpp"
#include "cli/failure.hpp"
#include "cli/parts.hpp"
#include "cli/run_face.hpp"
#include "cli/run_notices.hpp"
#include "run/runner.hpp"
#include "tell/run_report.hpp"

#include <fmt/ostream.h>

namespace ecsr::cli {

namespace {

// The exit code says whether the abort succeeded, not how the run ended: that is what was asked for.
int report_abort(const run::Aborted& aborted, act::Journal& journal, const Invocation& invocation, World& world) {
    const auto record =
        aborted.record ? Result<act::RunRecord>(*aborted.record) : journal.load(invocation.positional(0));
    if (!record) { return report_failure(record.error(), invocation, world); }
    const Instant now = world.clock.now();
    if (wants_json(invocation)) {
        world.console.out << tell::run_json(*record, now) << "\n";
    } else if (aborted.asked) {
        fmt::print(world.console.out, "{} was asked to end run {} at the edge of its batch.\n", aborted.asked->who,
                   record->run.id);
    } else {
        world.console.out << tell::run_text(*record, now);
    }
    return aborted.asked || record->run.restored ? 0 : 1;
}

int tell_runs(const std::vector<act::RunRecord>& records, const Invocation& invocation, World& world) {
    const Instant now = world.clock.now();
    world.console.out << (wants_json(invocation) ? tell::runs_json(records, now) + "\n"
                                                 : tell::runs_text(records, now));
    return 0;
}

} // namespace

int runs_list(const Invocation& invocation, World& world) {
    // Where nothing has run yet there is no journal, and that is no error; one that was named must be there.
    const bool no_runs = !has_journal(invocation, world) && !invocation.has("journal");
    if (no_runs) { return tell_runs({}, invocation, world); }
    const auto journal = existing_journal(invocation, world);
    if (!journal) { return report_failure(journal.error(), invocation, world); }
    const auto records = (*journal)->list(static_cast<int>(invocation.number("limit")), "");
    if (!records) { return report_failure(records.error(), invocation, world); }
    return tell_runs(*records, invocation, world);
}

int runs_show(const Invocation& invocation, World& world) {
    const auto journal = existing_journal(invocation, world);
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

int runs_resume(const Invocation& invocation, World& world) {
    const auto older = load_older_input(invocation, world);
    if (!older) { return report_failure(older.error(), invocation, world); }
    const auto journal = existing_journal(invocation, world, *older);
    if (!journal) { return report_failure(journal.error(), invocation, world); }
    const auto asked = (*journal)->load(invocation.positional(0));
    if (!asked) { return report_failure(asked.error(), invocation, world); }
    const auto session = make_session(invocation, world, *older);
    if (!session) { return report_failure(session.error(), invocation, world); }
    StatusLine line(world.console.err, status_style(world, invocation.is_set("quiet")));
    Progress progress(line, world.clock);
    auto notices = RunNotices::make(*older, invocation, world, progress, (*session)->region());
    if (!notices) { return report_failure(notices.error(), invocation, world); }
    run::Runner runner(
        runner_parts(**session, **journal, progress, notices->listener(), world, UnfinishedPolicy::Refuse));
    const InterruptNotice notice(world);
    const auto record =
        runner.resume(invocation.positional(0), invocation.is_set("force"), invocation.optional_duration("timeout"));
    progress.clear();
    const int code =
        record ? report_run(*record, invocation, world) : report_failure(record.error(), invocation, world);
    // A run that is not known, or has ended, is the mistake of who typed it; there is nothing to tell others.
    const auto known = (*journal)->load(invocation.positional(0));
    if (record || (known && act::is_unfinished(known->run))) {
        notices->tell_end(record ? record->run.spec : known->run.spec, record);
    }
    return code;
}

int runs_abort(const Invocation& invocation, World& world) {
    const auto older = load_older_input(invocation, world);
    if (!older) { return report_failure(older.error(), invocation, world); }
    const auto journal = existing_journal(invocation, world, *older);
    if (!journal) { return report_failure(journal.error(), invocation, world); }
    const auto asked = (*journal)->load(invocation.positional(0));
    if (!asked) { return report_failure(asked.error(), invocation, world); }
    const auto session = make_session(invocation, world, *older);
    if (!session) { return report_failure(session.error(), invocation, world); }
    StatusLine line(world.console.err, status_style(world, invocation.is_set("quiet")));
    Progress progress(line, world.clock);
    auto notices = RunNotices::make(*older, invocation, world, progress, (*session)->region());
    if (!notices) { return report_failure(notices.error(), invocation, world); }
    // To the progress alone: a run that is put back does not start again.
    run::Runner runner(runner_parts(**session, **journal, progress, progress, world, UnfinishedPolicy::Refuse));
    const InterruptNotice notice(world);
    const auto aborted = runner.abort(invocation.positional(0), invocation.text("reason"), invocation.is_set("force"));
    progress.clear();
    if (!aborted) { return report_failure(aborted.error(), invocation, world); }
    const int code = report_abort(*aborted, **journal, invocation, world);
    if (aborted->record) { notices->tell_end(aborted->record->run.spec, *aborted->record); }
    return code;
}

} // namespace ecsr::cli
