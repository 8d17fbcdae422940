#include "base/text.hpp"
#include "config/sections.hpp"

#include <fmt/format.h>
#include <iterator>

namespace ecsr::config {

namespace {

void append(std::vector<std::string>& into, std::optional<std::vector<std::string>> texts) {
    if (texts) { into.insert(into.end(), std::move_iterator(texts->begin()), std::move_iterator(texts->end())); }
}

// The singular and the plural of a key mean the same: one text or a list.
template <auto list>
void read_names(Rule& rule, const Node& node, const Scope& scope) {
    append(rule.selection.*list, read_texts(node, scope));
}

// "arn:aws:ecs:REGION:ACCOUNT:service/CLUSTER/SERVICE" says the cluster too.
void read_services(Rule& rule, const Node& node, const Scope& scope) {
    const auto names = read_texts(node, scope);
    for (const std::string& name : names.value_or(std::vector<std::string>{})) {
        const auto parts = split(name, '/');
        if (name.starts_with("arn:") && parts.size() == 3) {
            rule.selection.clusters.push_back(parts[1]);
            rule.selection.services.push_back(parts[2]);
        } else if (name.find('/') != std::string::npos || name.starts_with("arn:")) {
            scope.problem(node, fmt::format("\"{}\" is not a service; allowed: a name, a pattern with * and ?, or "
                                            "arn:aws:ecs:REGION:ACCOUNT:service/CLUSTER/SERVICE",
                                            name));
        } else {
            rule.selection.services.push_back(name);
        }
    }
}

void read_tags(Rule& rule, const Node& node, const Scope& scope) {
    if (!is_mapping(node, scope)) { return; }
    for (const Entry& entry : node.entries) {
        const Scope inner = scope.at(entry.key);
        if (!is_given(entry, inner)) { continue; }
        if (auto text = read_text(entry.value, inner)) { rule.selection.tags.emplace(entry.key, std::move(*text)); }
    }
}

} // namespace

const Fields<Rule>& rule_fields() {
    static const Fields<Rule> fields = [] {
        Fields<Rule> made{
            {"account", read_names<&Selection::accounts>},
            {"accounts", read_names<&Selection::accounts>},
            {"region", read_names<&Selection::regions>},
            {"regions", read_names<&Selection::regions>},
            {"cluster", read_names<&Selection::clusters>},
            {"clusters", read_names<&Selection::clusters>},
            {"service", read_services},
            {"services", read_services},
            {"tags", read_tags},
        };
        for (const auto& field : policy_fields()) {
            made.push_back({field.key, [&field](Rule& rule, const Node& node, const Scope& scope) {
                                field.read(rule.policy, node, scope);
                            }});
        }
        return made;
    }();
    return fields;
}

} // namespace ecsr::config
