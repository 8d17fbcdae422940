#include "local/scheduler/percent.hpp"

#include <algorithm>
#include <cstdint>

namespace ecsr::local {

namespace {

std::int64_t times_percent(int count, int percent) {
    return std::int64_t{count} * percent;
}

} // namespace

int min_healthy_tasks(int desired_count, const DeploymentConfiguration& configuration) {
    return static_cast<int>((times_percent(desired_count, configuration.minimum_healthy_percent) + 99) / 100);
}

int max_tasks(int desired_count, const DeploymentConfiguration& configuration) {
    return static_cast<int>(times_percent(desired_count, configuration.maximum_percent) / 100);
}

int breaker_threshold(int desired_count, const DeploymentConfiguration& configuration) {
    const int value = configuration.breaker_threshold_value;
    if (configuration.breaker_threshold_type == "COUNT") { return value; }
    const int share = static_cast<int>((times_percent(desired_count, value) + 99) / 100);
    return configuration.breaker_threshold_type == "UNBOUNDED_PERCENT" ? std::max(share, 1) : std::clamp(share, 3, 200);
}

int wanted_tasks(const Service& service) {
    if (service.status != ServiceStatus::Active || service.deployment_controller == "EXTERNAL") { return 0; }
    return service.scheduling_strategy == "DAEMON" ? 1 : service.desired_count;
}

} // namespace ecsr::local
