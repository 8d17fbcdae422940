#include "tests/simulation/virtual_world.hpp"

#include <stdexcept>
#include <utility>

namespace ecsr::simulation {

namespace {

std::string body_of(Result<std::string> answer) {
    if (!answer) { throw std::runtime_error(answer.error().message); }
    return std::move(*answer);
}

} // namespace

VirtualWorld::VirtualWorld(std::uint64_t seed, local::SchedulerOptions scheduler, Instant start)
    : VirtualEcs({.seed = seed, .start = start, .scheduler = scheduler}) {
    watch([this](Instant now) {
        if (now >= end_) { throw OutOfTime{}; }
    });
}

std::string VirtualWorld::ecs(const std::string& operation, const std::string& body) {
    return body_of(VirtualEcs::ecs(operation, body));
}

std::string VirtualWorld::scaling(const std::string& operation, const std::string& body) {
    return body_of(VirtualEcs::autoscaling(operation, body));
}

std::string VirtualWorld::elb(const std::string& form) {
    return body_of(VirtualEcs::elb(form));
}

} // namespace ecsr::simulation
