#include "tests/simulation/checkers.hpp"

#include "base/text.hpp"
#include "tests/simulation/workload.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace ecsr::simulation {

namespace {

namespace json = boost::json;

constexpr std::size_t enough = 5; // violations to tell
// An abort is seen at the next heart beat; while the disk is full, a run goes on without one as long as its hold on the
// service surely lasts.
constexpr Seconds beat_interval{5};
constexpr Seconds longest_without_beat{15};
// A clock that is wrong by more cannot tell whose protection an expiry is.
constexpr std::chrono::minutes good_clock{4};

bool is_write(const std::string& operation) {
    return !operation.starts_with("Describe") && !operation.starts_with("List") && !operation.starts_with("Get");
}

std::string scaling_text(const local::ScalableTarget& target) {
    return fmt::format("{}..{} suspended {}{}{}", target.min_capacity, target.max_capacity,
                       target.suspended.dynamic_scaling_in, target.suspended.dynamic_scaling_out,
                       target.suspended.scheduled_scaling);
}

} // namespace

Checkers::Checkers(VirtualWorld& world, const Options& options, Others& others, Marks& marks)
    : world_(world), options_(options), others_(others), marks_(marks) {}

void Checkers::begin() {
    const auto& targets = world_.state().scalable_targets;
    if (!targets.empty()) {
        scaling_ = targets.begin()->second;
        others_.lowest = others_.lowest_known = scaling_->min_capacity;
        others_.highest = others_.highest_known = scaling_->max_capacity;
    }
    healthy_before_ = healthy();
    watching_ = true;
}

void Checkers::intends(const recycle::Run& run, const recycle::Change& change) {
    if (const auto* desired = std::get_if<recycle::SetDesiredCount>(&change)) {
        others_.intended = desired->to;
        // Somebody has set it to the same meanwhile: who takes the run up when it dies now finds it as intended.
        const auto* service = world_.service();
        if (service != nullptr && desired->to == service->desired_count && others_.count_known != desired->to) {
            others_.desired_perhaps = others_.desired_known;
            ++marks_["desired count intended that somebody had just set"];
        }
    }
    clock_error_ = *run.pending_at - world_.now();
    puts_back_ = run.ending.has_value();
    if (const auto* stop = std::get_if<recycle::StopTask>(&change)) { intends_stop(run, short_id(stop->task_arn)); }
}

// Of its call, and the repetitions where answers are lost, the end is not waited for.
void Checkers::intends_stop(const recycle::Run& run, std::string_view id) {
    intended_stop_ = id;
    if (run.ending) { violated("I5: a task was to be stopped after the run had decided to end: " + intended_stop_); }
    const Millis abort_seen_after = options_.full_disk ? longest_without_beat : beat_interval;
    if (others_.interrupted_at ||
        (others_.abort_asked_at && world_.now() > *others_.abort_asked_at + abort_seen_after)) {
        violated("I5: a task was to be stopped after the run was asked to end: " + intended_stop_);
    }
}

void Checkers::process_begins(const recycle::Run* left) {
    alarm_seen_at_.reset();
    cutoff_ = left != nullptr ? std::optional(left->cutoff) : std::nullopt;
    live_at_begin_ = live();
    const auto* protect =
        left != nullptr && left->pending ? std::get_if<recycle::ProtectTasks>(&*left->pending) : nullptr;
    if (protect == nullptr || !protect->enabled || std::chrono::abs(clock_error_) <= good_clock) { return; }
    for (const std::string& arn : protect->task_arns) { doubtful_.emplace(short_id(arn)); }
}

void Checkers::run_begins() {
    old_ = live_at_begin_;
}

void Checkers::run_is_another() {
    others_.abort_asked_at.reset();
    if (cutoff_) { check_cutoff(*cutoff_); }
}

void Checkers::run_has_read() {
    old_at_most_ = live();
    old_at_most_.insert(old_.begin(), old_.end());
}

std::set<std::string> Checkers::live() const {
    std::set<std::string> ids;
    for (const auto& [id, task] : world_.state().tasks) {
        if (is_of_service(task) && task.desired_status == local::TaskStatus::Running) { ids.insert(id); }
    }
    return ids;
}

bool Checkers::is_healthy(const local::Task& task) const {
    if (task.last_status != local::TaskStatus::Running || task.desired_status != local::TaskStatus::Running) {
        return false;
    }
    if (options_.load_balancer && task.targets.empty()) { return false; }
    return std::ranges::all_of(task.targets, [&](const local::TargetRegistration& registration) {
        const auto& group = world_.state().target_groups.at(registration.target_group_arn);
        return std::ranges::any_of(group.targets, [&](const local::Target& target) {
            return target.id == registration.target_id && target.port == registration.port &&
                   target.state == local::TargetState::Healthy;
        });
    });
}

std::set<std::string> Checkers::healthy() const {
    std::set<std::string> ids;
    for (const auto& [id, task] : world_.state().tasks) {
        if (is_of_service(task) && is_healthy(task)) { ids.insert(id); }
    }
    return ids;
}

void Checkers::violated(const std::string& what) {
    if (broken_.size() < enough) { broken_.push_back(fmt::format("{} {}", to_rfc3339(world_.now()), what)); }
}

void Checkers::look() {
    if (!watching_) { return; }
    const auto healthy_now = healthy();
    check_stops(healthy_now);
    healthy_before_ = healthy_now;
}

// It ended by itself, or ECS replaces it because of its health.
bool Checkers::is_loss(const local::Task& task) const {
    return task.desired_status == local::TaskStatus::Running || !task.unhealthy_reason.empty() ||
           (task.stop_code != "UserInitiated" && task.stop_code != "ServiceSchedulerInitiated");
}

bool Checkers::has_ended(const local::Task& task) const {
    return is_loss(task) && task.last_status != local::TaskStatus::Running;
}

int Checkers::running() const {
    return static_cast<int>(std::ranges::count_if(world_.state().tasks, [](const auto& each) {
        return is_of_service(each.second) && each.second.last_status == local::TaskStatus::Running;
    }));
}

// Of which no read told before the stop. Of a task that ended by itself nothing told when no read of the tasks came
// since, and the service's count told no less.
int Checkers::unseen_losses(const std::string& stop_code) const {
    const bool by_stop_task = stop_code == "UserInitiated";
    const Instant read_at = by_stop_task ? health_read_at() : harm_read_at_;
    return static_cast<int>(std::ranges::count_if(losses_, [&](const Loss& loss) {
        return loss.at >= read_at || (by_stop_task && loss.ended && loss.at >= tasks_read_at_ && !told_of_an_end_);
    }));
}

// I1: whenever a healthy task is told to stop, enough others stay. Deployments of somebody else are not ours, nor is a
// task that fails when the recycler has looked already.
void Checkers::check_stops(const std::set<std::string>& healthy_now) {
    std::vector<std::string> told;
    bool by_stop_task = false;
    for (const std::string& id : healthy_before_) {
        const auto task = world_.state().tasks.find(id);
        if (healthy_now.contains(id)) { continue; }
        if (task == world_.state().tasks.end() || is_loss(task->second)) {
            losses_.push_back({world_.now(), task != world_.state().tasks.end() && has_ended(task->second)});
        } else {
            told.push_back(id);
            by_stop_task = by_stop_task || task->second.stop_code == "UserInitiated";
        }
    }
    const bool lowered_by_them = others_.wrote_last || others_.lowered_last;
    const bool by_their_deployment = others_.deployed && !(by_stop_task && others_.deployment_known);
    const bool theirs = (lowered_by_them && !by_stop_task) || by_their_deployment;
    if (told.empty() || theirs || others_.deleted || options_.strategy == Strategy::ForceDeployment) { return; }
    check_floor(healthy_now, told);
}

void Checkers::check_floor(const std::set<std::string>& healthy_now, const std::vector<std::string>& told) {
    int wanted = std::min(others_.desired, others_.desired_known);
    if (others_.desired_perhaps) { wanted = std::min(wanted, *others_.desired_perhaps); }
    const int floor = wanted - options_.max_unavailable;
    const int missing = floor - static_cast<int>(healthy_now.size());
    if (missing <= 0) { return; }
    if (puts_back_ && missing <= unhealthy_and_kept()) {
        ++marks_["scale-in took a healthy task, as somebody protects one that is not"];
        return;
    }
    const local::Task& first = world_.state().tasks.at(told.front());
    const int unseen = unseen_losses(first.stop_code);
    // ECS obeys them at the same time, and the service is read before each stop.
    if (world_.service()->desired_count < others_.count_known && missing <= 1 + unseen) {
        ++marks_["somebody scaled in between the look and a stop"];
        return;
    }
    if (missing <= unseen) {
        ++marks_["task failed after the look before a stop"];
        return;
    }
    violated(fmt::format("I1: {} healthy tasks are left, {} are wanted, when {} was told to stop ({})",
                         healthy_now.size(), floor, fmt::join(told, ", "), first.stopped_reason));
}

// When the surplus goes at the end of a run, ECS cannot take a task that somebody else protects: however unhealthy it
// is, a healthy one goes. The run can neither choose another one nor wait for it: it may never get healthy, and an
// abort is asked to be done.
int Checkers::unhealthy_and_kept() const {
    return static_cast<int>(std::ranges::count_if(others_.protected_tasks, [&](const auto& each) {
        const auto task = world_.state().tasks.find(each.first);
        return task != world_.state().tasks.end() && task->second.desired_status == local::TaskStatus::Running &&
               !is_healthy(task->second);
    }));
}

void Checkers::asked() {
    protected_asked_ = others_.protected_tasks;
    desired_asked_ = others_.desired;
    running_asked_ = running();
    deployed_asked_ = others_.deployed;
    lowest_asked_ = others_.lowest;
    highest_asked_ = others_.highest;
    if (const auto* service = world_.service()) { count_asked_ = service->desired_count; }
}

void Checkers::heard(const Exchange& exchange) {
    if (exchange.fresh) { note_read(exchange.operation); }
    if (!exchange.executed || !is_write(exchange.operation)) { return; }
    if (exchange.operation == "UpdateService") { check_desired(exchange); }
    if (exchange.operation == "UpdateTaskProtection") { note_lost_protection(exchange); }
    if (exchange.operation == "StopTask") { check_stop_task(exchange); }
    if (exchange.operation == "RegisterScalableTarget") { check_scaling(exchange); }
    harm_read_at_ = health_read_at();
}

// ECS has no compare-and-set here either: limits that somebody sets between a recycler's look and its write are
// replaced by those that it knew.
void Checkers::check_scaling(const Exchange& exchange) {
    const auto request = json::parse(exchange.body).as_object();
    if (request.contains("MaxCapacity")) { others_.highest_written.insert(request.at("MaxCapacity").to_number<int>()); }
    if (lowest_asked_ == others_.lowest_known && highest_asked_ == others_.highest_known) { return; }
    // Unless they have set others as soon as it was answered.
    if (others_.lowest == lowest_asked_) { others_.lowest = others_.lowest_known; }
    if (others_.highest == highest_asked_) { others_.highest = others_.highest_known; }
    ++marks_["scaling limits written before a change of them could be seen"];
    const auto* service = world_.service();
    if (service == nullptr || service->desired_count == count_asked_) { return; }
    // AWS brings the desired count within the limits, and nobody can tell whose wish that is.
    others_.desired_perhaps = others_.desired;
    others_.desired = service->desired_count;
    ++marks_["desired count brought within limits that were overwritten"];
}

void Checkers::note_read(const std::string& operation) {
    if (operation == "DescribeServices") {
        if (others_.count_known != count_asked_) { others_.count_known_at = world_.now(); }
        others_.desired_known = desired_asked_;
        others_.count_known = count_asked_;
        others_.deployment_known = deployed_asked_;
        told_of_an_end_ = told_of_an_end_ || running_asked_ < running_at_read_;
    }
    if (operation == "DescribeTargetHealth") { targets_read_at_ = world_.now(); }
    if (operation == "DescribeTasks") {
        tasks_read_at_ = world_.now();
        running_at_read_ = running_asked_;
        told_of_an_end_ = false;
    }
    if (operation == "DescribeScalableTargets") {
        others_.lowest_known = lowest_asked_;
        others_.highest_known = highest_asked_;
    }
    if (operation == "DescribeAlarms") {
        // A look of which another part failed is repeated as a whole; by then the alarm may be over.
        alarm_seen_at_ = others_.alarm_fires ? std::optional(alarm_seen_at_.value_or(world_.now())) : std::nullopt;
    }
}

// A look, those that follow it, the write, and its repetitions when answers are lost.
Millis Checkers::unseen_protection() const {
    return Seconds(15) + 10 * options_.slowest_answer;
}

// All that vouches for a task was read since then.
Instant Checkers::health_read_at() const {
    if (!options_.load_balancer) { return tasks_read_at_; }
    return options_.container_check ? std::min(targets_read_at_, tasks_read_at_) : targets_read_at_;
}

void Checkers::check_stop_task(const Exchange& exchange) {
    const auto request = json::parse(exchange.body).as_object();
    const std::string id(short_id(std::string(request.at("task").as_string())));
    const auto task = world_.state().tasks.find(id);
    if (task != world_.state().tasks.end()) { stops_.push_back({id, task->second.created_at, world_.now()}); }
    if (!old_at_most_.contains(id)) { violated("I2: a task was stopped that was not there at the start: " + id); }
    const auto since = others_.protected_tasks.find(id);
    if (since != others_.protected_tasks.end() && world_.now() > since->second + unseen_protection()) {
        violated("a task that somebody protects was stopped: " + id);
    }
    if (id != intended_stop_) { violated("I5: a task was stopped that was not the last to be stopped: " + id); }
    if (alarm_seen_at_) { violated("I5: a task was stopped after the alarm was seen: " + id); }
}

// I6: however often it is repeated, the desired count never goes beyond what others want and the surge, nor below it
// by more than the user allows.
void Checkers::check_desired(const Exchange& exchange) {
    const auto request = json::parse(exchange.body).as_object();
    if (!request.contains("desiredCount")) { return; }
    const auto to = request.at("desiredCount").to_number<int>();
    const bool repeated = others_.written == to && !others_.wrote_last; // its answer was lost
    if (!repeated) {
        others_.replaced_earlier = others_.replaced;
        others_.replaced_earlier_at = others_.replaced_at;
        others_.replaced_at = world_.now();
        others_.replaced = others_.wrote_last || !others_.written ? others_.desired : *others_.written;
    }
    others_.written = others_.count_known = to;
    // As soon as it was answered, they may have set another one.
    const auto* service = world_.service();
    const bool overtaken = service != nullptr && service->desired_count != to;
    if (!overtaken) {
        others_.wrote_last = false;
        if (others_.replaced > to) { others_.lowered_last = false; }
    }
    // ECS has no compare-and-set: what somebody set since the recycler's look is overwritten, and their wish with it.
    int theirs = desired_asked_;
    if (others_.desired_known != theirs) {
        theirs = others_.desired_known;
        ++marks_["desired count written before a change of it could be seen"];
    }
    if (!overtaken) {
        others_.desired = theirs;
        settle_perhaps(to);
        theirs = others_.desired;
    }
    if (!explains(theirs, to)) {
        violated(
            fmt::format("I6: desired count set to {}, others want {}, the surge is {}", to, theirs, options_.surge));
    }
}

bool Checkers::explains(int theirs, int count) const {
    return count <= theirs + options_.surge && count >= theirs - options_.max_unavailable;
}

// What a recycler sets tells what it takes for theirs.
void Checkers::settle_perhaps(int count) {
    if (!others_.desired_perhaps) { return; }
    const int perhaps = *others_.desired_perhaps;
    if (explains(others_.desired, count) && explains(perhaps, count)) { return; }
    if (explains(perhaps, count)) { others_.desired = others_.desired_known = perhaps; }
    others_.desired_perhaps.reset();
}

// ECS has no compare-and-set: protection that somebody sets between a recycler's look and its write is overwritten.
void Checkers::note_lost_protection(const Exchange& exchange) {
    const auto request = json::parse(exchange.body).as_object();
    for (const auto& task : request.at("tasks").as_array()) {
        const auto found = others_.protected_tasks.find(std::string(short_id(std::string(task.as_string()))));
        if (found == others_.protected_tasks.end() || !protected_asked_.contains(found->first)) { continue; }
        if (world_.now() > found->second + unseen_protection()) { continue; }
        others_.protected_tasks.erase(found);
        ++marks_["protection overwritten before it could be seen"];
    }
}

// I4: who does not hold the service changes nothing.
void Checkers::heard_second(const Exchange& exchange) {
    if (is_write(exchange.operation)) { violated("I4: a second recycler did " + exchange.operation); }
}

void Checkers::end(const act::RunRecord& record) {
    check_restored(record.run);
    check_replaced(record.run);
    check_cutoff(record.run.cutoff);
    watching_ = false;
}

void Checkers::check_cutoff(Instant cutoff) {
    for (const Stop& stop : stops_) {
        if (stop.created_at >= cutoff) { violated("I2: a task created after the cut-off was stopped: " + stop.task); }
    }
    stops_.clear();
}

// I3
void Checkers::check_restored(const recycle::Run& run) {
    if (!run.restored) { violated("I3: the run ended without putting everything back"); }
    if (others_.deleted) { return; } // what is left of it is nobody's
    const int desired = world_.service()->desired_count;
    if (desired != others_.desired && desired != others_.desired_perhaps) {
        violated(fmt::format("I3: desired count {} at the end, {} without us", desired, others_.desired));
    }
    if (scaling_) {
        local::ScalableTarget wanted = *scaling_;
        wanted.min_capacity = *others_.lowest;
        wanted.max_capacity = *others_.highest;
        const std::string found = scaling_text(world_.state().scalable_targets.begin()->second);
        if (found != scaling_text(wanted)) {
            violated(fmt::format("I3: scalable target {} at the end, {} without us", found, scaling_text(wanted)));
        }
    }
    for (const auto& [id, task] : world_.state().tasks) {
        const bool live = task.desired_status == local::TaskStatus::Running;
        const bool is_protected = local::is_protected(task, world_.now());
        if (live && is_protected && doubtful_.contains(id)) {
            ++marks_["protection left to expire, as nobody can tell whose it is"];
            continue;
        }
        if (live && is_protected != others_.protected_tasks.contains(id)) {
            violated(fmt::format("I3: task {} is {}protected at the end", id, is_protected ? "" : "not "));
        }
    }
}

// I2
void Checkers::check_replaced(const recycle::Run& run) {
    std::set<std::string> once;
    for (const auto& replacement : run.replaced) {
        if (!once.insert(replacement.task_arn).second) { violated("I2: replaced twice: " + replacement.task_arn); }
    }
    if (!run.ending || run.ending->outcome != recycle::Outcome::Done) { return; }
    std::set<std::string> skipped;
    for (const auto& each : run.skipped) { skipped.emplace(short_id(each.task_arn)); }
    for (const std::string& id : old_) {
        const auto task = world_.state().tasks.find(id);
        if (task == world_.state().tasks.end() || skipped.contains(id)) { continue; }
        if (task->second.desired_status == local::TaskStatus::Running) { violated("I2: an old task is left: " + id); }
    }
}

} // namespace ecsr::simulation
