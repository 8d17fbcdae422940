// Tells one process of one machine from every other, so that the lock of a holder that died there is free at once.
#pragma once

#include <string>

namespace ecsr::act {

// This process: boot id, pid namespace, pid and start time, as /proc tells them. A pid that is used again, another
// container and a restarted machine each give another mark. Empty where /proc does not tell.
std::string process_mark();

// Surely no such process runs any more. Only marks of this boot and this pid namespace can be judged: false for all
// others, for an empty one, and where /proc hides the process.
bool has_ended(const std::string& mark);

} // namespace ecsr::act
