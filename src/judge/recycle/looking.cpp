#include "base/text.hpp"
#include "judge/recycle/internal.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace ecsr::recycle {

namespace {

constexpr Millis shortest_poll{250};
constexpr Millis longest_poll{10'000};
constexpr double poll_share = 0.04;    // of the expected time: the shortest pause between looks
constexpr double overdue_share = 0.12; // of the time overdue: the later it gets, the fewer looks
constexpr double guess_factor = 2;     // of both shares, as long as the expected time is a guess
constexpr double unknown_share = 1;    // of the time passed, where nothing is known: few looks at any length
constexpr double found_at_once = 0.97; // what was found at the first look may have been there a little earlier

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
    const auto next_step_at = run.looks.next_step_at;
    run.looks = {};
    run.looks.next_step_at = next_step_at;
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

Action wait_for(Context& c, Look look, std::string reason, Expected expected, Instant deadline) {
    const Millis elapsed = c.now - expected.since.value_or(c.run.phase_since);
    const Millis first = expected.after;
    Millis pause = scaled(elapsed, unknown_share);
    if (first > Millis(0)) {
        const double factor = expected.is_guess ? guess_factor : 1;
        const Millis overdue = elapsed - first;
        pause = overdue < Millis(0)
                    ? -overdue
                    : std::max(scaled(first, factor * poll_share), scaled(overdue, factor * overdue_share));
    }
    if (c.run.looks.count++ > 0) { c.run.looks.too_early_at = c.now; }
    c.run.looks.asked_at.reset();
    pause = std::clamp(pause, std::max(shortest_poll, expected.step), std::max({longest_poll, first, expected.step}));
    return Wait{std::max(c.now + shortest_poll, earlier(c.now + pause, deadline)), std::move(look), std::move(reason),
                deadline};
}

Action wait_for_healthy_for(Context& c, int wanted) {
    Instant due{};
    for (const auto& [arn, since] : c.run.healthy_since) { due = std::max(due, since + c.run.healthy_for); }
    return Wait{due > c.now ? due : c.now + shortest_poll, gate_look(c),
                fmt::format("{} tasks must stay healthy for {}", wanted, format_duration(c.run.healthy_for)),
                c.run.deadline};
}

Millis learned_span(const Context& c, Millis settling) {
    const Millis seen = c.now - c.run.phase_since - settling;
    const Millis span = c.run.looks.too_early_at ? (seen + (*c.run.looks.too_early_at - c.run.phase_since)) / 2
                                                 : scaled(seen, found_at_once);
    return std::max(Millis(1), span);
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
