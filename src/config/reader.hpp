// Reading typed values out of a document: a section is a table of fields, so that what is known is said once. Internal
// to config/.
#pragma once

#include "base/error.hpp"
#include "config/document.hpp"
#include "config/problem.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace ecsr::config {

// Where the reader stands, and where it tells what is wrong.
class Scope {
public:
    Scope(Problems& problems, std::string field) : problems_(&problems), field_(std::move(field)) {}

    Scope at(std::string_view key) const;
    Scope at(std::size_t index) const;
    const std::string& field() const { return field_; }
    std::size_t problems() const { return problems_->count(); } // so far, of the whole file
    bool has_problem() const { return problems_->any_in(field_); }

    void problem(int line, std::string text) const { problems_->add(line, field_, std::move(text)); }
    // The same, with the node's value shown as it was written.
    void problem(const Node& node, std::string text) const;

private:
    Problems* problems_;
    std::string field_;
};

// ---- values; nothing is returned when a problem was added ----

std::optional<std::string> read_text(const Node& node, const Scope& scope);
std::optional<bool> read_bool(const Node& node, const Scope& scope);
std::optional<int> read_integer(const Node& node, const Scope& scope, int least, int most);
// One text, or a list of them.
std::optional<std::vector<std::string>> read_texts(const Node& node, const Scope& scope);

// A text that `parse` understands.
template <class Parse>
auto read_parsed(const Node& node, const Scope& scope, Parse parse)
    -> std::optional<typename std::invoke_result_t<Parse, std::string_view>::value_type> {
    const auto text = read_text(node, scope);
    if (!text) { return std::nullopt; }
    auto parsed = parse(std::string_view(*text));
    if (!parsed) {
        scope.problem(node, parsed.error().message);
        return std::nullopt;
    }
    return std::move(*parsed);
}

template <class T, class Value>
void set(T& into, std::optional<Value> value) {
    if (value) { into = std::move(*value); }
}

// ---- sections ----

template <class T>
struct Field {
    std::string_view key;
    std::function<void(T& into, const Node& node, const Scope& scope)> read;
};

template <class T>
using Fields = std::vector<Field<T>>;

// Tells the keys that are not among `known`, with the nearest that is.
void refuse_unknown(const Node& mapping, const std::vector<std::string>& known, const Scope& scope);
// Adds a problem unless it is a mapping.
bool is_mapping(const Node& node, const Scope& scope);
// Adds a problem if the value is missing.
bool is_given(const Entry& entry, const Scope& scope);

// Readers of one member: {"wait", parsed<&RunSpec::wait, parse_duration>}.
template <auto member, auto parse>
inline constexpr auto parsed =
    [](auto& into, const Node& node, const Scope& scope) { set(into.*member, read_parsed(node, scope, parse)); };
template <auto member>
inline constexpr auto text =
    [](auto& into, const Node& node, const Scope& scope) { set(into.*member, read_text(node, scope)); };
template <auto member>
inline constexpr auto texts =
    [](auto& into, const Node& node, const Scope& scope) { set(into.*member, read_texts(node, scope)); };
template <auto member>
inline constexpr auto boolean =
    [](auto& into, const Node& node, const Scope& scope) { set(into.*member, read_bool(node, scope)); };

template <class T>
std::vector<std::string> keys_of(const Fields<T>& fields) {
    std::vector<std::string> keys;
    for (const auto& field : fields) { keys.emplace_back(field.key); }
    return keys;
}

// Reads every key that is there into `into`; the others keep their value.
template <class T>
void read_section(T& into, const Node& node, const Scope& scope, const Fields<T>& fields) {
    if (!is_mapping(node, scope)) { return; }
    refuse_unknown(node, keys_of(fields), scope);
    for (const Entry& entry : node.entries) {
        for (const auto& field : fields) {
            const Scope inner = scope.at(entry.key);
            if (field.key == entry.key && is_given(entry, inner)) { field.read(into, entry.value, inner); }
        }
    }
}

// Calls read(item, scope) for every item of a list.
template <class Read>
void read_list(const Node& node, const Scope& scope, Read read) {
    if (node.kind != Node::Kind::List) {
        scope.problem(node.line, "must be a list; allowed: items that begin with \"- \"");
        return;
    }
    for (std::size_t i = 0; i < node.items.size(); ++i) { read(node.items[i], scope.at(i)); }
}

const Node* find(const Node& mapping, std::string_view key);

} // namespace ecsr::config
