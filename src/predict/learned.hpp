// What the tasks of a service tell about how it behaves: pure, from timestamps and service events.
#pragma once

#include "model/snapshot.hpp"

#include <optional>
#include <vector>

namespace ecsr::predict {

struct Learned {
    std::vector<Millis> starts;     // from a task's creation until it is RUNNING, image pulls included
    std::optional<Millis> health;   // from RUNNING until it counts as healthy
    std::vector<Millis> stops;      // from the order to stop until STOPPED, without the draining
    std::optional<Millis> decision; // until the scheduler of ECS acts on what has changed
};

// How long a decision may take: around what was learnt. Where that lies within what ECS usually takes (ECS behaviour
// B3), or nothing was learnt, the usual range says more than a few samples.
struct DecisionRange {
    Millis low{5'000};
    Millis high{20'000};
    Millis middle() const { return (low + high) / 2; }
};
DecisionRange decision_range(const std::optional<Millis>& learned);

// Of each sample list the middle one; requires one at least.
Millis middle(std::vector<Millis> samples);

// From every task in the snapshot, also those in `recently_stopped`. What nothing tells of stays empty.
Learned learn(const Snapshot& snapshot);

// From its start until the health checks of a container find it well, so that a check that comes at multiples of its
// interval says so when it was seen to. 0 where nothing was learnt or nothing checks.
Millis well_after(const TaskDefinition& definition, const Learned& learned);

} // namespace ecsr::predict
