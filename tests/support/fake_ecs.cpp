#include "tests/support/fake_ecs.hpp"

#include "base/text.hpp"
#include "tests/support/fake_ecs_api.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace ecsr::testing {

namespace {

constexpr Millis tick_length{500};
constexpr std::size_t events_kept = 100; // ECS behaviour B12
constexpr const char* arn_prefix = "arn:aws:ecs:eu-west-1:123456789012:";

std::unexpected<Error> fault_error(ErrorKind kind, int http_status, const char* code, bool maybe_executed) {
    return std::unexpected(Error{kind, fmt::format("ecs: {}", code), code, http_status, maybe_executed});
}

} // namespace

FakeEcs::FakeEcs(Clock& clock, FakeServiceOptions options)
    : clock_(clock), options_(std::move(options)), born_(clock.now()), at_(born_), scheduled_at_(born_),
      desired_(options_.desired), lowest_healthy_(options_.desired) {
    deployments_.push_back({"ecs-svc/1000000000000000001", "PRIMARY", "COMPLETED", born_ - std::chrono::hours(2)});
    for (int i = 0; i < desired_; ++i) {
        start_tasks(1, primary().id, born_ - std::chrono::hours(1) + std::chrono::minutes(i % 50));
    }
}

// ---- calls ----

Result<std::string> FakeEcs::call(const aws::ServiceCall& call, std::stop_token stop) {
    if (stop.stop_requested()) { return fail(ErrorKind::Interrupted, "interrupted"); }
    const std::int64_t n = ++counts_.total;
    ++counts_.by_operation[call.operation];
    go_to(clock_.now());
    if (hook_) { hook_(n); }
    const Fault fault = fault_ ? fault_(n, call) : Fault::None;
    switch (fault) {
    case Fault::Throttled: return fault_error(ErrorKind::Throttled, 400, "ThrottlingException", false);
    case Fault::NotSent: return fault_error(ErrorKind::Unreachable, 0, "connection refused", false);
    case Fault::ServerError: return fault_error(ErrorKind::Remote, 500, "ServerException", true);
    case Fault::Denied: return fault_error(ErrorKind::Credentials, 400, "AccessDeniedException", false);
    case Fault::Crash: throw CrashNow{};
    case Fault::None:
    case Fault::LostAnswer:
    case Fault::CrashAfter: break;
    }
    Result<std::string> answer = FakeEcsApi(*this).answer(call);
    if (fault == Fault::CrashAfter) { throw CrashNow{}; }
    if (fault == Fault::LostAnswer) { return fault_error(ErrorKind::Unreachable, 0, "connection reset", true); }
    return answer;
}

std::int64_t FakeEcs::calls(const std::string& operation) const {
    const auto found = counts_.by_operation.find(operation);
    return found == counts_.by_operation.end() ? 0 : found->second;
}

// ---- by somebody else ----

void FakeEcs::set_desired(int desired) {
    go_to(clock_.now());
    desired_ = desired;
}

void FakeEcs::protect(const std::string& arn, Millis span) {
    go_to(clock_.now());
    find(arn)->protected_until = at_ + span;
}

void FakeEcs::begin_deployment() {
    go_to(clock_.now());
    deployments_.front().status = "ACTIVE";
    const std::string id = fmt::format("ecs-svc/{}", 1000000000000000001 + static_cast<std::int64_t>(++serial_));
    deployments_.insert(deployments_.begin(), FakeDeployment{id, "PRIMARY", "IN_PROGRESS", at_});
}

void FakeEcs::roll_back() {
    go_to(clock_.now());
    deployments_.front().status = "ACTIVE";
    deployments_.front().rollout_state = "FAILED";
    std::swap(deployments_.front(), deployments_.back());
    deployments_.front().status = "PRIMARY";
    deployments_.front().rollout_state = "IN_PROGRESS";
}

void FakeEcs::delete_service() {
    go_to(clock_.now());
    deleted_ = true;
    desired_ = 0;
    stop_surplus(static_cast<int>(tasks_.size()), at_);
}

// ---- what there is ----

void FakeEcs::settle(Millis span) {
    go_to(std::max(at_, clock_.now()) + span);
}

std::vector<std::string> FakeEcs::live() const {
    std::vector<std::string> arns;
    for (const FakeTask& task : tasks_) {
        if (!task.stop_ordered_at) { arns.push_back(task.arn); }
    }
    return arns;
}

std::vector<std::string> FakeEcs::protected_tasks() {
    std::vector<std::string> arns;
    for (const FakeTask& task : tasks_) {
        if (!task.stop_ordered_at && task.protected_until && *task.protected_until > at_) { arns.push_back(task.arn); }
    }
    return arns;
}

FakeTask* FakeEcs::find(const std::string& name) {
    const auto found =
        std::ranges::find_if(tasks_, [&](const FakeTask& task) { return short_id(task.arn) == short_id(name); });
    return found == tasks_.end() ? nullptr : &*found;
}

const FakeDeployment& FakeEcs::primary() const {
    return deployments_.front();
}

bool FakeEcs::is_healthy(const FakeTask& task, Instant at) const {
    if (task.stop_ordered_at || at < task.running_at) { return false; }
    return !options_.target_group || (!task.never_healthy && at >= task.healthy_at);
}

int FakeEcs::healthy_at(Instant at) const {
    return static_cast<int>(std::ranges::count_if(tasks_, [&](const FakeTask& task) { return is_healthy(task, at); }));
}

std::string FakeEcs::last_status(const FakeTask& task, Instant at) const {
    if (!task.stop_ordered_at) { return at < task.running_at ? "PENDING" : "RUNNING"; }
    const bool drains = options_.target_group && !task.by_stop_task && *task.stop_ordered_at >= task.running_at;
    const Instant stopping = *task.stop_ordered_at + (drains ? options_.deregistration_delay : Millis(0));
    if (at < stopping) { return "DEACTIVATING"; }
    return at < stopping + options_.stop_time ? "STOPPING" : "STOPPED";
}

// ---- the scheduler ----

void FakeEcs::go_to(Instant now) {
    while (at_ + tick_length <= now) {
        at_ += tick_length;
        tick(at_);
    }
}

void FakeEcs::tick(Instant at) {
    if (at - scheduled_at_ >= options_.scheduler_interval) {
        scheduled_at_ = at;
        if (!deleted_) { schedule(at); }
    }
    lowest_healthy_ = std::min(lowest_healthy_, healthy_at(at));
}

void FakeEcs::schedule(Instant at) {
    if (deployments_.size() > 1 || primary().rollout_state != "COMPLETED") {
        roll_out(at);
        return;
    }
    const int missing = desired_ - static_cast<int>(live().size());
    if (missing > 0) { start_tasks(missing, primary().id, at); }
    if (missing < 0) { stop_surplus(-missing, at); }
}

// A rolling deployment with 100 / 200 percent (ECS behaviour B3).
void FakeEcs::roll_out(Instant at) {
    const auto is_new = [&](const FakeTask& task) { return task.deployment == primary().id; };
    int live_new = 0;
    int live_all = 0;
    int healthy_new = 0;
    for (const FakeTask& task : tasks_) {
        if (task.stop_ordered_at) { continue; }
        ++live_all;
        live_new += is_new(task) ? 1 : 0;
        healthy_new += is_new(task) && is_healthy(task, at) ? 1 : 0;
    }
    start_tasks(std::max(0, std::min(desired_ - live_new, 2 * desired_ - live_all)), primary().id, at);
    std::vector<std::string> stopped;
    int may_stop = (live_all - live_new) - std::max(0, desired_ - healthy_new);
    for (FakeTask& task : tasks_) {
        const bool keep = task.stop_ordered_at || is_new(task) || (task.protected_until && *task.protected_until > at);
        if (keep || may_stop-- <= 0) { continue; }
        task.stop_ordered_at = at;
        task.stopped_reason = "Scaling activity initiated by (deployment " + primary().id + ")";
        stopped.push_back(task.arn);
    }
    tell("has stopped", "running tasks", stopped, at);
    const bool old_left =
        std::ranges::any_of(tasks_, [&](const FakeTask& t) { return !t.stop_ordered_at && !is_new(t); });
    if (healthy_new >= desired_ && !old_left) {
        deployments_.resize(1);
        deployments_.front().rollout_state = "COMPLETED";
    }
}

void FakeEcs::tell(const char* verb, const char* noun, const std::vector<std::string>& arns, Instant at) {
    if (arns.empty()) { return; }
    std::string message = fmt::format("(service web) {} {} {}:", verb, arns.size(), noun);
    for (const std::string& arn : arns) { message += fmt::format(" (task {})", short_id(arn)); }
    events_.insert(events_.begin(), {fmt::format("event-{}", ++event_serial_), at, message + "."});
    if (events_.size() > events_kept) { events_.pop_back(); }
}

void FakeEcs::start_tasks(int count, const std::string& deployment, Instant at) {
    std::vector<std::string> started;
    for (int i = 0; i < count; ++i) {
        const int id = ++serial_;
        FakeTask task;
        task.arn = fmt::format("{0}task/prod/{1:08x}{1:08x}{1:08x}{1:08x}", arn_prefix,
                               0xa0000000U + static_cast<unsigned>(id));
        task.deployment = deployment;
        task.ip = fmt::format("10.0.{}.{}", id / 250, id % 250 + 1);
        task.zone = id % 2 == 0 ? "eu-west-1a" : "eu-west-1b";
        task.created_at = at;
        task.running_at = at + options_.start_time;
        task.healthy_at = task.running_at + options_.healthy_after;
        task.never_healthy = broken_;
        started.push_back(task.arn);
        tasks_.push_back(std::move(task));
    }
    tell("has started", "tasks", started, at);
}

void FakeEcs::stop_surplus(int count, Instant at) {
    std::vector<FakeTask*> candidates;
    for (FakeTask& task : tasks_) {
        const bool is_protected = task.protected_until && *task.protected_until > at && !deleted_;
        if (!task.stop_ordered_at && !is_protected) { candidates.push_back(&task); }
    }
    std::ranges::sort(candidates, [&](const FakeTask* a, const FakeTask* b) {
        const bool healthy_a = is_healthy(*a, at);
        const bool healthy_b = is_healthy(*b, at);
        if (healthy_a != healthy_b) { return !healthy_a; }
        return a->created_at != b->created_at ? a->created_at > b->created_at : a->arn < b->arn;
    });
    std::vector<std::string> stopped;
    for (FakeTask* task : candidates) {
        if (count-- <= 0) { break; }
        task->stop_ordered_at = at;
        task->stopped_reason = "Scaling activity initiated by (deployment " + task->deployment + ")";
        stopped.push_back(task->arn);
    }
    tell("has stopped", "running tasks", stopped, at);
}

} // namespace ecsr::testing
