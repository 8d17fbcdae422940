// Eventual consistency: what was true a while ago (ECS behaviour B12). Pure: time is handed in.
#pragma once

#include "base/time.hpp"
#include "local/state/state.hpp"

#include <deque>
#include <utility>

namespace ecsr::local {

class PastStates {
public:
    // Requires lag > 0.
    explicit PastStates(Millis lag) : lag_(lag) {}

    // The State has changed: so it is from `now` on. Changes that follow each other within a sixteenth of the lag are
    // kept as one, so that a busy State is not copied at every step.
    void keep(const State& state, Instant now);

    // What a read at `now` is told: the State as it was `lag` ago, or the oldest one that was kept. Null when none was.
    // Valid until the next call.
    State* seen_at(Instant now);

private:
    const Millis lag_;
    std::deque<std::pair<Instant, State>> states_; // oldest first
};

} // namespace ecsr::local
