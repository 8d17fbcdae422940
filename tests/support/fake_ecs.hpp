// A little ECS behind the Caller port: one service with its tasks, scheduler, target group, protection and autoscaling
// target. It moves with the clock and by commands alone, never because it is read.
//
// The scheduler keeps to ECS behaviour B3, B9, B10 and B13: surplus tasks go unprotected ones first, unhealthy before
// healthy, and among the rest the youngest (the worst choice for a recycler); scale-in drains for the deregistration
// delay, StopTask takes the target out at once.
#pragma once

#include "aws/call.hpp"
#include "base/clock.hpp"
#include "model/scaling.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace ecsr::testing {

struct FakeServiceOptions {
    int desired = 3;
    bool target_group = true;
    Millis start_time{20'000};  // from creation to RUNNING
    Millis healthy_after{5000}; // from RUNNING to a healthy target
    Millis deregistration_delay{10'000};
    Millis stop_time{2000};
    Millis scheduler_interval{5000};
    std::optional<ScalableTarget> scalable_target;
};

struct FakeTask {
    std::string arn;
    std::string deployment;
    std::string ip;
    std::string zone;
    Instant created_at{};
    Instant running_at{};
    Instant healthy_at{};
    std::optional<Instant> stop_ordered_at;
    bool by_stop_task = false; // else by the scheduler
    bool never_healthy = false;
    std::optional<Instant> protected_until;
    std::string stopped_reason;
};

struct FakeDeployment {
    std::string id;
    std::string status; // PRIMARY | ACTIVE
    std::string rollout_state;
    Instant created_at{};
};

// As DescribeServices tells it (ECS behaviour C1).
struct FakeEvent {
    std::string id;
    Instant at{};
    std::string message;
};

// How a call goes wrong.
enum class Fault {
    None,
    Throttled,   // refused
    NotSent,     // no connection
    ServerError, // HTTP 500, nothing was done
    Denied,      // not permitted
    LostAnswer,  // done, but nobody knows
    Crash,       // throws CrashNow before the call
    CrashAfter,  // throws CrashNow when it is done
};
struct CrashNow {};

class FakeEcs : public aws::Caller {
public:
    using FaultOf = std::function<Fault(std::int64_t n, const aws::ServiceCall& call)>; // n from 1

    FakeEcs(Clock& clock, FakeServiceOptions options);

    Result<std::string> call(const aws::ServiceCall& call, std::stop_token stop) override;
    aws::CallCounts counts() const override { return counts_; }
    std::string region() const override { return "eu-west-1"; }

    // ---- by somebody else; all move the world to now first ----
    void fail_with(FaultOf fault) { fault_ = std::move(fault); }
    void set_desired(int desired);
    void protect(const std::string& arn, Millis span);
    void begin_deployment();
    void roll_back(); // of the deployment under way
    void delete_service();
    void set_alarm(const std::string& name, const std::string& state) { alarms_[name] = state; }
    void new_tasks_never_healthy(bool broken) { broken_ = broken; }
    // Called at every API call, before it is carried out.
    void at_call(std::function<void(std::int64_t n)> hook) { hook_ = std::move(hook); }

    // ---- what there is, now ----
    void settle(Millis span); // lets the world go on without anybody calling
    int desired() const { return desired_; }
    const std::vector<FakeTask>& tasks() const { return tasks_; }
    std::vector<std::string> live() const;
    std::vector<std::string> protected_tasks();
    const std::optional<ScalableTarget>& scalable_target() const { return options_.scalable_target; }
    int healthy() const { return healthy_at(at_); }
    // The fewest healthy tasks at any moment so far, minus what was desired before anybody raised it.
    int lowest_healthy() const { return lowest_healthy_; }
    std::int64_t calls(const std::string& operation) const;

private:
    friend class FakeEcsApi;

    void go_to(Instant now);
    void tick(Instant at);
    void schedule(Instant at);
    void roll_out(Instant at);
    void start_tasks(int count, const std::string& deployment, Instant at);
    void tell(const char* verb, const char* noun, const std::vector<std::string>& arns, Instant at);
    void stop_surplus(int count, Instant at);
    bool is_healthy(const FakeTask& task, Instant at) const;
    std::string last_status(const FakeTask& task, Instant at) const;
    int healthy_at(Instant at) const;
    const FakeDeployment& primary() const;
    FakeTask* find(const std::string& name);

    Clock& clock_;
    FakeServiceOptions options_;
    Instant born_;
    Instant at_;
    Instant scheduled_at_;
    int desired_;
    int serial_ = 0;
    int event_serial_ = 0;
    bool deleted_ = false;
    bool broken_ = false;
    int lowest_healthy_;
    std::vector<FakeTask> tasks_;
    std::vector<FakeDeployment> deployments_; // PRIMARY first
    std::vector<FakeEvent> events_;           // newest first
    std::map<std::string, std::string> alarms_;
    aws::CallCounts counts_;
    FaultOf fault_;
    std::function<void(std::int64_t n)> hook_;
};

} // namespace ecsr::testing
