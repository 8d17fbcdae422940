// The wire face of the local ECS: takes one HTTP request of an AWS client, answers as AWS does (ECS behaviour A).
//
// Pure with respect to time and I/O: everything it knows is in the State and in the time handed in. Not thread-safe;
// called by local/plane under its lock.
#pragma once

#include "base/http.hpp"
#include "base/random.hpp"
#include "base/time.hpp"
#include "local/api/known_keys.hpp"
#include "local/state/api_error.hpp"
#include "local/state/state.hpp"
#include "local/telemetry/metric_store.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ecsr::local {

// What a request may have changed; the plane writes State and tells the balancer accordingly.
enum class Change { Nothing, State, Balancing };

// What a request is for.
struct Asked {
    std::string_view service; // signing name: "ecs"
    std::string_view operation;
    bool speaks_query = false; // the service does, in some of its versions
    bool reads = false;        // it changes nothing
};

// How strict it is about who asks (ECS behaviour H5, H6).
enum class Signatures {
    Ignored,
    Checked,       // refused unless signed with a key that is known
    CheckedAgeless // the same, but signatures and keys may be of any age: for a plane in virtual time
};

// What a request calls itself, whether it is served or not; empty where it does not say.
struct Named {
    std::string service; // signing name
    std::string operation;
};

struct Answer {
    HttpResponse response;
    Change change = Change::Nothing;
};

class Api {
public:
    // Bytes in use by each running container of a task, by container name; empty when the task is unknown or has ended.
    using TaskMemory = std::function<std::map<std::string, std::uint64_t>(const std::string& task_id)>;

    explicit Api(TaskMemory task_memory = {}, Signatures signatures = Signatures::Ignored)
        : task_memory_(std::move(task_memory)), signatures_(signatures) {}

    // Serves ECS, Application Auto Scaling, ELBv2, CloudWatch, SNS, STS, and the pages "/", "/_local/health",
    // "/_local/memory?cluster=C&service=S" and "/_local/messages?topic=T". Never fails: what is wrong with a request is
    // told in the answer, in the form that its protocol has for errors. A refused request has changed nothing.
    Answer handle(const HttpRequest& request, State& state, Instant now);

    // What PutMetricData adds to; whoever samples does too. In memory alone.
    MetricStore& metrics() { return metrics_; }

    // Nothing: it is for an own page, or for nothing that is served.
    static std::optional<Asked> asked(const HttpRequest& request);
    static Named named(const HttpRequest& request);
    // Every operation that is served, of all services.
    static std::vector<std::string_view> operations();
    // The answer that refuses the request, in the form that its protocol has for errors.
    HttpResponse refusal(const HttpRequest& request, const ApiError& error);

private:
    TaskMemory task_memory_;
    Signatures signatures_;
    KnownKeys keys_;
    MetricStore metrics_;
    Random made_up_{
        0x6563735f6c6f63ULL}; // request ids and credentials; apart from State::random, so that reads move nothing
};

} // namespace ecsr::local
