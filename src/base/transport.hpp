// Port: send one HTTP request, get one answer, before a deadline. Blocking.
//
// Implemented by net/ (libcurl) and, in simulation, by an in-memory link to the local ECS. Safe to call from several
// threads.
#pragma once

#include "base/error.hpp"
#include "base/http.hpp"
#include "base/time.hpp"

#include <stop_token>

namespace ecsr {

struct TransportOptions {
    Millis timeout{10'000};    // for the whole exchange
    bool bypass_proxy = false; // loopback, metadata endpoints
};

class Transport {
public:
    virtual ~Transport() = default;

    // Any HTTP status is a success of the transport. Errors: Timeout, Unreachable, Interrupted (`stop`);
    // request_may_have_been_executed tells whether the request left this machine.
    virtual Result<HttpResponse> send(const HttpRequest& request, const TransportOptions& options,
                                      std::stop_token stop) = 0;
};

} // namespace ecsr
