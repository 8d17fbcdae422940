#include "run/exit_code.hpp"

namespace ecsr::run {

int exit_code(const recycle::Run& run) {
    ECSR_ASSERT(run.ending.has_value());
    if (run.ending->cause == ErrorKind::Usage) { return 2; }
    if (run.ending->cause == ErrorKind::Locked) { return 4; }
    if (run.ending->cause == ErrorKind::Credentials) { return 5; }
    switch (run.ending->outcome) {
    case recycle::Outcome::Done: return run.restored ? 0 : 1;
    case recycle::Outcome::Failed: return 1;
    case recycle::Outcome::Stopped: return 3;
    case recycle::Outcome::TimedOut: return 6;
    case recycle::Outcome::RolledBack: return 7;
    }
    return 1;
}

} // namespace ecsr::run
