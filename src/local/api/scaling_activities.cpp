// Application Auto Scaling: what became of scaling (ECS behaviour E4).
#include "local/api/scaling_resource.hpp"

#include <algorithm>
#include <utility>

namespace ecsr::local::wire {

namespace {

constexpr int largest_page = 50;

json::object reason_view(const NotScaledReason& reason) {
    json::object object;
    object["Code"] = reason.code;
    put(object, "MaxCapacity", reason.maximum);
    put(object, "MinCapacity", reason.minimum);
    put(object, "CurrentCapacity", reason.current);
    return object;
}

json::object view(const Call& call, const ScalingActivity& activity) {
    json::object object;
    object["ActivityId"] = activity.id;
    put_scalable_resource(object, activity.resource_id);
    object["Description"] = activity.description;
    object["Cause"] = activity.cause;
    object["StartTime"] = call.time(activity.started_at);
    call.put_time(object, "EndTime", activity.ended_at);
    object["StatusCode"] = to_string(activity.status);
    put(object, "StatusMessage", activity.status_message);
    if (activity.not_scaled) { object["NotScaledReasons"] = json::array{reason_view(*activity.not_scaled)}; }
    return object;
}

ApiResult<json::object> describe(Call& call, Input& input) {
    const ScalingQuery query = read_scaling_query(input, largest_page);
    const bool all = input.boolean_or("IncludeNotScaledActivities", false);
    if (!input.good()) { return input.problem(); }
    const auto& activities = call.state.scaling_activities;
    std::vector<std::string> ids;
    for (const auto& activity : activities) {
        if (query.wants(activity.resource_id) && (all || !activity.not_scaled)) { ids.push_back(activity.id); }
    }
    return scaling_page(query, std::move(ids), "ScalingActivities", [&](const std::string& id) {
        return view(call, *std::ranges::find(activities, id, &ScalingActivity::id));
    });
}

constexpr Operation operations[] = {{"DescribeScalingActivities", describe}};

} // namespace

std::span<const Operation> scaling_activity_operations() {
    return operations;
}

} // namespace ecsr::local::wire
