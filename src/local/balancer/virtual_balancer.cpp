#include "local/balancer/virtual_balancer.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace ecsr::local {

void VirtualBalancer::apply(const std::vector<Listener>& listeners, const std::vector<TargetGroup>& groups,
                            Instant now) {
    for (const Listener& listener : listeners) {
        if (bound_.insert(listener.arn).second) { events_.emplace_back(ListenerBound{listener.arn, listener.port}); }
    }
    ++rounds_;
    for (const TargetGroup& group : groups) {
        for (const Target& target : group.targets) {
            if (target.state != TargetState::Draining) { take_in(group, target, now); }
        }
    }
    std::erase_if(targets_, [this](const auto& each) { return each.second.round != rounds_; });
    due_.clear();
    std::size_t rank = 0;
    for (auto& each : targets_) {
        if (each.second.enabled) { due_.push_back({each.second.next_check, rank++, &each}); }
    }
    std::ranges::make_heap(due_, std::greater<>());
}

void VirtualBalancer::take_in(const TargetGroup& group, const Target& target, Instant now) {
    using NameView = std::tuple<std::string_view, std::string_view, int>;
    auto known = targets_.find(NameView(group.arn, target.id, target.port));
    if (known == targets_.end()) { known = targets_.try_emplace(Name(group.arn, target.id, target.port)).first; }
    Checked& checked = known->second;
    if (checked.round == 0 || checked.registered_at != target.registered_at) {
        checked = Checked{};
        checked.registered_at = target.registered_at;
        checked.next_check = now + checks_.first_after;
    }
    checked.interval = group.health_check_interval;
    checked.enabled = group.health_check_enabled;
    checked.healthy_threshold = group.healthy_threshold;
    checked.unhealthy_threshold = group.unhealthy_threshold;
    checked.round = rounds_;
}

std::vector<Event> VirtualBalancer::take_events(Instant now) {
    while (!due_.empty() && due_.front().at <= now) {
        std::ranges::pop_heap(due_, std::greater<>());
        auto& [name, target] = *due_.back().target;
        check(name, target, now);
        const bool was_last = checks_.end_with_success && target.verdict == true;
        due_.back().at = target.next_check = was_last ? Instant::max() : now + target.interval;
        std::ranges::push_heap(due_, std::greater<>());
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
    return due_.empty() ? Instant::max() : due_.front().at;
}

} // namespace ecsr::local
