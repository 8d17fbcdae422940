#include "local/runtime/running_tasks.hpp"

#include "base/error.hpp"

#include <algorithm>
#include <utility>

namespace ecsr::local {

void RunningTasks::add(const std::string& task_id, std::unique_ptr<TaskRun> run, Instant now) {
    last_seen_ = now;
    const auto [at, added] = tasks_.emplace(task_id, std::move(run));
    ECSR_ASSERT(added);
    at->second->advance(now, events_);
}

void RunningTasks::stop(const std::string& task_id, Instant now) {
    last_seen_ = now;
    const auto found = tasks_.find(task_id);
    if (found == tasks_.end()) { return; }
    found->second->stop();
    found->second->advance(now, events_);
}

void RunningTasks::advance(Instant now) {
    last_seen_ = now;
    for (const auto& [id, task] : tasks_) { task->advance(now, events_); }
}

std::vector<Event> RunningTasks::take_events() {
    return std::exchange(events_, {});
}

std::vector<std::string> RunningTasks::drop(const std::function<bool(TaskRun& run)>& clean) {
    std::vector<std::string> dropped;
    for (auto at = tasks_.begin(); at != tasks_.end();) {
        if (!clean(*at->second)) {
            ++at;
            continue;
        }
        dropped.push_back(at->first);
        at = tasks_.erase(at);
    }
    return dropped;
}

void RunningTasks::kill() {
    for (const auto& [id, task] : tasks_) { task->kill(); }
}

void RunningTasks::wait_for_end(int milliseconds) const {
    for (const auto& [id, task] : tasks_) { task->wait_for_end(milliseconds); }
}

std::size_t RunningTasks::running() const {
    std::size_t count = 0;
    for (const auto& [id, task] : tasks_) { count += task->running(); }
    return count;
}

std::map<std::string, std::uint64_t> RunningTasks::memory_usage(const std::string& task_id) const {
    const auto found = tasks_.find(task_id);
    return found == tasks_.end() ? std::map<std::string, std::uint64_t>() : found->second->memory_usage();
}

std::map<std::string, ContainerWork> RunningTasks::work_of(const std::string& task_id) const {
    const auto found = tasks_.find(task_id);
    return found == tasks_.end() ? std::map<std::string, ContainerWork>() : found->second->work();
}

Instant RunningTasks::next_event_at() const {
    if (!events_.empty()) { return last_seen_; }
    Instant next = Instant::max();
    for (const auto& [id, task] : tasks_) { next = std::min(next, task->next_event_at()); }
    return next;
}

} // namespace ecsr::local
