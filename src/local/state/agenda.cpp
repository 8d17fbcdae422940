#include "local/state/agenda.hpp"

#include <algorithm>
#include <iterator>

namespace ecsr::local {

void Agenda::fill(const TaskTable& tasks, const std::function<Instant(const Task&)>& wakeup_of) {
    due_.clear();
    for (const auto& [id, task] : tasks) {
        if (const Instant due = wakeup_of(task); due != Instant::max()) { add(id, due); }
    }
    filled_ = true;
}

std::vector<std::string> Agenda::take(Instant now) {
    std::vector<std::string> ids;
    while (!due_.empty() && due_.begin()->first <= now) {
        std::ranges::move(due_.begin()->second, std::back_inserter(ids));
        due_.erase(due_.begin());
    }
    std::ranges::sort(ids);
    const auto repeated = std::ranges::unique(ids);
    ids.erase(repeated.begin(), repeated.end());
    return ids;
}

Instant Agenda::next() const {
    if (!filled_) { return Instant{}; }
    return due_.empty() ? Instant::max() : due_.begin()->first;
}

} // namespace ecsr::local
