// Targets of EventBridge's rules.
#include "local/api/rules_names.hpp"
#include "local/rules/targets.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

namespace ecsr::local::wire {

namespace {

constexpr std::size_t most_targets = 5;

void check_paths(Input& input, const RuleTarget& target) {
    if (!target.input_path.empty() && !is_event_path(target.input_path)) {
        input.note(
            {"ValidationException", fmt::format("Invalid InputPath for target {} : {}", target.id, target.input_path)});
    }
    for (const auto& [name, path] : target.input_paths) {
        if (is_event_path(path)) { continue; }
        input.note({"ValidationException", fmt::format("Invalid InputPathsMap of target {}: {}", target.id, path)});
    }
}

RuleTarget read_target(Input& input) {
    RuleTarget target;
    target.id = input.required_text("Id");
    target.arn = input.required_text("Arn");
    target.input = input.text("Input");
    target.input_path = input.text_or("InputPath", "");
    auto transformer = input.object("InputTransformer");
    if (transformer) {
        target.input_paths = transformer->map("InputPathsMap");
        target.input_template = transformer->required_text("InputTemplate");
    }
    const int ways = static_cast<int>(target.input.has_value()) + static_cast<int>(!target.input_path.empty()) +
                     static_cast<int>(transformer.has_value());
    if (input.good() && ways > 1) {
        input.note({"ValidationException",
                    fmt::format("Only one of Input, InputPath, or InputTransformer must be provided for target {}.",
                                target.id)});
    }
    check_paths(input, target);
    target.document = to_text(input.members());
    return target;
}

ApiResult<json::object> put_targets(Call& call, Input& input) {
    const std::string name = input.required_text("Rule");
    check_event_bus(input, call.state);
    std::vector<RuleTarget> targets;
    for (auto& target : input.objects("Targets")) { targets.push_back(read_target(target)); }
    if (input.good() && targets.empty()) {
        input.note_constraint("Targets", std::nullopt, "Member must have length greater than or equal to 1");
    }
    if (!input.good()) { return input.problem(); }
    const auto rule = require_rule(call, name);
    if (!rule) { return std::unexpected(rule.error()); }
    auto all = (*rule)->targets;
    for (auto& target : targets) { all[target.id] = target; }
    if (all.size() > most_targets) {
        return api_fail("LimitExceededException", "The requested resource exceeds the maximum number allowed.");
    }
    (*rule)->targets = std::move(all);
    json::object answer;
    answer["FailedEntryCount"] = 0;
    answer["FailedEntries"] = json::array();
    return answer;
}

ApiResult<json::object> remove_targets(Call& call, Input& input) {
    const std::string name = input.required_text("Rule");
    const auto ids = input.required_texts("Ids");
    check_event_bus(input, call.state);
    if (!input.good()) { return input.problem(); }
    const auto rule = require_rule(call, name);
    if (!rule) { return std::unexpected(rule.error()); }
    json::array failed;
    for (const auto& id : ids) {
        if ((*rule)->targets.erase(id) > 0) { continue; }
        json::object entry;
        entry["TargetId"] = id;
        entry["ErrorCode"] = "ResourceNotFoundException";
        entry["ErrorMessage"] = fmt::format("Rule {} does not have the target {}.", name, id);
        failed.emplace_back(std::move(entry));
    }
    json::object answer;
    answer["FailedEntryCount"] = failed.size();
    answer["FailedEntries"] = std::move(failed);
    return answer;
}

ApiResult<json::object> list_targets(Call& call, Input& input) {
    const std::string name = input.required_text("Rule");
    check_event_bus(input, call.state);
    if (!input.good()) { return input.problem(); }
    const auto rule = require_rule(call, name);
    if (!rule) { return std::unexpected(rule.error()); }
    std::vector<std::string> keys;
    for (const auto& [id, target] : (*rule)->targets) { keys.push_back(id); }
    json::object answer;
    const auto page = rules_page(input, std::move(keys), answer);
    if (!page) { return std::unexpected(page.error()); }
    json::array targets;
    for (const auto& id : *page) { targets.emplace_back(parse_document((*rule)->targets.at(id).document)); }
    answer["Targets"] = std::move(targets);
    return answer;
}

ApiResult<json::object> list_rule_names(Call& call, Input& input) {
    const std::string arn = input.required_text("TargetArn");
    check_event_bus(input, call.state);
    std::vector<std::string> keys;
    for (const auto& [name, rule] : call.state.rules.by_name) {
        const bool has_target =
            std::ranges::any_of(rule.targets, [&](const auto& each) { return each.second.arn == arn; });
        if (has_target) { keys.push_back(name); }
    }
    json::object answer;
    const auto page = rules_page(input, std::move(keys), answer);
    if (!page) { return std::unexpected(page.error()); }
    answer["RuleNames"] = to_array(*page);
    return answer;
}

constexpr Operation operations[] = {
    {"PutTargets", put_targets, Change::State},
    {"RemoveTargets", remove_targets, Change::State},
    {"ListTargetsByRule", list_targets},
    {"ListRuleNamesByTarget", list_rule_names},
};

} // namespace

std::span<const Operation> rule_target_operations() {
    return operations;
}

} // namespace ecsr::local::wire
