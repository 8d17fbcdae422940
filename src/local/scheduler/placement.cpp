#include "local/scheduler/placement.hpp"

#include <algorithm>

namespace ecsr::local {

namespace {

using TasksByZone = std::map<std::string, std::vector<Task*>>;

int count_in(const ZoneCounts& zones, const std::string& zone) {
    const auto found = zones.find(zone);
    return found == zones.end() ? 0 : found->second;
}

std::size_t draw(std::size_t count, Random& random) {
    return static_cast<std::size_t>(random.between(0, static_cast<std::int64_t>(count) - 1));
}

// One of the zones that have a task left and the most tasks of all such. Requires a task in at least one zone.
TasksByZone::iterator fullest_zone(TasksByZone& left, const ZoneCounts& zones, Random& random) {
    int most = 0;
    std::vector<TasksByZone::iterator> fullest;
    for (auto zone = left.begin(); zone != left.end(); ++zone) {
        const int count = count_in(zones, zone->first);
        if (fullest.empty() || count > most) {
            most = count;
            fullest.clear();
        }
        if (count == most) { fullest.push_back(zone); }
    }
    return fullest[draw(fullest.size(), random)];
}

Task* take_one(TasksByZone& left, ZoneCounts& zones, Random& random) {
    const auto zone = fullest_zone(left, zones, random);
    std::vector<Task*>& tasks = zone->second;
    const std::size_t index = draw(tasks.size(), random);
    Task* victim = tasks[index];
    tasks[index] = tasks.back();
    tasks.pop_back();
    --zones[zone->first];
    if (tasks.empty()) { left.erase(zone); }
    return victim;
}

} // namespace

ZoneCounts all_zones(const ZoneCounts& zones, const std::string& region) {
    ZoneCounts all = zones;
    for (const char* letter : {"a", "b", "c"}) { all.try_emplace(region + letter, 0); }
    return all;
}

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
