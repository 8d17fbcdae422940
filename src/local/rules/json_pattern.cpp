#include "local/rules/json_pattern.hpp"

#include "base/text.hpp"
#include "local/logs/wildcard.hpp"
#include "local/rules/json_tests.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <string>

namespace ecsr::local {

namespace {

namespace json = boost::json;

constexpr int deepest = 64;

std::string to_std(json::string_view text) {
    return {text.data(), text.size()};
}

// "$or" is a field of that name unless it holds what only the operator can hold.
const json::array* alternatives(json::string_view key, const json::value& value) {
    const auto* list = value.if_array();
    const bool all_objects =
        list != nullptr && list->size() > 1 && std::ranges::all_of(*list, [](const auto& item) {
            const auto* object = item.if_object();
            if (object == nullptr || object->size() == 0) { return false; }
            return std::ranges::none_of(*object, [](const auto& each) { return is_match_type(each.key()); });
        });
    return key == "$or" && all_objects ? list : nullptr;
}

// ---- checking ----

Status check_object(const json::object& pattern, int depth);

Status check_leaf(json::string_view key, const json::array& leaf) {
    if (leaf.empty()) { return fail(ErrorKind::Usage, "Empty arrays are not allowed"); }
    for (const auto& item : leaf) {
        if (item.is_array()) {
            return fail(ErrorKind::Usage,
                        fmt::format("Match value must be String, number, true, false, or null (in {})", to_std(key)));
        }
        if (const auto* test = item.if_object()) {
            if (auto checked = check_test(*test); !checked) { return checked; }
        }
    }
    return {};
}

Status check_member(json::string_view key, const json::value& value, int depth) {
    if (depth > deepest) { return fail(ErrorKind::Usage, "Event pattern is nested too deeply"); }
    if (const auto* list = alternatives(key, value)) {
        for (const auto& item : *list) {
            if (auto checked = check_object(item.get_object(), depth + 1); !checked) { return checked; }
        }
        return {};
    }
    if (const auto* object = value.if_object()) { return check_object(*object, depth + 1); }
    if (const auto* leaf = value.if_array()) { return check_leaf(key, *leaf); }
    return fail(ErrorKind::Usage, fmt::format("\"{}\" must be an object or an array", to_std(key)));
}

Status check_object(const json::object& pattern, int depth) {
    if (pattern.empty()) { return fail(ErrorKind::Usage, "Empty objects are not allowed"); }
    for (const auto& [key, value] : pattern) {
        if (auto checked = check_member(key, value, depth); !checked) { return checked; }
    }
    return {};
}

// ---- matching ----

bool matches_object(const json::object& pattern, const json::value* event);

// `value`: null when the event has no such member.
bool matches_leaf(const json::array& leaf, const json::value* value) {
    const auto any_item_matches = [&](const json::value* found) {
        return std::ranges::any_of(leaf, [&](const json::value& item) { return matches_item(item, found); });
    };
    if (value == nullptr || value->is_object()) { return any_item_matches(nullptr); }
    const auto* list = value->if_array();
    if (list == nullptr) { return any_item_matches(value); }
    bool has_values = false;
    for (const auto& item : *list) {
        if (item.is_object()) { continue; }
        has_values = true;
        // Lists in lists count as one.
        if (item.is_array() ? matches_leaf(leaf, &item) : any_item_matches(&item)) { return true; }
    }
    return !has_values && any_item_matches(nullptr);
}

bool matches_member(json::string_view key, const json::value& wanted, const json::object* event) {
    if (const auto* list = alternatives(key, wanted)) {
        return std::ranges::any_of(*list, [&](const json::value& each) {
            return std::ranges::all_of(each.get_object(), [&](const auto& member) {
                return matches_member(member.key(), member.value(), event);
            });
        });
    }
    const auto* value = event == nullptr ? nullptr : event->if_contains(key);
    if (const auto* object = wanted.if_object()) { return matches_object(*object, value); }
    return matches_leaf(wanted.get_array(), value);
}

bool matches_object(const json::object& pattern, const json::value* event) {
    if (event != nullptr && event->is_array() && !event->get_array().empty()) {
        return std::ranges::any_of(event->get_array(),
                                   [&](const json::value& item) { return matches_object(pattern, &item); });
    }
    const auto* object = event == nullptr ? nullptr : event->if_object();
    return std::ranges::all_of(
        pattern, [&](const auto& member) { return matches_member(member.key(), member.value(), object); });
}

} // namespace

Result<json::object> parse_event_pattern(std::string_view text) {
    json::error_code error;
    json::value pattern = json::parse({text.data(), text.size()}, error);
    if (error) { return fail(ErrorKind::Usage, fmt::format("it is not JSON ({})", error.message())); }
    if (!pattern.is_object()) { return fail(ErrorKind::Usage, "Filter is not an object"); }
    if (auto checked = check_object(pattern.get_object(), 0); !checked) { return std::unexpected(checked.error()); }
    return std::move(pattern.get_object());
}

bool matches_event(const json::object& pattern, const json::object& event) {
    return std::ranges::all_of(
        pattern, [&](const auto& member) { return matches_member(member.key(), member.value(), &event); });
}

} // namespace ecsr::local
