// What became of alarms (DescribeAlarmHistory; ECS behaviour F4).
#include "local/api/call.hpp"
#include "local/api/paging.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace ecsr::local::wire {

namespace {

constexpr Millis told_for = std::chrono::hours(30 * 24); // as long as CloudWatch keeps it

struct Filter {
    std::optional<std::string> name, type;
    std::vector<std::string> kinds{"MetricAlarm"};
    Instant start{}, end = Instant::max();

    bool takes(const AlarmHistoryItem& item) const {
        const char* kind = item.of_composite ? "CompositeAlarm" : "MetricAlarm";
        return (!name || item.alarm_name == *name) && (!type || item.type == *type) &&
               std::ranges::count(kinds, kind) > 0 && item.at >= start && item.at <= end;
    }
};

Filter read_filter(const Call& call, Input& input) {
    Filter filter;
    filter.name = input.text("AlarmName");
    filter.type = input.text_among("HistoryItemType", {"ConfigurationUpdate", "StateUpdate", "Action",
                                                       "AlarmContributorStateUpdate", "AlarmContributorAction"});
    if (const auto kinds = input.texts("AlarmTypes"); kinds && !kinds->empty()) { filter.kinds = *kinds; }
    filter.start = std::max(input.instant("StartDate").value_or(Instant{}), call.now - told_for);
    filter.end = input.instant("EndDate").value_or(Instant::max());
    if (input.has("AlarmContributorId")) {
        input.note({"ValidationError", "The alarms of the local ECS have no contributors."});
    }
    return filter;
}

json::object view(const Call& call, const AlarmHistoryItem& item) {
    json::object object;
    object["AlarmName"] = item.alarm_name;
    object["AlarmType"] = item.of_composite ? "CompositeAlarm" : "MetricAlarm";
    object["Timestamp"] = call.time(item.at);
    object["HistoryItemType"] = item.type;
    object["HistorySummary"] = item.summary;
    object["HistoryData"] = item.data;
    return object;
}

ApiResult<json::object> describe_history(Call& call, Input& input) {
    const Filter filter = read_filter(call, input);
    const bool oldest_first = input.text_among("ScanBy", {"TimestampDescending", "TimestampAscending"}) ==
                              std::optional<std::string>("TimestampAscending");
    const int size = input.integer_between("MaxRecords", 1, 100).value_or(100);
    const std::string token = input.text_or("NextToken", "");
    if (!input.good()) { return input.problem(); }
    const auto& history = call.state.alarms.history;
    std::vector<std::string> keys;
    for (const auto& item : history) {
        if (filter.takes(item)) { keys.push_back(std::to_string(item.number)); }
    }
    if (!oldest_first) { std::ranges::reverse(keys); }
    const auto page = cut_page(std::move(keys), static_cast<std::size_t>(size), token);
    if (!page) { return api_fail("InvalidNextToken", "The next token specified is invalid."); }
    json::array items;
    for (const auto& key : page->keys) {
        items.emplace_back(view(call, history.at(std::stoull(key) - history.front().number)));
    }
    json::object object;
    object["AlarmHistoryItems"] = std::move(items);
    put(object, "NextToken", page->next_token);
    return object;
}

constexpr Operation operations[] = {
    {"DescribeAlarmHistory", describe_history},
};

} // namespace

std::span<const Operation> alarm_history_operations() {
    return operations;
}

} // namespace ecsr::local::wire
