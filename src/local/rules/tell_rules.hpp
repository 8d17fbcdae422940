// Tells the rules what the scheduler announced.
#pragma once

#include "local/state/state.hpp"

namespace ecsr::local {

// Empties state.rules.announced. Costs nothing when there is nothing in it.
void tell_rules(State& state);

} // namespace ecsr::local
