#include "tests/simulation/wire.hpp"

#include "base/text.hpp"
#include "base/url.hpp"

#include <fmt/format.h>

namespace ecsr::simulation {

namespace {

constexpr Millis longest_lag{2'000};
constexpr std::chrono::minutes signature_tolerance{5};

// "Fri, 02 Jan 2026 03:04:05 GMT"
std::string to_http_date(Instant at) {
    const auto day = std::chrono::floor<std::chrono::days>(at);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss time(std::chrono::floor<Seconds>(at - day));
    constexpr const char* weekdays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr const char* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    return fmt::format("{}, {:02} {} {} {:02}:{:02}:{:02} GMT", weekdays[std::chrono::weekday(day).c_encoding()],
                       static_cast<unsigned>(date.day()), months[static_cast<unsigned>(date.month()) - 1],
                       static_cast<int>(date.year()), time.hours().count(), time.minutes().count(),
                       time.seconds().count());
}

std::string operation_of(const HttpRequest& request) {
    const std::string target(find_header(request.headers, "X-Amz-Target"));
    if (!target.empty()) { return target.substr(target.find('.') + 1); }
    constexpr std::string_view action = "Action=";
    const auto at = request.body.find(action);
    if (at == std::string::npos) { return "?"; }
    const auto from = at + action.size();
    return request.body.substr(from, request.body.find('&', from) - from);
}

bool is_read(const std::string& operation) {
    return operation.starts_with("Describe") || operation.starts_with("List") || operation.starts_with("Get");
}

HttpResponse refusal(const HttpRequest& request, int status, const std::string& code) {
    if (find_header(request.headers, "X-Amz-Target").empty()) {
        return {status,
                {{"Content-Type", "text/xml"}},
                "<ErrorResponse><Error><Type>Sender</Type><Code>" + code +
                    "</Code><Message>Rate exceeded</Message></Error></ErrorResponse>"};
    }
    return {status,
            {{"Content-Type", "application/x-amz-json-1.1"}},
            R"({"__type":")" + code + R"(","message":"Rate exceeded"})"};
}

} // namespace

void Wire::crash_at(std::int64_t exchanges, bool before) {
    crash_at_ = exchanges == 0 ? 0 : count_ + exchanges;
    crash_before_ = before;
}

bool Wire::is_crash(bool before) const {
    return crash_at_ == count_ && crash_before_ == before;
}

Wire::Fault Wire::draw_fault() {
    const auto drawn = random_.between(0, 999);
    if (calm_) { return Fault::None; }
    if (drawn < options_.throttled) { return Fault::Throttled; }
    if (drawn < options_.throttled + options_.failing) { return Fault::Failing; }
    if (drawn < options_.throttled + options_.failing + options_.lost) { return Fault::Lost; }
    return Fault::None;
}

Result<HttpResponse> Wire::send(const HttpRequest& request, const TransportOptions& options, std::stop_token stop) {
    if (stop.stop_requested()) { return fail(ErrorKind::Interrupted, "interrupted"); }
    if (is_dead_()) { throw Crash{}; }
    ++count_;
    const Millis there(random_.between(0, options_.slowest_answer.count()));
    const Millis back(random_.between(0, options_.slowest_answer.count()));
    const Fault fault = draw_fault();
    world_.go_on(there);
    if (is_crash(true)) { throw Crash{}; }
    Exchange exchange{operation_of(request), request.body, false, false};
    auto answered = carry_out(request, exchange, fault);
    told_(exchange);
    if (is_crash(false)) { throw Crash{}; }
    world_.go_on(fault == Fault::Lost ? options.timeout : back);
    return answered;
}

Result<HttpResponse> Wire::carry_out(const HttpRequest& request, Exchange& exchange, Fault fault) {
    switch (fault) {
    case Fault::Throttled: ++marks_["call throttled"]; return refusal(request, 400, "ThrottlingException");
    case Fault::Failing:
        ++marks_["call failed with 500"];
        if (random_.between(0, 1) == 1) { answer(request, exchange); }
        return refusal(request, 500, "ServerException");
    case Fault::Lost: {
        ++marks_["answer lost"];
        answer(request, exchange);
        Error error{ErrorKind::Timeout, "no answer within the time", "", 0, true};
        return std::unexpected(std::move(error));
    }
    case Fault::None: break;
    }
    if (is_out_of_time(request)) {
        ++marks_["signature of a wrong clock refused"];
        HttpResponse refused = refusal(request, 403, "InvalidSignatureException");
        refused.headers.emplace_back("Date", to_http_date(world_.now()));
        return refused;
    }
    const bool read = is_read(exchange.operation);
    auto& earlier = earlier_[exchange.operation + " " + exchange.body];
    while (!earlier.empty() && earlier.front().first < world_.now() - longest_lag) { earlier.pop_front(); }
    const bool lags = random_.between(0, 999) < options_.stale;
    if (read && !calm_ && lags && !earlier.empty()) {
        ++marks_["read lagged"];
        return earlier.front().second;
    }
    HttpResponse response = answer(request, exchange);
    exchange.fresh = true;
    if (read) { earlier.emplace_back(world_.now(), response); }
    return response;
}

// AWS takes signatures of five minutes around its own time (ECS behaviour H6).
bool Wire::is_out_of_time(const HttpRequest& request) const {
    const std::string date(find_header(request.headers, "X-Amz-Date"));
    if (date.size() != 16) { return true; }
    const auto signed_at =
        parse_rfc3339(fmt::format("{}-{}-{}T{}:{}:{}Z", date.substr(0, 4), date.substr(4, 2), date.substr(6, 2),
                                  date.substr(9, 2), date.substr(11, 2), date.substr(13, 2)));
    return !signed_at || std::chrono::abs(*signed_at - world_.now()) > signature_tolerance;
}

HttpResponse Wire::answer(const HttpRequest& request, Exchange& exchange) {
    exchange.executed = true;
    asked_();
    return world_.handle(request);
}

} // namespace ecsr::simulation
