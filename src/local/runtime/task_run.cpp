#include "local/runtime/task_run.hpp"

#include <algorithm>

namespace ecsr::local {

namespace {

using Phase = ContainerLife::Phase;

TaskLaunch with_address(TaskLaunch launch) {
    if (launch.address.empty()) { launch.address = "127.0.0.1"; }
    return launch;
}

Progress progress_of(const ContainerLife& container) {
    return {.was_started = container.was_started(),
            .is_running = container.phase() == Phase::Running,
            .has_ended = container.phase() == Phase::Ended,
            .exit_code = container.exit_code(),
            .health = container.health(),
            .started_at = container.started_at(),
            .start_timeout = container.definition().start_timeout};
}

} // namespace

TaskRun::TaskRun(TaskLaunch launch, std::vector<std::unique_ptr<ContainerLife>> containers,
                 std::function<bool()> remove_rest)
    : launch_(with_address(std::move(launch))), remove_rest_(std::move(remove_rest)) {
    for (auto& container : containers) { containers_.push_back({std::move(container)}); }
}

void TaskRun::advance(Instant now, std::vector<Event>& events) {
    pull(events);
    check_exits(now, events);
    check_health(now, events);
    start_what_is_ready(now, events);
    stop_what_nothing_needs(now);
}

void TaskRun::pull(std::vector<Event>& events) {
    for (auto& [container, pulled, restarts] : containers_) {
        if (pulled || container->phase() != Phase::Waiting) { continue; }
        const auto result = container->pull();
        if (!result) { continue; }
        pulled = true;
        if (!*result) { report_failure(*container, result->error(), events); }
    }
}

void TaskRun::report_failure(ContainerLife& container, std::string reason, std::vector<Event>& events) {
    static constexpr std::size_t longest_reason = 1024; // ECS behaviour C4
    reason.resize(std::min(reason.size(), longest_reason));
    if (container.phase() == Phase::Waiting) { container.never_start(); }
    failed_ = failed_ || container.definition().essential;
    events.emplace_back(ImagePullFailed{launch_.task_id, container.definition().name, std::move(reason)});
}

void TaskRun::check_exits(Instant now, std::vector<Event>& events) {
    for (auto& part : containers_) {
        if (auto exited = part.run->check_exit(now)) {
            if (restart(part, exited->exit_code, now, events)) { continue; }
            exited->task_id = launch_.task_id;
            events.emplace_back(std::move(*exited));
        }
    }
}

// Where it is, and nobody is told (ECS behaviour B11); only what its health check has said does not hold any more.
bool TaskRun::restart(Part& part, int exit_code, Instant now, std::vector<Event>& events) {
    ContainerLife& container = *part.run;
    const bool wanted = !stopping_ && !failed_ && restarts(container.definition(), exit_code, container.age(now));
    const Health before = container.health();
    if (!wanted || !container.restart(launch_, now)) { return false; }
    ++part.restarts;
    if (before != Health::Unknown) {
        events.emplace_back(ContainerHealthChanged{launch_.task_id, container.definition().name, Health::Unknown});
    }
    return true;
}

void TaskRun::check_health(Instant now, std::vector<Event>& events) {
    for (const auto& [container, pulled, restarts] : containers_) {
        if (const auto health = container->check_health(now)) {
            events.emplace_back(ContainerHealthChanged{launch_.task_id, container->definition().name, *health});
        }
    }
}

void TaskRun::start_what_is_ready(Instant now, std::vector<Event>& events) {
    for (bool changed = true; changed;) { // a start may be what another container waits for
        changed = false;
        for (auto& part : containers_) { changed = start_when_ready(part, now, events) || changed; }
    }
}

// True when the container is in another phase now.
bool TaskRun::start_when_ready(Part& part, Instant now, std::vector<Event>& events) {
    ContainerLife& container = *part.run;
    const Phase before = container.phase();
    if (before == Phase::Starting) {
        start(container, now, events);
    } else if (before == Phase::Waiting && (failed_ || stopping_)) {
        container.never_start();
    } else if (before == Phase::Waiting && part.pulled) {
        std::string obstacle;
        const Readiness ready = readiness(container, now, obstacle);
        if (ready == Readiness::Never) { report_failure(container, std::move(obstacle), events); }
        if (ready == Readiness::Ready) { start(container, now, events); }
    }
    return container.phase() != before;
}

void TaskRun::start(ContainerLife& container, Instant now, std::vector<Event>& events) {
    auto started = container.start(launch_, now);
    if (!started) { return; }
    if (*started) {
        events.emplace_back(std::move(*started).value());
    } else {
        report_failure(container, std::move(*started).error(), events);
    }
}

void TaskRun::stop_what_nothing_needs(Instant now) {
    if (!stopping_) { return; }
    for (const auto& [container, pulled, restarts] : containers_) {
        if (container->phase() == Phase::Running && !is_needed(*container)) { container->ask_to_stop(now); }
    }
}

// Another container that runs depends on it.
bool TaskRun::is_needed(const ContainerLife& container) const {
    return std::ranges::any_of(containers_, [&](const auto& part) {
        const auto& other = part.run;
        return other->phase() == Phase::Running &&
               std::ranges::any_of(other->definition().depends_on, [&](const ContainerDependency& dependency) {
                   return dependency.container == container.definition().name;
               });
    });
}

const ContainerLife* TaskRun::find(const std::string& name) const {
    const auto found =
        std::ranges::find(containers_, name, [](const auto& part) { return part.run->definition().name; });
    return found == containers_.end() ? nullptr : found->run.get();
}

Readiness TaskRun::readiness(const ContainerDependency& dependency, Instant now) const {
    const ContainerLife* other = find(dependency.container);
    return other == nullptr ? Readiness::Never : judge_dependency(dependency.condition, progress_of(*other), now);
}

Readiness TaskRun::readiness(const ContainerLife& container, Instant now, std::string& obstacle) const {
    Readiness all = Readiness::Ready;
    for (const auto& dependency : container.definition().depends_on) {
        const Readiness one = readiness(dependency, now);
        if (one == Readiness::Never || one == Readiness::TooLate) {
            obstacle = dependency_obstacle(container.definition().name, dependency, one);
            return Readiness::Never;
        }
        if (one == Readiness::NotYet) { all = one; }
    }
    return all;
}

bool TaskRun::is_over() const {
    return std::ranges::all_of(containers_, [](const auto& part) { return part.run->phase() == Phase::Ended; });
}

bool TaskRun::clean_up() {
    bool clean = true;
    for (const auto& [container, pulled, restarts] : containers_) { clean = container->clean_up() && clean; }
    return clean && is_over() && remove_rest_();
}

void TaskRun::kill() {
    stopping_ = true;
    for (const auto& [container, pulled, restarts] : containers_) { container->kill(); }
}

void TaskRun::wait_for_end(int milliseconds) const {
    for (const auto& [container, pulled, restarts] : containers_) { container->wait_for_end(milliseconds); }
}

Instant TaskRun::next_event_at() const {
    Instant next = Instant::max();
    for (const auto& [container, pulled, restarts] : containers_) {
        next = std::min(next, container->next_event_at());
        if (container->phase() != Phase::Waiting) { continue; }
        for (const auto& dependency : container->definition().depends_on) {
            if (const auto* other = find(dependency.container)) {
                next = std::min(next, start_deadline(progress_of(*other)));
            }
        }
    }
    return next;
}

std::size_t TaskRun::running() const {
    return static_cast<std::size_t>(
        std::ranges::count_if(containers_, [](const auto& part) { return part.run->phase() == Phase::Running; }));
}

std::map<std::string, std::uint64_t> TaskRun::memory_usage() const {
    std::map<std::string, std::uint64_t> usage;
    for (const auto& [container, pulled, restarts] : containers_) {
        if (container->phase() == Phase::Running) { usage[container->definition().name] = container->memory_usage(); }
    }
    return usage;
}

std::map<std::string, ContainerWork> TaskRun::work() const {
    std::map<std::string, ContainerWork> work;
    for (const auto& part : containers_) {
        if (part.run->phase() != Phase::Running) { continue; }
        const auto time = part.run->cpu_time();
        if (time) { work[part.run->definition().name] = {*time, part.restarts}; }
    }
    return work;
}

} // namespace ecsr::local
