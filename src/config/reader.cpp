#include "config/reader.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace ecsr::config {

namespace {

const char* kind_name(const Node& node) {
    switch (node.kind) {
    case Node::Kind::Empty: return "nothing";
    case Node::Kind::Scalar: return "one value";
    case Node::Kind::List: return "a list";
    case Node::Kind::Mapping: return "a mapping";
    }
    return "nothing";
}

} // namespace

Scope Scope::at(std::string_view key) const {
    return {*problems_, field_.empty() ? std::string(key) : fmt::format("{}.{}", field_, key)};
}

Scope Scope::at(std::size_t index) const {
    return {*problems_, fmt::format("{}[{}]", field_, index)};
}

void Scope::problem(const Node& node, std::string text) const {
    // A variable may hold a secret, even one that was put into the wrong place.
    if (node.text != node.as_written) {
        for (auto at = text.find(node.text); !node.text.empty() && at != std::string::npos;
             at = text.find(node.text, at + node.as_written.size())) {
            text.replace(at, node.text.size(), node.as_written);
        }
    }
    problems_->add(node.line, field_, std::move(text));
}

std::optional<std::string> read_text(const Node& node, const Scope& scope) {
    if (node.kind != Node::Kind::Scalar) {
        scope.problem(node.line, fmt::format("must be one value, not {}", kind_name(node)));
        return std::nullopt;
    }
    if (node.broken) { return std::nullopt; }
    if (trim(node.text).empty()) {
        scope.problem(node, "is empty; leave it out, or give a value");
        return std::nullopt;
    }
    return node.text;
}

std::optional<bool> read_bool(const Node& node, const Scope& scope) {
    const auto text = read_text(node, scope);
    if (!text) { return std::nullopt; }
    if (*text == "true" || *text == "false") { return *text == "true"; }
    scope.problem(node, fmt::format("\"{}\" is neither true nor false", *text));
    return std::nullopt;
}

std::optional<int> read_integer(const Node& node, const Scope& scope, int least, int most) {
    const auto text = read_text(node, scope);
    if (!text) { return std::nullopt; }
    const auto number = parse_integer(*text);
    if (number && *number >= least && *number <= most) { return static_cast<int>(*number); }
    scope.problem(node, fmt::format("\"{}\" is not a whole number from {} to {}", *text, least, most));
    return std::nullopt;
}

std::optional<std::vector<std::string>> read_texts(const Node& node, const Scope& scope) {
    if (node.kind != Node::Kind::List) {
        return read_text(node, scope).transform([](std::string text) { return std::vector{std::move(text)}; });
    }
    std::vector<std::string> texts;
    read_list(node, scope, [&](const Node& item, const Scope& inner) {
        if (auto text = read_text(item, inner)) { texts.push_back(std::move(*text)); }
    });
    return texts;
}

void refuse_unknown(const Node& mapping, const std::vector<std::string>& known, const Scope& scope) {
    for (const Entry& entry : mapping.entries) {
        if (std::ranges::find(known, entry.key) != known.end()) { continue; }
        const std::string near = nearest(entry.key, known);
        scope.at(entry.key).problem(entry.line, near.empty() ? fmt::format("is unknown; allowed: {}", join(known, ", "))
                                                             : fmt::format("is unknown; did you mean {}?", near));
    }
}

bool is_mapping(const Node& node, const Scope& scope) {
    if (node.kind == Node::Kind::Mapping) { return true; }
    scope.problem(node.line, fmt::format("must be a mapping (KEY: VALUE), not {}", kind_name(node)));
    return false;
}

bool is_given(const Entry& entry, const Scope& scope) {
    if (entry.value.kind != Node::Kind::Empty) { return true; }
    scope.problem(entry.line, "has no value; leave it out, or give one");
    return false;
}

const Node* find(const Node& mapping, std::string_view key) {
    const auto found = std::ranges::find(mapping.entries, key, &Entry::key);
    return found == mapping.entries.end() ? nullptr : &found->value;
}

} // namespace ecsr::config
