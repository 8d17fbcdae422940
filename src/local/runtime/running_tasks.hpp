// The tasks of a runtime whose containers take real time, whatever runs them: what Runtime asks of them all. Internal
// to local/runtime and local/engine.
#pragma once

#include "local/runtime/task_run.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace ecsr::local {

class RunningTasks {
public:
    // Begins a task that is not here yet.
    void add(const std::string& task_id, std::unique_ptr<TaskRun> run, Instant now);
    // Unknown and ended tasks are ignored.
    void stop(const std::string& task_id, Instant now);

    // Does what is due and appends what happens to what take_events() gives.
    void advance(Instant now);
    std::vector<Event> take_events();

    // Lets go of the tasks that `clean` says are over and cleaned up; their ids.
    std::vector<std::string> drop(const std::function<bool(TaskRun& run)>& clean);

    void kill();
    void wait_for_end(int milliseconds) const;
    void clear() { tasks_.clear(); }

    bool empty() const { return tasks_.empty(); }
    // Ids in order.
    const std::string& first() const { return tasks_.begin()->first; }
    std::size_t running() const; // containers
    std::map<std::string, std::uint64_t> memory_usage(const std::string& task_id) const;
    std::map<std::string, ContainerWork> work_of(const std::string& task_id) const;
    Instant next_event_at() const;
    // The latest time handed in.
    Instant last_seen() const { return last_seen_; }

private:
    std::map<std::string, std::unique_ptr<TaskRun>> tasks_;
    std::vector<Event> events_;
    Instant last_seen_{};
};

} // namespace ecsr::local
