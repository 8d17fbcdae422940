// When a container's health check is run, and what its results mean (ECS behaviour D1). Pure.
#pragma once

#include "local/state/task.hpp"
#include "local/state/task_definition.hpp"

#include <optional>

namespace ecsr::local {

class HealthMonitor {
public:
    HealthMonitor(HealthCheck check, Instant started);

    Health health() const { return health_; }
    // When the next probe is to begin; nothing while one runs.
    std::optional<Instant> next_probe_at() const { return next_probe_at_; }
    // When the probe that runs has failed for taking too long.
    std::optional<Instant> probe_deadline() const { return probe_deadline_; }

    void probe_started(Instant now);
    // The probe ended, or was given up. The new health if that changed it.
    std::optional<Health> probe_ended(bool succeeded, Instant now);

private:
    Health after_failure(Instant now);

    HealthCheck check_;
    Instant start_period_ends_;
    Health health_ = Health::Unknown;
    bool was_healthy_ = false;
    int failures_in_a_row_ = 0;
    std::optional<Instant> next_probe_at_;
    std::optional<Instant> probe_deadline_;
};

// The program that a health check runs: ["CMD", ...] as it is, ["CMD-SHELL", "..."] and a bare string by /bin/sh. Empty
// for ["NONE"] and an empty command: no check.
std::vector<std::string> probe_arguments(const HealthCheck& check);

} // namespace ecsr::local
