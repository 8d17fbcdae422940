#include "base/json_text.hpp"
#include "base/text.hpp"
#include "local/rules/json_event.hpp"
#include "local/rules/json_input.hpp"
#include "local/rules/targets.hpp"
#include "local/state/json_line.hpp"

#include <algorithm>
#include <cctype>
#include <optional>

namespace ecsr::local {

namespace {

namespace json = boost::json;

bool is_name_character(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-';
}

// The step at the front of `rest`, ".name", "[0]" or "['name']", which it is taken from; nothing when there is none.
std::optional<std::string> take_step(std::string_view& rest, bool& is_index) {
    is_index = false;
    if (rest.starts_with('.')) {
        const auto end = std::find_if_not(rest.begin() + 1, rest.end(), is_name_character);
        const auto length = static_cast<std::size_t>(end - rest.begin());
        std::string name(rest.substr(1, length - 1));
        rest.remove_prefix(length);
        return name.empty() ? std::nullopt : std::optional(std::move(name));
    }
    const auto end = rest.find(']');
    if (!rest.starts_with('[') || end == std::string_view::npos) { return std::nullopt; }
    const std::string_view inside = rest.substr(1, end - 1);
    rest.remove_prefix(end + 1);
    if (inside.size() > 2 && inside.front() == inside.back() && (inside.front() == '\'' || inside.front() == '"')) {
        return std::string(inside.substr(1, inside.size() - 2));
    }
    is_index = parse_integer(inside).has_value();
    return is_index ? std::optional(std::string(inside)) : std::nullopt;
}

const json::value* follow(const json::value& from, const std::string& step, bool is_index) {
    if (!is_index) {
        const auto* object = from.if_object();
        return object == nullptr ? nullptr : object->if_contains(step);
    }
    const auto* array = from.if_array();
    const auto index = parse_integer(step);
    const bool there = array != nullptr && index && *index >= 0 && static_cast<std::size_t>(*index) < array->size();
    return there ? &(*array)[static_cast<std::size_t>(*index)] : nullptr;
}

// What "<name>" of a template stands for; nothing when the event has no such member.
std::optional<json::value> variable(const std::string& name, const Rule& rule, const RuleTarget& target,
                                    const json::object& event, Instant now) {
    if (name == "aws.events.rule-arn") { return json::value(rule.arn); }
    if (name == "aws.events.rule-name") { return json::value(rule.name); }
    if (name == "aws.events.event.ingestion-time") { return json::value(to_rfc3339(now)); }
    if (name == "aws.events.event.json") { return json::value(event); }
    if (name == "aws.events.event") {
        json::object without_detail = event;
        without_detail.erase("detail");
        return json::value(std::move(without_detail));
    }
    const auto path = target.input_paths.find(name);
    return path == target.input_paths.end() ? std::nullopt : find_by_path(event, path->second);
}

// Between quotation marks a value stands as bare text, elsewhere as JSON.
std::string written(const json::value& value, bool in_quotes) {
    if (!in_quotes) { return json_line(value); }
    const auto* text = value.if_string();
    return text == nullptr ? ecsr::json::inside_quotes(json_line(value))
                           : ecsr::json::inside_quotes({text->data(), text->size()});
}

std::string transformed(const Rule& rule, const RuleTarget& target, const json::object& event, Instant now) {
    const std::string_view text = target.input_template;
    std::string out;
    bool in_quotes = false;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] == '\\' && at + 1 < text.size()) {
            out += text[at];
            out += text[++at];
            continue;
        }
        if (text[at] == '"') { in_quotes = !in_quotes; }
        const auto end = text[at] == '<' ? text.find('>', at) : std::string_view::npos;
        const std::string name(end == std::string_view::npos ? "" : text.substr(at + 1, end - at - 1));
        if (name.empty() || !is_template_variable(target, name)) {
            out += text[at];
            continue;
        }
        if (const auto value = variable(name, rule, target, event, now)) { out += written(*value, in_quotes); }
        at = end;
    }
    return out;
}

} // namespace

std::optional<json::value> find_by_path(const json::object& event, std::string_view path) {
    if (!is_event_path(path)) { return std::nullopt; }
    std::string_view rest = path.substr(1);
    if (rest.empty()) { return json::value(event); }
    bool is_index = false;
    const json::value* at = event.if_contains(*take_step(rest, is_index));
    while (!rest.empty() && at != nullptr) {
        const auto step = take_step(rest, is_index);
        at = follow(*at, *step, is_index);
    }
    return at == nullptr ? std::nullopt : std::optional(*at);
}

bool is_event_path(std::string_view path) {
    if (!path.starts_with('$')) { return false; }
    bool is_index = false;
    for (std::string_view rest = path.substr(1); !rest.empty();) {
        if (!take_step(rest, is_index)) { return false; }
    }
    return true;
}

bool is_template_variable(const RuleTarget& target, const std::string& name) {
    return target.input_paths.contains(name) || name == "aws.events.rule-arn" || name == "aws.events.rule-name" ||
           name == "aws.events.event.ingestion-time" || name == "aws.events.event.json" || name == "aws.events.event";
}

std::string target_input(const Rule& rule, const RuleTarget& target, const json::object& event, Instant now) {
    if (target.input) { return *target.input; }
    if (!target.input_template.empty()) { return transformed(rule, target, event, now); }
    if (target.input_path.empty()) { return json_line(event); }
    const auto found = find_by_path(event, target.input_path);
    return found ? json_line(*found) : "";
}

} // namespace ecsr::local
