#include "local/runtime/dependency.hpp"

#include <fmt/format.h>

namespace ecsr::local {

Readiness judge_dependency(const std::string& condition, const Progress& other, Instant now) {
    if (other.has_ended && !other.was_started) { return Readiness::Never; }
    const auto ready_if = [&](bool ready, bool never) {
        if (ready) { return Readiness::Ready; }
        if (never) { return Readiness::Never; }
        return now >= start_deadline(other) ? Readiness::TooLate : Readiness::NotYet;
    };
    if (condition == "START") { return ready_if(other.was_started, false); }
    if (condition == "COMPLETE") { return ready_if(other.has_ended, false); }
    if (condition == "SUCCESS") { return ready_if(other.has_ended && other.exit_code == 0, other.has_ended); }
    return ready_if(!other.has_ended && other.health == Health::Healthy, other.has_ended);
}

Instant start_deadline(const Progress& other) {
    return other.start_timeout && other.is_running ? other.started_at + *other.start_timeout : Instant::max();
}

std::string dependency_obstacle(const std::string& container, const ContainerDependency& dependency, Readiness why) {
    return fmt::format("TaskDependencyError: container {} depends on container {} to reach {}, which {}", container,
                       dependency.container, dependency.condition,
                       why == Readiness::TooLate ? "has not happened within its startTimeout"
                                                 : "cannot happen any more");
}

} // namespace ecsr::local
