#include "local/telemetry/sampler.hpp"

#include "local/scheduler/capacity.hpp"

#include <algorithm>
#include <optional>
#include <string_view>
#include <vector>

namespace ecsr::local {

namespace {

constexpr double mebibyte = 1024.0 * 1024.0;
constexpr double units_of_processor = 1024;
constexpr const char* insights = "ECS/ContainerInsights";
using Dimensions = std::map<std::string, std::string>;

struct Writer {
    MetricStore& store;
    Instant at, now;

    void operator()(const char* name_space, const char* name, const Dimensions& dimensions, const char* unit,
                    const Statistics& statistics) const {
        store.put({name_space, name, dimensions}, unit, at, statistics, now);
    }
};

// What the cluster's containerInsights asks for.
enum class Insights { Off, On, Enhanced };

Insights insights_of(const State& state, const std::string& cluster) {
    const auto found = state.clusters.find(cluster);
    if (found == state.clusters.end()) { return Insights::Off; }
    const auto setting = found->second.settings.find("containerInsights");
    if (setting == found->second.settings.end() || setting->second == "disabled") { return Insights::Off; }
    return setting->second == "enhanced" ? Insights::Enhanced : Insights::On;
}

// Of one container or of one task. Nothing: the runtime does not tell it.
struct Use {
    std::optional<double> cpu; // units
    double memory_mib = 0;
    double cpu_reserved = 0, memory_reserved_mib = 0; // 0: nothing
};

void reserve(Use& use, const Capacity& demand) {
    use.cpu_reserved = demand.cpu.value_or(0);
    use.memory_reserved_mib = demand.memory_mib.value_or(0);
}

// Of the tasks of a service, a family or a cluster: one value for each task.
struct Total {
    Statistics cpu, cpu_reserved, cpu_percent, memory, memory_reserved, memory_percent;
    int running = 0;
};

void add_percent(Statistics& percents, const std::optional<double>& used, double reserved) {
    if (used && reserved > 0) { percents.add(of_value(100 * *used / reserved)); }
}

void add(Total& total, const Use& task) {
    ++total.running;
    if (task.cpu) { total.cpu.add(of_value(*task.cpu)); }
    total.cpu_reserved.add(of_value(task.cpu_reserved));
    add_percent(total.cpu_percent, task.cpu, task.cpu_reserved);
    total.memory.add(of_value(task.memory_mib));
    total.memory_reserved.add(of_value(task.memory_reserved_mib));
    add_percent(total.memory_percent, task.memory_mib, task.memory_reserved_mib);
}

// F1. Statistics without a value are not written.
void write_utilization(const Writer& write, const Total& total, const Dimensions& dimensions) {
    write("AWS/ECS", "CPUUtilization", dimensions, "Percent", total.cpu_percent);
    write("AWS/ECS", "MemoryUtilization", dimensions, "Percent", total.memory_percent);
}

// F2.
void write_total(const Writer& write, const Total& total, const Dimensions& dimensions) {
    write(insights, "CpuUtilized", dimensions, "None", total.cpu);
    write(insights, "CpuReserved", dimensions, "None", total.cpu_reserved);
    write(insights, "MemoryUtilized", dimensions, "Megabytes", total.memory);
    write(insights, "MemoryReserved", dimensions, "Megabytes", total.memory_reserved);
}

// F3, by service where the task belongs to one, and by family.
std::vector<Dimensions> dimensions_of(const Task& task, const TaskDefinition& definition) {
    std::vector<Dimensions> sets{
        {{"ClusterName", task.cluster}, {"TaskDefinitionFamily", definition.family}, {"TaskId", task.id}}};
    if (!task.service.empty()) {
        sets.push_back({{"ClusterName", task.cluster}, {"ServiceName", task.service}, {"TaskId", task.id}});
    }
    return sets;
}

void write_percent(const Writer& write, const char* name, const Dimensions& dimensions,
                   const std::optional<double>& used, double reserved) {
    Statistics percent;
    add_percent(percent, used, reserved);
    write(insights, name, dimensions, "Percent", percent);
}

void write_task(const Writer& write, const Use& use, const Dimensions& dimensions) {
    write_percent(write, "TaskCpuUtilization", dimensions, use.cpu, use.cpu_reserved);
    write_percent(write, "TaskMemoryUtilization", dimensions, use.memory_mib, use.memory_reserved_mib);
}

void write_container(const Writer& write, const Use& use, const Dimensions& dimensions) {
    if (use.cpu) { write(insights, "ContainerCpuUtilized", dimensions, "None", of_value(*use.cpu)); }
    write(insights, "ContainerCpuReserved", dimensions, "None", of_value(use.cpu_reserved));
    write_percent(write, "ContainerCpuUtilization", dimensions, use.cpu, use.cpu_reserved);
    write(insights, "ContainerMemoryUtilized", dimensions, "Megabytes", of_value(use.memory_mib));
    write(insights, "ContainerMemoryReserved", dimensions, "Megabytes", of_value(use.memory_reserved_mib));
    write_percent(write, "ContainerMemoryUtilization", dimensions, use.memory_mib, use.memory_reserved_mib);
}

void write_counts(const State& state, const Writer& write, const Service& service, int running,
                  const Dimensions& dimensions) {
    int pending = 0;
    for (const auto& [deployment, counts] : counts_by_deployment(state, service)) { pending += counts.pending; }
    write(insights, "RunningTaskCount", dimensions, "Count", of_value(running));
    write(insights, "PendingTaskCount", dimensions, "Count", of_value(pending));
    write(insights, "DesiredTaskCount", dimensions, "Count", of_value(service.desired_count));
    write(insights, "DeploymentCount", dimensions, "Count", of_value(static_cast<double>(service.deployments.size())));
}

// One look at everything.
struct Look {
    const State& state;
    const Writer write;
    std::map<std::string, Total> clusters;
    std::map<ServiceKey, Total> services;
    std::map<ServiceKey, Total> families; // cluster, family
};

struct ContainerUse {
    Use use;
    std::optional<int> restarts; // nothing: it has no restart policy
};

void tell_container(const Look& look, const Task& task, const std::string& name, const ContainerUse& container,
                    Dimensions dimensions) {
    dimensions["ContainerName"] = name;
    write_container(look.write, container.use, dimensions);
    if (container.restarts) {
        look.write(insights, "RestartCount", dimensions, "Count", of_value(*container.restarts));
    }
    const auto told = std::ranges::find(task.containers, name, &Container::name);
    if (told != task.containers.end() && told->has_health_check) {
        look.write(insights, "UnHealthyContainerHealthStatus", dimensions, "Count",
                   of_value(told->health == Health::Unhealthy ? 1 : 0));
    }
}

void take_in(Look& look, const Task& task, const TaskDefinition& definition, const Use& use,
             const std::map<std::string, ContainerUse>& containers) {
    add(look.clusters[task.cluster], use);
    if (!task.service.empty()) { add(look.services[{task.cluster, task.service}], use); }
    add(look.families[{task.cluster, definition.family}], use);
    if (insights_of(look.state, task.cluster) != Insights::Enhanced) { return; }
    for (const auto& dimensions : dimensions_of(task, definition)) {
        write_task(look.write, use, dimensions);
        for (const auto& [name, container] : containers) { tell_container(look, task, name, container, dimensions); }
    }
}

void write_services(Look& look, std::map<std::string, int>& by_cluster) {
    for (const auto& [key, service] : look.state.services) {
        if (service.status != ServiceStatus::Active) { continue; }
        ++by_cluster[service.cluster];
        const Dimensions dimensions{{"ClusterName", service.cluster}, {"ServiceName", service.name}};
        const Total& total = look.services[key];
        write_utilization(look.write, total, dimensions);
        if (insights_of(look.state, service.cluster) == Insights::Off) { continue; }
        write_total(look.write, total, dimensions);
        write_counts(look.state, look.write, service, total.running, dimensions);
    }
}

void write_clusters(Look& look, std::map<std::string, int>& services) {
    for (const auto& [name, cluster] : look.state.clusters) {
        const Dimensions dimensions{{"ClusterName", name}};
        const Total& total = look.clusters[name];
        write_utilization(look.write, total, dimensions);
        if (insights_of(look.state, name) == Insights::Off) { continue; }
        write_total(look.write, total, dimensions);
        look.write(insights, "TaskCount", dimensions, "Count", of_value(total.running));
        look.write(insights, "ServiceCount", dimensions, "Count", of_value(services[name]));
    }
    for (const auto& [key, total] : look.families) {
        if (insights_of(look.state, key.first) == Insights::Off) { continue; }
        write_total(look.write, total, {{"ClusterName", key.first}, {"TaskDefinitionFamily", key.second}});
    }
}

} // namespace

double Sampler::cpu_units(const Works& before, const std::pair<std::string, std::string>& container, const Work& now,
                          Instant started_at) {
    const auto found = before.find(container);
    // Less than before: what it had used is forgotten with a restart.
    const bool goes_on = found != before.end() && found->second.cpu_time <= now.cpu_time;
    const Micros used = goes_on ? now.cpu_time - found->second.cpu_time : now.cpu_time;
    const Micros span = now.at - (found != before.end() ? found->second.at : started_at);
    return span > Micros(0) ? units_of_processor * static_cast<double>(used.count()) / static_cast<double>(span.count())
                            : 0;
}

void Sampler::sample(const State& state, Runtime& runtime, MetricStore& store, Instant at, Instant now) {
    Look look{.state = state, .write = {store, at, now}, .clusters = {}, .services = {}, .families = {}};
    const Works before = std::exchange(seen_, {});
    for (const auto& [id, task] : state.tasks) {
        const TaskDefinition* definition = find_task_definition(state, task.task_definition);
        if (task.last_status != TaskStatus::Running || definition == nullptr) { continue; }
        Use whole;
        reserve(whole, demand_of(*definition, task.overrides));
        const auto memory = runtime.memory_usage(id);
        const auto work = runtime.work_of(id);
        std::map<std::string, ContainerUse> containers;
        for (const auto& container : definition->containers) {
            if (!memory.contains(container.name)) { continue; } // it does not run
            ContainerUse& own = containers[container.name];
            reserve(own.use, demand_of(container, task.overrides));
            own.use.memory_mib = static_cast<double>(memory.at(container.name)) / mebibyte;
            whole.memory_mib += own.use.memory_mib;
            const auto done = work.find(container.name);
            if (done == work.end()) { continue; }
            const Work now_done{done->second.cpu_time, now};
            own.use.cpu = cpu_units(before, {id, container.name}, now_done, task.started_at.value_or(now));
            whole.cpu = whole.cpu.value_or(0) + *own.use.cpu;
            if (container.restart_policy) { own.restarts = done->second.restarts; }
            seen_[{id, container.name}] = now_done;
        }
        take_in(look, task, *definition, whole, containers);
    }
    std::map<std::string, int> services;
    write_services(look, services);
    write_clusters(look, services);
}

} // namespace ecsr::local
