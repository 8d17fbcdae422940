// A local ECS in memory on virtual time: one thread, and one clock that moves only while somebody sleeps on it.
//
// Used by simulations, predictions and benches; whoever holds it owns its time. Not thread-safe.
#pragma once

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/http.hpp"
#include "local/balancer/virtual_balancer.hpp"
#include "local/plane/plane.hpp"
#include "local/runtime/virtual_runtime.hpp"
#include "local/state/state.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace ecsr::local {

struct VirtualEcsOptions {
    std::uint64_t seed = 0; // all that is drawn; the same for the same seed and the same requests
    Instant start{};
    SchedulerOptions scheduler = {};
    Capacity capacity = {}; // of all clusters together; unset: no limit
    VirtualBalancer::Checks target_checks = {};
    // Called with each task that is about to be launched: may change what its containers do (dockerLabels).
    std::function<void(TaskLaunch&)> at_launch = {};
};

// The virtual runtime, with a say in what each task does.
class ShapedRuntime : public VirtualRuntime {
public:
    ShapedRuntime(Random random, std::function<void(TaskLaunch&)> at_launch)
        : VirtualRuntime(random), at_launch_(std::move(at_launch)) {}
    void launch(const TaskLaunch& launch, Instant now) override;

private:
    std::function<void(TaskLaunch&)> at_launch_;
};

class VirtualEcs : public Clock {
public:
    explicit VirtualEcs(const VirtualEcsOptions& options);
    ~VirtualEcs() override = default;
    VirtualEcs(const VirtualEcs&) = delete;
    VirtualEcs& operator=(const VirtualEcs&) = delete;

    // Clock. Lets everything happen that comes before `until`.
    Instant now() override { return now_; }
    Millis steady() override { return now_.time_since_epoch(); }
    bool sleep_until(Instant until, std::stop_token stop) override;

    void go_on(Millis span) { sleep_until(now_ + span, {}); }

    // Called after every move of time and every request, and with watchers time moves by 5 s at most. A watcher may
    // make requests; an exception that it throws leaves the sleep or the request, and nothing is damaged.
    void watch(std::function<void(Instant now)> watcher) { watchers_.push_back(std::move(watcher)); }

    // A request that reaches the local ECS at once, at any URL.
    HttpResponse handle(const HttpRequest& request);

    // The same for whoever sets the stage: ecs("UpdateService", JSON), elb("Action=DescribeTargetGroups&..."). The body
    // of a 200 answer. Error: Remote, with the operation and the answer. Watchers are not called.
    Result<std::string> ecs(std::string_view operation, std::string body);
    Result<std::string> autoscaling(std::string_view operation, std::string body);
    Result<std::string> cloudwatch(std::string_view operation, std::string body);
    Result<std::string> elb(const std::string& form);

    // What there is now; valid until the next call.
    const State& state() const { return plane_->state(); }

private:
    Result<std::string> set_stage(std::string_view name, const HttpRequest& request);
    void tell_watchers();

    Instant now_;
    Instant next_turn_; // nothing happens before
    ShapedRuntime runtime_;
    VirtualBalancer balancer_;
    std::unique_ptr<Plane> plane_;
    std::vector<std::function<void(Instant now)>> watchers_;
};

} // namespace ecsr::local
