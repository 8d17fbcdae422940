// What the function's environment says; read once.
#pragma once

#include "aws/environment.hpp"
#include "base/error.hpp"
#include "base/time.hpp"
#include "judge/schedule/windows.hpp"
#include "model/run_spec.hpp"

#include <optional>
#include <string>
#include <vector>

namespace ecsr::lambda {

struct Settings {
    std::string cluster;              // ECS_CLUSTER_NAME
    std::string service;              // ECS_SERVICE_NAME
    std::optional<Strategy> strategy; // ECS_RECYCLER_STRATEGY
    std::string table;                // ECS_RECYCLER_TABLE: DynamoDB table of the journal; empty: none
    std::string function;             // ECS_RECYCLER_FUNCTION, else AWS_LAMBDA_FUNCTION_NAME: goes on there
    std::string batch;                // ECS_RECYCLER_BATCH
    std::string drain;                // ECS_RECYCLER_DRAIN
    std::optional<Millis> wait;       // ECS_RECYCLER_WAIT
    std::vector<std::string> alarms;  // ECS_RECYCLER_ALARM, separated by commas
    Millis margin{15'000};            // ECS_RECYCLER_MARGIN: work ends this long before the deadline
    // ECS_RECYCLER_WINDOW and ECS_RECYCLER_BLACKOUT, separated by commas; ECS_RECYCLER_TIMEZONE.
    schedule::WindowTexts windows;
};

// Error Usage: names the variable and what it allows.
Result<Settings> read_settings(const aws::Environment& environment);

// What the environment says of a run. Error Usage: as read_settings, which has tried it.
Status apply_settings(RunSpec& spec, const Settings& settings);

} // namespace ecsr::lambda
