#include "net/curl_transport.hpp"

#include "base/text.hpp"
#include "base/url.hpp"
#include "net/curl_exchange.hpp"
#include "net/curl_setup.hpp"

#include <fmt/format.h>
#include <mutex>
#include <unistd.h>
#include <utility>
#include <vector>

namespace ecsr {

namespace {

constexpr std::size_t most_idle_channels = 16;

bool is_readable(const std::string& path) {
    return access(path.c_str(), R_OK) == 0;
}

Status check_headers(const HttpRequest& request) {
    for (const auto& [name, value] : request.headers) {
        if (name.find_first_of("\r\n:") != std::string::npos || value.find_first_of("\r\n") != std::string::npos) {
            return fail(ErrorKind::Unreachable, fmt::format("the header {} cannot be sent: it has a line break",
                                                            name.substr(0, name.find_first_of("\r\n:"))));
        }
    }
    return {};
}

} // namespace

// Channels that nobody uses at the moment; each keeps its own connections.
class CurlTransport::Pool {
public:
    explicit Pool(CurlChannelOptions channel) : channel_(std::move(channel)) {}

    std::unique_ptr<CurlChannel> take() {
        {
            const std::lock_guard lock(mutex_);
            if (!idle_.empty()) {
                auto channel = std::move(idle_.back());
                idle_.pop_back();
                return channel;
            }
        }
        initialise_curl();
        return std::make_unique<CurlChannel>(channel_);
    }

    void put_back(std::unique_ptr<CurlChannel> channel) {
        const std::lock_guard lock(mutex_);
        if (idle_.size() < most_idle_channels) { idle_.push_back(std::move(channel)); }
    }

private:
    const CurlChannelOptions channel_;
    std::mutex mutex_;
    std::vector<std::unique_ptr<CurlChannel>> idle_;
};

Result<std::unique_ptr<CurlTransport>> CurlTransport::create(const CurlTransportOptions& options) {
    if (!options.ca_bundle.empty() && !is_readable(options.ca_bundle)) {
        return fail(ErrorKind::Usage,
                    fmt::format("the certificate bundle {} (AWS_CA_BUNDLE) cannot be read", options.ca_bundle));
    }
    CurlChannelOptions channel;
    channel.ca_bundle = options.ca_bundle.empty() ? find_system_ca_bundle() : options.ca_bundle;
    channel.verify = options.verify_tls;
    channel.unix_socket = options.unix_socket;
    return std::unique_ptr<CurlTransport>(new CurlTransport(std::make_unique<Pool>(std::move(channel))));
}

CurlTransport::CurlTransport(std::unique_ptr<Pool> pool) : pool_(std::move(pool)) {}

CurlTransport::~CurlTransport() = default;

Result<HttpResponse> CurlTransport::send(const HttpRequest& request, const TransportOptions& options,
                                         std::stop_token stop) {
    const auto url = parse_url(request.url);
    if (!url) { return fail(ErrorKind::Unreachable, url.error().message); }
    if (auto status = check_headers(request); !status) { return std::unexpected(std::move(status.error())); }
    if (stop.stop_requested()) { return fail(ErrorKind::Interrupted, "interrupted before the request was sent"); }

    auto channel = pool_->take();
    auto answer = channel->exchange(request, *url, options, stop);
    pool_->put_back(std::move(channel));
    return answer;
}

} // namespace ecsr
