#include "local/state/task_table.hpp"

#include "base/error.hpp"

#include <utility>

namespace ecsr::local {

TaskTable::TaskTable(const TaskTable& other) : by_id_(other.by_id_) {
    for (auto place = by_id_.begin(); place != by_id_.end(); ++place) { index(place); }
}

TaskTable& TaskTable::operator=(const TaskTable& other) {
    if (this != &other) { *this = TaskTable(other); }
    return *this;
}

void TaskTable::index(iterator place) {
    places_.emplace(place->first, place);
    Task& task = place->second;
    if (task.service.empty()) { return; }
    by_service_[{task.cluster, task.service}].insert(&task);
}

TaskTable::iterator TaskTable::find(std::string_view id) {
    const auto found = places_.find(id);
    return found == places_.end() ? by_id_.end() : found->second;
}

TaskTable::const_iterator TaskTable::find(std::string_view id) const {
    const auto found = places_.find(id);
    return found == places_.end() ? by_id_.end() : const_iterator(found->second);
}

Task& TaskTable::at(std::string_view id) {
    const auto found = find(id);
    ECSR_ASSERT(found != end());
    return found->second;
}

const Task& TaskTable::at(std::string_view id) const {
    const auto found = find(id);
    ECSR_ASSERT(found != end());
    return found->second;
}

Task& TaskTable::add(Task task) {
    const std::string id = task.id;
    const auto [place, added] = by_id_.emplace(id, std::move(task));
    ECSR_ASSERT(added);
    index(place);
    return place->second;
}

void TaskTable::erase(iterator task) {
    const auto service = by_service_.find({task->second.cluster, task->second.service});
    if (service != by_service_.end()) {
        service->second.erase(&task->second);
        if (service->second.empty()) { by_service_.erase(service); }
    }
    places_.erase(task->first);
    by_id_.erase(task);
}

std::vector<Task*> TaskTable::of_service(const ServiceKey& service) {
    const auto found = by_service_.find(service);
    if (found == by_service_.end()) { return {}; }
    return {found->second.begin(), found->second.end()};
}

std::vector<const Task*> TaskTable::of_service(const ServiceKey& service) const {
    const auto found = by_service_.find(service);
    if (found == by_service_.end()) { return {}; }
    return {found->second.begin(), found->second.end()};
}

} // namespace ecsr::local
