#include "run/drive.hpp"

#include "base/text.hpp"
#include "run/answer.hpp"
#include "run/asking.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

namespace ecsr::run {

namespace {

// Looks that follow each other without a pause. A run that asks for more is slowed down: AWS is not hammered, and time
// goes on until the run's own deadlines end it.
constexpr int looks_at_once_limit = 20;
constexpr Millis slow_look{1'000};

bool is_empty(const Look& look) {
    return !look.service && !look.list_tasks && !look.describe_listed && look.tasks.empty() && !look.task_definitions &&
           !look.target_groups && !look.targets && !look.scaling && !look.protection && look.alarms.empty() &&
           !look.images;
}

std::string reason_of(const recycle::Action& action) {
    struct Reason {
        std::string operator()(const recycle::Perform& a) const {
            return recycle::describe(a.change) + ": " + a.reason;
        }
        std::string operator()(const recycle::Wait& a) const { return a.reason; }
        std::string operator()(const recycle::Ask& a) const { return a.question; }
        std::string operator()(const recycle::Finished&) const { return "finished"; }
    };
    return std::visit(Reason{}, action);
}

// The service was deleted and created again: nothing that the run knows of is left.
bool is_another_service(const recycle::Run& run, const Snapshot& snapshot) {
    return run.phase != recycle::Phase::Preflight && snapshot.service_at && snapshot.service.created_at > run.cutoff;
}

} // namespace

Drive::Drive(RunnerParts& parts, act::HeldRun held, recycle::Run run, Snapshot snapshot)
    : parts_(parts), held_(std::move(held)), clock_(parts.clock, run), gate_(parts.caller, clock_, held_, {}),
      observer_(parts.caller, run.spec.cluster, run.spec.service), run_(std::move(run)), snapshot_(std::move(snapshot)),
      saved_lowest_healthy_(run_.lowest_healthy), beat_at_(clock_.now()), held_at_(beat_at_),
      has_looked_(snapshot_.service_at.has_value()), told_replaced_(run_.replaced.size()) {}

Result<act::RunRecord> Drive::go(std::optional<recycle::Decision> resumed) {
    parts_.listener.on_started(run_);
    std::optional<recycle::Decision> decision = std::move(resumed);
    while (true) {
        if (auto going = attend(); !going) { return std::unexpected(going.error()); }
        if (!decision) { decision = recycle::step(std::move(run_), snapshot_, clock_.now()); }
        const recycle::Action action = decision->action;
        if (auto going = adopt(std::move(*decision)); !going) { return std::unexpected(going.error()); }
        decision.reset();
        if (std::holds_alternative<recycle::Finished>(action)) { return finish(); }
        Status going;
        if (const auto* change = std::get_if<recycle::Perform>(&action)) { going = perform(*change); }
        if (const auto* pause = std::get_if<recycle::Wait>(&action)) { going = wait(*pause); }
        if (const auto* question = std::get_if<recycle::Ask>(&action)) { going = ask(*question); }
        if (!going) { return std::unexpected(going.error()); }
    }
}

// What others want of the run: the journal (abort, the hold on the service) and the person in front of it.
Status Drive::attend() {
    if (parts_.interrupts.leave_now.stop_requested()) { return leave(""); }
    if (auto beaten = beat_if_due(); !beaten) { return beaten; }
    if (end_asked_here_ && unanswered_) { return leave("AWS does not answer, so nothing can be put back now"); }
    if (parts_.interrupts.end_in_order.stop_requested() && !run_.abort_requested) {
        ask_to_end(parts_.interrupts.why);
        end_asked_here_ = true;
    }
    return {};
}

Status Drive::beat_if_due() {
    const Instant now = clock_.now();
    if (now < beat_at_ + beat_interval) { return {}; }
    const auto beat = held_.beat();
    if (!beat) {
        // A file that is busy or full for a moment is no reason to leave, as long as the service is surely ours.
        const bool surely_ours = beat.error().kind != ErrorKind::Locked && now < held_at_ + lock_ttl / 2;
        return surely_ours ? Status{} : std::unexpected(beat.error());
    }
    beat_at_ = held_at_ = now;
    if (beat->abort_ask) { ask_to_end(*beat->abort_ask); }
    return {};
}

Status Drive::adopt(recycle::Decision decision) {
    run_ = std::move(decision.run);
    unsaved_ = unsaved_ || run_.lowest_healthy != saved_lowest_healthy_;
    for (const recycle::Note& note : decision.notes) {
        tell(act::EntryKind::Note, note.text,
             note.warning ? std::map<std::string, std::string>{{"level", "warning"}}
                          : std::map<std::string, std::string>{});
        parts_.listener.on_note(run_, note);
    }
    tell_progress(decision.action);
    // The gate saves all this together with the intent: one write, not two.
    return std::holds_alternative<recycle::Perform>(decision.action) ? Status{} : flush();
}

Status Drive::perform(const recycle::Perform& perform) {
    parts_.listener.on_change(run_, perform);
    const auto made =
        gate_.perform(run_, perform.change, perform.reason, story_, snapshot_, parts_.interrupts.leave_now);
    if (!made) { return std::unexpected(made.error()); }
    run_.trouble.of_look = false;
    run_ = recycle::conclude(std::move(run_), *made, snapshot_, clock_.now());
    // Saved with what is decided next: by adopt(), or with the next intent. Nothing is waited for before.
    unsaved_ = true;
    if (!*made) { parts_.listener.on_trouble(run_, made->error()); }
    return {};
}

Status Drive::wait(const recycle::Wait& wait) {
    parts_.listener.on_wait(run_, wait, snapshot_);
    std::stop_source wake;
    const std::stop_callback leaving(parts_.interrupts.leave_now, [&] { wake.request_stop(); });
    const bool ending = run_.abort_requested;
    const std::stop_callback interrupted(ending ? std::stop_token{} : parts_.interrupts.end_in_order,
                                         [&] { wake.request_stop(); });
    const Instant now = clock_.now();
    looks_at_once_ = wait.until > now ? 0 : looks_at_once_ + 1;
    const Instant until = looks_at_once_ > looks_at_once_limit ? now + slow_look : wait.until;
    while (clock_.now() < until) {
        const Instant slice = std::min(until, beat_at_ + beat_interval);
        const bool slept = clock_.sleep_until(std::max(slice, clock_.now() + Millis(1)), wake.get_token());
        if (!slept) { return {}; }
        if (auto beaten = beat_if_due(); !beaten) { return beaten; }
        if (run_.abort_requested != ending) { return {}; }
    }
    // A resumed run judges by everything that its first look was to read, so that look is made good first.
    look(owed_look_ ? Look(*owed_look_) : wait.look);
    return {};
}

void Drive::look(const Look& look) {
    if (is_empty(look)) { return; }
    // Who asks to end does not wait for an answer that does not come; what was asked is asked again.
    std::stop_source give_up;
    const std::stop_callback leaving(parts_.interrupts.leave_now, [&] { give_up.request_stop(); });
    const std::stop_callback ending(run_.abort_requested ? std::stop_token{} : parts_.interrupts.end_in_order,
                                    [&] { give_up.request_stop(); });
    auto seen = observer_.look(look, snapshot_, clock_.now(), give_up.get_token());
    const Instant now = clock_.now();
    if (is_another_service(run_, snapshot_)) { snapshot_.service_missing = true; }
    if (!seen && seen.error().kind == ErrorKind::NotFound && !snapshot_.service_at) {
        // A resumed run knows that there was a service. Its autoscaling may have outlived it.
        snapshot_.service.name = short_id(run_.spec.service);
        snapshot_.service.cluster_arn = run_.spec.cluster;
        snapshot_.service_missing = true;
        snapshot_.service_at = now;
        seen = {};
    }
    if (!seen) {
        if (!has_looked_) { owed_look_ = look; }
        if (seen.error().kind == ErrorKind::Interrupted) { return; }
        unanswered_ = seen.error().kind == ErrorKind::Unreachable || seen.error().kind == ErrorKind::Timeout;
        tell(act::EntryKind::Trouble, seen.error().message, {{"error", to_string(seen.error().kind)}});
        run_ = recycle::trouble(std::move(run_), seen.error(), now);
        run_.trouble.of_look = true;
        parts_.listener.on_trouble(run_, seen.error());
        return;
    }
    has_looked_ = true;
    unanswered_ = false;
    owed_look_.reset();
    // The world answers again: the next failure starts its own count.
    if (run_.trouble.of_look) { run_.trouble = {}; }
    tell_observation();
}

Status Drive::ask(const recycle::Ask& ask) {
    Asking asking(parts_, held_);
    const auto answer = asking.ask(ask.question);
    if (!answer) { return std::unexpected(answer.error()); }
    if (!*answer) { return {}; }
    const auto& [proceed, extra_wait, given] = **answer;
    const char* words = proceed ? "answered: go on" : given ? "answered: stop" : "not answered";
    tell(act::EntryKind::Note, fmt::format("{} {}", ask.question, words), {{"wait", format_duration(extra_wait)}});
    if (proceed) {
        run_ = recycle::approve(std::move(run_), extra_wait);
    } else {
        ask_to_end(given ? "the user said no" : "nobody answers --ask: there is no terminal, or its input has ended");
    }
    return {};
}

Status Drive::flush() {
    if (story_.empty() && !unsaved_) { return {}; }
    const Instant now = clock_.now();
    if (auto saved = held_.save(run_, story_); !saved) { return saved; }
    // No beat: that alone tells of an abort, and a run that saves often would hear of none.
    held_at_ = now;
    story_.clear();
    unsaved_ = false;
    saved_lowest_healthy_ = run_.lowest_healthy;
    return {};
}

Result<act::RunRecord> Drive::finish() {
    const std::string reason = run_.ending ? run_.ending->reason : "";
    const char* outcome = run_.ending ? recycle::to_string(run_.ending->outcome) : "unfinished";
    tell(act::EntryKind::Ended, fmt::format("{}: {}", run_.paused ? "paused" : outcome, reason),
         {{"restored", run_.restored ? "true" : "false"}, {"recycled", std::to_string(run_.replaced.size())}});
    if (auto saved = flush(); !saved) { return std::unexpected(saved.error()); }
    if (auto released = held_.release(); !released) { return std::unexpected(released.error()); }
    parts_.listener.on_finished(run_);
    return parts_.journal.load(run_.id);
}

void Drive::tell(act::EntryKind kind, std::string text, std::map<std::string, std::string> facts) {
    story_.push_back({0, clock_.now(), kind, std::move(text), std::move(facts)});
}

void Drive::tell_progress(const recycle::Action& action) {
    if (told_phase_ != run_.phase) {
        told_phase_ = run_.phase;
        tell(act::EntryKind::Decided, fmt::format("{}: {}", recycle::to_string(run_.phase), reason_of(action)));
        parts_.listener.on_phase(run_, snapshot_);
    }
    for (; told_replaced_ < run_.replaced.size(); ++told_replaced_) {
        const recycle::Replacement& replacement = run_.replaced[told_replaced_];
        tell(act::EntryKind::Observed, "ECS told task " + replacement.task_arn + " to stop",
             {{"replaced_by", replacement.replaced_by}, {"batch", std::to_string(replacement.batch)}});
        parts_.listener.on_task_replaced(run_, replacement);
    }
}

void Drive::tell_observation() {
    const Service& service = snapshot_.service;
    std::string seen = snapshot_.service_missing
                           ? std::string("the service is gone")
                           : fmt::format("desired {}, running {}, pending {}, deployments {}; {} tasks, {} healthy",
                                         service.desired_count, service.running_count, service.pending_count,
                                         service.deployments.size(), live_count(snapshot_), healthy_count(snapshot_));
    if (seen == told_observation_) { return; }
    told_observation_ = seen;
    tell(act::EntryKind::Observed, std::move(seen));
}

void Drive::ask_to_end(const std::string& reason) {
    if (run_.abort_requested) { return; }
    run_ = recycle::abort(std::move(run_), reason);
    tell(act::EntryKind::Note, "asked to end: " + reason);
}

std::unexpected<Error> Drive::leave(const std::string& why) {
    if (end_asked_here_ && !run_.ending) {
        // Who leaves a run to be resumed does not want it to end any more.
        run_.abort_requested = false;
        run_.abort_reason.clear();
    }
    tell(act::EntryKind::Note,
         fmt::format("left by the user{}{}; it can be resumed or aborted", why.empty() ? "" : ": ", why));
    if (auto saved = flush(); !saved) { return std::unexpected(saved.error()); }
    if (auto released = held_.release(); !released) { return std::unexpected(released.error()); }
    const std::string because = why.empty() ? "" : why + "; ";
    if (run_.ending) {
        return fail(ErrorKind::Interrupted,
                    fmt::format("{}run {} is left in phase {}: put the rest back with `ecs-recycler runs resume {}`",
                                because, run_.id, recycle::to_string(run_.phase), run_.id));
    }
    return fail(ErrorKind::Interrupted,
                fmt::format("{}run {} is left as it is in phase {}: go on with `ecs-recycler runs resume {}`, or put "
                            "everything back with `ecs-recycler runs abort {}`",
                            because, run_.id, recycle::to_string(run_.phase), run_.id, run_.id));
}

} // namespace ecsr::run
