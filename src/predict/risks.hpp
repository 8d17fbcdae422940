// What could make a run go another way than its plan: pure.
#pragma once

#include "judge/recycle/step.hpp"
#include "model/run_spec.hpp"
#include "model/snapshot.hpp"
#include "predict/learned.hpp"

#include <string>
#include <vector>

namespace ecsr::predict {

// One line each, the worst first.
std::vector<std::string> risks(const RunSpec& spec, const Snapshot& snapshot, const recycle::Plan& plan,
                               const Learned& learned, Instant now);

} // namespace ecsr::predict
