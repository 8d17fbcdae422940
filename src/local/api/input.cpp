#include "local/api/input.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fmt/format.h>
#include <limits>

namespace ecsr::local::wire {

namespace {

std::string to_std(const json::string& text) {
    return {text.data(), text.size()};
}

// AWS names members in messages with a small first letter, whatever the protocol.
std::string lower_first(std::string_view name) {
    std::string text(name);
    if (!text.empty()) { text[0] = to_lower(text.substr(0, 1))[0]; }
    return text;
}

std::optional<std::int64_t> whole_number(const json::value& value, Wire wire) {
    if (const auto* number = value.if_int64()) { return *number; }
    if (const auto* number = value.if_double(); number != nullptr && std::abs(*number) < 1e15) {
        if (std::nearbyint(*number) == *number) { return std::llround(*number); }
    }
    if (const auto* text = value.if_string(); text != nullptr && wire == Wire::Query) {
        if (const auto parsed = parse_integer({text->data(), text->size()})) { return *parsed; }
    }
    return std::nullopt;
}

std::optional<double> real_number(const json::value& value, Wire wire) {
    if (value.is_number()) { return value.to_number<double>(); }
    const auto* text = value.if_string();
    if (text == nullptr || wire != Wire::Query) { return std::nullopt; }
    double number = 0;
    const char* end = text->data() + text->size();
    const auto [stop, status] = std::from_chars(text->data(), end, number);
    if (status != std::errc{} || stop != end || !std::isfinite(number)) { return std::nullopt; }
    return number;
}

} // namespace

void Problems::note(ApiError problem) {
    if (!first) { first = std::move(problem); }
}

Input::Input(const json::object& members, Problems& problems, std::string where)
    : members_(&members), problems_(&problems), where_(std::move(where)) {}

std::string Input::path(std::string_view name) const {
    return where_.empty() ? lower_first(name) : fmt::format("{}.{}", where_, lower_first(name));
}

const json::value* Input::find(std::string_view name) const {
    const auto* member = members_->if_contains(name);
    return member == nullptr || member->is_null() ? nullptr : member;
}

void Input::note_type(std::string_view name, std::string_view wanted) {
    const bool query = problems_->wire == Wire::Query;
    note({query ? "MalformedInput" : "SerializationException", fmt::format("{} must be {}", path(name), wanted)});
}

void Input::note_constraint(std::string_view name, const std::optional<std::string>& value,
                            std::string_view constraint) {
    const std::string shown = value ? fmt::format("'{}'", *value) : "null";
    note({std::string(problems_->validation_code),
          fmt::format("1 validation error detected: Value {} at '{}' failed to satisfy constraint: {}", shown,
                      path(name), constraint)});
}

std::optional<std::string> Input::text(std::string_view name) {
    const auto* member = find(name);
    if (member == nullptr) { return std::nullopt; }
    if (const auto* text = member->if_string()) { return to_std(*text); }
    note_type(name, "a string");
    return std::nullopt;
}

std::optional<int> Input::integer(std::string_view name) {
    const auto* member = find(name);
    if (member == nullptr) { return std::nullopt; }
    const auto number = whole_number(*member, problems_->wire);
    if (number && *number >= std::numeric_limits<int>::min() && *number <= std::numeric_limits<int>::max()) {
        return static_cast<int>(*number);
    }
    note_type(name, "a whole number of 32 bits");
    return std::nullopt;
}

std::optional<std::int64_t> Input::long_integer(std::string_view name) {
    const auto* member = find(name);
    if (member == nullptr) { return std::nullopt; }
    const auto number = whole_number(*member, problems_->wire);
    if (!number) { note_type(name, "a whole number"); }
    return number;
}

std::optional<bool> Input::boolean(std::string_view name) {
    const auto* member = find(name);
    if (member == nullptr) { return std::nullopt; }
    if (const auto* flag = member->if_bool()) { return *flag; }
    if (const auto* text = member->if_string(); text != nullptr && problems_->wire == Wire::Query) {
        if (*text == "true") { return true; }
        if (*text == "false") { return false; }
    }
    note_type(name, "true or false");
    return std::nullopt;
}

std::optional<double> Input::number(std::string_view name) {
    const auto* member = find(name);
    if (member == nullptr) { return std::nullopt; }
    const auto value = real_number(*member, problems_->wire);
    if (!value) { note_type(name, "a number"); }
    return value;
}

std::vector<double> Input::numbers(std::string_view name) {
    std::vector<double> numbers;
    const auto* array = find_array(name);
    if (array == nullptr) { return numbers; }
    for (const auto& item : *array) {
        const auto number = real_number(item, problems_->wire);
        if (!number) {
            note_type(name, "a list of numbers");
            return {};
        }
        numbers.push_back(*number);
    }
    return numbers;
}

std::optional<Instant> Input::instant(std::string_view name) {
    static constexpr double furthest = 1e11; // seconds; further away nobody can count in milliseconds
    const auto* member = find(name);
    if (member == nullptr) { return std::nullopt; }
    if (const auto* text = member->if_string()) {
        if (const auto at = parse_rfc3339(to_std(*text))) { return *at; }
    } else if (const auto seconds = real_number(*member, problems_->wire); seconds && std::abs(*seconds) < furthest) {
        return from_epoch_seconds(*seconds);
    }
    note_type(name, "a time");
    return std::nullopt;
}

const json::array* Input::find_array(std::string_view name) {
    static const json::array none;
    const auto* member = find(name);
    if (member == nullptr) { return nullptr; }
    if (const auto* array = member->if_array()) { return array; }
    // The query protocol writes an empty list as "Name=".
    if (problems_->wire == Wire::Query && member->is_string() && member->get_string().empty()) { return &none; }
    note_type(name, "a list");
    return nullptr;
}

std::vector<int> Input::integers(std::string_view name) {
    std::vector<int> numbers;
    const auto* array = find_array(name);
    if (array == nullptr) { return numbers; }
    for (const auto& item : *array) {
        const auto number = whole_number(item, problems_->wire);
        const bool fits =
            number && *number >= std::numeric_limits<int>::min() && *number <= std::numeric_limits<int>::max();
        if (!fits) {
            note_type(name, "a list of whole numbers");
            return {};
        }
        numbers.push_back(static_cast<int>(*number));
    }
    return numbers;
}

std::optional<std::vector<std::string>> Input::texts(std::string_view name) {
    const auto* array = find_array(name);
    if (array == nullptr) { return std::nullopt; }
    std::vector<std::string> texts;
    for (const auto& item : *array) {
        if (const auto* text = item.if_string()) {
            texts.push_back(to_std(*text));
        } else {
            note_type(name, "a list of strings");
        }
    }
    return texts;
}

std::optional<Input> Input::object(std::string_view name) {
    const auto* member = find(name);
    if (member == nullptr) { return std::nullopt; }
    if (const auto* object = member->if_object()) { return Input(*object, *problems_, path(name)); }
    note_type(name, "an object");
    return std::nullopt;
}

std::vector<Input> Input::objects(std::string_view name) {
    std::vector<Input> objects;
    const auto* array = find_array(name);
    if (array == nullptr) { return objects; }
    for (const auto& item : *array) {
        if (const auto* object = item.if_object()) {
            objects.emplace_back(*object, *problems_, fmt::format("{}.{}.member", path(name), objects.size() + 1));
        } else {
            note_type(name, "a list of objects");
        }
    }
    return objects;
}

std::map<std::string, std::string> Input::map(std::string_view name) {
    std::map<std::string, std::string> entries;
    const auto* member = find(name);
    if (member == nullptr) { return entries; }
    const auto* object = member->if_object();
    if (object == nullptr) {
        note_type(name, "an object");
        return entries;
    }
    for (const auto& [key, value] : *object) {
        if (const auto* text = value.if_string()) {
            entries[std::string(key.data(), key.size())] = to_std(*text);
        } else {
            note_type(name, "an object of strings");
        }
    }
    return entries;
}

std::map<std::string, std::string> Input::pairs(std::string_view name, std::string_view key, std::string_view value) {
    std::map<std::string, std::string> entries;
    for (auto& pair : objects(name)) { entries[pair.required_text(key)] = pair.text_or(value, ""); }
    return entries;
}

std::string Input::text_or(std::string_view name, std::string_view fallback) {
    return text(name).value_or(std::string(fallback));
}

std::string Input::required_text(std::string_view name) {
    if (!has(name)) { note_constraint(name, std::nullopt, "Member must not be null"); }
    return text_or(name, "");
}

int Input::required_integer(std::string_view name) {
    if (!has(name)) { note_constraint(name, std::nullopt, "Member must not be null"); }
    return integer_or(name, 0);
}

std::int64_t Input::required_long(std::string_view name) {
    if (!has(name)) { note_constraint(name, std::nullopt, "Member must not be null"); }
    return long_integer(name).value_or(0);
}

Instant Input::required_instant(std::string_view name) {
    if (!has(name)) { note_constraint(name, std::nullopt, "Member must not be null"); }
    return instant(name).value_or(Instant{});
}

bool Input::required_boolean(std::string_view name) {
    if (!has(name)) { note_constraint(name, std::nullopt, "Member must not be null"); }
    return boolean_or(name, false);
}

std::vector<std::string> Input::required_texts(std::string_view name) {
    auto list = texts(name).value_or(std::vector<std::string>{});
    if (list.empty()) { note_constraint(name, std::nullopt, "Member must not be null"); }
    return list;
}

std::optional<std::string> Input::text_among(std::string_view name, std::initializer_list<std::string_view> allowed) {
    auto value = text(name);
    if (value && std::ranges::find(allowed, std::string_view(*value)) == allowed.end()) {
        note_constraint(name, value, fmt::format("Member must satisfy enum value set: [{}]", fmt::join(allowed, ", ")));
    }
    return value;
}

std::optional<int> Input::integer_between(std::string_view name, int low, int high) {
    const auto value = integer(name);
    if (value && *value < low) {
        note_constraint(name, std::to_string(*value),
                        fmt::format("Member must have value greater than or equal to {}", low));
    }
    if (value && *value > high) {
        note_constraint(name, std::to_string(*value),
                        fmt::format("Member must have value less than or equal to {}", high));
    }
    return value;
}

} // namespace ecsr::local::wire
