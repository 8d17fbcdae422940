#include "local/api/form.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace ecsr::local::wire {

namespace {

constexpr std::size_t max_depth = 16;

void insert(json::object& root, const std::vector<std::string>& path, const std::string& value) {
    json::object* at = &root;
    for (std::size_t i = 0; i + 1 < path.size(); ++i) {
        json::value& next = (*at)[path[i]];
        if (!next.is_object()) { next = json::object(); }
        at = &next.get_object();
    }
    (*at)[path.back()] = value;
}

// {"1": x, "2": y} -> [x, y]; nothing when a key is no number.
std::optional<json::array> numbered(json::object& items) {
    std::vector<std::pair<std::int64_t, json::value*>> order;
    for (auto& [key, item] : items) {
        const auto number = parse_integer({key.data(), key.size()});
        if (!number) { return std::nullopt; }
        order.emplace_back(*number, &item);
    }
    std::ranges::sort(order, {}, &std::pair<std::int64_t, json::value*>::first);
    json::array array;
    for (const auto& [number, item] : order) { array.push_back(std::move(*item)); }
    return array;
}

void fold_lists(json::value& value) {
    auto* object = value.if_object();
    if (object == nullptr) { return; }
    for (auto& [key, member] : *object) { fold_lists(member); }
    if (object->size() != 1) { return; }
    const auto& [kind, items] = *object->begin();
    if ((kind != "member" && kind != "entry") || !items.is_object()) { return; }
    if (auto list = numbered(object->begin()->value().get_object())) { value = std::move(*list); }
}

} // namespace

json::object parse_form(std::string_view form) {
    json::value root = json::object();
    for (const auto& field : split(form, '&')) {
        const auto equals = field.find('=');
        const auto path = split(percent_decode(field.substr(0, equals), true), '.');
        if (path.front().empty() || path.size() > max_depth) { continue; }
        insert(root.get_object(), path,
               equals == std::string::npos ? std::string() : percent_decode(field.substr(equals + 1), true));
    }
    for (auto& [name, member] : root.get_object()) { fold_lists(member); }
    return std::move(root.get_object());
}

} // namespace ecsr::local::wire
