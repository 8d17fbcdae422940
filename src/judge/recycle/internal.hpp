// Shared by the files of this folder alone: one step in progress, and the questions every phase asks.
#pragma once

#include "judge/recycle/step.hpp"

#include <optional>
#include <string_view>
#include <unordered_set>

namespace ecsr::recycle {

// A phase either says what to do next, or has moved the run to another phase and says nothing.
using Next = std::optional<Action>;

// The one way into a phase: its time and its looks begin.
void enter_phase(Run& run, Phase phase, Instant now);

struct Context {
    Run run;
    const Snapshot& snapshot;
    Instant now;
    std::vector<Note> notes;

    void note(std::string text) { notes.push_back({std::move(text), false}); }
    void warn(std::string text) { notes.push_back({std::move(text), true}); }
    void enter(Phase phase);
};

inline constexpr int protection_chunk = 10; // tasks a call (ECS behaviour A7)
// How long reads mostly lag. Whoever doubted them for longer would overwrite somebody who sets the very same number.
inline constexpr Millis usual_read_lag{3'000};
// How long a read may still show what our last write replaced: who took that for somebody's wish would lose the surge.
inline constexpr Millis stale_read_window{30'000};
inline constexpr Millis write_freshness{
    1'000};                                 // a desired count is read again before it is written (ECS behaviour 0.7)
inline constexpr Millis going_grace{8'000}; // before it is asked whether scale-in took another task
inline constexpr int failed_starts_limit = 3;
inline constexpr int lower_attempts_limit = 3;

// ---- phases ----
Next preflight(Context& c);
Next suspend_scaling(Context& c);
Next surge(Context& c);
Next await_fresh(Context& c);
Next protect_others(Context& c);
Next release_victims(Context& c);
Next lower(Context& c);
Next await_going(Context& c);
Next stop_victims(Context& c);
Next await_replaced(Context& c);
Next between_batches(Context& c);
Next force_deployment(Context& c);
Next await_deployment(Context& c);
Next back_out(Context& c);
Next restore_desired(Context& c);
Next await_surplus_gone(Context& c);
Next restore_protection(Context& c);
Next restore_scaling(Context& c);
Next await_drained(Context& c);

// ---- gates ----

// A reason to stop before the next task is stopped; none when the run may go on. Reads what the last look told.
std::optional<Ending> failing_gate(const Context& c);
// Heads for the end: what is in place is put back first, unless the user asked for a pause.
void end_run(Context& c, Ending ending);
// From now on another desired count is in place, as we want it; reads may still show the former one.
void replace_desired(Run& run, int to, Instant now);
// Takes over what somebody else set the desired count to, and forgets our surge on top of it.
void follow_desired_count(Context& c);
// After a crash or a lost answer: finds out from the world whether the pending change was made.
void resolve_pending(Context& c);
// Whether what was read shows the pending change; true where it makes no difference, as it is simply made again.
bool pending_is_seen(const Context& c);

// The scalable target as it would be without us: `now` with what is still `ours` as it was `before`.
ScalableTarget scaling_to_put_back(const ScalableTarget& now, const ScalableTarget& ours, const ScalableTarget& before);

// ---- looking ----

// Reads the parts of `look` at once if any is older than `since`; nothing when all are fresh.
Next look_if_stale(Context& c, const Look& look, Instant since, const std::string& reason);
// The same for parts older than `age`.
Next look_if_older_than(Context& c, const Look& look, Millis age, const std::string& reason);
// Reads the service again unless that was done within write_freshness: a remembered desired count is never written
// back.
Next read_before_write(Context& c);
// What can change at certain moments only: a first one, and every interval after it.
struct Moments {
    Instant first{};
    Millis interval{0};
};
// A moment that ECS told with a task, by its own clock, as a moment of ours: it was after the phase began, and before
// the task was read.
Instant by_our_clock(const Context& c, const Task& task, Instant told);
// When the target groups check the newest of the run's new tasks, as far as it is known to run.
std::optional<Moments> target_checks(const Context& c);
// When a change is likely to be seen.
struct Expected {
    Millis after{0};                  // 0: unknown
    bool is_guess = false;            // not learned from this run: looks are further apart
    std::optional<Instant> since{};   // the beginning of the phase, where it is not said
    Millis step{0};                   // the shortest pause that is worth a look
    std::optional<Moments> moments{}; // looks come just after these, where one is near
};
// When the phase began, however often the run was resumed in it.
Instant waiting_since(const Run& run);
// Waits until the change is expected, then looks ever more rarely. Every call but a phase's first says that the last
// look came too early.
Action wait_for(Context& c, Look look, std::string reason, Expected expected, Instant deadline);
// Everything is as it should be, but not yet for --healthy-for: looks at what the gates judge by when it is.
Action wait_for_healthy_for(Context& c, int wanted);
// How long the phase took, `settling` left out, as the next batch should expect it: between the last look that came too
// early and this one; a little less than now when the very first look found it done.
Millis learned_span(const Context& c, Millis settling, Millis expected);
// The same for the start of new tasks, on which the pace of a run depends most. As long as the first look finds them
// healthy, the next batch expects them ever earlier.
void learn_start(Context& c, const std::optional<Moments>& moments);
// Everything a gate judges by, in as few calls as the last listing allows.
Look gate_look(const Context& c);
Instant earlier(Instant a, Instant b);

// ---- tasks ----

const Task* find_task(const Context& c, const std::string& arn);
// The victims of the present batch, for whoever asks about every task: as long as the run keeps them.
std::unordered_set<std::string_view> victims_of(const Run& run);
// Created by ECS since the run began, and still wanted.
bool is_new(const Context& c, const Task& task);
// Live tasks that are not victims of the present batch and count as healthy, for as long as the user asked.
int standing_healthy(Context& c);
// Of so many standing healthy tasks those that are left whatever ECS takes with the batch. As long as there are more
// tasks than it was asked for, it takes others besides the victims if it can, and somebody may take protection away
// until it does.
int surely_left(const Context& c, int standing);
// Healthy tasks that must stand when the victims are gone: the floor of invariant I1.
int healthy_floor(const Run& run);
// New tasks that no victim has been credited with yet, oldest first.
std::vector<const Task*> uncredited_tasks(const Context& c);
// Notes a victim that was told to stop, with the task that stands in for it.
void record_replacement(Context& c, const Task& victim);
void record_replacements(Context& c, const std::vector<const Task*>& victims); // in this order
// Drain method stop-task: notes every victim of the present batch that was told to stop and is not noted yet.
void record_stopped_victims(Context& c);
// Stamps replaced tasks that are STOPPED now.
void note_stopped_tasks(Context& c);
// Replaced tasks that were not seen STOPPED yet.
std::vector<std::string> still_draining(const Run& run);
// Those of them that are likely to be STOPPED by now; at most as many as one call describes.
std::vector<std::string> likely_drained(const Context& c);
// The longest deregistration delay of the service's target groups.
Millis deregistration_time(const Context& c);
bool protected_by_others(const Context& c, const std::string& arn);
// Victims that somebody protected meanwhile leave the run.
void leave_out_protected(Context& c);
// As many tasks as one UpdateTaskProtection takes.
std::vector<std::string> first_chunk(std::vector<std::string> arns);
// The present batch is gone: says so, and lets the next one begin after --wait.
void end_batch(Context& c);
std::string short_list(const std::vector<std::string>& arns);
std::string task_word(std::size_t count); // "1 task", "3 tasks"

// A deployment that the run did not start is replacing tasks.
bool foreign_deployment(const Context& c);

// The newest service event since the phase began that tells of trouble, with ": " in front; else empty.
std::string event_hint(const Context& c);

} // namespace ecsr::recycle
