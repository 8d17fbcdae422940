// One libcurl handle and the connections it keeps; the inside of CurlTransport.
#pragma once

#include "base/transport.hpp"
#include "base/url.hpp"

#include <memory>
#include <string>

namespace ecsr {

struct CurlChannelOptions {
    std::string ca_bundle; // empty: libcurl's own default
    bool verify = true;
    std::string unix_socket; // path; connected to instead of what the URL says
};

// For one thread at a time. curl_global_init must have been called.
class CurlChannel {
public:
    explicit CurlChannel(const CurlChannelOptions& options);
    ~CurlChannel();
    CurlChannel(const CurlChannel&) = delete;
    CurlChannel& operator=(const CurlChannel&) = delete;

    // As Transport::send; `url` is request.url taken apart.
    Result<HttpResponse> exchange(const HttpRequest& request, const Url& url, const TransportOptions& options,
                                  const std::stop_token& stop);

private:
    struct Handles;
    const CurlChannelOptions own_;
    std::unique_ptr<Handles> handles_;
};

} // namespace ecsr
