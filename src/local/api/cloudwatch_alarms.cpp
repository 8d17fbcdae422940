// CloudWatch metric alarms (ECS behaviour A5, F4). They change state by SetAlarmState alone: there are no metrics here.
#include "local/api/call.hpp"
#include "local/api/paging.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace ecsr::local::wire {

namespace {

// Members that are answered back, by the type that they have on the wire.
constexpr std::string_view text_members[] = {
    "AlarmDescription", "MetricName",         "Namespace",
    "Statistic",        "ExtendedStatistic",  "Unit",
    "TreatMissingData", "ComparisonOperator", "EvaluateLowSampleCountPercentile",
    "ThresholdMetricId"};
constexpr std::string_view list_members[] = {"OKActions", "AlarmActions", "InsufficientDataActions"};
constexpr std::string_view integer_members[] = {"Period", "EvaluationPeriods", "DatapointsToAlarm",
                                                "EvaluationInterval"};

json::array read_dimensions(Input& input) {
    return tags_array(input.pairs("Dimensions", "Name", "Value"), "Name", "Value");
}

// One MetricDataQuery. Query/XML brings numbers as text, so every member is read by its type.
json::object read_metric_query(Input& input) {
    json::object query;
    query["Id"] = input.required_text("Id");
    put(query, "Expression", input.text("Expression"));
    put(query, "Label", input.text("Label"));
    put(query, "AccountId", input.text("AccountId"));
    put(query, "ReturnData", input.boolean("ReturnData"));
    put(query, "Period", input.integer("Period"));
    if (auto stat = input.object("MetricStat")) {
        json::object read;
        if (auto metric = stat->object("Metric")) {
            json::object names;
            put(names, "Namespace", metric->text("Namespace"));
            put(names, "MetricName", metric->text("MetricName"));
            names["Dimensions"] = read_dimensions(*metric);
            read["Metric"] = std::move(names);
        }
        read["Period"] = stat->required_integer("Period");
        read["Stat"] = stat->required_text("Stat");
        put(read, "Unit", stat->text("Unit"));
        query["MetricStat"] = std::move(read);
    }
    return query;
}

json::object read_document(Input& input) {
    json::object document;
    for (const auto name : text_members) { put(document, name, input.text(name)); }
    for (const auto name : integer_members) { put(document, name, input.integer_between(name, 1, 604'800)); }
    for (const auto name : list_members) {
        const auto actions = input.texts(name).value_or(std::vector<std::string>{});
        if (actions.size() > 5) {
            input.note_constraint(name, std::nullopt, "Member must have length less than or equal to 5");
        }
        document[name] = to_array(actions);
    }
    document["ActionsEnabled"] = input.boolean_or("ActionsEnabled", true);
    put(document, "Threshold", input.number("Threshold"));
    document["Dimensions"] = read_dimensions(input);
    json::array metrics;
    for (auto& query : input.objects("Metrics")) { metrics.emplace_back(read_metric_query(query)); }
    if (!metrics.empty()) { document["Metrics"] = std::move(metrics); }
    return document;
}

void check_alarm(Input& input, const std::string& name) {
    input.text_among("ComparisonOperator",
                     {"GreaterThanOrEqualToThreshold", "GreaterThanThreshold", "LessThanThreshold",
                      "LessThanOrEqualToThreshold", "LessThanLowerOrGreaterThanUpperThreshold",
                      "LessThanLowerThreshold", "GreaterThanUpperThreshold"});
    input.text_among("Statistic", {"SampleCount", "Average", "Sum", "Minimum", "Maximum"});
    input.text_among("TreatMissingData", {"breaching", "notBreaching", "ignore", "missing"});
    if (input.good() && (name.empty() || name.size() > 255)) {
        input.note_constraint("AlarmName", name, "Member must have length from 1 to 255");
    }
    if (input.good() && !input.has("MetricName") && !input.has("Metrics") && !input.has("EvaluationCriteria")) {
        input.note({"ValidationError", "Exactly one of MetricName or Metrics must be specified"});
    }
}

ApiResult<json::object> put_alarm(Call& call, Input& input) {
    const std::string name = input.required_text("AlarmName");
    const json::object document = read_document(input);
    const auto tags = input.pairs("Tags", "Key", "Value");
    check_alarm(input, name);
    if (!input.good()) { return input.problem(); }
    const auto& identity = call.state.identity;
    auto [entry, is_new] = call.state.alarms.try_emplace(name);
    Alarm& alarm = entry->second;
    if (is_new) {
        alarm.name = name;
        alarm.arn = fmt::format("arn:aws:cloudwatch:{}:{}:alarm:{}", identity.region, identity.account_id, name);
        alarm.state_reason = "Unchecked: Initial alarm creation";
        alarm.state_updated_at = call.now;
        alarm.tags = tags; // CloudWatch takes tags at creation alone
    }
    alarm.configured_at = call.now;
    alarm.document = to_text(document);
    return json::object();
}

json::object view(const Call& call, const Alarm& alarm) {
    json::object object = parse_document(alarm.document);
    object["AlarmName"] = alarm.name;
    object["AlarmArn"] = alarm.arn;
    object["AlarmConfigurationUpdatedTimestamp"] = call.time(alarm.configured_at);
    object["StateValue"] = alarm.state_value;
    object["StateReason"] = alarm.state_reason;
    object["StateUpdatedTimestamp"] = call.time(alarm.state_updated_at);
    object["StateTransitionedTimestamp"] = call.time(alarm.state_updated_at);
    return object;
}

bool has_action(const Alarm& alarm, const std::string& prefix) {
    const json::object document = parse_document(alarm.document);
    for (const auto name : list_members) {
        for (const auto& action : document.at(name).as_array()) {
            if (std::string_view(action.as_string().data(), action.as_string().size()).starts_with(prefix)) {
                return true;
            }
        }
    }
    return false;
}

ApiResult<json::object> describe(Call& call, Input& input) {
    const auto names = input.texts("AlarmNames");
    const std::string prefix = input.text_or("AlarmNamePrefix", "");
    const auto types = input.texts("AlarmTypes").value_or(std::vector<std::string>{"MetricAlarm"});
    const auto state = input.text_among("StateValue", {"OK", "ALARM", "INSUFFICIENT_DATA"});
    const auto action = input.text("ActionPrefix");
    const int size = input.integer_between("MaxRecords", 1, 100).value_or(50);
    const std::string token = input.text_or("NextToken", "");
    if (names && names->size() > 100) {
        input.note_constraint("AlarmNames", std::nullopt, "Member must have length less than or equal to 100");
    }
    if (!input.good()) { return input.problem(); }
    std::vector<std::string> keys;
    for (const auto& [name, alarm] : call.state.alarms) {
        const bool named = !names || names->empty() || std::ranges::count(*names, name) > 0;
        if (named && name.starts_with(prefix) && (!state || alarm.state_value == *state) &&
            (!action || has_action(alarm, *action)) && std::ranges::count(types, "MetricAlarm") > 0) {
            keys.push_back(name);
        }
    }
    const auto page = cut_page(keys, static_cast<std::size_t>(size), token);
    if (!page) { return api_fail("InvalidNextToken", "The next token specified is invalid."); }
    json::array alarms;
    for (const auto& name : page->keys) { alarms.emplace_back(view(call, call.state.alarms.at(name))); }
    json::object object;
    object["MetricAlarms"] = std::move(alarms);
    object["CompositeAlarms"] = json::array();
    put(object, "NextToken", page->next_token);
    return object;
}

ApiResult<json::object> remove(Call& call, Input& input) {
    const auto names = input.required_texts("AlarmNames");
    if (!input.good()) { return input.problem(); }
    for (const auto& name : names) {
        if (!call.state.alarms.contains(name)) {
            return api_fail("ResourceNotFound", fmt::format("Unknown: alarm {} does not exist", name), 404);
        }
    }
    for (const auto& name : names) { call.state.alarms.erase(name); }
    return json::object();
}

ApiResult<json::object> set_state(Call& call, Input& input) {
    const std::string name = input.required_text("AlarmName");
    const std::string reason = input.required_text("StateReason");
    const auto value = input.text_among("StateValue", {"OK", "ALARM", "INSUFFICIENT_DATA"});
    input.required_text("StateValue");
    if (!input.good()) { return input.problem(); }
    const auto found = call.state.alarms.find(name);
    if (found == call.state.alarms.end()) { return api_fail("ResourceNotFound", "Unknown", 404); }
    found->second.state_value = *value;
    found->second.state_reason = reason;
    found->second.state_updated_at = call.now;
    return json::object();
}

Alarm* find_by_arn(Call& call, const std::string& arn) {
    for (auto& [name, alarm] : call.state.alarms) {
        if (alarm.arn == arn) { return &alarm; }
    }
    return nullptr;
}

ApiResult<json::object> list_tags(Call& call, Input& input) {
    const std::string arn = input.required_text("ResourceARN");
    if (!input.good()) { return input.problem(); }
    const auto* alarm = find_by_arn(call, arn);
    if (alarm == nullptr) { return api_fail("ResourceNotFoundException", "Unknown", 404); }
    json::object object;
    object["Tags"] = tags_array(alarm->tags, "Key", "Value");
    return object;
}

constexpr Operation operations[] = {
    {"PutMetricAlarm", put_alarm, Change::State}, {"DescribeAlarms", describe},
    {"DeleteAlarms", remove, Change::State},      {"SetAlarmState", set_state, Change::State},
    {"ListTagsForResource", list_tags},
};

} // namespace

std::span<const Operation> alarm_operations() {
    return operations;
}

} // namespace ecsr::local::wire
