// Port: an HTTP/1.1 server on a loopback address, unless it is told otherwise. Implemented by net/; handed in by apps/.
#pragma once

#include "base/error.hpp"
#include "base/http.hpp"
#include "base/time.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace ecsr {

// Called from several threads at once. An answer of status 0 is none: the connection is closed without a word.
using HttpHandler = std::function<HttpResponse(const HttpRequest&)>;

class HttpServer {
public:
    // Stops accepting, lets running handlers finish, closes all connections, joins its threads.
    virtual ~HttpServer() = default;
    virtual std::uint16_t port() const = 0;
};

struct HttpServerOptions {
    std::string address = "127.0.0.1";
    bool beyond_loopback = false; // other addresses are taken too, where others than this machine may come in
    std::uint16_t port = 0;       // 0: the kernel picks one
    int threads = 2;              // that run the handler; open connections cost none
    // Requests whose handler waits for nothing that another request has to bring about: it runs where the request was
    // read, which spares two hand-overs between threads, and holds up all connections as long as it lasts. Called by
    // one thread. Empty: none.
    std::function<bool(const HttpRequest&)> is_answered_at_once = {};
    std::size_t body_limit = 16U << 20U; // bytes; a larger request is answered with 413
    Millis idle_timeout{75'000};         // a kept-alive connection without a request is closed
    Millis request_timeout{30'000};      // for one request to arrive, and for its answer to be taken
};

using HttpServerFactory = std::function<Result<std::unique_ptr<HttpServer>>(const HttpServerOptions&, HttpHandler)>;

} // namespace ecsr
