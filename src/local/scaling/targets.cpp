#include "local/scaling/targets.hpp"

#include "local/scaling/activities.hpp"
#include "local/scaling/policies.hpp"
#include "local/scaling/schedules.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <optional>
#include <utility>
#include <vector>

namespace ecsr::local {

namespace {

void clamp_desired(State& state, const ScalableTarget& target, Instant now) {
    Service* service = service_of_resource(state, target.resource_id);
    if (service == nullptr) { return; }
    const int clamped = std::clamp(service->desired_count, target.min_capacity, target.max_capacity);
    if (clamped == service->desired_count) { return; }
    const char* bound = clamped < service->desired_count ? "maximum" : "minimum";
    set_desired(state, *service, target.resource_id, clamped, fmt::format("{} capacity was set to {}", bound, clamped),
                now);
}

std::string capacities(const ScheduledAction& action) {
    if (!action.max_capacity) { return fmt::format("min capacity to {}", *action.min_capacity); }
    if (!action.min_capacity) { return fmt::format("max capacity to {}", *action.max_capacity); }
    return fmt::format("min capacity to {} and max capacity to {}", *action.min_capacity, *action.max_capacity);
}

void run(State& state, ScalableTarget& target, const ScheduledAction& action, Instant now) {
    const int minimum = action.min_capacity.value_or(target.min_capacity);
    const int maximum = action.max_capacity.value_or(target.max_capacity);
    const std::string cause = fmt::format("scheduled action name {} was triggered", action.name);
    const std::string description = "Setting " + capacities(action);
    if (maximum < minimum) {
        note_done(state, target.resource_id, description, cause, ActivityStatus::Failed,
                  "Maximum capacity cannot be less than minimum capacity", now);
        return;
    }
    target.min_capacity = minimum;
    target.max_capacity = maximum;
    note_done(state, target.resource_id, description, cause, ActivityStatus::Successful,
              "Successfully set " + capacities(action), now);
    clamp_desired(state, target, now);
}

} // namespace

void put_target(State& state, ScalableTarget target, Instant now) {
    ScalableTarget& kept = state.scalable_targets[target.resource_id];
    target.held.swap(kept.held);
    kept = std::move(target);
    clamp_desired(state, kept, now);
    // What is still suspended is held again.
    for (auto& [alarm, action] : std::exchange(kept.held, {})) {
        state.alarms.scaling_actions.push_back(std::move(action));
    }
}

bool remove_target(State& state, const std::string& resource_id, Instant now) {
    const auto found = state.scalable_targets.find(resource_id);
    if (found == state.scalable_targets.end()) { return false; }
    while (!found->second.policies.empty()) {
        delete_policy(state, found->second, std::string(found->second.policies.begin()->first), now);
    }
    state.scalable_targets.erase(found);
    return true;
}

bool run_schedules(State& state, Instant now) {
    bool changed = false;
    for (auto& [resource, target] : state.scalable_targets) {
        for (auto& [name, action] : target.scheduled) {
            if (now < action.next_at) { continue; }
            if (!target.suspended.scheduled_scaling) { run(state, target, action, now); }
            action.next_at = next_time(action, now).value_or(Instant::max()); // it was read when it was put
            changed = true;
        }
    }
    return changed;
}

} // namespace ecsr::local
