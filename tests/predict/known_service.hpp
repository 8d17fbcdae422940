// A service whose behaviour is known, on virtual time: what a prediction is compared with.
#pragma once

#include "aws/session.hpp"
#include "local/virtual/virtual_ecs.hpp"
#include "local/virtual/virtual_transport.hpp"
#include "model/run_spec.hpp"
#include "model/snapshot.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace ecsr::testing {

enum class Vouching { Nothing, HealthCheck, TargetGroup };

struct KnownBehaviour {
    std::uint64_t seed = 1;
    int tasks = 1;
    Vouching vouching = Vouching::TargetGroup;
    Millis image_pull{0};
    Millis listens_after{0};
    Millis check_interval{5'000};
    Millis drain{0};
    Millis stop{0}; // 0: ends at SIGTERM at once
    local::Pace pace = {};
};

class KnownService {
public:
    // Steady, and an hour old.
    explicit KnownService(const KnownBehaviour& behaviour);

    // As `recycle --plan` reads it.
    Snapshot observe(const RunSpec& spec);
    // Recycles it; the run's duration. Fails the test when it is not done.
    Millis recycle(const RunSpec& spec);

    local::VirtualEcs& ecs() { return ecs_; }
    static RunSpec spec();

private:
    void create(const KnownBehaviour& behaviour);
    std::string make_target_group(const KnownBehaviour& behaviour);

    local::VirtualEcs ecs_;
    local::VirtualTransport transport_;
    std::unique_ptr<aws::Session> session_;
};

std::string describe(const KnownBehaviour& behaviour, const RunSpec& spec);

} // namespace ecsr::testing
