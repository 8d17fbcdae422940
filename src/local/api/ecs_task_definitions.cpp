// Task definitions (ECS behaviour A3).
#include "base/text.hpp"
#include "local/api/ecs_names.hpp"
#include "local/api/task_definition_input.hpp"
#include "local/state/ids.hpp"

#include <algorithm>

namespace ecsr::local::wire {

namespace {

json::object view(const Call& call, const TaskDefinition& definition) {
    json::object object = parse_document(definition.document);
    object["taskDefinitionArn"] = task_definition_arn(call.state.identity, definition.family, definition.revision);
    object["revision"] = definition.revision;
    object["status"] = definition.active ? "ACTIVE" : "INACTIVE";
    object["registeredAt"] = call.time(definition.registered_at);
    object["registeredBy"] = "arn:aws:iam::" + call.state.identity.account_id + ":root";
    return object;
}

json::object answer(const Call& call, const TaskDefinition& definition, bool with_tags) {
    json::object object;
    object["taskDefinition"] = view(call, definition);
    if (with_tags) { object["tags"] = ecs_tags(definition.tags); }
    return object;
}

ApiResult<json::object> register_task_definition(Call& call, Input& input) {
    TaskDefinition definition = read_task_definition(input);
    if (!input.good()) { return input.problem(); }
    auto& revisions = call.state.task_definitions[definition.family];
    definition.revision = static_cast<int>(revisions.size()) + 1;
    definition.registered_at = call.now;
    revisions.push_back(std::move(definition));
    return answer(call, revisions.back(), true);
}

ApiResult<json::object> describe_task_definition(Call& call, Input& input) {
    const std::string name = input.required_text("taskDefinition");
    const bool with_tags = includes(input, "TAGS");
    if (!input.good()) { return input.problem(); }
    const auto* definition = find_task_definition(call.state, name);
    if (definition == nullptr) { return api_fail("ClientException", "Unable to describe task definition."); }
    return answer(call, *definition, with_tags);
}

ApiResult<json::object> deregister_task_definition(Call& call, Input& input) {
    const std::string name = input.required_text("taskDefinition");
    if (!input.good()) { return input.problem(); }
    if (short_id(name).find(':') == std::string_view::npos) {
        return api_fail("ClientException", "Task definition must have a revision: " + name);
    }
    const auto* found = find_task_definition(call.state, name);
    if (found == nullptr) { return api_fail("ClientException", "Unable to describe task definition."); }
    auto& definition = call.state.task_definitions.at(found->family)[static_cast<std::size_t>(found->revision - 1)];
    if (definition.active) {
        definition.active = false;
        json::object document = parse_document(definition.document);
        document["deregisteredAt"] = call.time(call.now);
        definition.document = to_text(document);
    }
    return answer(call, definition, false);
}

ApiResult<json::object> list_task_definitions(Call& call, Input& input) {
    const std::string family = input.text_or("familyPrefix", "");
    const std::string status =
        input.text_among("status", {"ACTIVE", "INACTIVE", "DELETE_IN_PROGRESS"}).value_or("ACTIVE");
    const std::string order = input.text_among("sort", {"ASC", "DESC"}).value_or("ASC");
    std::vector<std::string> arns;
    for (const auto& [name, revisions] : call.state.task_definitions) {
        if (!family.empty() && name != family) { continue; }
        for (const auto& definition : revisions) {
            if (status == (definition.active ? "ACTIVE" : "INACTIVE")) {
                arns.push_back(task_definition_arn(call.state.identity, name, definition.revision));
            }
        }
    }
    if (order == "DESC") { std::ranges::reverse(arns); }
    json::object object;
    const auto page = ecs_page(input, arns, 100, object);
    if (!page) { return std::unexpected(page.error()); }
    object["taskDefinitionArns"] = to_array(*page);
    return object;
}

ApiResult<json::object> list_families(Call& call, Input& input) {
    const std::string prefix = input.text_or("familyPrefix", "");
    const std::string status = input.text_among("status", {"ACTIVE", "INACTIVE", "ALL"}).value_or("ALL");
    std::vector<std::string> families;
    for (const auto& [name, revisions] : call.state.task_definitions) {
        const bool active = std::ranges::any_of(revisions, &TaskDefinition::active);
        if (name.starts_with(prefix) && (status == "ALL" || status == (active ? "ACTIVE" : "INACTIVE"))) {
            families.push_back(name);
        }
    }
    json::object object;
    const auto page = ecs_page(input, families, 100, object);
    if (!page) { return std::unexpected(page.error()); }
    object["families"] = to_array(*page);
    return object;
}

constexpr Operation operations[] = {
    {"RegisterTaskDefinition", register_task_definition, Change::State},
    {"DescribeTaskDefinition", describe_task_definition},
    {"DeregisterTaskDefinition", deregister_task_definition, Change::State},
    {"ListTaskDefinitions", list_task_definitions},
    {"ListTaskDefinitionFamilies", list_families},
};

} // namespace

std::span<const Operation> task_definition_operations() {
    return operations;
}

} // namespace ecsr::local::wire
