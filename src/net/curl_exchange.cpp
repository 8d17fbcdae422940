#include "net/curl_exchange.hpp"

#include "base/text.hpp"
#include "net/curl_setup.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <curl/curl.h>
#include <fmt/format.h>
#include <limits>
#include <stop_token>
#include <utility>

namespace ecsr {

namespace {

using HeaderList = std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)>;

// What the callbacks of one exchange work on.
struct Exchange {
    const HttpRequest* request = nullptr;
    std::size_t body_sent = 0; // bytes handed to libcurl
    HttpResponse response;
    std::array<char, CURL_ERROR_SIZE> error{};
};

std::size_t read_body(char* buffer, std::size_t size, std::size_t count, void* user) {
    auto& exchange = *static_cast<Exchange*>(user);
    const std::string& body = exchange.request->body;
    const std::size_t chunk = std::min(size * count, body.size() - exchange.body_sent);
    std::memcpy(buffer, body.data() + exchange.body_sent, chunk);
    exchange.body_sent += chunk;
    return chunk;
}

// libcurl asks to rewind the body when it wants to repeat a request on another connection. Once the whole body has
// left, the server may have acted on it, and the repetition is refused.
int rewind_body(void* user, curl_off_t offset, int origin) {
    auto& exchange = *static_cast<Exchange*>(user);
    if (origin != SEEK_SET || offset != 0 || exchange.body_sent >= exchange.request->body.size()) {
        return CURL_SEEKFUNC_FAIL;
    }
    exchange.body_sent = 0;
    return CURL_SEEKFUNC_OK;
}

std::size_t write_body(char* data, std::size_t size, std::size_t count, void* user) {
    static_cast<Exchange*>(user)->response.body.append(data, size * count);
    return size * count;
}

std::size_t write_header(char* data, std::size_t size, std::size_t count, void* user) {
    auto& response = static_cast<Exchange*>(user)->response;
    const std::string_view line(data, size * count);
    const auto colon = line.find(':');
    if (line.starts_with("HTTP/")) {
        response.headers.clear(); // an interim answer came before
    } else if (colon != std::string_view::npos) {
        response.headers.emplace_back(trim(line.substr(0, colon)), trim(line.substr(colon + 1)));
    }
    return size * count;
}

void append(HeaderList& list, const std::string& line) {
    curl_slist* grown = curl_slist_append(list.get(), line.c_str());
    ECSR_ASSERT(grown != nullptr);
    static_cast<void>(list.release());
    list.reset(grown);
}

HeaderList make_headers(const HttpRequest& request) {
    HeaderList list(nullptr, &curl_slist_free_all);
    for (const auto& [name, value] : request.headers) {
        // "Name;" is libcurl's spelling of a header with an empty value; "Name:" removes one that libcurl adds.
        append(list, value.empty() ? name + ";" : fmt::format("{}: {}", name, value));
    }
    for (const std::string name : {"Expect", "Accept", "Content-Type"}) {
        const bool given = std::ranges::any_of(
            request.headers, [&name](const auto& header) { return equals_ignoring_case(header.first, name); });
        if (!given) { append(list, name + ":"); }
    }
    return list;
}

template <typename T>
void set(CURL* easy, CURLoption option, T value) {
    // A failure is a libcurl without this option or memory that has run out: nothing a caller could handle.
    ECSR_ASSERT(curl_easy_setopt(easy, option, value) == CURLE_OK);
}

void set_method_and_body(CURL* easy, const HttpRequest& request, Exchange& exchange) {
    const bool sends_body = !request.body.empty() || request.method == "POST" || request.method == "PUT";
    if (sends_body) {
        set(easy, CURLOPT_POST, 1L);
        set(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
        set(easy, CURLOPT_READFUNCTION, &read_body);
        set(easy, CURLOPT_READDATA, &exchange);
        set(easy, CURLOPT_SEEKFUNCTION, &rewind_body);
        set(easy, CURLOPT_SEEKDATA, &exchange);
    } else if (request.method == "HEAD") {
        set(easy, CURLOPT_NOBODY, 1L);
    }
    set(easy, CURLOPT_CUSTOMREQUEST, request.method.c_str());
}

void set_transfer(CURL* easy, Exchange& exchange, const TransportOptions& options) {
    const auto longest = static_cast<Millis::rep>(std::numeric_limits<long>::max());
    const auto timeout = static_cast<long>(std::clamp<Millis::rep>(options.timeout.count(), 1, longest));
    set(easy, CURLOPT_TIMEOUT_MS, timeout);
    set(easy, CURLOPT_CONNECTTIMEOUT_MS, timeout);
    set(easy, CURLOPT_NOSIGNAL, 1L);
    // A name look-up that hangs must not hold the caller beyond its deadline.
    set(easy, CURLOPT_QUICK_EXIT, 1L);
    set(easy, CURLOPT_WRITEFUNCTION, &write_body);
    set(easy, CURLOPT_WRITEDATA, &exchange);
    set(easy, CURLOPT_HEADERFUNCTION, &write_header);
    set(easy, CURLOPT_HEADERDATA, &exchange);
    set(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    set(easy, CURLOPT_ERRORBUFFER, exchange.error.data());
}

void set_target(CURL* easy, const HttpRequest& request, const Url& url, const TransportOptions& options,
                const CurlChannelOptions& own) {
    set(easy, CURLOPT_URL, request.url.c_str());
    set(easy, CURLOPT_PATH_AS_IS, 1L);
    set(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    set(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    if (!own.unix_socket.empty()) { set(easy, CURLOPT_UNIX_SOCKET_PATH, own.unix_socket.c_str()); }
    if (options.bypass_proxy || url.is_local()) { set(easy, CURLOPT_NOPROXY, "*"); }
    if (!own.ca_bundle.empty()) { set(easy, CURLOPT_CAINFO, own.ca_bundle.c_str()); }
    set(easy, CURLOPT_SSL_VERIFYPEER, own.verify ? 1L : 0L);
    set(easy, CURLOPT_SSL_VERIFYHOST, own.verify ? 2L : 0L);
}

// Whether the server can have got the whole request.
bool left_this_machine(CURL* easy, const Exchange& exchange) {
    curl_off_t ready_to_send = 0;
    long bytes = 0;
    curl_easy_getinfo(easy, CURLINFO_PRETRANSFER_TIME_T, &ready_to_send);
    curl_easy_getinfo(easy, CURLINFO_REQUEST_SIZE, &bytes);
    return ready_to_send > 0 && bytes > 0 && exchange.body_sent >= exchange.request->body.size();
}

Error to_error(CURLcode code, const std::string& peer, const TransportOptions& options, const Exchange& exchange,
               bool may_have_been_executed) {
    Error error;
    error.request_may_have_been_executed = may_have_been_executed;
    if (code == CURLE_OPERATION_TIMEDOUT) {
        error.kind = ErrorKind::Timeout;
        error.message = fmt::format("no answer from {} within {}", peer, format_duration(options.timeout));
        return error;
    }
    error.kind = ErrorKind::Unreachable;
    const char* detail = exchange.error[0] != '\0' ? exchange.error.data() : curl_easy_strerror(code);
    if (code == CURLE_SEND_FAIL_REWIND || code == CURLE_GOT_NOTHING) {
        error.message = fmt::format("{} closed the connection without an answer", peer);
    } else if (code == CURLE_PEER_FAILED_VERIFICATION) {
        error.message =
            fmt::format("cannot trust {}: {} (AWS_CA_BUNDLE names other certificates)", peer, one_line(detail));
    } else {
        error.message = fmt::format("cannot reach {}: {}", peer, one_line(detail));
    }
    return error;
}

} // namespace

struct CurlChannel::Handles {
    std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> easy{curl_easy_init(), &curl_easy_cleanup};
    std::unique_ptr<CURLM, decltype(&curl_multi_cleanup)> multi{curl_multi_init(), &curl_multi_cleanup};
};

CurlChannel::CurlChannel(const CurlChannelOptions& options) : own_(options), handles_(std::make_unique<Handles>()) {
    ECSR_ASSERT(handles_->easy != nullptr && handles_->multi != nullptr);
}

CurlChannel::~CurlChannel() = default;

Result<HttpResponse> CurlChannel::exchange(const HttpRequest& request, const Url& url, const TransportOptions& options,
                                           const std::stop_token& stop) {
    CURL* easy = handles_->easy.get();
    CURLM* multi = handles_->multi.get();
    Exchange exchange;
    exchange.request = &request;
    const HeaderList headers = make_headers(request);

    set_target(easy, request, url, options, own_);
    set_method_and_body(easy, request, exchange);
    set_transfer(easy, exchange, options);
    set(easy, CURLOPT_HTTPHEADER, headers.get());

    ECSR_ASSERT(curl_multi_add_handle(multi, easy) == CURLM_OK);
    const auto code = drive_curl(multi, stop);
    const bool sent = left_this_machine(easy, exchange);
    long status = 0;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    ECSR_ASSERT(curl_multi_remove_handle(multi, easy) == CURLM_OK);
    curl_easy_reset(easy); // forgets this exchange, not the connections: they belong to the multi handle

    if (!code) {
        Error error{ErrorKind::Interrupted, "interrupted while waiting for " + url.authority(), "", 0, sent};
        return std::unexpected(std::move(error));
    }
    if (*code != CURLE_OK) {
        const std::string peer =
            own_.unix_socket.empty() ? fmt::format("{}://{}", url.scheme, url.authority()) : own_.unix_socket;
        return std::unexpected(to_error(static_cast<CURLcode>(*code), peer, options, exchange, sent));
    }
    exchange.response.status = static_cast<int>(status);
    return std::move(exchange.response);
}

} // namespace ecsr
