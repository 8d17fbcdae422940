// How a local ECS is steered while it runs: paths of its own next to the AWS APIs, and what goes over them as JSON.
// Spoken by local/plane and by whoever steers it (cli).
//
//   GET    /_local/clock                      -> Clock
//   POST   /_local/advance   {"span": "6h"}   -> Clock, when it has got there; virtual time only
//   GET    /_local/faults                     -> the faults in force
//   POST   /_local/faults    {"fault": TEXT}  -> the fault, with its id
//   DELETE /_local/faults, /_local/faults/ID  -> the faults that are left
//   GET    /_local/overview?events=N          -> Overview (overview.hpp), with the newest N events
//   GET    /_local/logs?cluster=C&service=S   -> ServiceLogs (overview.hpp)
//   GET    /_local/snapshot                   -> everything the plane knows, as JSON
//   POST   /_local/snapshot  what GET gave    -> Clock, when everything is so again
//
// Refused with 400 (the request), 404 (no such path or fault), 405, 409 (real time cannot be advanced), 403 (asked for
// under a name, or by a web page, that is not of this machine) and a body {"error": TEXT}.
#pragma once

#include "base/error.hpp"
#include "base/http.hpp"
#include "base/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ecsr::local {

class Plane;

namespace control {

inline constexpr std::string_view all_paths = "/_local/"; // what every one begins with
inline constexpr std::string_view clock_path = "/_local/clock";
inline constexpr std::string_view advance_path = "/_local/advance";
inline constexpr std::string_view faults_path = "/_local/faults";
inline constexpr std::string_view overview_path = "/_local/overview";
inline constexpr std::string_view logs_path = "/_local/logs";
inline constexpr std::string_view snapshot_path = "/_local/snapshot";

// As far as one command may jump.
inline constexpr Millis longest_advance = std::chrono::days(366);

struct Clock {
    Instant now{};
    int time_scale = 0;       // seconds there in a second; 0: real time
    std::string runtime = {}; // "process", "container" or "virtual"
};

struct Fault {
    std::string id;
    std::string fault; // as local/faults/fault.hpp writes it
    std::int64_t hits = 0;
};

struct Faults {
    std::vector<Fault> faults; // in the order in which they came
};

struct AdvanceRequest {
    std::string span;
};
struct FaultRequest {
    std::string fault;
};

// Answers a request for one of these paths; nothing for any other one.
std::optional<HttpResponse> answer(const HttpRequest& request, Plane& plane);

std::string to_json(const AdvanceRequest& request);
std::string to_json(const FaultRequest& request);
// Errors: Remote.
Result<Clock> read_clock(const std::string& text);
Result<Fault> read_fault(const std::string& text);
Result<Faults> read_faults(const std::string& text);
// The text of {"error": TEXT}; empty when it is none.
std::string read_error(const std::string& text);

} // namespace control

} // namespace ecsr::local
