#include "local/telemetry/sampler.hpp"

#include <numeric>
#include <string_view>

namespace ecsr::local {

namespace {

constexpr double mebibyte = 1024.0 * 1024.0;
constexpr const char* insights = "ECS/ContainerInsights";
using Dimensions = std::map<std::string, std::string>;

struct Writer {
    MetricStore& store;
    Instant at, now;

    void operator()(const char* name_space, const char* name, Dimensions dimensions, const char* unit,
                    const Statistics& statistics) const {
        store.put({name_space, name, std::move(dimensions)}, unit, at, statistics, now);
    }
};

bool has_insights(const State& state, const std::string& cluster) {
    const auto found = state.clusters.find(cluster);
    if (found == state.clusters.end()) { return false; }
    const auto setting = found->second.settings.find("containerInsights");
    return setting != found->second.settings.end() && setting->second != "disabled";
}

// What the task reserves, or 0: its own memory, else that of its containers, whose soft limit counts where they have
// one (F1).
double reserved_mib(const State& state, const Task& task) {
    const auto* definition = find_task_definition(state, task.task_definition);
    if (definition == nullptr) { return 0; }
    if (const auto own = task.overrides.memory_mib ? task.overrides.memory_mib : definition->memory_mib) {
        return *own;
    }
    return std::accumulate(definition->containers.begin(), definition->containers.end(), 0.0,
                           [](double sum, const ContainerDefinition& container) {
                               const auto limit = container.memory_mib.value_or(0);
                               return sum + container.memory_reservation_mib.value_or(limit);
                           });
}

struct Use {
    Statistics percent; // of what each task reserves
    double used_mib = 0, reserved_mib = 0;
    int running = 0;
};

void count_task(Use& use, double used, double reserved) {
    use.used_mib += used;
    use.reserved_mib += reserved;
    ++use.running;
    if (reserved > 0) { use.percent.add(of_value(100 * used / reserved)); }
}

void write_memory(const Writer& write, const Use& use, const Dimensions& dimensions) {
    write(insights, "MemoryUtilized", dimensions, "Megabytes", of_value(use.used_mib));
    write(insights, "MemoryReserved", dimensions, "Megabytes", of_value(use.reserved_mib));
}

void write_service(const State& state, const Writer& write, const Service& service, const Use& use) {
    const Dimensions dimensions{{"ClusterName", service.cluster}, {"ServiceName", service.name}};
    write("AWS/ECS", "MemoryUtilization", dimensions, "Percent", use.percent);
    if (!has_insights(state, service.cluster)) { return; }
    int pending = 0;
    for (const auto& [deployment, counts] : counts_by_deployment(state, service)) { pending += counts.pending; }
    if (use.running > 0) { write_memory(write, use, dimensions); }
    write(insights, "RunningTaskCount", dimensions, "Count", of_value(use.running));
    write(insights, "PendingTaskCount", dimensions, "Count", of_value(pending));
    write(insights, "DesiredTaskCount", dimensions, "Count", of_value(service.desired_count));
    write(insights, "DeploymentCount", dimensions, "Count", of_value(static_cast<double>(service.deployments.size())));
}

} // namespace

void sample(const State& state, Runtime& runtime, MetricStore& store, Instant at, Instant now) {
    const Writer write{store, at, now};
    std::map<std::string, Use> by_cluster;
    std::map<ServiceKey, Use> by_service;
    for (const auto& [id, task] : state.tasks) {
        if (task.last_status != TaskStatus::Running) { continue; }
        double used = 0;
        for (const auto& [container, bytes] : runtime.memory_usage(id)) { used += static_cast<double>(bytes); }
        const double reserved = reserved_mib(state, task);
        count_task(by_cluster[task.cluster], used / mebibyte, reserved);
        if (!task.service.empty()) { count_task(by_service[{task.cluster, task.service}], used / mebibyte, reserved); }
    }
    std::map<std::string, int> services;
    for (const auto& [key, service] : state.services) {
        if (service.status != ServiceStatus::Active) { continue; }
        ++services[service.cluster];
        write_service(state, write, service, by_service[key]);
    }
    for (const auto& [name, cluster] : state.clusters) {
        if (!has_insights(state, name)) { continue; }
        const Use& use = by_cluster[name];
        if (use.running > 0) { write_memory(write, use, {{"ClusterName", name}}); }
        write(insights, "TaskCount", {{"ClusterName", name}}, "Count", of_value(use.running));
        write(insights, "ServiceCount", {{"ClusterName", name}}, "Count", of_value(services[name]));
    }
}

} // namespace ecsr::local
