// The sections of recycler.yaml, one table of fields each. Internal to config/.
#pragma once

#include "config/reader.hpp"
#include "config/settings.hpp"

#include <map>
#include <string>
#include <vector>

namespace ecsr::config {

const Fields<Account>& account_fields();
const Fields<ScheduleTexts>& schedule_fields();
const Fields<Policy>& policy_fields();     // of `defaults`, and of an item of `services`
const Fields<Rule>& rule_fields();         // of an item of `services`: selection and policy
const Fields<Settings>& settings_fields(); // of the top level, but for what load.cpp reads in its own order

// Keys of the sections inside those, by the section's name.
std::map<std::string, std::vector<std::string>> nested_keys();

// Error: Usage, with the nearest zone.
Result<std::string> parse_zone(std::string_view text);

// Reads and checks them together.
void read_notifications(NotificationSettings& settings, const Node& node, const Scope& scope);
std::map<std::string, std::vector<std::string>> notification_keys();

// An expression, a name of `schedules`, or a section of schedule_fields().
std::optional<ScheduleTexts> read_schedule(const Node& node, const Scope& scope);

// Makes policy.schedule and policy.windows of their texts. Error: Usage.
Status resolve(Policy& policy, const std::map<std::string, ScheduleTexts>& schedules);

// What a rule's values must keep to together.
void check_rule(const Rule& rule, const Node& node, const Scope& scope);

} // namespace ecsr::config
