// One service's turn: its run, through the same Runner as "recycle", or in read-only the plan of it.
#pragma once

#include "act/journal.hpp"
#include "base/clock.hpp"
#include "base/random.hpp"
#include "notify/notifier.hpp"
#include "run/runner.hpp"
#include "serve/places.hpp"
#include "serve/roster.hpp"

#include <cstddef>
#include <memory>
#include <string>

namespace ecsr::serve {

// All references must outlive the turn.
struct TurnParts {
    Clock& clock;
    act::Journal& journal;
    Random random;
    std::string who;
    std::string process; // act::process_mark()
    run::Interrupts interrupts;
    std::shared_ptr<notify::Notifier> notifier; // null: nobody is told
    bool read_only = false;
};

struct TurnOver {
    ServiceId id;
    Trigger trigger = Trigger::Schedule;
    Ended how = Ended::Done;
    std::string outcome;         // "done", "failed", ..., "blocked", "planned": for the metrics
    std::string left_unfinished; // id of the run that is still to be finished
    std::size_t recycled = 0;
    Instant began_at{};
    Instant ended_at{};
};

// Blocking; on a thread of its own.
TurnOver take_turn(const StartRun& start, const Place& place, TurnParts parts);

} // namespace ecsr::serve
