// PutEvents and TestEventPattern of EventBridge.
#include "local/api/rules_names.hpp"
#include "local/rules/json_dispatch.hpp"
#include "local/rules/json_event.hpp"
#include "local/rules/json_pattern.hpp"

#include <fmt/format.h>

namespace ecsr::local::wire {

namespace {

constexpr std::size_t most_entries = 10;

struct Entry {
    std::string source, detail_type, detail;
    std::vector<std::string> resources;
    Instant at{};
};

Entry read_entry(Input& input, Instant now) {
    Entry entry;
    entry.source = input.text_or("Source", "");
    entry.detail_type = input.text_or("DetailType", "");
    entry.detail = input.text_or("Detail", "");
    entry.resources = input.texts("Resources").value_or(std::vector<std::string>{});
    const auto at = input.number("Time");
    entry.at = at ? from_epoch_seconds(*at) : now;
    return entry;
}

json::object failed_entry(const std::string& code, const std::string& message) {
    json::object object;
    object["ErrorCode"] = code;
    object["ErrorMessage"] = message;
    return object;
}

// Nothing is wrong where it is empty.
json::object refusal(const Entry& entry, const json::value& detail, bool is_json) {
    for (const auto& [name, value] : {std::pair("Source", &entry.source), std::pair("DetailType", &entry.detail_type),
                                      std::pair("Detail", &entry.detail)}) {
        if (!value->empty()) { continue; }
        return failed_entry("InvalidArgument",
                            fmt::format("Parameter {0} is not valid. Reason: {0} is a required argument.", name));
    }
    if (entry.source.starts_with("aws.")) {
        return failed_entry("NotAuthorizedForSourceException", "Not authorized for the source.");
    }
    return is_json && detail.is_object() ? json::object() : failed_entry("MalformedDetail", "Detail is malformed.");
}

json::object put_entry(Call& call, const Entry& entry) {
    json::error_code error;
    json::value detail = json::parse(entry.detail, error);
    if (json::object refused = refusal(entry, detail, !error); !refused.empty()) { return refused; }
    json::object event = make_event(call.state, entry.source, entry.detail_type, entry.at);
    event["resources"] = to_array(entry.resources);
    event["detail"] = std::move(detail);
    dispatch(call.state, event, call.now);
    json::object done;
    done["EventId"] = event.at("id");
    return done;
}

ApiResult<json::object> put_events(Call& call, Input& input) {
    std::vector<Entry> entries;
    for (auto& entry : input.objects("Entries")) {
        check_event_bus(entry, call.state);
        entries.push_back(read_entry(entry, call.now));
    }
    if (input.good() && (entries.empty() || entries.size() > most_entries)) {
        input.note_constraint("Entries", std::nullopt, "Member must have length from 1 to 10");
    }
    if (!input.good()) { return input.problem(); }
    json::array results;
    int failed = 0;
    for (const auto& entry : entries) {
        json::object result = put_entry(call, entry);
        failed += result.contains("ErrorCode") ? 1 : 0;
        results.emplace_back(std::move(result));
    }
    json::object answer;
    answer["FailedEntryCount"] = failed;
    answer["Entries"] = std::move(results);
    return answer;
}

ApiResult<json::object> test_pattern(Call&, Input& input) {
    const std::string pattern_text = input.required_text("EventPattern");
    const std::string event_text = input.required_text("Event");
    if (!input.good()) { return input.problem(); }
    const auto pattern = parse_event_pattern(pattern_text);
    if (!pattern) {
        return api_fail("InvalidEventPatternException",
                        fmt::format("Event pattern is not valid. Reason: {}", pattern.error().message));
    }
    json::error_code error;
    const json::value event = json::parse(event_text, error);
    if (error || !event.is_object()) {
        return api_fail("ValidationException", "Parameter Event is not valid. Reason: it is no JSON object.");
    }
    for (const char* name : {"id", "account", "source", "time", "region", "resources", "detail-type"}) {
        if (event.get_object().contains(name)) { continue; }
        return api_fail("ValidationException",
                        fmt::format("Parameter Event is not valid. Reason: {} is a required argument.", name));
    }
    json::object answer;
    answer["Result"] = matches_event(*pattern, event.get_object());
    return answer;
}

constexpr Operation operations[] = {
    {"PutEvents", put_events, Change::State},
    {"TestEventPattern", test_pattern},
};

} // namespace

std::span<const Operation> event_operations() {
    return operations;
}

} // namespace ecsr::local::wire
