// Transport over libcurl, HTTP/1.1.
#pragma once

#include "base/transport.hpp"

#include <memory>
#include <string>

namespace ecsr {

struct CurlTransportOptions {
    // File of trusted certificates (AWS_CA_BUNDLE). Empty: the system's own (Debian or Red Hat path, else what libcurl
    // was built with).
    std::string ca_bundle = {};
    bool verify_tls = true;
    std::string unix_socket = {}; // path; every request goes there, whatever host its URL names
};

// Keeps connections alive between calls. Proxies come from http_proxy, HTTPS_PROXY and NO_PROXY; requests to this
// machine or its link (Url::is_local) and requests with bypass_proxy never use one. Redirects are not followed.
//
// A request with a body is sent at most once: unlike libcurl by itself, a connection that closes after the whole body
// has left is reported (request_may_have_been_executed) and not tried again behind the caller's back.
class CurlTransport : public Transport {
public:
    // Error: Usage (the certificate file cannot be read).
    static Result<std::unique_ptr<CurlTransport>> create(const CurlTransportOptions& options);
    ~CurlTransport() override; // no send() may be running

    // `stop` ends a running exchange at once. A URL that is not http(s) or a header with a line break is Unreachable.
    Result<HttpResponse> send(const HttpRequest& request, const TransportOptions& options,
                              std::stop_token stop) override;

private:
    class Pool;
    explicit CurlTransport(std::unique_ptr<Pool> pool);
    std::unique_ptr<Pool> pool_;
};

} // namespace ecsr
