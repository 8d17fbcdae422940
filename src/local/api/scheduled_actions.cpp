// Application Auto Scaling: scheduled actions (ECS behaviour E1, E2).
#include "local/api/scaling_resource.hpp"
#include "local/scaling/schedules.hpp"

#include <fmt/format.h>

namespace ecsr::local::wire {

namespace {

constexpr std::size_t most_actions = 200; // E1
constexpr int largest_page = 50;
constexpr int most_tasks = 1'000'000;

json::object view(const Call& call, const std::string& resource, const ScheduledAction& action) {
    json::object capacities;
    put(capacities, "MinCapacity", action.min_capacity);
    put(capacities, "MaxCapacity", action.max_capacity);
    json::object object;
    object["ScheduledActionName"] = action.name;
    object["ScheduledActionARN"] = action.arn;
    put_scalable_resource(object, resource);
    object["Schedule"] = action.schedule;
    put(object, "Timezone", action.timezone);
    call.put_time(object, "StartTime", action.start);
    call.put_time(object, "EndTime", action.end);
    if (!capacities.empty()) { object["ScalableTargetAction"] = std::move(capacities); }
    object["CreationTime"] = call.time(action.created_at);
    return object;
}

// What the request says, over what there is.
void read_action(Input& input, ScheduledAction& action) {
    if (auto schedule = input.text("Schedule")) { action.schedule = *schedule; }
    if (auto zone = input.text("Timezone")) { action.timezone = *zone; }
    if (auto start = input.instant("StartTime")) { action.start = start; }
    if (auto end = input.instant("EndTime")) { action.end = end; }
    if (auto capacities = input.object("ScalableTargetAction")) {
        action.min_capacity = capacities->integer_between("MinCapacity", 0, most_tasks);
        action.max_capacity = capacities->integer_between("MaxCapacity", 0, most_tasks);
    }
}

ApiResult<void> check(const ScheduledAction& action, const ScalableTarget& target) {
    if (action.schedule.empty()) {
        return api_fail(scaling_invalid, "Schedule must be specified for a new scheduled action");
    }
    if (!action.min_capacity && !action.max_capacity) {
        return api_fail(scaling_invalid, "ScalableTargetAction must specify MinCapacity, MaxCapacity or both");
    }
    if (action.min_capacity && action.max_capacity && *action.max_capacity < *action.min_capacity) {
        return api_fail(scaling_invalid, "Maximum capacity cannot be less than minimum capacity");
    }
    if (action.start && action.end && *action.end <= *action.start) {
        return api_fail(scaling_invalid, "EndTime must be after StartTime");
    }
    if (!target.scheduled.contains(action.name) && target.scheduled.size() >= most_actions) {
        return api_fail("LimitExceededException",
                        fmt::format("The maximum number of scheduled actions for {} has been reached: {}",
                                    target.resource_id, most_actions));
    }
    return {};
}

std::string new_arn(Call& call, const std::string& resource, const std::string& name) {
    return fmt::format("arn:aws:autoscaling:{}:{}:scheduledAction:{}:resource/ecs/{}:scheduledActionName/{}",
                       call.state.identity.region, call.state.identity.account_id, new_uuid(call.state.random),
                       resource, name);
}

ApiResult<json::object> put_scheduled_action(Call& call, Input& input) {
    const std::string resource = read_scalable_resource(input);
    const std::string name = read_scaling_name(input, "ScheduledActionName");
    if (!input.good()) { return input.problem(); }
    const auto target = require_scalable_target(call, resource);
    if (!target) { return std::unexpected(target.error()); }
    const auto known = (*target)->scheduled.find(name);
    const bool is_new = known == (*target)->scheduled.end();
    ScheduledAction action = is_new ? ScheduledAction{} : known->second;
    action.name = name;
    read_action(input, action);
    if (!input.good()) { return input.problem(); }
    if (auto fine = check(action, **target); !fine) { return std::unexpected(fine.error()); }
    if (is_new) {
        action.arn = new_arn(call, resource, name);
        action.created_at = call.now;
    }
    const auto next = next_time(action, call.now);
    if (!next) { return api_fail(scaling_invalid, next.error().message); }
    action.next_at = *next;
    (*target)->scheduled[name] = std::move(action);
    return json::object();
}

ApiResult<json::object> describe(Call& call, Input& input) {
    return describe_held(call, input, "ScheduledActionNames", largest_page, &ScalableTarget::scheduled,
                         "ScheduledActions", view);
}

ApiResult<json::object> delete_scheduled_action(Call& call, Input& input) {
    const std::string resource = read_scalable_resource(input);
    const std::string name = input.required_text("ScheduledActionName");
    if (!input.good()) { return input.problem(); }
    const auto target = call.state.scalable_targets.find(resource);
    if (target == call.state.scalable_targets.end() || target->second.scheduled.erase(name) == 0) {
        return std::unexpected(not_found_in_scaling("scheduled action", resource));
    }
    return json::object();
}

constexpr Operation operations[] = {
    {"PutScheduledAction", put_scheduled_action, Change::State},
    {"DescribeScheduledActions", describe},
    {"DeleteScheduledAction", delete_scheduled_action, Change::State},
};

} // namespace

std::span<const Operation> scheduled_action_operations() {
    return operations;
}

} // namespace ecsr::local::wire
