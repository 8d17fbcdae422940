#include "judge/recycle/internal.hpp"

#include <algorithm>

namespace ecsr::recycle {

namespace {

constexpr Millis shortest_poll{250};
constexpr Millis longest_poll{10'000};
constexpr double early_share = 0.95;   // the first look comes a little before the change is expected
constexpr double poll_share = 0.04;    // of the expected time: the shortest pause between looks
constexpr double overdue_share = 0.12; // of the time overdue: the later it gets, the fewer looks
constexpr double unknown_share = 0.5;  // of the time passed, where nothing is known: few looks at any length

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

void Context::enter(Phase phase) {
    run.phase = phase;
    run.phase_since = now;
    run.polls = 0;
    run.asked_at.reset();
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
    const Instant since = earlier(c.run.asked_at.value_or(c.now), c.now - age);
    Next wait = look_if_stale(c, look, since, reason);
    if (wait && !c.run.asked_at) { c.run.asked_at = c.now; }
    return wait;
}

Next read_before_write(Context& c) {
    return look_if_older_than(c, Look{.service = true}, write_freshness,
                              "reading the desired count before it is changed");
}

Action wait_for(Context& c, Look look, std::string reason, Millis expected, Instant deadline) {
    const Millis elapsed = c.now - c.run.phase_since;
    const Millis first = scaled(expected, early_share);
    Millis pause = scaled(elapsed, unknown_share);
    if (expected > Millis(0)) {
        pause = elapsed < first ? first - elapsed
                                : std::max(scaled(expected, poll_share), scaled(elapsed - first, overdue_share));
    }
    ++c.run.polls;
    c.run.asked_at.reset();
    pause = std::clamp(pause, shortest_poll, std::max(longest_poll, first));
    return Wait{std::max(c.now + shortest_poll, earlier(c.now + pause, deadline)), std::move(look), std::move(reason),
                deadline};
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
