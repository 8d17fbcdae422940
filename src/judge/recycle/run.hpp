// One recycle run: the few facts that, with what ECS itself tells, say what is left to do and what must be put back.
//
// A value. Journalled before every change; anyone who holds it can go on with the run (act/journal.hpp).
#pragma once

#include "base/error.hpp"
#include "base/time.hpp"
#include "model/run_spec.hpp"
#include "model/scaling.hpp"

#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace ecsr::recycle {

enum class Outcome { Done, Failed, Stopped, TimedOut, RolledBack };
const char* to_string(Outcome outcome); // "done", "failed", "stopped", "timed_out", "rolled_back"

// Where the run stands. The order is that of a run; Surge .. BetweenBatches repeat.
enum class Phase {
    Preflight, // nothing changed yet
    SuspendScaling,
    Surge,          // raise the desired count
    AwaitFresh,     // the new tasks become healthy
    ProtectOthers,  // everything but the victims, so that scale-in can only take them
    ReleaseVictims, // victims lose the protection that we gave them
    Lower,          // lower the desired count: ECS deregisters, drains, stops
    AwaitGoing,     // see that exactly the victims were told to stop
    StopVictims,    // drain method stop-task
    AwaitReplaced,  // drain method stop-task: victim STOPPED and a fresh healthy task in its place
    BetweenBatches,
    ForceDeployment,
    AwaitDeployment,
    BackOut, // ending with a surge in place and old tasks left: make sure that the surplus is what goes
    RestoreDesired,
    AwaitSurplusGone, // protection stays until ECS has chosen what goes
    RestoreProtection,
    RestoreScaling,
    AwaitDrained, // all is put back; the last replaced tasks drain
    Ended,
};
const char* to_string(Phase phase);

// ---- changes: all that a run ever does to the world; carried out by act/ alone ----

struct SetDesiredCount {
    int from = 0;
    int to = 0;
};
struct ProtectTasks {
    std::vector<std::string> task_arns;
    bool enabled = true;
    std::chrono::minutes expires_in{0};
}; // <= 10
struct StopTask {
    std::string task_arn;
    std::string reason;
};
struct ForceNewDeployment {};
struct SetScaling {
    ScalableTarget from;
    ScalableTarget to;
};
using Change = std::variant<SetDesiredCount, ProtectTasks, StopTask, ForceNewDeployment, SetScaling>;

// A few words: "desired count 3 -> 4", "protect 3 tasks", "stop task ab12".
std::string describe(const Change& change);

struct Replacement {
    std::string task_arn;
    std::string replaced_by; // empty until it is known
    int batch = 0;
    Instant stop_ordered_at{};
    std::optional<Instant> stopped_at;
    Instant began_at{}; // of its batch
};

struct Skipped {
    std::string task_arn;
    std::string reason;
};

struct Ending {
    Outcome outcome = Outcome::Done;
    std::string reason;
    std::optional<ErrorKind> cause; // when an error ended it: Credentials and Locked have exit codes of their own
};

// Calls that failed one after another, and how long to leave the world alone.
struct Trouble {
    int count = 0;
    std::optional<Instant> since;
    std::optional<Instant> retry_at;
    std::string last;
    bool of_look = false; // the last of them: a look that succeeds ends them
};

// A desired count that was in place until then.
struct FormerDesired {
    int count = 0;
    Instant until{};
};

// What changes have replaced, and reads soon after them may still show (ECS behaviour B12).
struct Superseded {
    std::vector<FormerDesired> desired;          // by us and by others, as long as reads may show them
    int desired_by_others = 0;                   // desired count before somebody else's last change of it
    std::optional<Instant> desired_by_others_at; // when that change was seen
    std::optional<Instant> scaling_at;           // when we set the scalable target to scaling_ours
};

// How often a phase has looked; makes waiting adapt.
struct Looks {
    int count = 0;
    std::optional<Instant> since;        // the phase began; phase_since is later in a run that was resumed in it
    std::optional<Instant> too_early_at; // the last look that came before what it was for
    std::optional<Instant> asked_at;     // a fresh look was asked for then; what was read since is fresh
    std::optional<int> running;          // tasks that the service counted when each of them was last read
};

// What the batches so far have shown, for the next one.
struct Learned {
    Millis start{0};       // from asking for new tasks until they are healthy; before one was seen, until they run
    Millis start_slack{0}; // by so much it may be less, for all that looks have told
    Millis going{0};       // from lowering the desired count, or StopTask, until all was as it should be
};

struct Run {
    std::string id;
    RunSpec spec;
    Instant started_at{};
    Instant cutoff{}; // T: every task created before it is to be replaced
    Instant deadline{};
    Phase phase = Phase::Preflight;
    Instant phase_since{};

    // What was there, for putting it back.
    int desired_before = 0; // first read
    int desired_theirs = 0; // what it would be without us; follows the autoscaler and people
    int desired_ours = 0;   // what we want it to be now
    std::optional<Instant> desired_written_at;
    Superseded superseded;
    std::optional<ScalableTarget> scaling_before;
    std::optional<ScalableTarget> scaling_ours;
    std::map<std::string, Instant> protected_by_us; // task ARN -> expiry that we asked for
    std::map<std::string, Instant> protection_told; // the same as ECS told it, by its own clock
    std::string deployment_id; // PRIMARY at the start; for force-deployment the one that we started

    // What is left.
    Drain drain = Drain::Auto;          // resolved in preflight
    Millis healthy_for{0};              // resolved in preflight
    std::vector<std::string> remaining; // victims of later batches, in order
    std::vector<std::string> batch;     // victims of the present batch that are not yet gone
    int batch_size = 0;                 // of the present batch
    int surge = 0;                      // of the present batch; stop-task: of the run
    int batch_number = 0;               // from 1
    int batches_total = 0;
    std::vector<std::string> fresh;               // new tasks that stand in for the present batch
    std::map<std::string, Instant> healthy_since; // of fresh tasks
    std::vector<Replacement> replaced;
    std::vector<Skipped> skipped;
    std::vector<std::string> taken_as_replacement; // fresh tasks already credited to a victim
    Instant batch_began_at{};
    Instant next_batch_at{};
    int failed_starts = 0;  // fresh tasks that died before they were healthy, in a row
    int lower_attempts = 0; // scale-in took another task than the victim
    Learned learned;
    Looks looks; // of this phase
    // When the last step wanted the next one: whoever goes on with the run then has not left it alone.
    std::optional<Instant> next_step_at;

    std::optional<Change> pending; // intent journalled, result unknown
    std::optional<Instant> pending_at;
    std::optional<Instant> pending_from; // of one that an earlier process left: when it was about to make it
    Trouble trouble;

    bool approved_next = false; // --ask: the present batch may begin
    bool abort_requested = false;
    std::string abort_reason;
    bool paused = false;          // --on-error pause: left as it is, resumable
    std::optional<Ending> ending; // set as soon as the run heads for its end
    bool restored = true;         // nothing of ours is left in place
    bool drained = true;          // every replaced task was seen STOPPED
    bool service_gone = false;    // the service does not exist any more
    int healthy_before = 0;       // healthy tasks found at the start
    int lowest_healthy = -1;      // -1: not measured yet
    std::optional<Instant> ended_at;
};

// How many tasks are still to be replaced.
std::size_t tasks_left(const Run& run);

} // namespace ecsr::recycle
