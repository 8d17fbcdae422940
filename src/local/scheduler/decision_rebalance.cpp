// How a decision evens out the Availability Zones of a steady service (ECS behaviour B14): first a task more in the
// zone that has too few, then one less in the zone that has too many.
#include "local/scheduler/decision.hpp"
#include "local/scheduler/events.hpp"

#include <algorithm>

namespace ecsr::local {

namespace {

bool is_balanced(const ZoneCounts& zones) {
    const auto [least, most] = std::ranges::minmax_element(zones, {}, &ZoneCounts::value_type::second);
    return most->second - least->second < 2;
}

} // namespace

bool Decision::may_rebalance() const {
    return service_.availability_zone_rebalancing == "ENABLED" && service_.scheduling_strategy == "REPLICA" &&
           service_.deployment_configuration.maximum_percent > 100;
}

// Moves from the fullest to the emptiest zone until none has two tasks more than another one, as far as there are tasks
// that may move: the zones that get a task.
std::vector<std::string> Decision::zones_to_fill() const {
    std::vector<std::string> fill;
    ZoneCounts zones = all_zones(count_.zones, state_.identity.region);
    std::vector<const Task*> movable = movable_tasks();
    while (!is_balanced(zones)) {
        const auto least = std::ranges::min_element(zones, {}, &ZoneCounts::value_type::second);
        const auto most = std::ranges::max_element(zones, {}, &ZoneCounts::value_type::second);
        const auto leaves = std::ranges::find(movable, most->first, &Task::availability_zone);
        if (leaves == movable.end()) { break; }
        movable.erase(leaves);
        fill.push_back(least->first);
        --most->second;
        ++least->second;
    }
    return fill;
}

// A protected task blocks what would move it.
std::vector<const Task*> Decision::movable_tasks() const {
    std::vector<const Task*> movable(count_.primary.good.begin(), count_.primary.good.end());
    std::erase_if(movable, [&](const Task* task) { return is_protected(*task, now_); });
    return movable;
}

// Called for a steady service.
void Decision::rebalance() {
    if (!may_rebalance()) { return; }
    if (is_balanced(all_zones(count_.zones, state_.identity.region))) {
        if (service_.rebalancing) { tell_balance(state_, service_, count_.zones, now_); }
        service_.rebalancing = false;
        return;
    }
    const Instant due = *service_.steady_since + turn_.options.pace.rebalance_after;
    look_again(now_ < due ? due : now_ + turn_.options.pace.rebalance_after);
    if (now_ < due) { return; }
    std::vector<std::string> fill = zones_to_fill();
    fill.resize(std::min(fill.size(), static_cast<std::size_t>(std::max(0, headroom()))));
    if (fill.empty()) { return; }
    if (!service_.rebalancing) { tell_imbalance(state_, service_, count_.zones, now_); }
    service_.rebalancing = true;
    for (const std::string& zone : fill) { start_in(zone); }
}

} // namespace ecsr::local
