// A change as API calls. Called by the gate alone.
#pragma once

#include "aws/call.hpp"
#include "aws/ecs/operations.hpp"
#include "judge/recycle/run.hpp"
#include "model/snapshot.hpp"

#include <functional>
#include <stop_token>
#include <utility>

namespace ecsr::act {

// std::visit(carry_out, change), then merge().
class CarryOut {
public:
    // The change is made on the snapshot's service, which must have been read.
    CarryOut(aws::Caller& caller, Snapshot& snapshot, std::stop_token stop)
        : caller_(&caller), snapshot_(&snapshot), stop_(std::move(stop)) {}

    // One API call each. Errors: those of the typed clients, and of AWS's failures inside HTTP 200 (gate.hpp).
    Status operator()(const recycle::SetDesiredCount& change);
    Status operator()(const recycle::ProtectTasks& change);
    Status operator()(const recycle::StopTask& change);
    Status operator()(const recycle::ForceNewDeployment& change);
    Status operator()(const recycle::SetScaling& change);

    // What the answer told, also that of a call which failed in part, with `now` as the time of reading.
    void merge(Instant now);

private:
    Status update_service(const aws::ecs::UpdateServiceRequest& request);

    aws::Caller* caller_;
    Snapshot* snapshot_;
    std::stop_token stop_;
    std::function<void(Snapshot& snapshot, Instant now)> merge_;
};

} // namespace ecsr::act
