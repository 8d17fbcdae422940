// How a recycle will go: the observed service on virtual time, recycled by the engine itself, several times over.
#pragma once

#include "base/clock.hpp"
#include "judge/recycle/step.hpp"
#include "model/prediction.hpp"
#include "model/run_spec.hpp"
#include "model/snapshot.hpp"

#include <stop_token>

namespace ecsr::predict {

struct PredictOptions {
    Millis answer_time{0};  // of one API call, as the reading of the snapshot has shown
    Millis patience{5'000}; // real time that all simulations together may take
    int runs = 15;          // simulations, where the patience allows so many
    std::uint64_t seed = 1; // the same seed and snapshot give the same forecast, where the patience allows it
};

// `plan`: of the same spec and snapshot. `snapshot`: with the parts of learning_look(). `clock` is real time, for the
// patience alone. Never fails: what cannot be predicted says why, with its risks all the same.
Forecast predict(const RunSpec& spec, const Snapshot& snapshot, const recycle::Plan& plan,
                 const PredictOptions& options, Clock& clock, Instant now, std::stop_token stop);

// What must be read for it, besides recycle::first_look().
Look learning_look(const RunSpec& spec);

} // namespace ecsr::predict
