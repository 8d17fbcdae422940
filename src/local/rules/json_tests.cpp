#include "local/rules/json_tests.hpp"

#include "base/text.hpp"
#include "local/logs/wildcard.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <optional>
#include <string>
#include <string_view>

namespace ecsr::local {

namespace {

namespace json = boost::json;

constexpr std::array match_types = {"prefix", "suffix", "equals-ignore-case", "wildcard", "numeric", "anything-but",
                                    "exists", "cidr"};
constexpr std::array text_tests = {"prefix", "suffix", "equals-ignore-case", "wildcard"};

std::string_view view(const json::string& text) {
    return {text.data(), text.size()};
}

std::string_view view(json::string_view text) {
    return {text.data(), text.size()};
}

bool is_text_test(std::string_view name) {
    return std::ranges::find(text_tests, name) != text_tests.end();
}

// ---- addresses ----

struct Network {
    std::uint32_t address = 0;
    std::uint32_t mask = 0;
};

std::optional<std::uint32_t> parse_address(std::string_view text) {
    const auto parts = split(text, '.');
    if (parts.size() != 4) { return std::nullopt; }
    std::uint32_t address = 0;
    for (const auto& part : parts) {
        const auto number = parse_integer(part);
        if (!number || *number < 0 || *number > 255) { return std::nullopt; }
        address = (address << 8U) | static_cast<std::uint32_t>(*number);
    }
    return address;
}

std::optional<Network> parse_network(std::string_view text) {
    const auto slash = text.find('/');
    if (slash == std::string_view::npos) { return std::nullopt; }
    const auto address = parse_address(text.substr(0, slash));
    const auto bits = parse_integer(text.substr(slash + 1));
    if (!address || !bits || *bits < 0 || *bits > 32) { return std::nullopt; }
    const std::uint32_t mask = *bits == 0 ? 0 : ~std::uint32_t{0} << static_cast<unsigned>(32 - *bits);
    return Network{*address & mask, mask};
}

// ---- checking ----

Status refuse(std::string problem) {
    return fail(ErrorKind::Usage, std::move(problem));
}

Status check_numeric(const json::value& argument) {
    const auto* list = argument.if_array();
    if (list == nullptr) { return refuse("Value of numeric must be an array."); }
    if (list->empty() || list->size() % 2 != 0 || list->size() > 4) {
        return refuse("Invalid member in numeric match: an operator and a number, once or twice, are expected");
    }
    for (std::size_t i = 0; i < list->size(); i += 2) {
        static constexpr std::array comparisons = {"=", "<", "<=", ">", ">="};
        const auto* comparison = (*list)[i].if_string();
        if (comparison == nullptr || std::ranges::find(comparisons, view(*comparison)) == comparisons.end()) {
            return refuse("Unrecognized numeric range operator: " + json::serialize((*list)[i]));
        }
        if (!(*list)[i + 1].is_number()) { return refuse("Value of numeric operator must be numeric"); }
    }
    return {};
}

// {"equals-ignore-case": "text"} counts as a text where `folds` says so.
bool is_text_argument(const json::value& argument, bool folds) {
    if (argument.is_string()) { return true; }
    const auto* object = argument.if_object();
    if (!folds || object == nullptr || object->size() != 1) { return false; }
    const auto* inner = object->if_contains("equals-ignore-case");
    return inner != nullptr && inner->is_string();
}

Status check_text_test(std::string_view name, const json::value& argument, bool takes_list) {
    const bool folds = name == "prefix" || name == "suffix";
    const auto* list = argument.if_array();
    const bool fits = takes_list && list != nullptr
                          ? !list->empty() && std::ranges::all_of(*list, [](const auto& x) { return x.is_string(); })
                          : is_text_argument(argument, folds);
    if (!fits) { return refuse(fmt::format("{} match pattern must be a string", name)); }
    return {};
}

Status check_anything_but(const json::value& argument) {
    const auto is_scalar = [](const json::value& value) { return value.is_string() || value.is_number(); };
    if (const auto* list = argument.if_array()) {
        const bool fits = !list->empty() && std::ranges::all_of(*list, is_scalar);
        return fits ? Status() : refuse("anything-but takes strings and numbers");
    }
    if (const auto* test = argument.if_object()) {
        const bool known = test->size() == 1 && is_text_test(view(test->begin()->key()));
        if (!known) { return refuse("Unsupported anything-but pattern: " + json::serialize(argument)); }
        return check_text_test(view(test->begin()->key()), test->begin()->value(), true);
    }
    return is_scalar(argument) ? Status()
                               : refuse("Value of anything-but must be an array or single string/number value.");
}

// ---- matching ----

bool holds_text_test(std::string_view name, const json::value& argument, std::string_view text) {
    if (const auto* list = argument.if_array()) {
        return std::ranges::any_of(*list, [&](const auto& each) { return holds_text_test(name, each, text); });
    }
    if (const auto* folded = argument.if_object()) {
        const std::string inner = to_lower(view(folded->at("equals-ignore-case").get_string()));
        const std::string lower = to_lower(text);
        return name == "prefix" ? lower.starts_with(inner) : lower.ends_with(inner);
    }
    const std::string_view wanted = view(argument.get_string());
    if (name == "prefix") { return text.starts_with(wanted); }
    if (name == "suffix") { return text.ends_with(wanted); }
    if (name == "equals-ignore-case") { return equals_ignoring_case(text, wanted); }
    return matches_wildcards(wanted, text);
}

bool equal(const json::value& wanted, const json::value& value) {
    if (wanted.is_number() && value.is_number()) { return wanted.to_number<double>() == value.to_number<double>(); }
    return wanted.kind() == value.kind() && wanted == value;
}

bool holds_numeric(const json::array& argument, const json::value& value) {
    if (!value.is_number()) { return false; }
    const auto number = value.to_number<double>();
    for (std::size_t i = 0; i < argument.size(); i += 2) {
        const std::string_view comparison = view(argument[i].get_string());
        const auto limit = argument[i + 1].to_number<double>();
        const bool holds = (number == limit && comparison.ends_with('=')) || (number < limit && comparison[0] == '<') ||
                           (number > limit && comparison[0] == '>');
        if (!holds) { return false; }
    }
    return true;
}

bool holds_anything_but(const json::value& argument, const json::value& value) {
    if (const auto* test = argument.if_object()) {
        const auto* text = value.if_string();
        return text == nullptr || !holds_text_test(view(test->begin()->key()), test->begin()->value(), view(*text));
    }
    if (const auto* list = argument.if_array()) {
        return std::ranges::none_of(*list, [&](const auto& each) { return equal(each, value); });
    }
    return !equal(argument, value);
}

bool holds_cidr(const json::value& argument, const json::value& value) {
    const auto network = parse_network(view(argument.get_string()));
    const auto* text = value.if_string();
    const auto address = text == nullptr ? std::nullopt : parse_address(view(*text));
    return network && address && (*address & network->mask) == network->address;
}

} // namespace

bool is_match_type(json::string_view name) {
    return std::ranges::find(match_types, view(name)) != match_types.end();
}

Status check_test(const json::object& test) {
    if (test.size() != 1) { return refuse("Only one key allowed in match expression"); }
    const std::string_view name = view(test.begin()->key());
    const json::value& argument = test.begin()->value();
    if (!is_match_type(test.begin()->key())) { return refuse(fmt::format("Unrecognized match type {}", name)); }
    if (is_text_test(name)) { return check_text_test(name, argument, false); }
    if (name == "numeric") { return check_numeric(argument); }
    if (name == "anything-but") { return check_anything_but(argument); }
    if (name == "exists") {
        return argument.is_bool() ? Status() : refuse("exists match pattern must be either true or false.");
    }
    const auto* network = argument.if_string();
    if (network == nullptr) { return refuse("cidr match pattern must be a string"); }
    if (!parse_network(view(*network))) {
        return refuse(fmt::format("Malformed CIDR, one '/' required, IPv4 alone in the local ECS: {}", view(*network)));
    }
    return {};
}

bool matches_item(const json::value& item, const json::value* value) {
    const auto* test = item.if_object();
    if (test == nullptr) { return value != nullptr && equal(item, *value); }
    const std::string_view name = view(test->begin()->key());
    const json::value& argument = test->begin()->value();
    if (name == "exists") { return argument.get_bool() == (value != nullptr); }
    if (value == nullptr) { return false; }
    if (name == "numeric") { return holds_numeric(argument.get_array(), *value); }
    if (name == "anything-but") { return holds_anything_but(argument, *value); }
    if (name == "cidr") { return holds_cidr(argument, *value); }
    const auto* text = value->if_string();
    return text != nullptr && holds_text_test(name, argument, view(*text));
}

} // namespace ecsr::local
