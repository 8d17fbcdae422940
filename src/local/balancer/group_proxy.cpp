#include "local/balancer/group_proxy.hpp"

#include "base/log.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <fmt/core.h>

namespace ecsr::local {
namespace {

constexpr Millis fast_pace{50};
constexpr Millis registration_time{1'000};
constexpr Millis slow_pace{1000};
constexpr Millis start_limit{10'000};
constexpr Millis pause_after_failure{5000};
constexpr Millis early_death{1000};
constexpr Millis pause_after_early_death{500};

bool is_draining(const Target& target) {
    return target.state == TargetState::Draining || target.draining_until.has_value();
}

// HAProxy answers commands that worked with nothing, or with one of these.
bool is_complaint(const std::string& line) {
    return !line.empty() && line != "New server registered." && line != "Server deleted.";
}

} // namespace

GroupProxy::GroupProxy(std::string target_group_arn, HaproxyProcess::Options process)
    : arn_(std::move(target_group_arn)), process_options_(std::move(process)) {}

void GroupProxy::apply(const TargetGroup& group, const std::vector<int>& listening, Instant now) {
    settings_ = proxy_settings(group, listening);
    match_targets(group);
    watch_processes(now);
    synchronise(now);
    next_poll_at_ = now;
}

void GroupProxy::match_targets(const TargetGroup& group) {
    const auto names = [](const Server& server, const Target& target) {
        return server.target_id == target.id && server.port == target.port && !server.superseded &&
               server.wanted != Mode::Leaving;
    };
    for (auto& server : servers_) {
        const bool registered = std::ranges::any_of(group.targets, [&](const auto& t) { return names(server, t); });
        if (!registered && !server.superseded) { server.wanted = Mode::Leaving; }
    }
    for (const auto& target : group.targets) {
        const auto known = std::ranges::find_if(servers_, [&](const auto& server) { return names(server, target); });
        if (known == servers_.end()) {
            if (!is_draining(target)) { register_target(group, target); }
        } else if (is_draining(target)) {
            known->wanted = Mode::Draining;
        } else if (known->wanted == Mode::Draining || known->registered_at != target.registered_at) {
            known->wanted = Mode::Draining;
            known->superseded = true;
            register_target(group, target);
        }
    }
}

void GroupProxy::register_target(const TargetGroup& group, const Target& target) {
    auto address = target_address(group.target_type, target.id, target.port);
    if (!address) { // the API lets no such target in
        log(LogLevel::Warning, address.error().message, {{"target_group", arn_}});
        return;
    }
    servers_.push_back({.name = fmt::format("t{}", ++servers_named_),
                        .address = std::move(*address),
                        .target_id = target.id,
                        .port = target.port,
                        .registered_at = target.registered_at,
                        .reason = {}});
}

void GroupProxy::start_process(Instant now) {
    if (now < not_before_) { return; }
    auto options = process_options_;
    options.name = fmt::format("{}-{}", process_options_.name, ++processes_started_);
    std::vector<ProxyServer> healthy;
    std::vector<ProxyServer> unhealthy;
    for (auto& server : servers_) {
        server.written = server.wanted == Mode::Serving;
        if (!server.written) { continue; }
        auto& list = server.verdict == TargetState::Healthy ? healthy : unhealthy;
        list.push_back({.name = server.name, .address = server.address});
    }
    auto process = HaproxyProcess::start(
        options,
        [&](const std::string& socket_path) { return haproxy_config(settings_, socket_path, healthy, unhealthy); },
        settings_.listening);
    if (!process) {
        log(LogLevel::Error, process.error().message, {{"target_group", arn_}});
        not_before_ = now + pause_after_failure;
        return;
    }
    successor_ = std::move(*process);
    started_settings_ = settings_;
    started_at_ = now;
}

void GroupProxy::watch_processes(Instant now) {
    std::erase_if(finishing_, [](const auto& process) { return process->ended().has_value(); });
    if (current_) {
        if (const auto how = current_->ended()) {
            log(LogLevel::Warning, fmt::format("HAProxy ended ({}); starting it again", *how),
                {{"target_group", arn_}});
            current_.reset();
            if (now - started_at_ < early_death) { not_before_ = now + pause_after_early_death; }
        }
    }
    if (successor_) { watch_successor(now); }
    if (!successor_ && (!current_ || settings_ != started_settings_)) { start_process(now); }
}

void GroupProxy::watch_successor(Instant now) {
    std::string problem;
    if (const auto how = successor_->ended()) {
        problem = fmt::format("HAProxy did not start ({})", *how);
    } else if (successor_->is_ready()) {
        take_over();
        return;
    } else if (now - started_at_ >= start_limit) {
        problem = fmt::format("HAProxy did not answer within {}", format_duration(start_limit));
    } else {
        return;
    }
    log(LogLevel::Error, problem, {{"target_group", arn_}});
    successor_.reset();
    started_settings_ = {};
    not_before_ = now + pause_after_failure;
}

void GroupProxy::take_over() {
    if (current_) {
        current_->finish();
        finishing_.push_back(std::move(current_));
    }
    current_ = std::move(successor_);
    // HAProxy starts a server one failed check away from DOWN, and an unhealthy one disabled: make both exact.
    std::string commands;
    for (auto& server : servers_) {
        server.applied = server.written ? Mode::Serving : Mode::Absent;
        if (!server.written || !settings_.checked) { continue; }
        const auto id = fmt::format("{}/{}", checked_backend, server.name);
        commands += server.verdict == TargetState::Healthy
                        ? fmt::format("set server {} health up;", id)
                        : fmt::format("set server {0} state drain;set server {0} health down;"
                                      "set server {0} state ready;",
                                      id);
    }
    if (!commands.empty()) { run(commands); }
}

void GroupProxy::synchronise(Instant now) {
    if (!current_) { return; }
    for (auto& server : servers_) {
        if (server.applied == server.wanted || now < server.registered_at + first_check_delay(server)) { continue; }
        bring(server);
    }
    // A server that a starting process has in its configuration stays known until that process has been told.
    if (successor_) { return; }
    std::erase_if(servers_, [this](const Server& server) {
        return server.wanted == Mode::Leaving && (server.applied == Mode::Absent || remove(server));
    });
}

// ECS behaviour D2: "Target registration is in progress" comes before "Initial health checks in progress". A container
// that listens within that moment passes its first check; HAProxy's own first check would come in the same millisecond.
Millis GroupProxy::first_check_delay(const Server& server) const {
    const bool registering = server.applied == Mode::Absent && server.wanted == Mode::Checking;
    return registering && settings_.checked ? registration_time : Millis(0);
}

void GroupProxy::bring(Server& server) {
    const bool nothing_there = server.applied == Mode::Absent;
    if (nothing_there && (server.wanted == Mode::Leaving || server.wanted == Mode::Draining)) { return; }
    if (run(commands_for(server))) { server.applied = server.wanted; }
}

std::string GroupProxy::commands_for(const Server& server) const {
    const auto in_checked = fmt::format("{}/{}", checked_backend, server.name);
    const auto in_open = fmt::format("{}/{}", open_backend, server.name);
    std::string commands;
    if (server.applied == Mode::Absent) {
        commands = fmt::format("add server {0} {2}{3};add server {1} {2};", in_checked, in_open, server.address,
                               check_options(settings_));
        if (settings_.checked) {
            // Leaving maintenance sets the health, so it is set after that; with full health the thresholds count.
            commands += fmt::format("set server {0} state drain;set server {0} health {1};enable health {0};",
                                    in_checked, server.verdict == TargetState::Unhealthy ? "down" : "up");
        }
    }
    switch (server.wanted) {
    case Mode::Absent:
    case Mode::Checking: return commands;
    case Mode::Serving:
        return commands + fmt::format("set server {} state ready;set server {} state ready;", in_checked, in_open);
    case Mode::Draining:
        commands += fmt::format("set server {} state drain;set server {} state drain;", in_checked, in_open);
        return commands + (settings_.checked ? fmt::format("disable health {};", in_checked) : std::string());
    case Mode::Leaving:
        return commands + fmt::format("set server {0} state maint;set server {1} state maint;"
                                      "shutdown sessions server {0};shutdown sessions server {1};",
                                      in_checked, in_open);
    }
    return commands;
}

bool GroupProxy::remove(const Server& server) {
    for (const char* backend : {checked_backend, open_backend}) {
        const auto answer = current_->command(fmt::format("del server {}/{}", backend, server.name));
        // "Server still has connections attached to it, cannot remove it.": asked again at the next poll.
        const bool gone = answer && (contains_ignoring_case(*answer, "server deleted") ||
                                     contains_ignoring_case(*answer, "no such server"));
        if (!gone) { return false; }
    }
    return true;
}

// False when HAProxy did not answer; then it is asked again at the next poll.
bool GroupProxy::run(const std::string& commands) {
    const auto answer = current_->command(commands);
    if (!answer) {
        log(LogLevel::Debug, answer.error().message, {{"target_group", arn_}});
        return false;
    }
    const auto lines = split(*answer, '\n');
    if (const auto complaint = std::ranges::find_if(lines, is_complaint); complaint != lines.end()) {
        log(LogLevel::Warning, fmt::format("HAProxy refused a command: {}", *complaint),
            {{"target_group", arn_}, {"commands", commands}});
    }
    return true;
}

void GroupProxy::poll(Instant now, std::vector<Event>& events) {
    watch_processes(now);
    if (now < next_poll_at_) { return; }
    synchronise(now);
    if (current_) { read_reports(events); }
    synchronise(now);
    next_poll_at_ = now + pace();
}

void GroupProxy::read_reports(std::vector<Event>& events) {
    const auto answer = current_->command("show stat -1 4 -1"); // all proxies, servers only
    if (!answer) { return; }
    const auto reports = parse_server_reports(*answer);
    for (auto& server : servers_) {
        int in_flight = 0;
        for (const auto& report : reports) {
            if (report.server != server.name) { continue; }
            in_flight += report.requests_in_flight;
            if (report.backend == checked_backend) { judge(server, report, events); }
        }
        if (server.superseded && server.wanted == Mode::Draining && in_flight == 0) { server.wanted = Mode::Leaving; }
    }
}

void GroupProxy::judge(Server& server, const ServerReport& report, std::vector<Event>& events) {
    if (server.applied != Mode::Checking && server.applied != Mode::Serving) { return; }
    if (!settings_.checked) {
        decide(server, TargetState::Healthy, {}, events);
        return;
    }
    server.settled = report.steady;
    if (report.down) {
        if (!report.check_status.empty() && !check_passed(report)) {
            decide(server, TargetState::Unhealthy, unhealthy_reason(report), events);
        }
        return;
    }
    // One success is enough for a target without a verdict; one that was unhealthy is up only after its threshold.
    const bool recovered = server.verdict == TargetState::Unhealthy;
    if (recovered || check_passed(report)) { decide(server, TargetState::Healthy, {}, events); }
}

void GroupProxy::decide(Server& server, TargetState verdict, const UnhealthyReason& reason,
                        std::vector<Event>& events) {
    if (server.wanted == Mode::Checking) { server.wanted = Mode::Serving; }
    if (server.verdict == verdict && server.reason == reason) { return; }
    server.verdict = verdict;
    server.reason = reason;
    if (server.wanted != Mode::Serving) { return; }
    events.push_back(TargetHealthChanged{.target_group_arn = arn_,
                                         .target_id = server.target_id,
                                         .port = server.port,
                                         .state = verdict,
                                         .reason = reason.code,
                                         .description = reason.description});
}

Millis GroupProxy::pace() const {
    const bool changing = !current_ || successor_ || std::ranges::any_of(servers_, [](const Server& server) {
        return server.wanted != server.applied || server.wanted == Mode::Checking || server.wanted == Mode::Leaving ||
               server.superseded || !server.settled;
    });
    return changing ? fast_pace : slow_pace;
}

} // namespace ecsr::local
