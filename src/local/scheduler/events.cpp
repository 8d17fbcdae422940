#include "local/scheduler/events.hpp"

#include "local/scheduler/announcements.hpp"
#include "local/scheduler/operations.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace ecsr::local {

namespace {

constexpr std::size_t events_kept = 100;
constexpr std::chrono::hours quiet_time{6};

void add_message(State& state, Service& service, std::string message, Instant now) {
    service.events.push_front(ServiceEvent{new_uuid(state.random), now, std::move(message)});
    if (service.events.size() > events_kept) { service.events.pop_back(); }
}

bool add_message_rarely(State& state, Service& service, std::string message, Instant now) {
    const bool told = std::any_of(service.events.begin(), service.events.end(), [&](const ServiceEvent& event) {
        return event.created_at > now - quiet_time && event.message == message;
    });
    if (!told) { add_message(state, service, std::move(message), now); }
    return !told;
}

std::string with_prefix(const Service& service, const std::string& text) {
    return fmt::format("(service {}) {}", service.name, text);
}

std::string list_of(const std::vector<const Task*>& tasks) {
    std::string list;
    for (const Task* task : tasks) { list += fmt::format("{}(task {})", list.empty() ? "" : " ", task->id); }
    return list;
}

// The fullest zones first.
std::string list_of(const ZoneCounts& zones) {
    std::vector<std::pair<std::string, int>> sorted(zones.begin(), zones.end());
    std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
    std::string list;
    for (const auto& [zone, count] : sorted) {
        list += fmt::format("{}{} tasks in {}", list.empty() ? "" : ", ", count, zone);
    }
    return list;
}

void tell_news_of(State& state, Service& service, const TargetNews& news, Instant now) {
    for (const auto& [group, count] : news.registered) {
        add_event(state, service, fmt::format("registered {} targets in (target-group {})", count, group), now);
    }
    for (const auto& [group, count] : news.deregistered) {
        add_event(state, service, fmt::format("deregistered {} targets in (target-group {})", count, group), now);
    }
    if (news.draining_tasks > 0) {
        add_event(state, service, fmt::format("has begun draining connections on {} tasks.", news.draining_tasks), now);
    }
}

} // namespace

void add_event(State& state, Service& service, const std::string& text, Instant now) {
    add_message(state, service, with_prefix(service, text), now);
}

bool add_event_rarely(State& state, Service& service, const std::string& text, Instant now) {
    return add_message_rarely(state, service, with_prefix(service, text), now);
}

void tell_started(State& state, Service& service, const std::vector<const Task*>& tasks, bool replaces_unhealthy,
                  Instant now) {
    std::string text = fmt::format("has started {} tasks: {}.", tasks.size(), list_of(tasks));
    if (replaces_unhealthy) {
        text += fmt::format(" Amazon ECS replaced {} tasks due to an unhealthy status.", tasks.size());
    }
    add_event(state, service, text, now);
}

void tell_stopped(State& state, Service& service, const std::vector<const Task*>& running, int pending, Instant now) {
    if (pending > 0) { add_event(state, service, fmt::format("stopped {} pending tasks.", pending), now); }
    if (running.empty()) { return; }
    add_event(state, service, fmt::format("has stopped {} running tasks: {}.", running.size(), list_of(running)), now);
    announce(state, service, "INFO", "TASKS_STOPPED", "", now);
}

void tell_blocked_by_protection(State& state, Service& service, const std::string& task_set, int protected_tasks,
                                Instant now) {
    const std::string because =
        fmt::format("was unable to scale in due to (reason {} tasks under protection)", protected_tasks);
    add_message_rarely(state, service, fmt::format("(service {}, taskSet {}) {}", service.name, task_set, because),
                       now);
    add_event_rarely(state, service,
                     fmt::format("was unable to reach steady state because (taskSet {}) {}", task_set, because), now);
}

void tell_imbalance(State& state, Service& service, const ZoneCounts& zones, Instant now) {
    add_event(state, service,
              fmt::format("is not AZ balanced with {}. AZ Rebalancing in progress.",
                          list_of(all_zones(zones, state.identity.region))),
              now);
}

void tell_balance(State& state, Service& service, const ZoneCounts& zones, Instant now) {
    add_event(state, service, fmt::format("is AZ balanced with {}.", list_of(all_zones(zones, state.identity.region))),
              now);
}

void tell_started_in(State& state, Service& service, const Task& task, Instant now) {
    add_event(state, service,
              fmt::format("has started 1 tasks in {} to AZ Rebalance: {}.", task.availability_zone, list_of({&task})),
              now);
}

void tell_lost(State& state, Service& service, const std::string& what, const std::string& task_set,
               const std::string& target_group_arn, Instant now) {
    add_event_rarely(state, service,
                     fmt::format("task set {} is not healthy in target-group {} due to {} IS NOT FOUND.", task_set,
                                 target_group_arn, what),
                     now);
}

void tell_no_headroom(State& state, Service& service, Instant now) {
    add_event_rarely(state, service,
                     "was unable to stop or start tasks during a deployment because of the service deployment "
                     "configuration. Update the minimumHealthyPercent or maximumPercent value and try again.",
                     now);
}

void tell_target_news(Turn& turn) {
    for (const auto& [key, news] : turn.news) {
        const auto service = turn.state.services.find(key);
        if (service != turn.state.services.end()) { tell_news_of(turn.state, service->second, news, turn.now); }
    }
    turn.news.clear();
}

} // namespace ecsr::local
