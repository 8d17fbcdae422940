#include "local/scaling/scale.hpp"

#include "local/scaling/activities.hpp"
#include "local/scaling/capacity.hpp"
#include "local/scaling/policies.hpp"
#include "local/scaling/targets.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace ecsr::local {

namespace {

constexpr Seconds default_cooldown{300}; // of ECS (E2)

// What one alarm asks of one policy.
struct Wish {
    ScalingPolicy* policy = nullptr;
    ScalingAction action;
    bool out = false;
    int from = 0, to = 0; // `to` is between the capacities
};

struct Scene {
    State& state;
    ScalableTarget& target;
    Service& service;
    int running = 0; // scaling counts from these, not from the desired count (E2)
    Instant now;
};

Seconds cooldown(const ScalingPolicy& policy, bool out) {
    if (policy.step) { return policy.step->cooldown.value_or(default_cooldown); }
    const auto& own = out ? policy.tracking->out_cooldown : policy.tracking->in_cooldown;
    return own.value_or(default_cooldown);
}

bool cools_down(const ScalingPolicy& policy, bool out, Instant now) {
    const auto& last = out ? policy.out_at : policy.in_at;
    return last && now < *last + cooldown(policy, out);
}

// Nothing: the policy has nothing to say. A policy of target tracking hears its own alarms alone, and says nothing
// where the metric has no datapoint; a step policy takes that for a metric at the threshold.
std::optional<int> capacity_from(const ScalingPolicy& policy, const ScalingAction& action, int current) {
    if (policy.step) {
        const double breach = action.value && action.threshold ? *action.value - *action.threshold : 0;
        return step_capacity(*policy.step, current, breach);
    }
    if (action.state != AlarmState::Alarm || !action.value) { return std::nullopt; }
    const bool high = action.alarm_name == policy.high_alarm;
    if (!high && (action.alarm_name != policy.low_alarm || policy.tracking->disable_scale_in)) { return std::nullopt; }
    const int wanted = tracked_capacity(current, std::max(0.0, *action.value), policy.tracking->target);
    return high || wanted >= current ? wanted : gradually(current, wanted);
}

bool asks_to_scale_out(const ScalingPolicy& policy, const ScalingAction& action, int current, int wanted) {
    return policy.tracking ? action.alarm_name == policy.high_alarm : wanted > current;
}

std::string cause_of(const Wish& wish) {
    return fmt::format("monitor alarm {} in state {} triggered policy {}", wish.action.alarm_name,
                       to_string(wish.action.state), wish.policy->name);
}

void refuse(const Scene& scene, const Wish& wish, NotScaledReason reason) {
    note_not_scaled(scene.state, scene.target.resource_id, cause_of(wish), std::move(reason), scene.now);
}

// During the cooldown of a policy that has scaled out, only a larger step counts, from where the first one began.
std::optional<Wish> read_wish(const Scene& scene, ScalingPolicy& policy, const ScalingAction& action) {
    const auto wanted = capacity_from(policy, action, scene.running);
    if (!wanted) { return std::nullopt; }
    Wish wish{.policy = &policy, .action = action, .out = false, .from = scene.running, .to = *wanted};
    wish.out = asks_to_scale_out(policy, action, scene.running, *wanted);
    if (cools_down(policy, wish.out, scene.now)) {
        if (!wish.out) { return std::nullopt; }
        wish.from = policy.out_from;
        wish.to = capacity_from(policy, action, wish.from).value_or(0);
        if (wish.to <= policy.out_to) { return std::nullopt; }
    }
    wish.to = std::clamp(wish.to, scene.target.min_capacity, scene.target.max_capacity);
    return wish;
}

bool is_deploying(const Service& service) {
    return service.deployment_controller != "EXTERNAL" &&
           (service.deployments.size() > 1 ||
            (!service.deployments.empty() && service.deployments.front().rollout_state == RolloutState::InProgress));
}

// True when the wish would change the desired count in its own direction; says why not where that is.
bool is_open(const Scene& scene, const Wish& wish) {
    const int desired = scene.service.desired_count;
    if (wish.out) {
        if (wish.to > desired) { return true; }
        if (desired >= scene.target.max_capacity) {
            refuse(scene, wish, {"AlreadyAtMaxCapacity", scene.target.max_capacity, {}, {}});
        } else {
            refuse(scene, wish, {"AlreadyAtDesiredCapacity", {}, {}, desired});
        }
        return false;
    }
    if (desired <= scene.target.min_capacity) {
        refuse(scene, wish, {"AlreadyAtMinCapacity", {}, scene.target.min_capacity, {}});
    } else if (is_deploying(scene.service)) {
        refuse(scene, wish, {"TargetServicePutResourceAsUnscalable", {}, {}, {}});
    } else if (wish.to >= desired) {
        const bool flaps = wish.policy->tracking && wish.to >= wish.from;
        refuse(scene, wish, {flaps ? "AutoScalingAnticipatedFlapping" : "AlreadyAtDesiredCapacity", {}, {}, desired});
    } else {
        return true;
    }
    return false;
}

// Every policy of target tracking that may scale in has to want it (E2).
bool all_agree(const Scene& scene) {
    return std::ranges::all_of(scene.target.policies, [&](const auto& entry) {
        const ScalingPolicy& policy = entry.second;
        if (!policy.tracking || policy.tracking->disable_scale_in) { return true; }
        const Alarm* low = find_alarm(scene.state, policy.low_alarm);
        return low != nullptr && low->state == AlarmState::Alarm;
    });
}

void carry_out(const Scene& scene, const Wish& wish) {
    if (wish.out) {
        wish.policy->out_at = scene.now;
        wish.policy->out_from = wish.from;
        wish.policy->out_to = wish.to;
        for (auto& [name, policy] : scene.target.policies) { policy.in_at.reset(); } // going out ends that cooldown
    } else {
        wish.policy->in_at = scene.now;
    }
    set_desired(scene.state, scene.service, scene.target.resource_id, wish.to, cause_of(wish), scene.now);
}

bool is_suspended(const ScalableTarget& target, const Wish& wish) {
    return wish.out ? target.suspended.dynamic_scaling_out : target.suspended.dynamic_scaling_in;
}

// The largest wins, outwards before inwards.
void decide(const Scene& scene, const std::vector<Wish>& wishes) {
    const Wish* best = nullptr;
    for (const Wish& wish : wishes) {
        if (!is_open(scene, wish)) { continue; }
        const bool better = best == nullptr || wish.out > best->out || (wish.out == best->out && wish.to > best->to);
        if (better) { best = &wish; }
    }
    if (best != nullptr && (best->out || all_agree(scene))) { carry_out(scene, *best); }
}

void scale_target(State& state, ScalableTarget& target, const std::vector<ScalingAction>& actions, Instant now) {
    Service* service = service_of_resource(state, target.resource_id);
    if (service == nullptr) { return; }
    const Scene scene{state, target, *service, running_tasks(state, *service), now};
    std::vector<Wish> wishes;
    for (const ScalingAction& action : actions) {
        const auto policy = std::ranges::find_if(
            target.policies, [&](const auto& entry) { return entry.second.arn == action.policy_arn; });
        if (policy == target.policies.end()) { continue; }
        auto wish = read_wish(scene, policy->second, action);
        if (!wish) { continue; }
        if (is_suspended(target, *wish)) {
            target.held[action.alarm_name] = action;
        } else {
            wishes.push_back(std::move(*wish));
        }
    }
    decide(scene, wishes);
}

// An action may have been held while its alarm moved on.
bool still_holds(const State& state, const ScalingAction& action) {
    const Alarm* alarm = find_alarm(state, action.alarm_name);
    return alarm != nullptr && alarm->state == action.state && alarm->actions_enabled;
}

} // namespace

bool scale(State& state, Instant now) {
    bool changed = run_schedules(state, now);
    auto actions = std::exchange(state.alarms.scaling_actions, {});
    std::erase_if(actions, [&](const ScalingAction& action) { return !still_holds(state, action); });
    if (!actions.empty()) {
        for (auto& [resource, target] : state.scalable_targets) { scale_target(state, target, actions, now); }
        changed = true;
    }
    return finish_activities(state, now) || changed;
}

Instant next_scaling_at(const State& state) {
    if (!state.alarms.scaling_actions.empty()) { return Instant{}; }
    Instant next = Instant::max();
    for (const auto& [resource, target] : state.scalable_targets) {
        for (const auto& [name, action] : target.scheduled) { next = std::min(next, action.next_at); }
    }
    return next;
}

} // namespace ecsr::local
