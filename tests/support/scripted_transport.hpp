// A Transport that answers from a script and remembers what it was asked.
#pragma once

#include "base/transport.hpp"

#include <deque>
#include <functional>
#include <gtest/gtest.h>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ecsr::testing {

inline HttpResponse http_answer(int status, std::string body, HttpHeaders headers = {}) {
    return HttpResponse{status, std::move(headers), std::move(body)};
}

// Routes are tried first, in the order in which they were added; a request that none of them takes gets the next queued
// answer. A request for which there is neither fails the test. Thread-safe; answers run one at a time.
class ScriptedTransport : public Transport {
public:
    using Answer = std::function<Result<HttpResponse>(const HttpRequest&)>;
    using Matches = std::function<bool(const HttpRequest&)>;

    struct Sent {
        HttpRequest request;
        TransportOptions options;
    };

    ScriptedTransport& then(HttpResponse response) {
        return then_call([response = std::move(response)](const HttpRequest&) { return response; });
    }

    ScriptedTransport& then(Error error) {
        return then_call(
            [error = std::move(error)](const HttpRequest&) -> Result<HttpResponse> { return std::unexpected(error); });
    }

    ScriptedTransport& then_call(Answer answer) {
        const std::lock_guard lock(mutex_);
        queue_.push_back(std::move(answer));
        return *this;
    }

    ScriptedTransport& route(Matches matches, Answer answer) {
        const std::lock_guard lock(mutex_);
        routes_.emplace_back(std::move(matches), std::move(answer));
        return *this;
    }

    // Answers every request whose URL begins with `url`.
    ScriptedTransport& route_url(std::string url, Answer answer) {
        return route([url = std::move(url)](const HttpRequest& r) { return r.url.starts_with(url); },
                     std::move(answer));
    }

    // Answers every call of an operation, told by X-Amz-Target ("...DescribeServices") or
    // "Action=DescribeTargetHealth".
    ScriptedTransport& route_operation(std::string operation, Answer answer) {
        return route(
            [operation = std::move(operation)](const HttpRequest& r) {
                return find_header(r.headers, "X-Amz-Target").ends_with("." + operation) ||
                       r.body.starts_with("Action=" + operation + "&");
            },
            std::move(answer));
    }

    Result<HttpResponse> send(const HttpRequest& request, const TransportOptions& options,
                              std::stop_token stop) override {
        const std::lock_guard lock(mutex_);
        if (stop.stop_requested()) { return fail(ErrorKind::Interrupted, "interrupted"); }
        sent_.push_back({request, options});
        for (const auto& [matches, answer] : routes_) {
            if (matches(request)) { return answer(request); }
        }
        if (queue_.empty()) {
            ADD_FAILURE() << "the script has no answer for " << request.method << " " << request.url << " "
                          << find_header(request.headers, "X-Amz-Target") << " " << request.body;
            return fail(ErrorKind::Unreachable, "the script has no answer");
        }
        const Answer answer = std::move(queue_.front());
        queue_.pop_front();
        return answer(request);
    }

    std::vector<Sent> sent() const {
        const std::lock_guard lock(mutex_);
        return sent_;
    }

    std::size_t unused_answers() const {
        const std::lock_guard lock(mutex_);
        return queue_.size();
    }

private:
    mutable std::mutex mutex_;
    std::deque<Answer> queue_;
    std::vector<std::pair<Matches, Answer>> routes_;
    std::vector<Sent> sent_;
};

} // namespace ecsr::testing
