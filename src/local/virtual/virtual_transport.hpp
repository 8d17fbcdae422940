// The Transport port as a network in memory: reaches a VirtualEcs without a socket, and takes virtual time.
#pragma once

#include "base/random.hpp"
#include "base/transport.hpp"
#include "local/virtual/virtual_ecs.hpp"

namespace ecsr::local {

// How long a request is under way, there and back together; drawn evenly for each.
struct AnswerTime {
    Millis shortest{0};
    Millis longest{0};
};

// Not thread-safe, as its ECS. Never fails but with Interrupted.
class VirtualTransport : public Transport {
public:
    // `ecs` must outlive the transport.
    VirtualTransport(VirtualEcs& ecs, AnswerTime answer_time, Random random)
        : ecs_(ecs), answer_time_(answer_time), random_(random) {}

    Result<HttpResponse> send(const HttpRequest& request, const TransportOptions& options,
                              std::stop_token stop) override;

private:
    VirtualEcs& ecs_;
    AnswerTime answer_time_;
    Random random_;
};

} // namespace ecsr::local
