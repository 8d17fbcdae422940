// All tasks by id, and which of them a service has.
//
// A task keeps its id, cluster and service for as long as it is in the table. What is returned stays valid until that
// task is erased.
#pragma once

#include "local/state/service.hpp"
#include "local/state/task.hpp"

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace ecsr::local {

class TaskTable {
    using ById = std::map<std::string, Task>;

public:
    using iterator = ById::iterator;
    using const_iterator = ById::const_iterator;

    TaskTable() = default;
    TaskTable(const TaskTable& other);
    TaskTable& operator=(const TaskTable& other);
    TaskTable(TaskTable&&) = default;
    TaskTable& operator=(TaskTable&&) = default;
    ~TaskTable() = default;

    // In the order of their ids.
    iterator begin() { return by_id_.begin(); }
    iterator end() { return by_id_.end(); }
    const_iterator begin() const { return by_id_.begin(); }
    const_iterator end() const { return by_id_.end(); }

    iterator find(std::string_view id);
    const_iterator find(std::string_view id) const;
    // There must be one.
    Task& at(std::string_view id);
    const Task& at(std::string_view id) const;
    bool contains(std::string_view id) const { return places_.contains(id); }
    std::size_t size() const { return by_id_.size(); }
    bool empty() const { return by_id_.empty(); }

    // There must be none with its id.
    Task& add(Task task);
    void erase(iterator task);

    // STOPPED ones too; in the order of their ids.
    std::vector<Task*> of_service(const ServiceKey& service);
    std::vector<const Task*> of_service(const ServiceKey& service) const;

private:
    struct InOrder {
        bool operator()(const Task* a, const Task* b) const { return a->id < b->id; }
    };

    void index(iterator place);

    ById by_id_;
    // Into by_id_. A look into the tree itself costs twenty steps among a million tasks, each of them far away.
    std::unordered_map<std::string_view, iterator> places_;
    std::map<ServiceKey, std::set<Task*, InOrder>> by_service_;
};

} // namespace ecsr::local
