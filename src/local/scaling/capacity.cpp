#include "local/scaling/capacity.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace ecsr::local {

namespace {

constexpr double most = 1'000'000; // tasks; what a scalable target may have at most

// Of a breach upwards the lower bound belongs to the step, of one downwards the upper.
bool holds(const StepAdjustment& step, double breach) {
    if (breach >= 0) { return step.lower.value_or(breach) <= breach && (!step.upper || breach < *step.upper); }
    return step.upper.value_or(breach) >= breach && (!step.lower || breach > *step.lower);
}

// Fractions are cut off, but what is less than one task becomes one.
int share(int current, int percent, int least) {
    const double exact = static_cast<double>(current) * percent / 100;
    int change = static_cast<int>(std::trunc(std::clamp(exact, -most, most)));
    if (change == 0 && percent != 0) { change = percent > 0 ? 1 : -1; }
    if (std::abs(change) < least) { change = percent > 0 ? least : -least; }
    return percent == 0 ? 0 : change;
}

} // namespace

std::optional<int> step_capacity(const StepScaling& policy, int current, double breach) {
    const auto step =
        std::ranges::find_if(policy.steps, [&](const StepAdjustment& each) { return holds(each, breach); });
    if (step == policy.steps.end()) { return std::nullopt; }
    if (policy.adjustment_type == "ExactCapacity") { return std::max(0, step->adjustment); }
    if (policy.adjustment_type == "PercentChangeInCapacity") {
        return std::max(0, current + share(current, step->adjustment, policy.minimum_magnitude.value_or(0)));
    }
    return std::max(0, current + step->adjustment);
}

int tracked_capacity(int current, double value, double target) {
    // A metric that is exactly at the target must not ask for one more because of how doubles are rounded.
    constexpr double rounding = 1e-9;
    const double exact = current * value / target;
    return static_cast<int>(std::ceil(std::clamp(exact * (1 - rounding), 0.0, most)));
}

int gradually(int current, int wanted) {
    return current - (current - wanted + 1) / 2;
}

} // namespace ecsr::local
