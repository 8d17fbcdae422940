#include "tests/simulation/saboteurs.hpp"

#include "local/scheduler/capacity.hpp"
#include "tests/simulation/workload.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

namespace ecsr::simulation {

namespace {

constexpr int most_at_once = 10; // tasks that one RunTask starts (ECS behaviour A7)

} // namespace

Saboteurs::Saboteurs(VirtualWorld& world, const Options& options, Random& random, Others& others, Marks& marks,
                     Means means)
    : world_(world), options_(options), random_(random), others_(others), marks_(marks), means_(std::move(means)) {
    plan(options_.scalings, &Saboteurs::scale);
    plan(options_.scalable_target ? options_.autoscalings : 0, &Saboteurs::autoscale);
    plan(options_.scalable_target ? options_.limit_changes : 0, &Saboteurs::change_limits);
    plan(options_.protects, &Saboteurs::protect);
    plan(options_.unprotects, &Saboteurs::unprotect);
    plan(options_.deploys, &Saboteurs::deploy);
    plan(options_.new_revision, &Saboteurs::deploy_revision);
    plan(options_.deletes, &Saboteurs::delete_service);
    plan(options_.alarm ? options_.alarms : 0, &Saboteurs::fire_alarm);
    plan(options_.aborts, &Saboteurs::abort);
    plan(options_.interrupts, &Saboteurs::interrupt);
    plan(options_.second_recyclers, &Saboteurs::recycle_too);
    plan(options_.clock_jumps, &Saboteurs::jump_clock);
    plan(options_.full_disk, &Saboteurs::fill_disk);
    plan(options_.shortages, &Saboteurs::take_memory);
}

void Saboteurs::plan(int times, void (Saboteurs::*deed)()) {
    for (int i = 0; i < times; ++i) {
        plan_.emplace(world_.now() + Millis(random_.between(1, options_.calm_after.count())),
                      [this, deed] { (this->*deed)(); });
    }
}

void Saboteurs::later(int low_seconds, int high_seconds, std::function<void()> deed) {
    plan_.emplace(world_.now() + Seconds(random_.between(low_seconds, high_seconds)), std::move(deed));
}

void Saboteurs::act(Instant now) {
    if (busy_) { return; } // what they do lets time go on
    struct Busy {
        explicit Busy(bool& flag) : flag_(flag) { flag_ = true; }
        ~Busy() { flag_ = false; }
        Busy(const Busy&) = delete;
        Busy& operator=(const Busy&) = delete;
        bool& flag_;
    };
    const Busy busy(busy_);
    while (!plan_.empty() && plan_.begin()->first <= now) {
        const auto deed = std::move(plan_.begin()->second);
        plan_.erase(plan_.begin());
        deed();
    }
}

void Saboteurs::calm() {
    plan_.clear();
    means_.fill_disk(false);
    free_memory();
}

// A recycler has seen by then what was there, if it looks at all, and does not take it for a read that lags any more.
Millis Saboteurs::long_ago() const {
    return Seconds(35) + 10 * options_.slowest_answer;
}

// Nobody can tell a count that is set to what a recycler set out to set when it died, or has just set or replaced, from
// its own; nor one that goes back to what has just been there from a read that lags. A clock that is wrong may hide how
// long ago that was, and who dies or has no room on its disk forgets what it saw.
bool Saboteurs::is_confusing(int to) const {
    const bool forgetful = options_.crashes + options_.power_cuts + options_.clock_jumps > 0 || options_.full_disk;
    const bool unseen = others_.count_known != world_.service()->desired_count || !others_.count_known_at;
    const auto lately = [&](const std::optional<Instant>& at) {
        return forgetful || (at && world_.now() < *at + long_ago());
    };
    if (to == others_.intended && others_.intended != others_.written) { return true; }
    const bool has_been_there = to == others_.written || others_.left.contains(to);
    if (has_been_there && (unseen || lately(others_.count_known_at))) { return true; }
    return (to == others_.replaced && lately(others_.replaced_at)) ||
           (to == others_.replaced_earlier && lately(others_.replaced_earlier_at));
}

void Saboteurs::set_desired(int to) {
    const int present = world_.service()->desired_count;
    if (to == others_.written || to == others_.replaced || others_.left.contains(to)) {
        ++marks_["somebody went back to a former desired count"];
    }
    others_.left.insert(present);
    others_.desired = to;
    others_.desired_perhaps.reset();
    others_.wrote_last = true;
    others_.lowered_last = others_.lowered_last || to < present;
    world_.ecs("UpdateService", fmt::format(R"({{"cluster":"c","service":"s","desiredCount":{}}})", to));
}

void Saboteurs::scale() {
    if (others_.deleted) { return; }
    const int present = world_.service()->desired_count;
    int to = static_cast<int>(random_.between(1, std::int64_t{options_.tasks} + 3));
    if (others_.highest) { to = std::clamp(to, std::max(1, *others_.lowest), std::max(1, *others_.highest)); }
    if (to == present || is_confusing(to)) { return; }
    ++marks_[to > present ? "somebody scaled out" : "somebody scaled in"];
    means_.tell(fmt::format("others: desired count {} -> {}", present, to));
    set_desired(to);
}

void Saboteurs::autoscale() {
    if (others_.deleted) { return; }
    const local::ScalableTarget& target = world_.state().scalable_targets.begin()->second;
    const int present = world_.service()->desired_count;
    const auto to = static_cast<int>(random_.between(std::max(1, *others_.lowest), *others_.highest));
    const bool out = to > present;
    if (to == present || is_confusing(to)) { return; }
    if (out ? target.suspended.dynamic_scaling_out : target.suspended.dynamic_scaling_in) {
        ++marks_["autoscaler was suspended"];
        return;
    }
    ++marks_[out ? "autoscaler scaled out" : "autoscaler scaled in"];
    means_.tell(fmt::format("autoscaler: desired count {} -> {}", present, to));
    set_desired(to);
}

// Limits that leave the desired count as it is.
void Saboteurs::change_limits() {
    if (others_.deleted) { return; }
    const local::ScalableTarget& target = world_.state().scalable_targets.begin()->second;
    const int present = world_.service()->desired_count;
    const auto lowest = static_cast<int>(random_.between(0, std::min(present, others_.desired)));
    const int floor = std::max(present, others_.desired);
    const auto highest = static_cast<int>(random_.between(floor, std::int64_t{floor} + 4));
    // As above: it cannot be told from what a recycler set.
    if (highest == target.max_capacity || others_.highest_written.contains(highest)) { return; }
    ++marks_["scaling limits changed"];
    means_.tell(fmt::format("others: scaling limits {}..{}", lowest, highest));
    others_.lowest = lowest;
    others_.highest = highest;
    world_.scaling("RegisterScalableTarget",
                   fmt::format(R"({{"ServiceNamespace":"ecs","ScalableDimension":"ecs:service:DesiredCount",)"
                               R"("ResourceId":"service/c/s","MinCapacity":{},"MaxCapacity":{}}})",
                               lowest, highest));
}

void Saboteurs::protect() {
    for (const auto& [id, task] : world_.state().tasks) {
        if (!is_of_service(task) || task.last_status != local::TaskStatus::Running ||
            task.desired_status != local::TaskStatus::Running || local::is_protected(task, world_.now())) {
            continue;
        }
        if (random_.between(0, 1) == 0) { continue; }
        ++marks_["somebody protected a task"];
        means_.tell("others: protect " + id);
        const Instant since = world_.now();
        const std::string answer = world_.ecs(
            "UpdateTaskProtection",
            fmt::format(R"({{"cluster":"c","tasks":["{}"],"protectionEnabled":true,"expiresInMinutes":2880}})", id));
        // A deployment in flight may not allow it.
        if (answer.find("DEPLOYMENT_BLOCKED") == std::string::npos) { others_.protected_tasks.emplace(id, since); }
        return;
    }
}

void Saboteurs::unprotect() {
    for (const auto& [id, task] : world_.state().tasks) {
        if (!is_of_service(task) || task.desired_status != local::TaskStatus::Running ||
            !local::is_protected(task, world_.now()) || others_.protected_tasks.contains(id)) {
            continue;
        }
        ++marks_["somebody removed protection of ours"];
        means_.tell("others: unprotect " + id);
        world_.ecs("UpdateTaskProtection",
                   fmt::format(R"({{"cluster":"c","tasks":["{}"],"protectionEnabled":false}})", id));
        return;
    }
    if (!others_.deleted) {
        later(5, 30, [this] { unprotect(); });
    }
}

void Saboteurs::deploy() {
    if (others_.deleted) { return; }
    ++marks_["somebody deployed"];
    means_.tell("others: deploy");
    others_.deployed = true;
    world_.ecs("UpdateService", R"({"cluster":"c","service":"s","forceNewDeployment":true})");
}

void Saboteurs::deploy_revision() {
    if (others_.deleted) { return; }
    ++marks_["somebody deployed a new revision"];
    means_.tell("others: deploy a new revision");
    others_.deployed = true;
    world_.ecs("RegisterTaskDefinition", task_definition(options_));
    world_.ecs("UpdateService", R"({"cluster":"c","service":"s","taskDefinition":"app"})");
}

void Saboteurs::delete_service() {
    if (others_.deleted) { return; }
    ++marks_["somebody deleted the service"];
    means_.tell("others: delete the service");
    others_.deleted = true;
    others_.protected_tasks.clear();
    world_.ecs("DeleteService", R"({"cluster":"c","service":"s","force":true})");
}

void Saboteurs::fire_alarm() {
    ++marks_["alarm fired"];
    means_.tell("alarm fires");
    others_.alarm_fires = true;
    world_.alarm("SetAlarmState", R"("StateValue":"ALARM","StateReason":"errors")");
    later(30, 300, [this] {
        others_.alarm_fires = false;
        world_.alarm("SetAlarmState", R"("StateValue":"OK","StateReason":"over")");
    });
}

// All that is left of it: nothing more finds a place.
void Saboteurs::take_memory() {
    const int room = *local::remaining_capacity(world_.state()).memory_mib / task_memory;
    if (room <= 0) { return; }
    ++marks_["memory of the cluster taken"];
    means_.tell("a neighbour takes the memory of the cluster");
    std::set<std::string> before;
    for (const auto& [id, task] : world_.state().tasks) { before.insert(id); }
    for (int left = room; left > 0; left -= most_at_once) {
        world_.ecs("RunTask", fmt::format(R"({{"cluster":"c","taskDefinition":"{}","count":{}}})", neighbour,
                                          std::min(left, most_at_once)));
    }
    for (const auto& [id, task] : world_.state().tasks) {
        if (!before.contains(id)) { neighbours_.push_back(id); }
    }
    later(20, 600, [this] { free_memory(); });
}

void Saboteurs::free_memory() {
    for (const std::string& id : neighbours_) {
        world_.ecs("StopTask", fmt::format(R"({{"cluster":"c","task":"{}"}})", id));
    }
    neighbours_.clear();
}

void Saboteurs::abort() {
    if (!means_.abort()) { return; }
    ++marks_["abort asked"];
    means_.tell("others: abort asked");
    others_.abort_asked_at = world_.now();
}

void Saboteurs::interrupt() {
    if (!means_.interrupt()) { return; }
    ++marks_["interrupted"];
    means_.tell("Ctrl-C");
    if (!others_.interrupted_at) { others_.interrupted_at = world_.now(); }
}

void Saboteurs::recycle_too() {
    if (means_.recycle_too()) { ++marks_["second recycler refused"]; }
}

void Saboteurs::jump_clock() {
    const Millis by = Seconds(random_.between(-7'200, 7'200));
    ++marks_[by > Millis(0) ? "clock jumped ahead" : "clock jumped back"];
    means_.tell(fmt::format("clock jumps by {} s", by.count() / 1'000));
    means_.jump_clock(by);
}

void Saboteurs::fill_disk() {
    ++marks_["disk full"];
    means_.tell("disk full");
    means_.fill_disk(true);
    later(10, 180, [this] { means_.fill_disk(false); });
}

} // namespace ecsr::simulation
