#include "local/balancer/virtual_balancer.hpp"

#include <utility>

namespace ecsr::local {

void VirtualBalancer::apply(const std::vector<Listener>& listeners, const std::vector<TargetGroup>& groups,
                            Instant now) {
    for (const Listener& listener : listeners) {
        if (bound_.insert(listener.arn).second) { events_.emplace_back(ListenerBound{listener.arn, listener.port}); }
    }
    std::map<Name, Checked> wanted;
    for (const TargetGroup& group : groups) {
        for (const Target& target : group.targets) {
            if (target.state == TargetState::Draining) { continue; }
            const Name name{group.arn, target.id, target.port};
            const auto known = targets_.find(name);
            const bool same = known != targets_.end() && known->second.registered_at == target.registered_at;
            Checked checked;
            if (same) {
                checked = known->second;
            } else {
                checked.registered_at = target.registered_at;
                checked.next_check = now + first_check_after_;
            }
            checked.interval = group.health_check_interval;
            checked.enabled = group.health_check_enabled;
            checked.healthy_threshold = group.healthy_threshold;
            checked.unhealthy_threshold = group.unhealthy_threshold;
            wanted.emplace(name, checked);
        }
    }
    targets_ = std::move(wanted);
    due_.clear();
    for (const auto& [name, target] : targets_) {
        if (target.enabled) { due_.emplace(target.next_check, name); }
    }
}

std::vector<Event> VirtualBalancer::take_events(Instant now) {
    while (!due_.empty() && due_.begin()->first <= now) {
        const Name name = due_.begin()->second;
        due_.erase(due_.begin());
        Checked& target = targets_.at(name);
        check(name, target, now);
        target.next_check = now + target.interval;
        due_.emplace(target.next_check, name);
    }
    return std::exchange(events_, {});
}

void VirtualBalancer::check(const Name& name, Checked& target, Instant now) {
    const auto& [group, id, port] = name;
    const bool passed = serves_(id, port, now);
    if (target.verdict == passed) {
        target.in_a_row = 0;
        return;
    }
    ++target.in_a_row;
    const int needed = passed ? (target.verdict ? target.healthy_threshold : 1) : target.unhealthy_threshold;
    if (target.in_a_row < needed) { return; }
    target.verdict = passed;
    target.in_a_row = 0;
    TargetHealthChanged changed{group, id, port, passed ? TargetState::Healthy : TargetState::Unhealthy, {}, {}};
    if (!passed) {
        changed.reason = "Target.FailedHealthChecks";
        changed.description = "Health checks failed";
    }
    events_.emplace_back(std::move(changed));
}

Instant VirtualBalancer::next_event_at() {
    if (!events_.empty()) { return Instant::min(); }
    return due_.empty() ? Instant::max() : due_.begin()->first;
}

} // namespace ecsr::local
