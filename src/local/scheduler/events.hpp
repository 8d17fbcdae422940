// Service events, letter for letter (ECS behaviour C1). add_event() is in operations.hpp.
#pragma once

#include "local/scheduler/placement.hpp"
#include "local/scheduler/turn.hpp"

#include <string>
#include <vector>

namespace ecsr::local {

// Like add_event(), but not while the same text was told within the last 6 hours. True when it was told now.
bool add_event_rarely(State& state, Service& service, const std::string& text, Instant now);

void tell_started(State& state, Service& service, const std::vector<const Task*>& tasks, bool replaces_unhealthy,
                  Instant now);
// Tasks that ran are named, those that were still pending are counted.
void tell_stopped(State& state, Service& service, const std::vector<const Task*>& running, int pending, Instant now);
// `task_set`: the deployment whose tasks are protected.
void tell_blocked_by_protection(State& state, Service& service, const std::string& task_set, int protected_tasks,
                                Instant now);
// AZ rebalancing begins / is done (ECS behaviour B14); `zone`: where a task was started for it.
void tell_imbalance(State& state, Service& service, const ZoneCounts& zones, Instant now);
void tell_balance(State& state, Service& service, const ZoneCounts& zones, Instant now);
void tell_started_in(State& state, Service& service, const Task& task, Instant now);
// `what`: "TARGET", or "TARGET GROUP".
void tell_lost(State& state, Service& service, const std::string& what, const std::string& task_set,
               const std::string& target_group_arn, Instant now);
void tell_no_headroom(State& state, Service& service, Instant now);
// The events that registrations and deregistrations of this turn add up to; empties turn.news.
void tell_target_news(Turn& turn);

} // namespace ecsr::local
