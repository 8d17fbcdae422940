// A command that talks to a local ECS of the virtual runtime lives in that one's time: its waits, deadlines and ages
// are measured there, so that a recycle of ten minutes takes ten seconds at --time-scale 60.
#pragma once

#include "base/scaled_clock.hpp"
#include "base/transport.hpp"
#include "cli/command_line.hpp"
#include "cli/world.hpp"

#include <memory>

namespace ecsr::cli {

// Follows the ECS when that jumps ahead: every answer tells its time.
class FollowingTransport : public Transport {
public:
    FollowingTransport(Transport& transport, ScaledClock& clock) : transport_(transport), clock_(clock) {}
    Result<HttpResponse> send(const HttpRequest& request, const TransportOptions& options,
                              std::stop_token stop) override;

private:
    Transport& transport_;
    ScaledClock& clock_;
};

class LocalTime {
public:
    // Null when the command has no --endpoint-url, when that (or AWS_ENDPOINT_URL_ECS, AWS_ENDPOINT_URL) is not on this
    // machine, or when what is there does not live in virtual time.
    static std::unique_ptr<LocalTime> find(const Invocation& invocation, World& world);

    // As a command there sees it. Valid as long as this and the World that it was found in.
    World& world() { return world_; }

private:
    LocalTime(World& world, Instant now, int time_scale);

    ScaledClock clock_;
    FollowingTransport transport_;
    World world_;
};

} // namespace ecsr::cli
