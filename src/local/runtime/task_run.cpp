#include "local/runtime/task_run.hpp"

#include "local/runtime/image.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <system_error>

namespace ecsr::local {

namespace {

using Phase = ContainerRun::Phase;

TaskLaunch with_address(TaskLaunch launch) {
    if (launch.address.empty()) { launch.address = "127.0.0.1"; }
    return launch;
}

} // namespace

TaskRun::TaskRun(TaskLaunch launch, RuntimeParts& parts) : launch_(with_address(std::move(launch))), parts_(parts) {
    for (const auto& definition : launch_.containers) {
        containers_.push_back(std::make_unique<ContainerRun>(definition, parts_));
    }
    std::error_code missing; // shows when a container cannot change into it, and in logs that are empty
    std::filesystem::create_directories(parts_.work_folder(launch_.task_id), missing);
    std::filesystem::create_directories(parts_.log_file(launch_.task_id, "").parent_path(), missing);
}

void TaskRun::advance(Instant now, std::vector<Event>& events) {
    if (!pulled_) { pull(events); }
    check_exits(now, events);
    check_health(now, events);
    start_what_is_ready(now, events);
    stop_what_nothing_needs(now);
}

void TaskRun::pull(std::vector<Event>& events) {
    pulled_ = true;
    for (const auto& container : containers_) {
        if (auto reason = pull_failure(parts_.options, container->definition())) {
            report_failure(*container, std::move(*reason), events);
        }
    }
}

void TaskRun::report_failure(ContainerRun& container, std::string reason, std::vector<Event>& events) {
    static constexpr std::size_t longest_reason = 1024; // ECS behaviour C4
    reason.resize(std::min(reason.size(), longest_reason));
    container.never_start();
    failed_ = failed_ || container.definition().essential;
    events.emplace_back(ImagePullFailed{launch_.task_id, container.definition().name, std::move(reason)});
}

void TaskRun::check_exits(Instant now, std::vector<Event>& events) {
    for (const auto& container : containers_) {
        if (auto exited = container->check_exit(now)) {
            if (restart(*container, exited->exit_code, now, events)) { continue; }
            exited->task_id = launch_.task_id;
            events.emplace_back(std::move(*exited));
        }
    }
}

// Where it is, and nobody is told (ECS behaviour B11); only what its health check has said does not hold any more.
bool TaskRun::restart(ContainerRun& container, int exit_code, Instant now, std::vector<Event>& events) {
    const bool wanted = !stopping_ && !failed_ && restarts(container.definition(), exit_code, container.age(now));
    const Health before = container.health();
    if (!wanted || !container.restart(launch_, now)) { return false; }
    if (before != Health::Unknown) {
        events.emplace_back(ContainerHealthChanged{launch_.task_id, container.definition().name, Health::Unknown});
    }
    return true;
}

void TaskRun::check_health(Instant now, std::vector<Event>& events) {
    for (const auto& container : containers_) {
        if (const auto health = container->check_health(now)) {
            events.emplace_back(ContainerHealthChanged{launch_.task_id, container->definition().name, *health});
        }
    }
}

void TaskRun::start_what_is_ready(Instant now, std::vector<Event>& events) {
    for (bool changed = true; changed;) { // a start may be what another container waits for
        changed = false;
        for (const auto& container : containers_) {
            if (container->phase() != Phase::Waiting) { continue; }
            std::string obstacle;
            const Readiness ready = failed_ || stopping_ ? Readiness::Never : readiness(*container, obstacle);
            if (ready == Readiness::NotYet) { continue; }
            changed = true;
            if (failed_ || stopping_) {
                container->never_start();
            } else if (ready == Readiness::Never) {
                report_failure(*container, std::move(obstacle), events);
            } else if (auto started = container->start(launch_, now)) {
                events.emplace_back(std::move(started).value());
            } else {
                report_failure(*container, std::move(started).error(), events);
            }
        }
    }
}

void TaskRun::stop_what_nothing_needs(Instant now) {
    if (!stopping_) { return; }
    for (const auto& container : containers_) {
        if (container->phase() == Phase::Running && !is_needed(*container)) { container->ask_to_stop(now); }
    }
}

// Another container that runs depends on it.
bool TaskRun::is_needed(const ContainerRun& container) const {
    return std::ranges::any_of(containers_, [&](const auto& other) {
        return other->phase() == Phase::Running &&
               std::ranges::any_of(other->definition().depends_on, [&](const ContainerDependency& dependency) {
                   return dependency.container == container.definition().name;
               });
    });
}

const ContainerRun* TaskRun::find(const std::string& name) const {
    const auto found =
        std::ranges::find(containers_, name, [](const auto& container) { return container->definition().name; });
    return found == containers_.end() ? nullptr : found->get();
}

TaskRun::Readiness TaskRun::readiness(const ContainerDependency& dependency) const {
    const ContainerRun* other = find(dependency.container);
    if (other == nullptr) { return Readiness::Never; }
    const bool ended = other->phase() == Phase::Ended;
    if (ended && !other->was_started()) { return Readiness::Never; }
    const auto ready_if = [](bool ready, bool never) {
        if (ready) { return Readiness::Ready; }
        return never ? Readiness::Never : Readiness::NotYet;
    };
    if (dependency.condition == "START") { return ready_if(other->was_started(), false); }
    if (dependency.condition == "COMPLETE") { return ready_if(ended, false); }
    if (dependency.condition == "SUCCESS") { return ready_if(ended && other->exit_code() == 0, ended); }
    return ready_if(!ended && other->health() == Health::Healthy, ended);
}

TaskRun::Readiness TaskRun::readiness(const ContainerRun& container, std::string& obstacle) const {
    Readiness all = Readiness::Ready;
    for (const auto& dependency : container.definition().depends_on) {
        const Readiness one = readiness(dependency);
        if (one == Readiness::Never) {
            obstacle =
                fmt::format("TaskDependencyError: container {} depends on container {} to reach {}, which cannot "
                            "happen any more",
                            container.definition().name, dependency.container, dependency.condition);
            return one;
        }
        if (one == Readiness::NotYet) { all = one; }
    }
    return all;
}

bool TaskRun::is_over() const {
    return std::ranges::all_of(containers_, [](const auto& container) { return container->phase() == Phase::Ended; });
}

bool TaskRun::clean_up() {
    bool clean = true;
    for (const auto& container : containers_) { clean = container->clean_up() && clean; }
    if (!clean || !is_over() || !parts_.containment->end_task(launch_.task_id)) { return false; }
    std::error_code kept; // goes with the runtime's folder
    std::filesystem::remove_all(parts_.work_folder(launch_.task_id), kept);
    return true;
}

void TaskRun::kill() {
    stopping_ = true;
    for (const auto& container : containers_) { container->kill(); }
}

void TaskRun::wait_for_end(int milliseconds) const {
    for (const auto& container : containers_) { container->wait_for_end(milliseconds); }
}

Instant TaskRun::next_event_at() const {
    Instant next = Instant::max();
    for (const auto& container : containers_) { next = std::min(next, container->next_event_at()); }
    return next;
}

std::size_t TaskRun::running() const {
    return static_cast<std::size_t>(
        std::ranges::count_if(containers_, [](const auto& container) { return container->phase() == Phase::Running; }));
}

std::map<std::string, std::uint64_t> TaskRun::memory_usage() const {
    std::map<std::string, std::uint64_t> usage;
    for (const auto& container : containers_) {
        if (container->phase() == Phase::Running) { usage[container->definition().name] = container->memory_usage(); }
    }
    return usage;
}

} // namespace ecsr::local
