// The faults in force, and what they do to each request and to each task that starts. Pure: what happens is drawn from
// the Random that was handed in.
#pragma once

#include "base/random.hpp"
#include "local/faults/fault.hpp"
#include "local/state/api_error.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ecsr::local {

struct ActiveFault {
    std::string id; // "f1"
    Fault fault;
    std::int64_t hits = 0;
};

// What befalls one request.
struct Harm {
    Millis latency{0};               // before anything else
    std::optional<ApiError> refusal; // instead of being carried out
    bool loses_answer = false;       // after being carried out
};

// Which AWS API is asked: its signing name, and whether it speaks the Query protocol, whose error codes are shorter.
struct AskedApi {
    std::string_view service;
    bool speaks_query = false;
};

// Not thread-safe.
class Faults {
public:
    explicit Faults(Random random) : random_(random) {}

    // Returns its id.
    std::string add(Fault fault);
    // False when there is no such fault.
    bool clear(std::string_view id);
    void clear_all() { faults_.clear(); }
    const std::vector<ActiveFault>& list() const { return faults_; }

    // Every fault that is aimed at the operation is drawn: latencies add up, the first refusal counts.
    Harm draw(const AskedApi& api, std::string_view operation);

    // The reason of a container that does not start (ECS behaviour C4), for a task of the service; nothing when it
    // starts.
    std::optional<std::string> draw_start(std::string_view service);

private:
    bool hits(ActiveFault& active, std::string_view name);

    Random random_;
    std::vector<ActiveFault> faults_; // in the order in which they came
    int added_ = 0;
};

// "Rate exceeded" as the API words it (ECS behaviour A3).
ApiError throttled(const AskedApi& api);

} // namespace ecsr::local
