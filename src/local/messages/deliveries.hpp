// Letters on their way: when each is sent, and what its outcome means. Pure; called by local/plane under its lock.
#pragma once

#include "local/messages/postman.hpp"
#include "local/state/state.hpp"

namespace ecsr::local {

// Gives the postman what is due. Nothing is due before next_letter_at().
void hand_out_letters(State& state, Postman& postman, Instant now);

// 2xx: delivered. No answer, 429 and 5xx: tried again as the delivery policy says. Anything else is final.
void take_in(State& state, const LetterOutcome& outcome, Instant now);

// max() when no letter waits.
Instant next_letter_at(const State& state);

} // namespace ecsr::local
