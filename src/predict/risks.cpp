#include "predict/risks.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <optional>

namespace ecsr::predict {

namespace {

constexpr std::chrono::hours recent{1};
constexpr std::size_t few_samples = 3;

using Lines = std::vector<std::string>;

const ServiceEvent* newest_event_with(const Snapshot& snapshot, Instant now, const auto& texts) {
    for (const ServiceEvent& event : snapshot.service.events) {
        if (event.created_at < now - recent) { break; }
        for (const std::string_view text : texts) {
            if (contains_ignoring_case(event.message, text)) { return &event; }
        }
    }
    return nullptr;
}

void tell_event(Lines& lines, const ServiceEvent* event, std::string_view what, Instant now) {
    if (event == nullptr) { return; }
    lines.push_back(fmt::format("{}: {} ago ECS told: {}", what, format_age(now - event->created_at), event->message));
}

void tell_capacity(Lines& lines, const Snapshot& snapshot, const recycle::Plan& plan, Instant now) {
    constexpr std::array<std::string_view, 3> out_of_room{"unable to place", "no Container Instances",
                                                          "capacity is unavailable"};
    tell_event(lines, newest_event_with(snapshot, now, out_of_room),
               plan.surge > 0 ? "there may be no room for additional tasks" : "there may be no room for new tasks",
               now);
    const auto& target = snapshot.scalable_target;
    if (!target || snapshot.service.desired_count < target->max_capacity) { return; }
    lines.push_back(fmt::format("the autoscaler is at its max capacity of {}: it may want more than it can have",
                                target->max_capacity));
}

void tell_stability(Lines& lines, const RunSpec& spec, const Snapshot& snapshot, const recycle::Plan& plan,
                    Instant now) {
    const int healthy = healthy_count(snapshot);
    if (healthy < plan.desired_count) {
        lines.push_back(fmt::format("only {} of {} tasks are healthy now", healthy, plan.desired_count));
    }
    constexpr std::array<std::string_view, 4> failing{"is unhealthy", "failed container health checks",
                                                      "unable to consistently start", "was unable to start"};
    tell_event(lines, newest_event_with(snapshot, now, failing), "the service is not stable", now);
    const auto died = std::ranges::count_if(snapshot.recently_stopped, [&](const Task& task) {
        const bool by_itself = task.stop_code == "EssentialContainerExited" || task.stop_code == "TaskFailedToStart";
        return by_itself && task.stopped_at.value_or(Instant{}) >= now - recent;
    });
    if (died > 0) { lines.push_back(fmt::format("{} tasks ended by themselves within the last hour", died)); }
    if (spec.max_unavailable.value == 0 && healthy == plan.desired_count && plan.desired_count == 1) {
        lines.emplace_back("the service has one task alone: nothing stands in when its replacement fails");
    }
}

void tell_gates(Lines& lines, const RunSpec& spec, const Snapshot& snapshot, const recycle::Plan& plan) {
    for (const AlarmState& alarm : snapshot.alarms) {
        if (alarm.state != "INSUFFICIENT_DATA") { continue; }
        lines.push_back(fmt::format("alarm {} has no data: it cannot stop the run", alarm.name));
    }
    if (spec.strategy == Strategy::ForceDeployment && !snapshot.service.deployment_alarms.empty()) {
        lines.push_back(fmt::format("ECS rolls the deployment back when one of these alarms fires: {}",
                                    join(snapshot.service.deployment_alarms, ", ")));
    }
    const auto guarded = std::ranges::count_if(snapshot.protection, [](const auto& p) { return p.second.enabled; });
    if (guarded == 0) { return; }
    if (spec.strategy == Strategy::ForceDeployment) {
        lines.push_back(fmt::format("{} tasks are protected from scale-in: the deployment waits for them", guarded));
    } else if (spec.wait_for_protection) {
        lines.push_back(fmt::format("{} tasks are protected from scale-in by somebody else: the run waits until they "
                                    "are not, which may be sooner or later than predicted",
                                    guarded));
    } else if (!plan.skipped.empty()) {
        lines.push_back(
            fmt::format("{} tasks stay old: somebody else protects them from scale-in", plan.skipped.size()));
    }
}

bool is_vouched_for(const Snapshot& snapshot) {
    const auto live = live_tasks(snapshot);
    return !live.empty() && ecsr::is_vouched_for(snapshot, *live.front());
}

void tell_ignorance(Lines& lines, const Snapshot& snapshot, const Learned& learned) {
    if (learned.starts.empty()) {
        lines.emplace_back("no task told how long it takes to start: 30 s are assumed");
    } else if (learned.starts.size() < few_samples) {
        lines.push_back(fmt::format("start-up time rests on {} task{} alone", learned.starts.size(),
                                    learned.starts.size() == 1 ? "" : "s"));
    }
    if (is_vouched_for(snapshot) && !learned.health) {
        lines.emplace_back("no event tells how long a task takes from RUNNING to healthy: its first health check is "
                           "assumed to succeed");
    }
    if (!learned.decision) { lines.emplace_back("nothing tells how fast ECS acts here: 5 to 20 s are assumed"); }
    if (!learned.stops.empty()) { return; }
    Seconds longest{0};
    for (const auto& [arn, definition] : snapshot.task_definitions) {
        for (const auto& container : definition.containers) { longest = std::max(longest, container.stop_timeout); }
    }
    lines.push_back(fmt::format("no task has stopped lately: they are assumed to end at SIGTERM at once, and may take "
                                "up to their stopTimeout of {}",
                                format_duration(longest)));
}

} // namespace

Lines risks(const RunSpec& spec, const Snapshot& snapshot, const recycle::Plan& plan, const Learned& learned,
            Instant now) {
    Lines lines;
    tell_capacity(lines, snapshot, plan, now);
    tell_stability(lines, spec, snapshot, plan, now);
    tell_gates(lines, spec, snapshot, plan);
    tell_ignorance(lines, snapshot, learned);
    return lines;
}

} // namespace ecsr::predict
