// What is known of a service, for people and for machines.
#pragma once

#include "base/time.hpp"
#include "model/snapshot.hpp"

#include <cstddef>
#include <string>

namespace ecsr::tell {

// Requires: the service, its tasks, deployments and targets were read. The newest `events` events are shown.
std::string status_text(const Snapshot& snapshot, Instant now, std::size_t events);
std::string status_json(const Snapshot& snapshot, Instant now, std::size_t events);

} // namespace ecsr::tell
