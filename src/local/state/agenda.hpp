// Which tasks time moves, and when: so that nobody has to look at all of them.
//
// An entry is a hint: its task may be gone, or due at another time by now. Whoever makes a task due adds an entry.
#pragma once

#include "base/time.hpp"
#include "local/state/task_table.hpp"

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace ecsr::local {

class Agenda {
public:
    // When `wakeup_of` says that each task is due; max(): never. To be called before take() when it is not filled, as
    // one that was just made or loaded.
    void fill(const TaskTable& tasks, const std::function<Instant(const Task&)>& wakeup_of);
    bool is_filled() const { return filled_; }

    void add(const std::string& task_id, Instant due) { due_[due].push_back(task_id); }
    // Takes out the ids of those that are due, in their order and each once.
    std::vector<std::string> take(Instant now);
    // No task is due before; long ago when it is not filled, max() when there is nothing to come.
    Instant next() const;

private:
    std::map<Instant, std::vector<std::string>> due_;
    bool filled_ = false;
};

} // namespace ecsr::local
