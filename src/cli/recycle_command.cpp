#include "base/log.hpp"
#include "base/random.hpp"
#include "cli/commands.hpp"
#include "cli/failure.hpp"
#include "cli/parts.hpp"
#include "cli/run_face.hpp"
#include "cli/run_notices.hpp"
#include "cli/run_spec_options.hpp"
#include "observe/observe.hpp"
#include "predict/predict.hpp"
#include "run/runner.hpp"
#include "tell/plan_report.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <ostream>

namespace ecsr::cli {

namespace {

// A run of the service that is under way or has to be settled first, as the journal knows it.
void refuse_over_unfinished(recycle::Plan& plan, const Snapshot& snapshot, const Invocation& invocation, World& world) {
    if (!has_journal(invocation, world)) { return; }
    const auto journal = make_journal(invocation, world);
    const auto found = journal ? (*journal)->unfinished(act::service_key(snapshot.service))
                               : Result<std::optional<act::RunRecord>>(std::unexpected(journal.error()));
    if (!found) {
        plan.risks.push_back("earlier runs are not known: " + found.error().message);
        return;
    }
    if (!*found) { return; }
    const std::string& id = (*found)->run.id;
    const bool held = act::is_held((*found)->holder, world.clock.now());
    plan.refusals.push_back(
        {held ? "held" : "unfinished-run",
         fmt::format("run {} of this service is {}", id, held ? "under way" : "not finished"),
         fmt::format("{}`ecs-recycler runs {} {}`, or put everything back with `ecs-recycler runs abort {}`",
                     held ? "wait for it: " : "finish it with ", held ? "show" : "resume", id, id)});
}

// Reads what a run would read first, and what tells how the service behaves; changes nothing.
int show_plan(const RunSpec& spec, aws::Caller& caller, const Invocation& invocation, World& world) {
    Observer observer(caller, spec.cluster, spec.service);
    Snapshot snapshot;
    const Instant began = world.clock.now();
    const auto looked = observer.look(recycle::first_look(spec), snapshot, began, world.interrupts.end_in_order);
    if (!looked) { return report_failure(looked.error(), invocation, world); }
    const Instant now = world.clock.now();
    auto plan = recycle::plan(spec, snapshot, now);
    refuse_over_unfinished(plan, snapshot, invocation, world);
    predict::PredictOptions options;
    options.answer_time = (now - began) / std::max<std::int64_t>(1, caller.counts().total);
    // A plan without it is a plan all the same.
    const auto learnt = observer.look(predict::learning_look(spec), snapshot, now, world.interrupts.end_in_order);
    if (!learnt) { log(LogLevel::Info, "stopped tasks could not be read", {{"error", learnt.error().message}}); }
    const Forecast forecast =
        predict::predict(spec, snapshot, plan, options, world.outside.clock, now, world.interrupts.end_in_order);
    world.console.out << (wants_json(invocation) ? tell::plan_json(spec, plan, forecast) + "\n"
                                                 : tell::plan_text(spec, plan, forecast, now));
    return plan.refusals.empty() ? 0 : exit_code(ErrorKind::Refused);
}

UnfinishedPolicy unfinished_policy(const Invocation& invocation, const World& world) {
    if (invocation.is_set("yes")) { return UnfinishedPolicy::Resume; }
    return world.console.can_ask ? UnfinishedPolicy::Ask : UnfinishedPolicy::Refuse;
}

} // namespace

int recycle(const Invocation& invocation, World& world) {
    const auto asked = run_spec(invocation, world.seed);
    if (!asked) { return report_failure(asked.error(), invocation, world); }
    const RunSpec& spec = *asked;
    if (auto usable = check_together(spec); !usable) { return report_failure(usable.error(), invocation, world); }
    const auto older = load_older_input(invocation, world);
    if (!older) { return report_failure(older.error(), invocation, world); }
    const auto session = make_session(invocation, world, *older);
    if (!session) { return report_failure(session.error(), invocation, world); }
    if (invocation.is_set("plan")) { return show_plan(spec, **session, invocation, world); }

    const auto journal = make_journal(invocation, world, *older);
    if (!journal) { return report_failure(journal.error(), invocation, world); }
    StatusLine line(world.console.err, status_style(world, invocation.is_set("quiet")));
    Progress progress(line, world.clock);
    auto notices = RunNotices::make(*older, invocation, world, progress, (*session)->region());
    if (!notices) { return report_failure(notices.error(), invocation, world); }
    run::Runner runner(
        runner_parts(**session, **journal, progress, notices->listener(), world, unfinished_policy(invocation, world)));
    const InterruptNotice notice(world);
    const auto record = runner.start(spec, invocation.is_set("force"));
    progress.clear();
    const int code =
        record ? report_run(*record, invocation, world) : report_failure(record.error(), invocation, world);
    notices->tell_end(spec, record);
    return code;
}

} // namespace ecsr::cli
