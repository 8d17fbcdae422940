#include "local/logs/streams_of_tasks.hpp"

#include <fmt/format.h>

namespace ecsr::local {

namespace {

std::string missing_group(bool on_fargate) {
    static constexpr const char* not_found =
        "failed to create Cloudwatch log stream: ResourceNotFoundException: The specified log group does not exist.";
    if (on_fargate) {
        return fmt::format("ResourceInitializationError: failed to validate logger args: create stream has been "
                           "retried 1 times: {} : exit status 1",
                           not_found);
    }
    return fmt::format("CannotStartContainerError: Error response from daemon: failed to initialize logging driver: {}",
                       not_found);
}

} // namespace

std::optional<LogProblem> prepare_log_streams(State& state, TaskLaunch& launch, bool on_fargate, Instant now) {
    for (ContainerDefinition& container : launch.containers) {
        if (!container.log) { continue; }
        LogGroup* group = find_log_group(state, container.log->group);
        if (group == nullptr && container.log->creates_group) {
            group = &create_log_group(state, container.log->group, now);
        }
        if (group == nullptr) { return LogProblem{container.name, missing_group(on_fargate)}; }
        if (container.log->stream_prefix.empty()) { continue; }
        container.log->stream = fmt::format("{}/{}/{}", container.log->stream_prefix, container.name, launch.task_id);
        need_log_stream(*group, container.log->stream, now);
    }
    return std::nullopt;
}

void take_in_output(State& state, ContainerOutput output, Instant now) {
    LogGroup* group = find_log_group(state, output.log_group);
    if (group == nullptr) { return; }
    std::vector<NewLogEvent> events;
    events.reserve(output.lines.size());
    for (std::string& line : output.lines) {
        if (!line.empty()) { events.push_back({now, std::move(line)}); }
    }
    append_log(state, *group, need_log_stream(*group, output.log_stream, now), std::move(events), now);
}

} // namespace ecsr::local
