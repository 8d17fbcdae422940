// A local ECS in memory on virtual time: one thread, one clock that moves only when somebody sleeps or a call is under
// way.
#pragma once

#include "base/clock.hpp"
#include "base/transport.hpp"
#include "local/balancer/virtual_balancer.hpp"
#include "local/plane/plane.hpp"
#include "local/runtime/virtual_runtime.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace ecsr::simulation {

// Virtual time is over and the run is not.
struct OutOfTime {};
// The recycler's process dies here.
struct Crash {};

class VirtualWorld : public Clock {
public:
    VirtualWorld(std::uint64_t seed, local::SchedulerOptions scheduler, Instant start);

    Instant now() override { return now_; }
    // Lets everything happen that comes before `until`. Throws OutOfTime at the end of time.
    bool sleep_until(Instant until, std::stop_token stop) override;
    void go_on(Millis span) { sleep_until(now_ + span, {}); }
    void end_of_time(Instant end) { end_ = end; }

    // Called after every move of time and every request.
    void watch(std::function<void(Instant now)> watcher) { watchers_.push_back(std::move(watcher)); }

    // A request that reaches the local ECS at once.
    HttpResponse handle(const HttpRequest& request);
    // The same by somebody who is no recycler: must succeed. "UpdateService", JSON.
    std::string ecs(const std::string& operation, const std::string& body);
    std::string scaling(const std::string& operation, const std::string& body);
    std::string elb(const std::string& form);

    const local::State& state() const { return plane_->state(); }

private:
    void tell_watchers();

    Instant now_;
    Instant end_ = Instant::max();
    local::VirtualRuntime runtime_;
    local::VirtualBalancer balancer_;
    std::unique_ptr<local::Plane> plane_;
    std::vector<std::function<void(Instant now)>> watchers_;
};

} // namespace ecsr::simulation
