#include "local/faults/past_states.hpp"

namespace ecsr::local {

namespace {

constexpr int steps_in_a_lag = 16;

} // namespace

void PastStates::keep(const State& state, Instant now) {
    const auto count = states_.size();
    if (count >= 2 && now - states_[count - 2].first < lag_ / steps_in_a_lag) { states_.pop_back(); }
    states_.emplace_back(now, state);
    seen_at(now); // forgets what no read will see
}

State* PastStates::seen_at(Instant now) {
    while (states_.size() >= 2 && states_[1].first <= now - lag_) { states_.pop_front(); }
    return states_.empty() ? nullptr : &states_.front().second;
}

} // namespace ecsr::local
