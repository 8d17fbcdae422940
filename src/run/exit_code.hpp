// The exit code of a run that has ended, as the faces promise it.
#pragma once

#include "judge/recycle/run.hpp"

namespace ecsr::run {

// 0 done; 1 failed; 2 usage; 3 stopped by a gate or by the user; 4 another run holds the service; 5 credentials or
// permissions; 6 timed out; 7 the deployment was rolled back. Requires run.ending.
int exit_code(const recycle::Run& run);

} // namespace ecsr::run
