#include "aws/call_engine.hpp"

#include "aws/clock_skew.hpp"
#include "aws/service_error.hpp"
#include "base/text.hpp"

#include <fmt/format.h>
#include <utility>

namespace ecsr::aws {

namespace {

constexpr std::string_view user_agent = "ecs-recycler/0.1.0";

std::optional<Millis> read_retry_after(const HttpResponse& response) {
    const auto milliseconds = parse_integer(find_header(response.headers, "x-amz-retry-after"));
    return milliseconds && *milliseconds >= 0 ? std::optional(Millis(*milliseconds)) : std::nullopt;
}

void add_protocol(HttpRequest& request, const ServiceCall& call) {
    const ServiceInfo& service = *call.service;
    if (service.protocol == Protocol::Query) {
        request.headers.emplace_back("Content-Type", "application/x-www-form-urlencoded; charset=utf-8");
        request.body = fmt::format("Action={}&Version={}{}{}", call.operation, service.api_version,
                                   call.body.empty() ? "" : "&", call.body);
        return;
    }
    if (service.protocol == Protocol::RestJson) {
        request.url += call.path.substr(1);
        request.headers.emplace_back("Content-Type", "application/json");
        request.headers.insert(request.headers.end(), call.headers.begin(), call.headers.end());
        request.body = call.body;
        return;
    }
    request.headers.emplace_back("Content-Type", service.protocol == Protocol::Json10 ? "application/x-amz-json-1.0"
                                                                                      : "application/x-amz-json-1.1");
    request.headers.emplace_back("X-Amz-Target", fmt::format("{}.{}", service.target_prefix, call.operation));
    request.body = call.body.empty() ? "{}" : call.body;
}

Error answer_error(const ServiceCall& call, const HttpResponse& response) {
    auto parsed = parse_service_error(call.service->protocol, response);
    Error error;
    error.kind = error_kind(parsed.code, response.status);
    error.code = std::move(parsed.code);
    error.message = parsed.message.empty() ? error.code : fmt::format("{}: {}", error.code, parsed.message);
    error.http_status = response.status;
    error.request_may_have_been_executed = response.status >= 500;
    return error;
}

} // namespace

// What one attempt ended with. `response` is empty when the transport failed.
struct CallEngine::Attempt {
    std::optional<HttpResponse> response;
    std::optional<Error> error; // empty: success
    SigningKey key;

    AttemptFailure failure() const {
        AttemptFailure failure;
        failure.code = error->code;
        failure.transport_error = error->kind;
        failure.may_have_been_executed = error->request_may_have_been_executed;
        if (response) {
            failure.http_status = response->status;
            failure.retry_after = read_retry_after(*response);
        }
        return failure;
    }
};

// What a call has done so far.
struct CallEngine::Progress {
    std::string invocation_id;
    int attempts = 0;
    int last_taken = 0; // from the retry quota
    bool clock_corrected = false;
    bool key_renewed = false;
    bool maybe_executed = false; // by an earlier attempt
};

CallEngine::CallEngine(Transport& transport, Clock& clock, Random random, Endpoints endpoints, EngineOptions options)
    : transport_(transport), clock_(clock), endpoints_(std::move(endpoints)), options_(options), random_(random) {}

Result<std::string> CallEngine::call(const ServiceCall& call, KeySupplier* keys, const std::stop_token& stop) {
    ECSR_ASSERT(call.service != nullptr && !call.operation.empty());
    const std::string context = fmt::format("{} {}", call.service->id, call.operation);
    Progress progress;
    progress.invocation_id = make_invocation_id();
    while (true) {
        auto attempted = attempt(call, keys, progress, stop);
        if (!attempted) { return std::unexpected(std::move(attempted.error()).with_context(context)); }
        if (!attempted->error) {
            const std::lock_guard lock(mutex_);
            quota_.give_back(progress.last_taken);
            return std::move(attempted->response->body);
        }
        progress.maybe_executed = progress.maybe_executed || attempted->error->request_may_have_been_executed;
        if (corrects_and_repeats(*attempted, keys, progress)) { continue; }
        const auto pause = plan_retry(call, *attempted, progress);
        if (!pause) {
            attempted->error->request_may_have_been_executed = progress.maybe_executed;
            if (progress.attempts > 1) {
                attempted->error->message += fmt::format(" (after {} attempts)", progress.attempts);
            }
            return std::unexpected(std::move(*attempted->error).with_context(context));
        }
        if (!clock_.sleep_until(clock_.now() + *pause, stop)) {
            Error error{ErrorKind::Interrupted, "interrupted before a retry", "", 0, progress.maybe_executed};
            return std::unexpected(std::move(error).with_context(context));
        }
    }
}

Result<CallEngine::Attempt> CallEngine::attempt(const ServiceCall& call, KeySupplier* keys, Progress& progress,
                                                const std::stop_token& stop) {
    const auto url = endpoints_.url_of(*call.service);
    if (!url) { return std::unexpected(url.error()); }
    if (auto waited = wait_for_rate(call, stop); !waited) { return std::unexpected(std::move(waited.error())); }
    ++progress.attempts;

    Attempt attempt;
    HttpRequest request = build(call, *url, progress);
    if (keys != nullptr) {
        auto key = keys->key(stop);
        if (!key) { return std::unexpected(std::move(key.error())); }
        attempt.key = *std::move(key);
        const Millis offset = [this] {
            const std::lock_guard lock(mutex_);
            return clock_offset_;
        }();
        sign(request, attempt.key, {endpoints_.signing_region(*call.service), call.service->id, false},
             clock_.now() + offset);
    }
    auto response = send(call, request, stop);
    if (!response) {
        attempt.error = std::move(response.error());
    } else {
        if (response->status < 200 || response->status > 299) { attempt.error = answer_error(call, *response); }
        attempt.response = *std::move(response);
    }
    return attempt;
}

HttpRequest CallEngine::build(const ServiceCall& call, const std::string& base_url, const Progress& progress) const {
    HttpRequest request;
    request.method = "POST";
    request.url = base_url + "/";
    add_protocol(request, call);
    request.headers.emplace_back("User-Agent", user_agent);
    request.headers.emplace_back("amz-sdk-invocation-id", progress.invocation_id);
    request.headers.emplace_back("amz-sdk-request",
                                 fmt::format("attempt={}; max={}", progress.attempts, options_.max_attempts));
    return request;
}

Status CallEngine::wait_for_rate(const ServiceCall& call, const std::stop_token& stop) {
    if (!options_.limit_rate) { return {}; }
    const Instant now = clock_.now();
    const Instant at = [&] {
        const std::lock_guard lock(mutex_);
        return limits_.reserve(call.service->endpoint_host, call.operation, now);
    }();
    if (at > now && !clock_.sleep_until(at, stop)) {
        return fail(ErrorKind::Interrupted, "interrupted while waiting for the request rate");
    }
    return {};
}

Result<HttpResponse> CallEngine::send(const ServiceCall& call, const HttpRequest& request,
                                      const std::stop_token& stop) {
    {
        const std::lock_guard lock(mutex_);
        ++counts_.total;
        ++counts_.by_operation[call.operation];
    }
    TransportOptions options;
    options.timeout = options_.timeout;
    return transport_.send(request, options, stop);
}

// Refusals that a changed request may overcome: each is tried once per call and is no retry in the sense of the quota,
// because the server certainly did not execute the request.
bool CallEngine::corrects_and_repeats(const Attempt& attempt, KeySupplier* keys, Progress& progress) {
    if (!attempt.response || keys == nullptr) { return false; }
    const std::string& code = attempt.error->code;
    if (is_expired_credentials_code(code) && !progress.key_renewed) {
        progress.key_renewed = true;
        return keys->reject(attempt.key);
    }
    if (is_clock_skew_code(code) && !progress.clock_corrected) {
        progress.clock_corrected = true;
        const std::lock_guard lock(mutex_);
        const auto offset = corrected_offset(*attempt.response, clock_.now(), clock_offset_);
        if (offset) { clock_offset_ = *offset; }
        return offset.has_value();
    }
    return false;
}

// The pause before the next attempt; empty when there is none to be.
std::optional<Millis> CallEngine::plan_retry(const ServiceCall& call, const Attempt& attempt, Progress& progress) {
    const AttemptFailure failure = attempt.failure();
    const FailureClass failure_class = classify(failure);
    const std::lock_guard lock(mutex_);
    if (failure_class == FailureClass::Throttled) {
        limits_.on_throttled(call.service->endpoint_host, call.operation, clock_.now());
    }
    if (progress.attempts >= options_.max_attempts || !may_repeat(failure_class, call.repeat)) { return std::nullopt; }
    const auto taken = quota_.take(failure_class);
    if (!taken) { return std::nullopt; }
    progress.last_taken = *taken;
    return backoff(progress.attempts, random_.unit(), failure.retry_after);
}

std::string CallEngine::make_invocation_id() {
    const std::lock_guard lock(mutex_);
    const std::string hex = random_.hex(32);
    return fmt::format("{}-{}-4{}-a{}-{}", hex.substr(0, 8), hex.substr(8, 4), hex.substr(13, 3), hex.substr(17, 3),
                       hex.substr(20, 12));
}

CallCounts CallEngine::counts() const {
    const std::lock_guard lock(mutex_);
    return counts_;
}

} // namespace ecsr::aws
