#include "local/balancer/haproxy_stats.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <cstddef>
#include <fmt/core.h>
#include <optional>

namespace ecsr::local {
namespace {

// Positions of the columns, by the names in the head line "# pxname,svname,...".
struct Columns {
    std::size_t backend, server, in_flight, status, check_status, check_code;
};

std::optional<Columns> find_columns(std::string_view head) {
    const auto names = split(head, ',');
    const auto position = [&names](std::string_view name) -> std::size_t {
        return static_cast<std::size_t>(std::ranges::find(names, name) - names.begin());
    };
    const Columns columns{.backend = position("# pxname"),
                          .server = position("svname"),
                          .in_flight = position("scur"),
                          .status = position("status"),
                          .check_status = position("check_status"),
                          .check_code = position("check_code")};
    const auto last = std::max(
        {columns.backend, columns.server, columns.in_flight, columns.status, columns.check_status, columns.check_code});
    if (last >= names.size()) { return std::nullopt; }
    return columns;
}

// "* L7OK" while a check is under way; "INI" and the like before the first result.
std::string last_result(std::string_view check_status) {
    if (check_status.starts_with("* ")) { check_status.remove_prefix(2); }
    const bool none = check_status == "INI" || check_status == "UNK" || check_status == "CHECKED";
    return none ? std::string() : std::string(check_status);
}

} // namespace

std::vector<ServerReport> parse_server_reports(std::string_view show_stat) {
    const auto lines = split(show_stat, '\n');
    const auto head = std::ranges::find_if(lines, [](const std::string& line) { return line.starts_with("# "); });
    if (head == lines.end()) { return {}; }
    const auto columns = find_columns(*head);
    if (!columns) { return {}; }

    std::vector<ServerReport> reports;
    for (auto line = std::next(head); line != lines.end(); ++line) {
        const auto fields = split(*line, ',');
        if (fields.size() <= columns->check_code || fields.size() <= columns->check_status) { continue; }
        const auto& status = fields[columns->status];
        reports.push_back(
            {.backend = fields[columns->backend],
             .server = fields[columns->server],
             .requests_in_flight = static_cast<int>(parse_integer(fields[columns->in_flight]).value_or(0)),
             .down = status.starts_with("DOWN"),
             .steady = status.find('/') == std::string::npos,
             .check_status = last_result(fields[columns->check_status]),
             .response_code = fields[columns->check_code]});
    }
    return reports;
}

bool check_passed(const ServerReport& report) {
    return report.check_status == "L7OK" || report.check_status == "L6OK" || report.check_status == "L4OK";
}

UnhealthyReason unhealthy_reason(const ServerReport& report) {
    if (report.check_status == "L7STS") {
        return {.code = "Target.ResponseCodeMismatch",
                .description = fmt::format("Health checks failed with these codes: [{}]", report.response_code)};
    }
    if (report.check_status.ends_with("TOUT")) {
        return {.code = "Target.Timeout", .description = "Request timed out"};
    }
    return {.code = "Target.FailedHealthChecks", .description = "Health checks failed"};
}

} // namespace ecsr::local
