// A listening TCP socket on 127.0.0.1, to be handed to another process.
#pragma once

#include "base/error.hpp"

#include <cstdint>

namespace ecsr {

struct ListeningSocket {
    int descriptor = -1; // owned by the caller; closed on exec
    std::uint16_t port = 0;
};

// Binds and listens on 127.0.0.1:`port`; 0 lets the kernel pick. Errors: Refused (no permission for this port, or it is
// taken), Io. The message names the port and the reason.
Result<ListeningSocket> listen_on_loopback(std::uint16_t port);

} // namespace ecsr
