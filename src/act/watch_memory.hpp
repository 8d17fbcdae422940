// What the daemon remembers of the services that it watches, kept in the journal's file so that a restart neither
// forgets nor repeats a fire.
#pragma once

#include "base/error.hpp"
#include "base/time.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace ecsr::act {

// A fire that has come and is not done with.
struct WatchedFire {
    Instant at{};
    Instant due{};
    std::optional<Instant> run_at; // its run was begun then, and was interrupted
};

struct Watch {
    std::string service_key; // act::service_key()
    std::string schedule;    // the text that the times belong to
    Instant first_seen{};    // what rate(...) counts from
    Instant dealt_until{};   // every fire up to here is done with, or is `fire`
    std::optional<WatchedFire> fire;
};

// Durable when a call returns; thread-safe. Errors of the file are of kind Io.
class WatchMemory {
public:
    virtual ~WatchMemory() = default;

    virtual Result<std::vector<Watch>> recall() = 0;
    // All or nothing; what is known of the same services is replaced.
    virtual Status remember(const std::vector<Watch>& watches) = 0;
    // Ids of the runs that have to be resumed or aborted, oldest first.
    virtual Result<std::vector<std::string>> unfinished_runs() = 0;
};

// In the journal at `path` (see open_journal(), which may have it open too).
Result<std::unique_ptr<WatchMemory>> open_watch_memory(const std::string& path);

} // namespace ecsr::act
