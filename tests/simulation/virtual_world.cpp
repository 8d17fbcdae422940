#include "tests/simulation/virtual_world.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace ecsr::simulation {

namespace {

local::State initial_state(std::uint64_t seed) {
    local::State state;
    state.random = Random(seed);
    return state;
}

} // namespace

VirtualWorld::VirtualWorld(std::uint64_t seed, local::SchedulerOptions scheduler, Instant start)
    : now_(start), runtime_(Random(seed + 1)),
      balancer_([this](const std::string& id, int port, Instant at) { return runtime_.serves(id, port, at); }) {
    local::PlaneOptions options;
    options.scheduler = scheduler;
    options.longest_sleep = std::chrono::hours(1);
    options.own_thread = false;
    auto plane = local::Plane::create(runtime_, balancer_, *this, options, initial_state(seed));
    if (!plane) { throw std::runtime_error(plane.error().message); }
    plane_ = std::move(*plane);
}

bool VirtualWorld::sleep_until(Instant until, std::stop_token stop) {
    while (now_ < until) {
        if (stop.stop_requested()) { return false; }
        if (now_ >= end_) { throw OutOfTime{}; }
        now_ = std::min({plane_->turn(), until, now_ + Seconds(5)});
        plane_->turn();
        tell_watchers();
    }
    return true;
}

HttpResponse VirtualWorld::handle(const HttpRequest& request) {
    HttpResponse response = plane_->handle(request);
    plane_->turn();
    tell_watchers();
    return response;
}

void VirtualWorld::tell_watchers() {
    for (std::size_t i = 0; i < watchers_.size(); ++i) { watchers_[i](now_); }
}

std::string VirtualWorld::ecs(const std::string& operation, const std::string& body) {
    const auto response = plane_->handle({"POST",
                                          "/",
                                          {{"X-Amz-Target", "AmazonEC2ContainerServiceV20141113." + operation},
                                           {"Content-Type", "application/x-amz-json-1.1"}},
                                          body});
    if (response.status != 200) { throw std::runtime_error(operation + ": " + response.body); }
    return response.body;
}

std::string VirtualWorld::scaling(const std::string& operation, const std::string& body) {
    const auto response = plane_->handle(
        {"POST",
         "/",
         {{"X-Amz-Target", "AnyScaleFrontendService." + operation}, {"Content-Type", "application/x-amz-json-1.1"}},
         body});
    if (response.status != 200) { throw std::runtime_error(operation + ": " + response.body); }
    return response.body;
}

std::string VirtualWorld::elb(const std::string& form) {
    const auto response = plane_->handle({"POST", "/", {}, form + "&Version=2015-12-01"});
    if (response.status != 200) { throw std::runtime_error(form + ": " + response.body); }
    return response.body;
}

} // namespace ecsr::simulation
