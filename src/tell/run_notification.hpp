// What people are told about a run: which event it is, and its figures.
#pragma once

#include "act/journal.hpp"
#include "base/error.hpp"
#include "base/time.hpp"
#include "model/notification.hpp"

#include <string>

namespace ecsr::tell {

// Preflight has passed, or an unfinished run goes on.
Notification run_started(const recycle::Run& run, const std::string& region, Instant now);

// How it ended: Finished, Skipped (there was nothing to do), Blocked (refused before the first change), Restored
// (stopped early and everything put back), Failed (anything else; also a run that is paused). With the run's document.
Notification run_ended(const act::RunRecord& record, const std::string& region, Instant now);

// There is no record: it could not begin (Blocked when something holds the service or refuses the run, else Failed), or
// it was left or lost on the way (Failed).
Notification run_failed(const RunSpec& spec, const Error& error, const std::string& region, Instant now);

// For `notify test`: a made-up run, and every text says that it is a test.
Notification test_notification(NotificationEvent event, Instant now);

} // namespace ecsr::tell
