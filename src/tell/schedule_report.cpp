#include "tell/schedule_report.hpp"

#include "base/json_mapper.hpp"
#include "tell/text_table.hpp"

#include <fmt/format.h>

namespace ecsr::tell {

BOOST_DESCRIBE_STRUCT(ScheduledTime, (), (local, utc, closed, opens))
BOOST_DESCRIBE_STRUCT(ScheduleFacts, (), (expression, timezone, from, times, ends))

std::string schedule_text(const ScheduleFacts& facts) {
    if (facts.times.empty()) { return fmt::format("{} never fires after {}.\n", facts.expression, facts.from); }
    bool any_closed = false;
    for (const auto& time : facts.times) { any_closed = any_closed || time.closed; }
    std::vector<std::vector<std::string>> rows{{facts.timezone == "UTC" ? "TIME" : facts.timezone, "UTC"}};
    if (any_closed) { rows.front().insert(rows.front().end(), {"CLOSED", "OPENS"}); }
    for (const auto& time : facts.times) {
        rows.push_back({time.local, time.utc});
        if (!any_closed) { continue; }
        const auto opens = time.closed ? time.opens.value_or("never") : "";
        rows.back().insert(rows.back().end(), {time.closed.value_or("-"), or_dash(opens)});
    }
    return text_table(rows) + (facts.ends ? "It ends there: no times after these.\n" : "");
}

std::string schedule_json(const ScheduleFacts& facts) {
    return json::to_json<json::SnakeCase>(facts, 2);
}

} // namespace ecsr::tell
