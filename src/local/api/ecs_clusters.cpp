// Clusters (ECS behaviour A3, A7).
#include "local/api/ecs_names.hpp"
#include "local/state/ids.hpp"

#include <algorithm>
#include <utility>

namespace ecsr::local::wire {

namespace {

// Members that are kept as they came and answered back.
const std::vector<std::string_view> kept = {"configuration", "capacityProviders", "defaultCapacityProviderStrategy",
                                            "serviceConnectDefaults"};

struct ClusterCounts {
    int running = 0;
    int pending = 0;
    int services = 0;
};

ClusterCounts count(const State& state, const std::string& cluster) {
    ClusterCounts counts;
    for (const auto& [id, task] : state.tasks) {
        if (task.cluster != cluster || task.last_status > TaskStatus::Running) { continue; }
        ++(task.last_status == TaskStatus::Running ? counts.running : counts.pending);
    }
    for (const auto& [key, service] : state.services) {
        if (key.first == cluster && service.status == ServiceStatus::Active) { ++counts.services; }
    }
    return counts;
}

json::object view(const Call& call, const Cluster& cluster, bool with_tags) {
    const auto counts = count(call.state, cluster.name);
    json::object object;
    object["clusterArn"] = cluster_arn(call.state.identity, cluster.name);
    object["clusterName"] = cluster.name;
    object["status"] = cluster.status;
    object["registeredContainerInstancesCount"] = cluster.status == "ACTIVE" ? 1 : 0;
    object["runningTasksCount"] = counts.running;
    object["pendingTasksCount"] = counts.pending;
    object["activeServicesCount"] = counts.services;
    object["statistics"] = json::array();
    object["settings"] = tags_array(cluster.settings, "name", "value");
    object["capacityProviders"] = json::array();
    object["defaultCapacityProviderStrategy"] = json::array();
    object["tags"] = with_tags ? ecs_tags(cluster.tags) : json::array();
    copy_members(parse_document(cluster.document), object, kept);
    return object;
}

json::object answer(const Call& call, const Cluster& cluster) {
    json::object object;
    object["cluster"] = view(call, cluster, true);
    return object;
}

std::map<std::string, std::string> read_settings(Input& input) {
    return input.pairs("settings", "name", "value");
}

ApiResult<json::object> create_cluster(Call& call, Input& input) {
    Cluster cluster;
    cluster.name = input.text_or("clusterName", "default");
    cluster.settings = {{"containerInsights", "disabled"}};
    for (const auto& [name, value] : read_settings(input)) { cluster.settings[name] = value; }
    cluster.tags = read_ecs_tags(input);
    json::object document;
    copy_members(input.members(), document, kept);
    cluster.document = to_text(document);
    if (!is_ecs_name(cluster.name)) {
        input.note({"InvalidParameterException",
                    "Identifier must be 1 to 255 letters, digits, hyphens and underscores: " + cluster.name});
    }
    if (!input.good()) { return input.problem(); }
    const auto existing = call.state.clusters.find(cluster.name);
    // Creating a cluster that exists answers with it.
    if (existing != call.state.clusters.end() && existing->second.status == "ACTIVE") {
        return answer(call, existing->second);
    }
    cluster.container_instance_id = call.state.random.hex(32);
    const auto& stored = call.state.clusters[cluster.name] = cluster;
    return answer(call, stored);
}

ApiResult<json::object> describe_clusters(Call& call, Input& input) {
    const auto names = input.texts("clusters").value_or(std::vector<std::string>{"default"});
    const bool with_tags = includes(input, "TAGS");
    if (names.size() > 100) { input.note({"InvalidParameterException", "Clusters can have at most 100 items."}); }
    if (!input.good()) { return input.problem(); }
    json::array clusters;
    json::array failures;
    for (const auto& text : names) {
        const auto name = ecs_short_name(call, "cluster", text);
        const auto found = name ? call.state.clusters.find(*name) : call.state.clusters.end();
        if (found == call.state.clusters.end()) {
            failures.emplace_back(failure(ecs_arn_of(call, "cluster", text, ""), "MISSING"));
        } else {
            clusters.emplace_back(view(call, found->second, with_tags));
        }
    }
    json::object object;
    object["clusters"] = std::move(clusters);
    object["failures"] = std::move(failures);
    return object;
}

ApiResult<json::object> list_clusters(Call& call, Input& input) {
    std::vector<std::string> arns;
    for (const auto& [name, cluster] : call.state.clusters) {
        if (cluster.status == "ACTIVE") { arns.push_back(cluster_arn(call.state.identity, name)); }
    }
    json::object object;
    const auto page = ecs_page(input, std::move(arns), 100, object);
    if (!page) { return std::unexpected(page.error()); }
    object["clusterArns"] = to_array(*page);
    return object;
}

ApiResult<json::object> delete_cluster(Call& call, Input& input) {
    input.required_text("cluster");
    const auto cluster = find_cluster(call, input);
    if (!cluster) { return std::unexpected(cluster.error()); }
    const auto& name = (*cluster)->name;
    const bool services = std::ranges::any_of(call.state.services, [&](const auto& entry) {
        return entry.first.first == name && entry.second.status != ServiceStatus::Inactive;
    });
    if (services) {
        return api_fail("ClusterContainsServicesException", "The Cluster cannot be deleted while Services are active.");
    }
    const bool tasks = std::ranges::any_of(call.state.tasks, [&](const auto& entry) {
        return entry.second.cluster == name && entry.second.last_status != TaskStatus::Stopped;
    });
    if (tasks) {
        return api_fail("ClusterContainsTasksException", "The Cluster cannot be deleted while Tasks are active.");
    }
    (*cluster)->status = "INACTIVE";
    return answer(call, **cluster);
}

ApiResult<json::object> update_settings(Call& call, Input& input) {
    input.required_text("cluster");
    const auto settings = read_settings(input);
    const auto cluster = find_cluster(call, input);
    if (!cluster) { return std::unexpected(cluster.error()); }
    for (const auto& [name, value] : settings) { (*cluster)->settings[name] = value; }
    json::object document = parse_document((*cluster)->document);
    copy_members(input.members(), document, {"configuration", "serviceConnectDefaults"});
    (*cluster)->document = to_text(document);
    return answer(call, **cluster);
}

ApiResult<json::object> put_capacity_providers(Call& call, Input& input) {
    input.required_text("cluster");
    const auto cluster = find_cluster(call, input);
    if (!cluster) { return std::unexpected(cluster.error()); }
    json::object document = parse_document((*cluster)->document);
    copy_members(input.members(), document, {"capacityProviders", "defaultCapacityProviderStrategy"});
    (*cluster)->document = to_text(document);
    return answer(call, **cluster);
}

constexpr Operation operations[] = {
    {"CreateCluster", create_cluster, Change::State},
    {"DescribeClusters", describe_clusters},
    {"ListClusters", list_clusters},
    {"DeleteCluster", delete_cluster, Change::State},
    {"UpdateCluster", update_settings, Change::State},
    {"UpdateClusterSettings", update_settings, Change::State},
    {"PutClusterCapacityProviders", put_capacity_providers, Change::State},
};

} // namespace

std::span<const Operation> cluster_operations() {
    return operations;
}

} // namespace ecsr::local::wire
