#include "base/text.hpp"
#include "judge/recycle/internal.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace ecsr::recycle {

namespace {

constexpr Millis shortest_poll{250};
constexpr Millis longest_poll{10'000};
constexpr double unknown_share = 1;     // of the time passed, where nothing is known: few looks at any length
constexpr double found_at_once = 0.98;  // what was found at the first look may have been there a little earlier
constexpr double little_share = 0.03;   // of the time that a start took: hardly worth another look
constexpr double least_slack = 0.01;    // of the time that a start took
constexpr double slack_growth = 1.25;   // with every batch that was found at the first look
constexpr double longest_learned = 1.5; // of what was known to be too early, or expected

// How far apart looks at an overdue change are: the later it gets, the fewer.
struct Pace {
    double least;   // of the expected time
    double overdue; // of the time overdue
    double most;    // of the time passed
};
constexpr Pace learned_pace{.least = 0.02, .overdue = 0.5, .most = 0.06};
constexpr Pace guessed_pace{.least = 0.08, .overdue = 0.5, .most = 0.24};

// A target is checked first when it is registered, which ECS sees to while the task starts; what the check found shows
// a little later (ECS behaviour D2).
constexpr Millis first_check{1'000};
constexpr Millis check_shows{200};
constexpr int most_looks_per_check = 6; // as the moments of the checks are estimates
constexpr Millis longest_check_step{5'000};

Millis scaled(Millis span, double factor) {
    return Millis(static_cast<Millis::rep>(static_cast<double>(span.count()) * factor));
}

bool older(const std::optional<Instant>& read_at, Instant since) {
    return !read_at || *read_at < since;
}

bool any_task_older(const Context& c, const std::vector<std::string>& arns, Instant since) {
    return std::ranges::any_of(arns, [&](const std::string& arn) {
        const auto found = c.snapshot.task_at.find(arn);
        return (found == c.snapshot.task_at.end() || found->second < since) && !c.snapshot.missing.contains(arn);
    });
}

bool any_listed_older(const Context& c, Instant since) {
    return std::ranges::any_of(c.snapshot.listed, [&](const std::string& arn) {
        const auto found = c.snapshot.task_at.find(arn);
        return found == c.snapshot.task_at.end() || found->second < since;
    });
}

} // namespace

Instant earlier(Instant a, Instant b) {
    return std::min(a, b);
}

void enter_phase(Run& run, Phase phase, Instant now) {
    run.phase = phase;
    run.phase_since = now;
    run.looks = {};
    run.looks.since = now;
}

Instant waiting_since(const Run& run) {
    return std::min(run.looks.since.value_or(run.phase_since), run.phase_since);
}

void Context::enter(Phase phase) {
    enter_phase(run, phase, now);
}

Next look_if_stale(Context& c, const Look& look, Instant since, const std::string& reason) {
    const Snapshot& s = c.snapshot;
    Look wanted;
    wanted.service = look.service && older(s.service_at, since);
    wanted.list_tasks = look.list_tasks && older(s.listed_at, since);
    wanted.describe_listed = look.describe_listed && (wanted.list_tasks || any_listed_older(c, since));
    if (any_task_older(c, look.tasks, since)) { wanted.tasks = look.tasks; }
    wanted.targets = look.targets && !s.service.target_groups.empty() && older(s.targets_at, since);
    wanted.scaling = look.scaling && older(s.scaling_at, since);
    wanted.protection = look.protection && older(s.protection_at, since);
    if (!look.alarms.empty() && older(s.alarms_at, since)) { wanted.alarms = look.alarms; }
    const bool fresh = !wanted.service && !wanted.list_tasks && !wanted.describe_listed && wanted.tasks.empty() &&
                       !wanted.targets && !wanted.scaling && !wanted.protection && wanted.alarms.empty();
    if (fresh) { return std::nullopt; }
    return Wait{c.now, wanted, reason, c.run.deadline};
}

Next look_if_older_than(Context& c, const Look& look, Millis age, const std::string& reason) {
    // A look may take longer than `age` when AWS is slow: what was read since this phase asked for it is fresh enough.
    const Instant since = earlier(c.run.looks.asked_at.value_or(c.now), c.now - age);
    Next wait = look_if_stale(c, look, since, reason);
    if (wait && !c.run.looks.asked_at) { c.run.looks.asked_at = c.now; }
    return wait;
}

Next read_before_write(Context& c) {
    return look_if_older_than(c, Look{.service = true}, write_freshness,
                              "reading the desired count before it is changed");
}

Instant by_our_clock(const Context& c, const Task& task, Instant told) {
    const Instant since = waiting_since(c.run);
    const auto read_at = c.snapshot.task_at.find(task.arn);
    return std::clamp(told, since, read_at == c.snapshot.task_at.end() ? since : std::max(since, read_at->second));
}

std::optional<Moments> target_checks(const Context& c) {
    Millis interval{0};
    for (const auto& [arn, group] : c.snapshot.target_groups) {
        interval = std::max(interval, Millis(group.health_check_interval));
    }
    std::optional<Instant> started;
    for (const std::string& arn : c.run.fresh) {
        const Task* task = find_task(c, arn);
        if (task == nullptr || !is_running(*task) || !task->started_at) { continue; }
        started = std::max(started.value_or(Instant{}), by_our_clock(c, *task, *task->started_at));
    }
    if (!started || interval == Millis(0)) { return std::nullopt; }
    return Moments{*started + first_check + check_shows, interval};
}

namespace {

// The moment that is nearest to `wanted`, not before the first.
Instant nearest(const Moments& moments, Instant wanted) {
    const auto passed = std::max(Millis(0), wanted - moments.first + moments.interval / 2);
    return moments.first + moments.interval * (passed / moments.interval);
}

// The last moment until `now`; nothing before the first.
std::optional<Instant> last_before(const Moments& moments, Instant now) {
    if (now < moments.first) { return std::nullopt; }
    return moments.first + moments.interval * ((now - moments.first) / moments.interval);
}

Millis pause_until(const Expected& expected, Millis elapsed) {
    const Millis first = expected.after;
    if (first == Millis(0)) { return scaled(elapsed, unknown_share); }
    const Millis overdue = elapsed - first;
    if (overdue < Millis(0)) { return -overdue; }
    const Pace& pace = expected.is_guess ? guessed_pace : learned_pace;
    const Millis pause =
        std::max(scaled(first, pace.least), std::min(scaled(overdue, pace.overdue), scaled(elapsed, pace.most)));
    if (!expected.moments || !expected.is_guess) { return pause; }
    // The moments are estimates: one look between two of them bounds what a wrong estimate costs.
    return std::min(pause, std::max(expected.moments->interval / 2, scaled(elapsed, pace.most / 2)));
}

Millis shortest_step(const Expected& expected) {
    if (!expected.moments || !expected.is_guess) { return expected.step; }
    return std::max(expected.step, std::min(expected.moments->interval / most_looks_per_check, longest_check_step));
}

// A look just before a moment at which things may change is lost: one just after it tells more, and is as cheap.
Instant moved_to_moment(const Context& c, const Expected& expected, Millis pause) {
    const Instant planned = c.now + pause;
    if (!expected.moments) { return planned; }
    const Instant moment = nearest(*expected.moments, planned);
    return moment >= c.now + pause / 2 && moment <= c.now + pause * 3 / 2 ? moment : planned;
}

} // namespace

Action wait_for(Context& c, Look look, std::string reason, Expected expected, Instant deadline) {
    const Millis elapsed = c.now - expected.since.value_or(waiting_since(c.run));
    const Millis shortest = std::max(shortest_poll, shortest_step(expected));
    if (c.run.looks.count++ > 0) { c.run.looks.too_early_at = c.now; }
    c.run.looks.asked_at.reset();
    const Millis pause =
        std::clamp(pause_until(expected, elapsed), shortest, std::max({longest_poll, expected.after, shortest}));
    const Instant until = earlier(moved_to_moment(c, expected, pause), deadline);
    return Wait{std::max(c.now + shortest_poll, until), std::move(look), std::move(reason), deadline};
}

Action wait_for_healthy_for(Context& c, int wanted) {
    Instant due{};
    for (const auto& [arn, since] : c.run.healthy_since) { due = std::max(due, since + c.run.healthy_for); }
    return Wait{due > c.now ? due : c.now + shortest_poll, gate_look(c),
                fmt::format("{} tasks must stay healthy for {}", wanted, format_duration(c.run.healthy_for)),
                c.run.deadline};
}

namespace {

// How long the phase took until this look, and until the last one that came too early.
struct Seen {
    Millis found{0};
    std::optional<Millis> too_early;
};

// A run that was resumed long after what it waited for knows little more than it `expected`.
Seen seen_span(const Context& c, Millis settling, Millis expected) {
    const auto& too_early = c.run.looks.too_early_at;
    const bool knows = too_early || expected > Millis(0);
    const Instant since = knows ? waiting_since(c.run) : c.run.phase_since;
    Seen seen{std::max(Millis(1), c.now - settling - since), {}};
    if (too_early) { seen.too_early = *too_early - since; }
    const Millis known = std::max(expected, seen.too_early.value_or(Millis(0)));
    if (known > Millis(0)) { seen.found = std::min(seen.found, scaled(known, longest_learned)); }
    return seen;
}

} // namespace

Millis learned_span(const Context& c, Millis settling, Millis expected) {
    const Seen seen = seen_span(c, settling, expected);
    const Millis span = seen.too_early ? (seen.found + *seen.too_early) / 2 : scaled(seen.found, found_at_once);
    return std::max(Millis(1), span);
}

void learn_start(Context& c, const std::optional<Moments>& moments) {
    Learned& learned = c.run.learned;
    const Seen seen = seen_span(c, c.run.healthy_for, learned.start);
    const Millis least = scaled(seen.found, least_slack);
    const Millis little = scaled(seen.found, little_share);
    // By how much it may be less than it was found to be, and by how much the next batch expects it earlier.
    Millis open = seen.too_early ? seen.found - *seen.too_early : std::max(learned.start_slack, least);
    Millis earlier_by = open / 2;
    if (open > little) {
        const auto check = seen.too_early && moments ? last_before(*moments, c.now - c.run.healthy_for) : std::nullopt;
        // The check just before the look explains it; whether it does the next batch finds out.
        if (check && c.now - c.run.healthy_for - *check <= little) { earlier_by = little; }
        open -= earlier_by;
    } else if (seen.too_early) {
        earlier_by = Millis(0);
        open = least;
    } else {
        // Tasks may have become faster.
        open = scaled(open, slack_growth);
        earlier_by = open / 2;
    }
    learned.start_slack = open;
    learned.start = std::max(Millis(1), seen.found - earlier_by);
}

Look gate_look(const Context& c) {
    Look look;
    look.service = true;
    look.targets = true;
    look.alarms = c.run.spec.alarms;
    // Target health speaks for every task at once, and the service's counts tell whether a task came or went since the
    // last listing. Where no target group vouches, each task must be asked.
    const Service& service = c.snapshot.service;
    const auto known = static_cast<int>(live_tasks(c.snapshot).size());
    const bool same_tasks = c.snapshot.listed_at && service.running_count + service.pending_count == known;
    look.list_tasks = service.target_groups.empty() || !same_tasks;
    look.describe_listed = look.list_tasks;
    return look;
}

} // namespace ecsr::recycle
