#include "local/api/scaling_resource.hpp"

#include <fmt/format.h>

namespace ecsr::local::wire {

namespace {

std::string read_service_namespace(Input& input) {
    input.required_text("ServiceNamespace");
    return input
        .text_among("ServiceNamespace",
                    {"ecs", "elasticmapreduce", "ec2", "appstream", "dynamodb", "rds", "sagemaker", "custom-resource",
                     "comprehend", "lambda", "cassandra", "kafka", "elasticache", "neptune", "workspaces"})
        .value_or("");
}

} // namespace

std::string read_scalable_resource(Input& input) {
    const std::string name_space = read_service_namespace(input);
    const std::string resource = input.required_text("ResourceId");
    const std::string scalable = input.required_text("ScalableDimension");
    if (input.good() && name_space != "ecs") {
        input.note({scaling_invalid,
                    fmt::format("Unsupported service namespace: {}: the local ECS scales ecs alone.", name_space)});
    }
    if (input.good() && scalable != scalable_dimension) {
        input.note({scaling_invalid,
                    fmt::format("Unsupported service namespace, resource type or scalable dimension: {}, {}, {}",
                                name_space, resource, scalable)});
    }
    return resource;
}

ApiError not_found_in_scaling(const char* what, const std::string& resource) {
    return {"ObjectNotFoundException",
            fmt::format("No {} found for service namespace: ecs, resource ID: {}, scalable dimension: {}", what,
                        resource, scalable_dimension)};
}

ApiResult<ScalableTarget*> require_scalable_target(Call& call, const std::string& resource) {
    const auto found = call.state.scalable_targets.find(resource);
    if (found == call.state.scalable_targets.end()) {
        // In other words than where a target itself is asked for.
        return api_fail("ObjectNotFoundException",
                        fmt::format("No scalable target registered for service namespace: ecs, resource ID: {}, "
                                    "scalable dimension: {}",
                                    resource, scalable_dimension));
    }
    return &found->second;
}

std::string read_scaling_name(Input& input, std::string_view member) {
    std::string name = input.required_text(member);
    if (input.has(member) && (name.empty() || name.size() > longest_scaling_name)) {
        input.note_constraint(member, name,
                              fmt::format("Member must have length between 1 and {}", longest_scaling_name));
    }
    return name;
}

void put_scalable_resource(json::object& object, const std::string& resource) {
    object["ServiceNamespace"] = "ecs";
    object["ResourceId"] = resource;
    object["ScalableDimension"] = scalable_dimension;
}

ScalingQuery read_scaling_query(Input& input, int largest_page) {
    ScalingQuery query;
    const std::string name_space = read_service_namespace(input);
    const auto scalable = input.text("ScalableDimension");
    query.nothing = name_space != "ecs" || (scalable && *scalable != scalable_dimension);
    query.resource = input.text_or("ResourceId", "");
    query.page_size = input.integer_between("MaxResults", 1, largest_page).value_or(largest_page);
    query.token = input.text_or("NextToken", "");
    if (input.good() && scalable && !input.has("ResourceId") && !input.has("ResourceIds")) {
        input.note({scaling_invalid, "If you specify a scalable dimension, you must also specify a resource ID"});
    }
    return query;
}

} // namespace ecsr::local::wire
