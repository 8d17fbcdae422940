#include "local/scheduler/placement.hpp"

#include <algorithm>

namespace ecsr::local {

namespace {

using TasksByZone = std::map<std::string, std::vector<Task*>>;

int count_in(const ZoneCounts& zones, const std::string& zone) {
    const auto found = zones.find(zone);
    return found == zones.end() ? 0 : found->second;
}

// Requires a task in at least one zone.
Task* take_one(TasksByZone& left, ZoneCounts& zones, Random& random) {
    const auto fullest = std::max_element(left.begin(), left.end(), [&](const auto& a, const auto& b) {
        return count_in(zones, a.first) < count_in(zones, b.first);
    });
    std::vector<Task*>& tasks = fullest->second;
    const auto index = static_cast<std::size_t>(random.between(0, static_cast<std::int64_t>(tasks.size()) - 1));
    Task* victim = tasks[index];
    tasks[index] = tasks.back();
    tasks.pop_back();
    --zones[fullest->first];
    if (tasks.empty()) { left.erase(fullest); }
    return victim;
}

} // namespace

std::string emptiest_zone(const ZoneCounts& zones, const std::string& region) {
    std::string best = region + "a";
    for (const char* letter : {"b", "c"}) {
        if (count_in(zones, region + letter) < count_in(zones, best)) { best = region + letter; }
    }
    return best;
}

std::vector<Task*> pick_victims(const std::vector<Candidate>& candidates, int count, ZoneCounts& zones,
                                Random& random) {
    std::map<StopRank, TasksByZone> by_rank;
    for (const Candidate& candidate : candidates) {
        by_rank[candidate.rank][candidate.task->availability_zone].push_back(candidate.task);
    }
    std::vector<Task*> victims;
    for (auto& [rank, left] : by_rank) {
        while (!left.empty() && static_cast<int>(victims.size()) < count) {
            victims.push_back(take_one(left, zones, random));
        }
    }
    return victims;
}

} // namespace ecsr::local
