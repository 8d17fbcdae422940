// HTTP/1.1 server on a loopback address (Boost.Beast): implements base/http_server.hpp.
#pragma once

#include "base/http_server.hpp"

#include <memory>

namespace ecsr {

// An HttpServerFactory. Keep-alive, pipelining (answered in order), Content-Length and chunked requests,
// "Expect: 100-continue". One thread does all I/O, so open connections cost no thread; `options.threads` threads run
// the handler, unless `options.is_answered_at_once` has it run by the thread of the I/O. A request that cannot be read
// is answered with 400, 413 (body over the limit) or 431 (headers over 64 KiB) and closes its connection; a handler
// that throws is answered with 500 and logged. Errors: Usage (the address is not a loopback address), Io (it cannot be
// listened on).
Result<std::unique_ptr<HttpServer>> start_http_server(const HttpServerOptions& options, HttpHandler handler);

} // namespace ecsr
