#include "local/scaling/activities.hpp"

#include "base/text.hpp"
#include "local/scheduler/operations.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

namespace ecsr::local {

namespace {

ScalingActivity& add(State& state, const std::string& resource_id, Instant now) {
    auto& activities = state.scaling_activities;
    ScalingActivity activity;
    activity.id = new_uuid(state.random);
    activity.resource_id = resource_id;
    activity.started_at = now;
    activities.push_front(std::move(activity));
    if (activities.size() > activities_kept) { activities.pop_back(); }
    return activities.front();
}

void end(ScalingActivity& activity, ActivityStatus status, std::string message, Instant now) {
    activity.status = status;
    activity.status_message = std::move(message);
    activity.ended_at = now;
    activity.desired.reset();
}

std::string set_to(int desired) {
    return fmt::format("Successfully set desired count to {}.", desired);
}

// False while it goes on.
bool finish(State& state, ScalingActivity& activity, Instant now) {
    const int wanted = *activity.desired;
    const Service* service = service_of_resource(state, activity.resource_id);
    if (service == nullptr) {
        end(activity, ActivityStatus::Unfulfilled, "The service is not ACTIVE.", now);
    } else if (service->desired_count != wanted) {
        end(activity, ActivityStatus::Overridden, activity.status_message, now);
    } else if (running_tasks(state, *service) == wanted) {
        end(activity, ActivityStatus::Successful, set_to(wanted) + " Change successfully fulfilled by ecs.", now);
    }
    return activity.ended_at.has_value();
}

} // namespace

Service* service_of_resource(State& state, const std::string& resource_id) {
    const auto parts = split(resource_id, '/');
    if (parts.size() != 3 || parts[0] != "service") { return nullptr; }
    const auto found = state.services.find({parts[1], parts[2]});
    if (found == state.services.end() || found->second.status != ServiceStatus::Active) { return nullptr; }
    return &found->second;
}

int running_tasks(const State& state, const Service& service) {
    int running = 0;
    for (const auto& [deployment, counts] : counts_by_deployment(state, service)) { running += counts.running; }
    return running;
}

void set_desired(State& state, Service& service, const std::string& resource_id, int desired, std::string cause,
                 Instant now) {
    ServiceUpdate update;
    update.desired_count = desired;
    const auto updated = update_service(state, service, update, now);
    ScalingActivity& activity = add(state, resource_id, now);
    activity.description = fmt::format("Setting desired count to {}.", desired);
    activity.cause = std::move(cause);
    if (!updated) { return end(activity, ActivityStatus::Failed, updated.error().message, now); }
    activity.status = ActivityStatus::InProgress;
    activity.status_message = set_to(desired) + " Waiting for change to be fulfilled by ecs.";
    activity.desired = desired;
}

void note_not_scaled(State& state, const std::string& resource_id, std::string cause, NotScaledReason reason,
                     Instant now) {
    const auto last = std::ranges::find(state.scaling_activities, resource_id, &ScalingActivity::resource_id);
    const bool is_known = last != state.scaling_activities.end() && last->cause == cause && last->not_scaled &&
                          last->not_scaled->code == reason.code;
    if (is_known) { return; }
    ScalingActivity& activity = add(state, resource_id, now);
    activity.description = "Attempting to scale due to alarm triggered";
    activity.cause = std::move(cause);
    activity.status = ActivityStatus::Failed;
    activity.not_scaled = std::move(reason);
}

void note_done(State& state, const std::string& resource_id, std::string description, std::string cause,
               ActivityStatus status, std::string message, Instant now) {
    ScalingActivity& activity = add(state, resource_id, now);
    activity.description = std::move(description);
    activity.cause = std::move(cause);
    end(activity, status, std::move(message), now);
}

bool finish_activities(State& state, Instant now) {
    bool changed = false;
    for (auto& activity : state.scaling_activities) {
        if (activity.desired) { changed = finish(state, activity, now) || changed; }
    }
    auto& activities = state.scaling_activities;
    while (!activities.empty() && activities.back().started_at + activity_retention <= now) {
        activities.pop_back();
        changed = true;
    }
    return changed;
}

} // namespace ecsr::local
