#include "local/runtime/health_monitor.hpp"

#include "base/text.hpp"

namespace ecsr::local {

HealthMonitor::HealthMonitor(HealthCheck check, Instant started)
    : check_(std::move(check)), start_period_ends_(started + check_.start_period),
      next_probe_at_(started + check_.interval) {}

void HealthMonitor::probe_started(Instant now) {
    next_probe_at_.reset();
    probe_deadline_ = now + check_.timeout;
}

std::optional<Health> HealthMonitor::probe_ended(bool succeeded, Instant now) {
    probe_deadline_.reset();
    next_probe_at_ = now + check_.interval;
    if (succeeded) {
        failures_in_a_row_ = 0;
        was_healthy_ = true;
    }
    const Health before = health_;
    health_ = succeeded ? Health::Healthy : after_failure(now);
    return health_ == before ? std::nullopt : std::optional(health_);
}

Health HealthMonitor::after_failure(Instant now) {
    const bool in_grace = !was_healthy_ && now < start_period_ends_;
    if (!in_grace) { ++failures_in_a_row_; }
    return failures_in_a_row_ >= check_.retries ? Health::Unhealthy : health_;
}

std::vector<std::string> probe_arguments(const HealthCheck& check) {
    const auto& command = check.command;
    if (command.empty() || command.front() == "NONE") { return {}; }
    if (command.front() == "CMD") { return {command.begin() + 1, command.end()}; }
    const bool is_shell = command.front() == "CMD-SHELL";
    return {"/bin/sh", "-c", join({command.begin() + (is_shell ? 1 : 0), command.end()}, " ")};
}

} // namespace ecsr::local
