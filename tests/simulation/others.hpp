// What others did to the service, as far as a recycler can know of it: kept by the saboteurs, judged by the checkers.
#pragma once

#include "base/time.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>

namespace ecsr::simulation {

struct Others {
    int desired = 0;                       // what it would be without any recycler
    int desired_known = 0;                 // the same when the recycler last read the service
    int count_known = 0;                   // the service's desired count when the recycler last read or wrote it
    std::optional<Instant> count_known_at; // since when it reads that one
    // Set while it intended that very number: one that died then takes it for its own, and theirs for what it knew.
    std::optional<int> desired_perhaps;
    bool deployed = false;
    bool deployment_known = false; // the recycler has read the service since
    bool deleted = false;
    bool lowered_last = false;   // who lowered it last were they, so that ECS obeys them
    bool wrote_last = false;     // the desired count is theirs, not a recycler's
    std::optional<int> written;  // desired count that a recycler set last
    std::optional<int> replaced; // what it was before
    std::optional<Instant> replaced_at;
    std::optional<int> replaced_earlier; // by the write before that, and when
    std::optional<Instant> replaced_earlier_at;
    std::optional<int> intended;                    // desired count that a recycler set out to set last
    std::set<int> left;                             // what it was before others changed it
    std::map<std::string, Instant> protected_tasks; // since when, by id
    std::optional<int> lowest, highest;             // of the scalable target, without any recycler
    std::optional<int> lowest_known, highest_known; // the same when the recycler last read it
    std::set<int> highest_written;                  // by recyclers
    std::optional<Instant> abort_asked_at;          // stays asked until the run has ended
    std::optional<Instant> interrupted_at;          // the present process
    bool alarm_fires = false;
};

} // namespace ecsr::simulation
