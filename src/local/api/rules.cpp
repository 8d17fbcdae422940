// Rules of EventBridge and their tags.
#include "local/api/paging.hpp"
#include "local/api/rules_names.hpp"
#include "local/rules/json_pattern.hpp"

#include <algorithm>
#include <cctype>
#include <fmt/format.h>
#include <utility>

namespace ecsr::local::wire {

namespace {

bool is_rule_name(const std::string& name) {
    return !name.empty() && name.size() <= 64 && std::ranges::all_of(name, [](unsigned char c) {
        return std::isalnum(c) != 0 || c == '.' || c == '-' || c == '_';
    });
}

json::object rule_view(const Rule& rule) {
    json::object object;
    object["Name"] = rule.name;
    object["Arn"] = rule.arn;
    object["EventPattern"] = rule.pattern;
    object["State"] = rule.enabled ? "ENABLED" : "DISABLED";
    put(object, "Description", rule.description);
    put(object, "RoleArn", rule.role_arn);
    object["EventBusName"] = "default";
    return object;
}

void check_rule(Input& input, const Rule& rule) {
    if (input.has("ScheduleExpression")) {
        input.note({"ValidationException", "The local ECS has no rules with a ScheduleExpression: they are not for "
                                           "events of ECS."});
    }
    if (input.good() && rule.pattern.empty()) {
        input.note({"ValidationException", "Parameter(s) EventPattern or ScheduleExpression must be specified."});
    }
    if (!input.good()) { return; }
    if (!is_rule_name(rule.name)) {
        input.note_constraint("Name", rule.name, "Member must satisfy regular expression pattern: [\\.\\-_A-Za-z0-9]+");
    }
    if (const auto pattern = parse_event_pattern(rule.pattern); !pattern) {
        input.note({"InvalidEventPatternException",
                    fmt::format("Event pattern is not valid. Reason: {}", pattern.error().message)});
    }
}

ApiResult<json::object> put_rule(Call& call, Input& input) {
    Rule rule;
    rule.name = input.required_text("Name");
    rule.pattern = input.text_or("EventPattern", "");
    rule.description = input.text_or("Description", "");
    rule.role_arn = input.text_or("RoleArn", "");
    rule.enabled = input.text_among(
                       "State", {"ENABLED", "DISABLED", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"}) != "DISABLED";
    rule.tags = input.pairs("Tags", "Key", "Value");
    check_event_bus(input, call.state);
    check_rule(input, rule);
    if (!input.good()) { return input.problem(); }
    const auto& identity = call.state.identity;
    rule.arn = fmt::format("arn:aws:events:{}:{}:rule/{}", identity.region, identity.account_id, rule.name);
    const auto existing = call.state.rules.by_name.find(rule.name);
    if (existing != call.state.rules.by_name.end()) {
        rule.targets = std::move(existing->second.targets);
        rule.tags = std::move(existing->second.tags); // an update takes no tags
    }
    json::object answer;
    answer["RuleArn"] = rule.arn;
    call.state.rules.by_name[rule.name] = std::move(rule);
    return answer;
}

ApiResult<json::object> describe(Call& call, Input& input) {
    const std::string name = input.required_text("Name");
    check_event_bus(input, call.state);
    if (!input.good()) { return input.problem(); }
    const auto rule = require_rule(call, name);
    if (!rule) { return std::unexpected(rule.error()); }
    json::object answer = rule_view(**rule);
    answer["CreatedBy"] = call.state.identity.account_id;
    return answer;
}

ApiResult<json::object> list(Call& call, Input& input) {
    const std::string prefix = input.text_or("NamePrefix", "");
    check_event_bus(input, call.state);
    std::vector<std::string> keys;
    for (const auto& [name, rule] : call.state.rules.by_name) {
        if (name.starts_with(prefix)) { keys.push_back(name); }
    }
    json::object answer;
    const auto page = rules_page(input, std::move(keys), answer);
    if (!page) { return std::unexpected(page.error()); }
    json::array rules;
    for (const auto& name : *page) { rules.emplace_back(rule_view(call.state.rules.by_name.at(name))); }
    answer["Rules"] = std::move(rules);
    return answer;
}

ApiResult<json::object> remove(Call& call, Input& input) {
    const std::string name = input.required_text("Name");
    check_event_bus(input, call.state);
    if (!input.good()) { return input.problem(); }
    const auto rule = call.state.rules.by_name.find(name);
    if (rule == call.state.rules.by_name.end()) { return json::object(); }
    if (!rule->second.targets.empty()) {
        return api_fail("ValidationException", "Rule can't be deleted since it has targets.");
    }
    call.state.rules.by_name.erase(rule);
    return json::object();
}

ApiResult<json::object> set_enabled(Call& call, Input& input, bool enabled) {
    const std::string name = input.required_text("Name");
    check_event_bus(input, call.state);
    if (!input.good()) { return input.problem(); }
    const auto rule = require_rule(call, name);
    if (!rule) { return std::unexpected(rule.error()); }
    (*rule)->enabled = enabled;
    return json::object();
}

ApiResult<json::object> enable(Call& call, Input& input) {
    return set_enabled(call, input, true);
}

ApiResult<json::object> disable(Call& call, Input& input) {
    return set_enabled(call, input, false);
}

ApiResult<Rule*> tagged(Call& call, const std::string& arn) {
    for (auto& [name, rule] : call.state.rules.by_name) {
        if (rule.arn == arn) { return &rule; }
    }
    return api_fail("ResourceNotFoundException",
                    fmt::format("Rule {} does not exist on EventBus default.", arn.substr(arn.rfind('/') + 1)));
}

ApiResult<json::object> list_tags(Call& call, Input& input) {
    const std::string arn = input.required_text("ResourceARN");
    if (!input.good()) { return input.problem(); }
    const auto rule = tagged(call, arn);
    if (!rule) { return std::unexpected(rule.error()); }
    json::object answer;
    answer["Tags"] = tags_array((*rule)->tags, "Key", "Value");
    return answer;
}

ApiResult<json::object> tag(Call& call, Input& input) {
    const std::string arn = input.required_text("ResourceARN");
    const auto tags = input.pairs("Tags", "Key", "Value");
    if (!input.good()) { return input.problem(); }
    const auto rule = tagged(call, arn);
    if (!rule) { return std::unexpected(rule.error()); }
    for (const auto& [key, value] : tags) { (*rule)->tags[key] = value; }
    return json::object();
}

ApiResult<json::object> untag(Call& call, Input& input) {
    const std::string arn = input.required_text("ResourceARN");
    const auto keys = input.required_texts("TagKeys");
    if (!input.good()) { return input.problem(); }
    const auto rule = tagged(call, arn);
    if (!rule) { return std::unexpected(rule.error()); }
    for (const auto& key : keys) { (*rule)->tags.erase(key); }
    return json::object();
}

constexpr Operation operations[] = {
    {"PutRule", put_rule, Change::State},
    {"DescribeRule", describe},
    {"ListRules", list},
    {"DeleteRule", remove, Change::State},
    {"EnableRule", enable, Change::State},
    {"DisableRule", disable, Change::State},
    {"ListTagsForResource", list_tags},
    {"TagResource", tag, Change::State},
    {"UntagResource", untag, Change::State},
};

} // namespace

void check_event_bus(Input& input, const State& state) {
    const auto name = input.text("EventBusName");
    const std::string arn =
        fmt::format("arn:aws:events:{}:{}:event-bus/default", state.identity.region, state.identity.account_id);
    if (name && *name != "default" && *name != arn) {
        input.note({"ResourceNotFoundException", fmt::format("Event bus {} does not exist.", *name)});
    }
}

ApiResult<Rule*> require_rule(Call& call, const std::string& name) {
    const auto found = call.state.rules.by_name.find(name);
    if (found == call.state.rules.by_name.end()) {
        return api_fail("ResourceNotFoundException", fmt::format("Rule {} does not exist on EventBus default.", name));
    }
    return &found->second;
}

ApiResult<std::vector<std::string>> rules_page(Input& input, std::vector<std::string> keys, json::object& answer) {
    const int limit = input.integer_between("Limit", 1, 100).value_or(100);
    const std::string token = input.text_or("NextToken", "");
    if (!input.good()) { return input.problem(); }
    auto page = cut_page(std::move(keys), static_cast<std::size_t>(limit), token);
    if (!page) { return api_fail("ValidationException", "NextToken is not valid."); }
    put(answer, "NextToken", page->next_token);
    return std::move(page->keys);
}

std::span<const Operation> rule_operations() {
    return operations;
}

} // namespace ecsr::local::wire
