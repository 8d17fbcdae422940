// What HAProxy knows of its servers, read from the answer to "show stat".
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ecsr::local {

struct ServerReport {
    std::string backend;
    std::string server;
    int requests_in_flight = 0;
    bool down = false;         // by health checks
    bool steady = true;        // false while checks contradict the present verdict without having outvoted it
    std::string check_status;  // "L7OK", "L7STS", "L4CON", ...; empty before the first result
    std::string response_code; // of the last check, when it got one
};

// Only servers; empty when the text is not such an answer.
std::vector<ServerReport> parse_server_reports(std::string_view show_stat);

bool check_passed(const ServerReport& report);

// Why a target is unhealthy, in the words of the ELB API (ECS behaviour D2).
struct UnhealthyReason {
    std::string code;
    std::string description;

    bool operator==(const UnhealthyReason&) const = default;
};
UnhealthyReason unhealthy_reason(const ServerReport& report);

} // namespace ecsr::local
