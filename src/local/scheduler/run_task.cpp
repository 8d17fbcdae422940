#include "local/scheduler/run_task.hpp"

#include "local/scheduler/capacity.hpp"
#include "local/scheduler/placement.hpp"
#include "local/scheduler/task_life.hpp"

#include <fmt/format.h>

namespace ecsr::local {

namespace {

constexpr std::chrono::hours token_kept_for{24}; // ECS behaviour B12

ServiceKey token_key(const std::string& cluster, const std::string& token) {
    return {cluster, token};
}

} // namespace

RunTaskResult run_task(State& state, const RunTaskOrder& order, Instant now) {
    RunTaskResult result;
    const TaskDefinition* definition = find_task_definition(state, order.task_definition);
    ECSR_ASSERT(definition != nullptr);
    Room room(state, *definition, order.cluster, order.launch_type, demand_of(*definition, order.overrides));
    ZoneCounts zones;
    for (int i = 0; i < order.count; ++i) {
        const Shortage shortage = room.take();
        if (shortage != Shortage::None && !order.by_capacity_provider) {
            result.failures.push_back(shortage_reason(order.launch_type, shortage));
            continue;
        }
        NewTask wanted;
        wanted.cluster = order.cluster;
        wanted.task_definition = order.task_definition;
        wanted.group = order.group;
        wanted.started_by = order.started_by;
        wanted.launch_type = order.launch_type;
        wanted.zone = emptiest_zone(zones, state.identity.region);
        ++zones[wanted.zone];
        Task& task = create_task(state, wanted, now, now);
        task.overrides = order.overrides;
        task.tags = order.tags;
        result.task_ids.push_back(task.id);
        if (shortage == Shortage::None) { continue; }
        order_stop(state, task, stopped_by_failed_start,
                   fmt::format("TaskFailedToStart: {}", shortage_reason("EC2", shortage)), now);
    }
    return result;
}

const RunToken* find_run_token(State& state, const std::string& cluster, const std::string& token, Instant now) {
    std::erase_if(state.run_tokens, [&](const auto& entry) { return entry.second.used_at + token_kept_for < now; });
    const auto found = state.run_tokens.find(token_key(cluster, token));
    return found == state.run_tokens.end() ? nullptr : &found->second;
}

void keep_run_token(State& state, const std::string& cluster, const std::string& token, RunToken what) {
    state.run_tokens[token_key(cluster, token)] = std::move(what);
}

} // namespace ecsr::local
