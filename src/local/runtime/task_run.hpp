// The containers of one task: started in the order of their dependencies, stopped in the reverse (ECS behaviour B10).
#pragma once

#include "local/runtime/container_life.hpp"
#include "local/runtime/dependency.hpp"

#include <functional>
#include <map>
#include <memory>
#include <vector>

namespace ecsr::local {

class TaskRun {
public:
    // `remove_rest` is asked after the last container has been cleaned up: true when nothing of the task is left.
    TaskRun(TaskLaunch launch, std::vector<std::unique_ptr<ContainerLife>> containers,
            std::function<bool()> remove_rest);

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
    std::map<std::string, ContainerWork> work() const;

private:
    struct Part {
        std::unique_ptr<ContainerLife> run;
        bool pulled = false;
        int restarts = 0;
    };

    void pull(std::vector<Event>& events);
    bool start_when_ready(Part& part, Instant now, std::vector<Event>& events);
    void start(ContainerLife& container, Instant now, std::vector<Event>& events);
    void start_what_is_ready(Instant now, std::vector<Event>& events);
    void stop_what_nothing_needs(Instant now);
    bool restart(Part& part, int exit_code, Instant now, std::vector<Event>& events);
    void check_exits(Instant now, std::vector<Event>& events);
    void check_health(Instant now, std::vector<Event>& events);
    void report_failure(ContainerLife& container, std::string reason, std::vector<Event>& events);
    const ContainerLife* find(const std::string& name) const;
    Readiness readiness(const ContainerDependency& dependency, Instant now) const;
    Readiness readiness(const ContainerLife& container, Instant now, std::string& obstacle) const;
    bool is_needed(const ContainerLife& container) const;

    const TaskLaunch launch_;
    const std::function<bool()> remove_rest_;
    std::vector<Part> containers_;
    bool failed_ = false; // an essential container could not be started: no other one will be
    bool stopping_ = false;
};

} // namespace ecsr::local
