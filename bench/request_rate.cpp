// How many requests a second a server answers on one connection, one after the other: so cheap a client that the
// server is what is measured.
//
// usage: request_rate URL SECONDS [NAME:VALUE]... < BODY
//
// Sends BODY as POST with these headers until the time is up, and prints requests per second. Exit code 1 when an
// answer was not 200.
#include "base/text.hpp"
#include "net/curl_transport.hpp"
#include "net/system_clock.hpp"

#include <array>
#include <cstdio>
#include <fmt/format.h>
#include <string>
#include <vector>

namespace {

using namespace ecsr;

constexpr Millis answers_within{60'000};
constexpr int warm_up_requests = 3;

Status send(Transport& transport, const HttpRequest& request) {
    const auto answer = transport.send(request, {answers_within, true}, {});
    if (!answer) { return std::unexpected(answer.error()); }
    if (answer->status == 200) { return {}; }
    return fail(ErrorKind::Remote, fmt::format("HTTP {} {}", answer->status, answer->body.substr(0, 300)));
}

Result<double> measure(Transport& transport, Clock& clock, const HttpRequest& request, Millis span) {
    for (int i = 0; i < warm_up_requests; ++i) {
        if (auto sent = send(transport, request); !sent) { return std::unexpected(sent.error()); }
    }
    const Instant began = clock.now();
    int count = 0;
    while (clock.now() < began + span) {
        if (auto sent = send(transport, request); !sent) { return std::unexpected(sent.error()); }
        ++count;
    }
    return count * 1'000.0 / static_cast<double>((clock.now() - began).count());
}

std::string standard_input() {
    std::string text;
    std::array<char, 4096> part{};
    while (const std::size_t read = std::fread(part.data(), 1, part.size(), stdin)) { text.append(part.data(), read); }
    return text;
}

int fail_with(std::string_view message, int code) {
    fmt::print(stderr, "request_rate: {}\n", message);
    return code;
}

} // namespace

int main(int argc, char** argv) {
    const std::vector<std::string> words(argv + 1, argv + argc);
    const auto seconds = words.size() < 2 ? Result<std::int64_t>(0) : parse_integer(words[1]);
    if (!seconds || *seconds < 1 || *seconds > 3'600) {
        return fail_with("usage: request_rate URL SECONDS [NAME:VALUE]... < BODY", 2);
    }
    HttpRequest request{"POST", words[0], {}, {}};
    for (std::size_t i = 2; i < words.size(); ++i) {
        const auto colon = words[i].find(':');
        if (colon == std::string::npos) { return fail_with("a header is NAME:VALUE, not " + words[i], 2); }
        request.headers.emplace_back(words[i].substr(0, colon), words[i].substr(colon + 1));
    }
    request.body = standard_input();
    const auto transport = CurlTransport::create({});
    if (!transport) { return fail_with(transport.error().message, 1); }
    SystemClock clock;
    const auto rate = measure(**transport, clock, request, Millis(*seconds * 1'000));
    if (!rate) { return fail_with(rate.error().message, 1); }
    fmt::print("{:.1f}\n", *rate);
    return 0;
}
