// A notification as the body of a webhook: Slack, Microsoft Teams, or anything that takes JSON.
#pragma once

#include "model/notification_settings.hpp"

#include <string>

namespace ecsr::tell {

// JSON, in the settings' format:
//   Slack    {"text", "blocks"} of an incoming webhook
//   Teams    a message with one Adaptive Card, as a workflow's "when a webhook request is received" takes it
//   Generic  the user's template with its values escaped; without one {"event", "title", "reason", "at", "service",
//            "cluster", "region", "run_id", "is_test", "figures": {...}, "report": {the run's document}}, where figures
//            and report are left out when there was no run
// A template stands for the text above the facts in Slack and Teams. Requires settings that check() has no objection
// to.
std::string webhook_body(const WebhookSettings& settings, const Notification& notification);

} // namespace ecsr::tell
