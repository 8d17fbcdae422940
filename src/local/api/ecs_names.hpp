// How requests name things of ECS: by short name or by ARN (ECS behaviour A2, A9). Included from .cpp files of
// local/api alone.
#pragma once

#include "local/api/call.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ecsr::local::wire {

struct Arn {
    std::string partition, service, region, account, resource;
};
// "arn:P:S:R:A:RESOURCE"; the resource may hold colons.
std::optional<Arn> parse_arn(std::string_view text);

// Letters, digits, '-' and '_', 1 to 255 of them.
bool is_ecs_name(std::string_view name);

// The short name in `text`, a name or an ARN of `kind` ("cluster", "service", "task", "container-instance") in this
// account and Region. Nothing when it is neither: nothing here can have that name. For kinds that live in a cluster, an
// ARN of another cluster is nothing too, and so is the older form without a cluster.
std::optional<std::string> ecs_short_name(const Call& call, std::string_view kind, std::string_view text,
                                          std::string_view cluster = "");

// The full ARN for failures[]: `text` itself when it is one already.
std::string ecs_arn_of(const Call& call, std::string_view kind, std::string_view text, std::string_view cluster);

// "ClusterNotFoundException" also for an INACTIVE cluster. An empty text is the cluster `default`.
ApiResult<Cluster*> find_cluster(Call& call, std::string_view text);
// The same for the member "cluster"; a member of the wrong type is told by input.good().
ApiResult<Cluster*> find_cluster(Call& call, Input& input);

// Null when there is none of that name.
Service* find_service(Call& call, const Cluster& cluster, std::string_view text);
Task* find_task(Call& call, const Cluster& cluster, std::string_view text);

// A task id or ARN that no task can have: InvalidParameterException (ECS behaviour A3).
std::optional<ApiError> malformed_task_id(std::string_view text);

// {"arn": ..., "reason": ...} (ECS behaviour A4).
json::object failure(const std::string& arn, std::string_view reason);

// One page of `keys` by the members maxResults (1 to 100, `default_size` when absent) and nextToken; the token of the
// next page goes into `answer`. InvalidParameterException on a token that was never given out.
ApiResult<std::vector<std::string>> ecs_page(Input& input, std::vector<std::string> keys, int default_size,
                                             json::object& answer);

bool includes(Input& input, std::string_view what); // the member "include" names it
json::array ecs_tags(const std::map<std::string, std::string>& tags);
std::map<std::string, std::string> read_ecs_tags(Input& input); // the member "tags"; more than 50 are a problem

} // namespace ecsr::local::wire
