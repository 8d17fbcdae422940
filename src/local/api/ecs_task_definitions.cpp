// Task definitions (ECS behaviour A3).
#include "base/text.hpp"
#include "local/api/ecs_names.hpp"
#include "local/api/task_definition_input.hpp"
#include "local/state/ids.hpp"

#include <algorithm>
#include <utility>

namespace ecsr::local::wire {

namespace {

const char* status_of(const TaskDefinition& definition) {
    if (definition.deleted) { return "DELETE_IN_PROGRESS"; }
    return definition.active ? "ACTIVE" : "INACTIVE";
}

json::object view(const Call& call, const TaskDefinition& definition) {
    json::object object = parse_document(definition.document);
    object["taskDefinitionArn"] = task_definition_arn(call.state.identity, definition.family, definition.revision);
    object["revision"] = definition.revision;
    object["status"] = status_of(definition);
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

TaskDefinition& revision_of(Call& call, const TaskDefinition& found) {
    return call.state.task_definitions.at(found.family)[static_cast<std::size_t>(found.revision - 1)];
}

void note_time(const Call& call, TaskDefinition& definition, std::string_view member) {
    json::object document = parse_document(definition.document);
    document[member] = call.time(call.now);
    definition.document = to_text(document);
}

ApiResult<json::object> deregister_task_definition(Call& call, Input& input) {
    const std::string name = input.required_text("taskDefinition");
    if (!input.good()) { return input.problem(); }
    if (short_id(name).find(':') == std::string_view::npos) {
        return api_fail("ClientException", "Task definition must have a revision: " + name);
    }
    const auto* found = find_task_definition(call.state, name);
    if (found == nullptr) { return api_fail("ClientException", "Unable to describe task definition."); }
    TaskDefinition& definition = revision_of(call, *found);
    if (definition.active) {
        definition.active = false;
        note_time(call, definition, "deregisteredAt");
    }
    return answer(call, definition, false);
}

// The reason why it cannot be deleted; empty when it can.
std::string_view obstacle_to_deletion(const TaskDefinition* definition) {
    if (definition == nullptr) {
        return "The specified task definition does not exist. Specify a valid account, family, revision and try "
               "again.";
    }
    if (!definition->active) { return {}; }
    return "The specified task definition is still in ACTIVE status. Please deregister the target and try again.";
}

ApiResult<json::object> delete_task_definitions(Call& call, Input& input) {
    const auto names = input.required_texts("taskDefinitions");
    if (names.size() > 10) { input.note({"InvalidParameterException", "Task definitions can have at most 10 items."}); }
    for (const auto& name : names) {
        if (short_id(name).find(':') != std::string_view::npos) { continue; }
        input.note({"ClientException", "Task definition must have a revision: " + name});
    }
    if (!input.good()) { return input.problem(); }
    json::array deleted;
    json::array failures;
    for (const auto& name : names) {
        const auto* found = find_task_definition(call.state, name);
        if (const auto obstacle = obstacle_to_deletion(found); !obstacle.empty()) {
            failures.emplace_back(failure(ecs_arn_of(call, "task-definition", name, ""), obstacle));
            continue;
        }
        TaskDefinition& definition = revision_of(call, *found);
        if (!definition.deleted) { note_time(call, definition, "deleteRequestedAt"); }
        definition.deleted = true;
        deleted.emplace_back(view(call, definition));
    }
    json::object object;
    object["taskDefinitions"] = std::move(deleted);
    object["failures"] = std::move(failures);
    return object;
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
            if (status == status_of(definition)) {
                arns.push_back(task_definition_arn(call.state.identity, name, definition.revision));
            }
        }
    }
    if (order == "DESC") { std::ranges::reverse(arns); }
    json::object object;
    const auto page = ecs_page(input, std::move(arns), 100, object);
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
    const auto page = ecs_page(input, std::move(families), 100, object);
    if (!page) { return std::unexpected(page.error()); }
    object["families"] = to_array(*page);
    return object;
}

constexpr Operation operations[] = {
    {"RegisterTaskDefinition", register_task_definition, Change::State},
    {"DescribeTaskDefinition", describe_task_definition},
    {"DeregisterTaskDefinition", deregister_task_definition, Change::State},
    {"DeleteTaskDefinitions", delete_task_definitions, Change::State},
    {"ListTaskDefinitions", list_task_definitions},
    {"ListTaskDefinitionFamilies", list_families},
};

} // namespace

std::span<const Operation> task_definition_operations() {
    return operations;
}

} // namespace ecsr::local::wire
