// What the daemon does with one service, as a pure function of what it remembers, what was seen, and the time.
//
// See README.md for the words. Driven by Roster (roster.hpp) and by tests alike.
#pragma once

#include "base/time.hpp"
#include "config/settings.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <variant>

namespace ecsr::serve {

// What was seen of the service.
struct Facts {
    bool is_active = true; // ACTIVE, and ECS runs its deployments
    int desired_count = 0;
    // No task of the service was created before: its only deployment is as old, or so old is its oldest task.
    Instant no_task_before{};
    std::optional<Instant> tasks_seen_at; // no_task_before is the oldest task's creation, as of then
};

enum class Trigger { Schedule, Age, Resume };
const char* to_string(Trigger trigger); // "schedule", "age", "resume"

// A fire of the schedule that has come and is not done with.
struct Fire {
    Instant at{};                  // by the schedule
    Instant due{};                 // with its place in the flexible window and its jitter
    std::optional<Instant> run_at; // its run was begun then; what it has replaced is younger
};

struct State {
    // ---- survives a restart ----
    std::string schedule;  // its text; another one starts anew
    Instant first_seen{};  // what rate(...) counts from
    Instant dealt_until{}; // every fire up to here is done with, or is `fire`
    std::optional<Fire> fire;
    // ---- of this process ----
    std::string unfinished_run;   // of an earlier process: to be finished before anything else
    Instant unfinished_free_at{}; // when its hold on the service is over
    bool is_running = false;
    Instant ran_until{}; // the end of its last run
    Instant retry_at{};  // of `fire` and of an unfinished run: not before
    int tries = 0;       // without a run that began
    Instant age_retry_at{};
    int age_runs = 0; // that did not make the oldest task younger
};

// Nothing to do before `until`.
struct Sleep {
    Instant until{};
};
// Read the tasks: whether one is too old cannot be told without.
struct LookAtTasks {};
// To be recycled as soon as there is a place.
struct Due {
    Trigger trigger = Trigger::Schedule;
    Instant since{};
    Instant until{};                  // step again then, even if there is no place: a window closes
    std::string why;                  // "schedule cron(0 3 * * ? *)"
    std::optional<Millis> older_than; // tasks that are to be taken, where that is not all
    bool put_back = false;            // Resume: only put back what the run left in place
};
// A fire that is not kept.
struct LetPass {
    Instant fire{};
    std::size_t count = 1; // with those before it
    std::string why;
};
using Action = std::variant<Sleep, LookAtTasks, Due, LetPass>;

struct Decision {
    State state;
    Action action;
};

inline constexpr Instant never = Instant::max();

// A fire is punctual when it is seen at most this late. One that is seen later was missed: nobody was there.
inline constexpr Millis punctual{60'000};
// For so long a fire whose run cannot begin (another deployment, another run, no answer) is tried again.
inline constexpr Millis keep_trying{3'600'000};

// `name` places fires (see schedule/spread.hpp): the same at every call. LetPass is to be told; step() then goes on
// from the state that came with it.
Decision step(State state, const config::Policy& policy, const Facts& facts, const std::string& name, Instant now);

// A service that is seen for the first time, or whose schedule is another one now.
State begin(const config::Policy& policy, Instant now);
bool same_schedule(const State& state, const config::Policy& policy);

// The next fire and its due time; nothing where the schedule has none.
std::optional<Fire> next_fire_of(const State& state, const config::Policy& policy, const std::string& name);

// ---- what became of a run ----

enum class Ended {
    Done,
    Failed,      // it ended otherwise, and told why
    Blocked,     // it did not begin: refused, or the service is held, or AWS does not answer
    Interrupted, // this process ends: the run or its fire is gone on with by the next one
};
State ended(State state, Trigger trigger, Ended how, Instant began_at, Instant now);

} // namespace ecsr::serve
