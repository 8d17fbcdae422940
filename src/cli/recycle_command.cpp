#include "base/random.hpp"
#include "cli/commands.hpp"
#include "cli/failure.hpp"
#include "cli/parts.hpp"
#include "cli/run_face.hpp"
#include "cli/run_spec_options.hpp"
#include "observe/observe.hpp"
#include "run/runner.hpp"
#include "tell/plan_report.hpp"

#include <ostream>

namespace ecsr::cli {

namespace {

// Reads what a run would read first, and changes nothing.
int show_plan(const RunSpec& spec, aws::Caller& caller, const Invocation& invocation, World& world) {
    Observer observer(caller, spec.cluster, spec.service);
    Snapshot snapshot;
    const auto looked =
        observer.look(recycle::first_look(spec), snapshot, world.clock.now(), world.interrupts.end_in_order);
    if (!looked) { return report_failure(looked.error(), invocation, world); }
    const Instant now = world.clock.now();
    const auto plan = recycle::plan(spec, snapshot, now);
    world.console.out << (wants_json(invocation) ? tell::plan_json(spec, plan) + "\n"
                                                 : tell::plan_text(spec, plan, now));
    return plan.refusals.empty() ? 0 : exit_code(ErrorKind::Refused);
}

UnfinishedPolicy unfinished_policy(const Invocation& invocation, const World& world) {
    if (invocation.is_set("yes")) { return UnfinishedPolicy::Resume; }
    return world.console.can_ask ? UnfinishedPolicy::Ask : UnfinishedPolicy::Refuse;
}

} // namespace

int recycle(const Invocation& invocation, World& world) {
    RunSpec spec = run_spec(invocation, world.seed);
    Status usable = resolve_service_arn(spec, invocation);
    if (usable) { usable = check_together(spec); }
    if (!usable) { return report_failure(usable.error(), invocation, world); }
    const auto session = make_session(invocation, world);
    if (!session) { return report_failure(session.error(), invocation, world); }
    if (invocation.is_set("plan")) { return show_plan(spec, **session, invocation, world); }

    const auto journal = make_journal(invocation, world);
    if (!journal) { return report_failure(journal.error(), invocation, world); }
    StatusLine line(world.console.err, status_style(world, invocation.is_set("quiet")));
    Progress progress(line, world.clock);
    run::Runner runner(runner_parts(**session, **journal, progress, world, unfinished_policy(invocation, world)));
    const InterruptNotice notice(world);
    const auto record = runner.start(spec, invocation.is_set("force"));
    progress.clear();
    return record ? report_run(*record, invocation, world) : report_failure(record.error(), invocation, world);
}

} // namespace ecsr::cli
