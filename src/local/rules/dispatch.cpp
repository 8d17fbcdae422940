#include "base/log.hpp"
#include "local/logs/log_store.hpp"
#include "local/messages/topics.hpp"
#include "local/rules/json_dispatch.hpp"
#include "local/rules/json_event.hpp"
#include "local/rules/json_input.hpp"
#include "local/rules/json_pattern.hpp"
#include "local/rules/targets.hpp"
#include "local/rules/tell_rules.hpp"
#include "local/state/json_line.hpp"

#include <optional>
#include <utility>

namespace ecsr::local {

namespace {

namespace json = boost::json;

bool is_topic(const RuleTarget& target) {
    return target.arn.starts_with("arn:aws:sns:");
}

bool is_log_group(const RuleTarget& target) {
    return target.arn.starts_with("arn:aws:logs:") && target.arn.find(":log-group:") != std::string::npos;
}

std::string group_name(const RuleTarget& target) {
    static constexpr std::string_view mark = ":log-group:";
    std::string name = target.arn.substr(target.arn.find(mark) + mark.size());
    if (name.ends_with(":*")) { name.resize(name.size() - 2); }
    return name;
}

// Log targets take {"timestamp": ..., "message": ...} apart; anything else is the message.
NewLogEvent log_event(const std::string& input, Instant now) {
    json::error_code error;
    const json::value parsed = json::parse(input, error);
    const auto* object = error ? nullptr : parsed.if_object();
    const auto* at = object == nullptr ? nullptr : object->if_contains("timestamp");
    const auto* message = object == nullptr ? nullptr : object->if_contains("message");
    if (at == nullptr || message == nullptr || object->size() != 2 || !at->is_number()) { return {now, input}; }
    const auto* text = message->if_string();
    return {Instant(Millis(at->to_number<std::int64_t>(error))),
            text == nullptr ? json_line(*message) : std::string(text->data(), text->size())};
}

// Why nothing was told; empty when it was.
std::string tell(State& state, const Rule& rule, const RuleTarget& target, const json::object& event, Instant now) {
    const std::string input = target_input(rule, target, event, now);
    if (is_topic(target)) {
        const auto published = publish(state, Publication{target.arn, "", input, false, {}}, now);
        return published ? "" : published.error().message;
    }
    if (!is_log_group(target)) { return {}; } // told to whoever made the target
    LogGroup* group = find_log_group(state, group_name(target));
    if (group == nullptr) { return "The specified log group does not exist."; }
    append_log(state, *group, need_log_stream(*group, rule.name, now), {log_event(input, now)}, now);
    return {};
}

} // namespace

bool is_told(const RuleTarget& target) {
    return is_topic(target) || is_log_group(target);
}

void dispatch(State& state, const json::object& event, Instant now) {
    for (const auto& [name, rule] : state.rules.by_name) {
        if (!rule.enabled || rule.targets.empty()) { continue; }
        const auto pattern = parse_event_pattern(rule.pattern);
        if (!pattern || !matches_event(*pattern, event)) { continue; }
        for (const auto& [id, target] : rule.targets) {
            const std::string problem = tell(state, rule, target, event, now);
            if (problem.empty()) { continue; }
            log(LogLevel::Warning, "a rule's target was not told of an event",
                {{"rule", name}, {"target", target.arn}, {"error", problem}});
        }
    }
}

void tell_rules(State& state) {
    if (state.rules.announced.empty()) { return; }
    for (const auto& announcement : std::exchange(state.rules.announced, {})) {
        dispatch(state, ecs_event(state, announcement), announcement.at);
    }
}

} // namespace ecsr::local
