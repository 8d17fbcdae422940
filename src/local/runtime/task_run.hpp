// The containers of one task: started in the order of their dependencies, stopped in the reverse (ECS behaviour B10).
#pragma once

#include "local/runtime/container_run.hpp"

#include <map>
#include <memory>
#include <vector>

namespace ecsr::local {

class TaskRun {
public:
    TaskRun(TaskLaunch launch, RuntimeParts& parts);

    void stop() { stopping_ = true; }
    // Does what is due and appends what happened.
    void advance(Instant now, std::vector<Event>& events);

    // Nothing runs and nothing will.
    bool is_over() const;
    // After the end: true when nothing but the logs is left; false: call it again.
    bool clean_up();

    void kill();
    void wait_for_end(int milliseconds) const;

    Instant next_event_at() const;
    std::size_t running() const;
    std::map<std::string, std::uint64_t> memory_usage() const;

private:
    enum class Readiness { Ready, NotYet, Never };

    void pull(std::vector<Event>& events);
    void start_what_is_ready(Instant now, std::vector<Event>& events);
    void stop_what_nothing_needs(Instant now);
    bool restart(ContainerRun& container, int exit_code, Instant now, std::vector<Event>& events);
    void check_exits(Instant now, std::vector<Event>& events);
    void check_health(Instant now, std::vector<Event>& events);
    void report_failure(ContainerRun& container, std::string reason, std::vector<Event>& events);
    const ContainerRun* find(const std::string& name) const;
    Readiness readiness(const ContainerDependency& dependency) const;
    Readiness readiness(const ContainerRun& container, std::string& obstacle) const;
    bool is_needed(const ContainerRun& container) const;

    const TaskLaunch launch_;
    RuntimeParts& parts_;
    std::vector<std::unique_ptr<ContainerRun>> containers_;
    bool pulled_ = false;
    bool failed_ = false; // an essential container could not be started: no other one will be
    bool stopping_ = false;
};

} // namespace ecsr::local
