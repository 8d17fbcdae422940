#include "serve/step.hpp"

#include "judge/schedule/spread.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

namespace ecsr::serve {

namespace {

constexpr Millis first_pause{60'000};         // between tries to begin the run of a fire
constexpr Millis first_age_pause{5 * 60'000}; // between runs that left a task too old
constexpr Millis longest_pause{6 * 3'600'000};
constexpr Millis fresh_look{5 * 60'000}; // an older look at the tasks is made again before a run

Millis doubled(Millis first, int times) {
    Millis pause = first;
    for (int i = 1; i < times && pause < longest_pause; ++i) { pause *= 2; }
    return std::min(pause, longest_pause);
}

schedule::Schedule anchored(const State& state, const config::ScheduleSettings& settings) {
    schedule::Schedule schedule = settings.schedule;
    schedule.bounds.first_seen = state.first_seen;
    return schedule;
}

Fire placed(Instant at, const config::ScheduleSettings& settings, const std::string& name) {
    return {at,
            schedule::place_in_window(at, settings.flexible_window, name) + schedule::stagger(settings.jitter, name),
            std::nullopt};
}

// The latest fire after dealt_until that is due by now.
std::optional<Fire> latest_due(const State& state, const config::ScheduleSettings& settings, const std::string& name,
                               Instant now) {
    const auto schedule = anchored(state, settings);
    auto at = schedule::last_fire(schedule, state.dealt_until, now);
    while (at) {
        const Fire fire = placed(*at, settings, name);
        if (fire.due <= now) { return fire; }
        at = schedule::last_fire(schedule, state.dealt_until, *at - Millis(1));
    }
    return std::nullopt;
}

bool is_closed(const config::Policy& policy, Instant now) {
    return !schedule::is_open(policy.windows, now);
}

Instant opens_at(const config::Policy& policy, Instant now) {
    return schedule::next_open(policy.windows, now).value_or(never);
}

Instant closes_at(const config::Policy& policy, Instant now) {
    return schedule::open_until(policy.windows, now).value_or(never);
}

LetPass let_pass(State& state, std::size_t count, std::string why) {
    const LetPass passed{state.fire->at, count, std::move(why)};
    state.fire.reset();
    state.tries = 0;
    state.retry_at = {};
    return passed;
}

// A fire that has come: whether it is kept.
Action keep_fire(State& state, const config::Policy& policy, const Facts& facts, Instant now) {
    const Fire& fire = *state.fire;
    const bool catches_up = policy.missed_fires == config::MissedFires::CatchUp || fire.run_at;
    if (!facts.is_active) { return let_pass(state, 1, "the service is not ACTIVE"); }
    if (facts.desired_count == 0) { return let_pass(state, 1, "the desired count is 0"); }
    if (is_closed(policy, now)) {
        if (!catches_up) { return let_pass(state, 1, schedule::why_closed(policy.windows, now)); }
        return Sleep{opens_at(policy, now)};
    }
    if (state.tries > 0 && now >= fire.due + keep_trying && !catches_up) {
        return let_pass(state, 1, fmt::format("its run could not begin in {}", format_duration(keep_trying)));
    }
    if (now < state.retry_at) { return Sleep{state.retry_at}; }
    Due due{.trigger = Trigger::Schedule,
            .since = fire.due,
            .until = closes_at(policy, now),
            .why = "schedule " + policy.schedule->schedule.expression,
            .older_than = policy.run.older_than,
            .put_back = false};
    // What an interrupted run has replaced already is younger than its beginning.
    if (fire.run_at && policy.run.strategy == Strategy::Rolling) {
        due.older_than = std::max(due.older_than.value_or(Millis(0)), now - *fire.run_at);
    }
    return due;
}

// Takes the latest fire that has come. LetPass when nobody was there for it; a run that was interrupted is gone on with
// all the same.
std::optional<Action> take_fire(State& state, const config::Policy& policy, const std::string& name, Instant now) {
    auto found = latest_due(state, *policy.schedule, name, now);
    if (!found) { return std::nullopt; }
    const auto count = schedule::missed_fires(anchored(state, *policy.schedule), state.dealt_until, found->at).count;
    state.dealt_until = found->at;
    if (now - found->due > punctual && policy.missed_fires == config::MissedFires::Skip) {
        return LetPass{found->at, count,
                       found->due < state.ran_until ? "its last run was still under way"
                                                    : "nobody was there to keep it"};
    }
    // It waits for a place no longer than the one that it takes along.
    if (state.fire && !state.fire->run_at && state.tries == 0) { found->due = state.fire->due; }
    state.fire = found;
    state.tries = 0;
    state.retry_at = {};
    return std::nullopt;
}

// Tasks of one deployment began seconds or minutes apart: those that are nearly as old go in the same run.
Millis nearly(Millis max_age) {
    return max_age - max_age / 10;
}

Action judge_age(State& state, const config::Policy& policy, const Facts& facts, Instant now) {
    if (!facts.is_active || facts.desired_count == 0) { return Sleep{never}; }
    const Instant too_old_at = facts.no_task_before + *policy.max_age;
    if (now < too_old_at) {
        if (facts.tasks_seen_at) { state.age_runs = 0; }
        return Sleep{too_old_at};
    }
    if (is_closed(policy, now)) { return Sleep{opens_at(policy, now)}; }
    if (!facts.tasks_seen_at) { return LookAtTasks{}; }
    if (now < state.age_retry_at) { return Sleep{state.age_retry_at}; }
    if (now - *facts.tasks_seen_at > fresh_look) { return LookAtTasks{}; }
    return Due{.trigger = Trigger::Age,
               .since = too_old_at,
               .until = std::min(closes_at(policy, now), *facts.tasks_seen_at + fresh_look + Millis(1)),
               .why = fmt::format("a task is older than {}", format_duration(*policy.max_age)),
               .older_than =
                   policy.run.strategy == Strategy::Rolling ? std::optional(nearly(*policy.max_age)) : std::nullopt,
               .put_back = false};
}

Action finish_earlier(const State& state, const config::Policy& policy, Instant now) {
    if (now < state.unfinished_free_at) { return Sleep{state.unfinished_free_at}; }
    if (now < state.retry_at) { return Sleep{state.retry_at}; }
    return Due{.trigger = Trigger::Resume,
               .since = {},
               .until = never,
               .why = "an earlier process left run " + state.unfinished_run,
               .older_than = {},
               .put_back = !policy.enabled || is_closed(policy, now)};
}

// Of two things to do the one that is more than waiting; else the earlier wait.
Action sooner(Action a, Action b) {
    auto* const a_sleeps = std::get_if<Sleep>(&a);
    auto* const b_sleeps = std::get_if<Sleep>(&b);
    if (a_sleeps == nullptr) { return a; }
    if (b_sleeps == nullptr) { return b; }
    return Sleep{std::min(a_sleeps->until, b_sleeps->until)};
}

Action judge_schedule(State& state, const config::Policy& policy, const Facts& facts, const std::string& name,
                      Instant now) {
    if (auto passed = take_fire(state, policy, name, now)) { return *passed; }
    const auto next = next_fire_of(state, policy, name);
    const Action sleep = Sleep{next ? next->due : never};
    return state.fire ? sooner(keep_fire(state, policy, facts, now), sleep) : sleep;
}

} // namespace

const char* to_string(Trigger trigger) {
    switch (trigger) {
    case Trigger::Schedule: return "schedule";
    case Trigger::Age: return "age";
    case Trigger::Resume: return "resume";
    }
    return "schedule";
}

State begin(const config::Policy& policy, Instant now) {
    State state;
    state.schedule = policy.schedule ? policy.schedule->text : "";
    state.first_seen = now;
    state.dealt_until = now;
    return state;
}

bool same_schedule(const State& state, const config::Policy& policy) {
    return state.schedule == (policy.schedule ? policy.schedule->text : "");
}

std::optional<Fire> next_fire_of(const State& state, const config::Policy& policy, const std::string& name) {
    if (!policy.schedule) { return std::nullopt; }
    const auto at = schedule::next_fire(anchored(state, *policy.schedule), state.dealt_until);
    return at ? std::optional(placed(*at, *policy.schedule, name)) : std::nullopt;
}

Decision step(State state, const config::Policy& policy, const Facts& facts, const std::string& name, Instant now) {
    if (state.is_running) { return {std::move(state), Sleep{never}}; }
    if (!state.unfinished_run.empty()) {
        Action action = finish_earlier(state, policy, now);
        return {std::move(state), std::move(action)};
    }
    Action action = Sleep{never};
    if (policy.enabled && policy.schedule) { action = judge_schedule(state, policy, facts, name, now); }
    if (policy.enabled && policy.max_age) { action = sooner(std::move(action), judge_age(state, policy, facts, now)); }
    return {std::move(state), std::move(action)};
}

namespace {

void resume_ended(State& state, Ended how, Instant now) {
    if (how == Ended::Interrupted) { return; }
    if (how == Ended::Blocked) {
        state.retry_at = now + doubled(first_pause, ++state.tries);
        return;
    }
    state.unfinished_run.clear();
    state.tries = 0;
    if (how == Ended::Done && state.fire && state.fire->run_at) { state.fire.reset(); }
}

void fire_ended(State& state, Ended how, Instant began_at, Instant now) {
    if (how == Ended::Blocked) {
        state.retry_at = now + doubled(first_pause, ++state.tries);
        if (state.fire && state.fire->run_at == began_at) { state.fire->run_at.reset(); }
    } else if (how != Ended::Interrupted) {
        state.fire.reset();
        state.tries = 0;
    }
}

} // namespace

State ended(State state, Trigger trigger, Ended how, Instant began_at, Instant now) {
    state.is_running = false;
    state.ran_until = now;
    state.retry_at = {};
    switch (trigger) {
    case Trigger::Resume: resume_ended(state, how, now); break;
    case Trigger::Schedule: fire_ended(state, how, began_at, now); break;
    case Trigger::Age:
        if (how != Ended::Interrupted) { state.age_retry_at = now + doubled(first_age_pause, ++state.age_runs); }
        break;
    }
    return state;
}

} // namespace ecsr::serve
