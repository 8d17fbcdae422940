#include "cli/run_face.hpp"

#include "base/log.hpp"
#include "base/text.hpp"
#include "cli/parts.hpp"
#include "run/exit_code.hpp"
#include "tell/run_report.hpp"

#include <fmt/ostream.h>

namespace ecsr::cli {

namespace {

std::optional<std::string> ask(World& world, Progress& progress, const std::string& question,
                               const std::stop_token& stop) {
    progress.clear();
    fmt::print(world.console.err, "{} ", question);
    world.console.err.flush();
    auto answer = world.console.read_line(stop);
    if (!answer) { fmt::print(world.console.err, "\n"); }
    return answer;
}

std::string describe_unfinished(const act::RunRecord& record) {
    const auto& run = record.run;
    return fmt::format("Run {} of {}/{} is unfinished: {} tasks recycled, {} left.", run.id, short_id(run.spec.cluster),
                       short_id(run.spec.service), run.replaced.size(), recycle::tasks_left(run));
}

run::Unfinished ask_unfinished(World& world, Progress& progress, const act::RunRecord& record) {
    const std::string question = describe_unfinished(record) +
                                 "\n  r  resume it\n  b  put back what it left in place, then begin a new run\n"
                                 "  q  quit and change nothing\n[r/b/Q]";
    const auto answer = ask(world, progress, question, world.interrupts.end_in_order);
    const std::string word = to_lower(trim(answer.value_or("")));
    if (word == "r" || word == "resume") { return run::Unfinished::Resume; }
    if (word == "b" || word == "back") { return run::Unfinished::Restore; }
    return run::Unfinished::Refuse;
}

void warn_of_interrupt() {
    log(LogLevel::Warning, "Interrupted: the batch in hand is finished, then everything is put back. Once more: leave "
                           "at once, to be resumed later");
}

} // namespace

run::RunnerParts runner_parts(aws::Caller& caller, act::Journal& journal, Progress& progress, run::Listener& listener,
                              World& world, UnfinishedPolicy policy) {
    run::RunnerParts parts{.caller = caller,
                           .clock = world.clock,
                           .journal = journal,
                           .listener = listener,
                           .random = Random(world.seed),
                           .who = world.holder,
                           .process = world.process,
                           .interrupts = {world.interrupts.end_in_order, world.interrupts.leave_now},
                           .ask = [&](const std::string& question,
                                      const std::stop_token& stop) { return ask(world, progress, question, stop); },
                           .ask_unfinished = {},
                           .renews_deadline = true};
    if (policy == UnfinishedPolicy::Resume) {
        parts.ask_unfinished = [&](const act::RunRecord& record) {
            progress.clear();
            log(LogLevel::Info, "Resuming: " + describe_unfinished(record));
            return run::Unfinished::Resume;
        };
    } else if (policy == UnfinishedPolicy::Ask) {
        parts.ask_unfinished = [&](const act::RunRecord& record) { return ask_unfinished(world, progress, record); };
    }
    return parts;
}

int report_run(const act::RunRecord& record, const Invocation& invocation, World& world) {
    const auto& run = record.run;
    const Instant now = world.clock.now();
    const bool refused = run.ending && run.ending->cause == ErrorKind::Refused; // nothing has happened
    if (wants_json(invocation)) {
        world.console.out << tell::run_json(record, now) << std::endl;
    } else if (!refused) {
        world.console.out << tell::run_text(record, now) << std::flush;
    }
    const bool done = run.ending && run.ending->outcome == recycle::Outcome::Done;
    if (!done) {
        const std::string resumable =
            act::is_unfinished(run) ? fmt::format("; go on with: ecs-recycler runs resume {}", run.id) : "";
        fmt::print(world.console.err, "ecs-recycler {}: {}{}{}\n", invocation.command().name,
                   refused ? "" : tell::run_state(record, now) + ": ", run.ending ? run.ending->reason : "not finished",
                   resumable);
    }
    return run.ending ? run::exit_code(run) : 1;
}

InterruptNotice::InterruptNotice(const World& world)
    : on_interrupt_(world.interrupts.end_in_order, warn_of_interrupt) {}

} // namespace ecsr::cli
