#include "local/runtime/virtual_runtime.hpp"

#include <algorithm>

namespace ecsr::local {

namespace {

constexpr Seconds default_stop_timeout{30}; // ECS behaviour B10
constexpr int killed_exit_code = 137;
constexpr int terminated_exit_code = 143;
constexpr int first_port = 32'768;
constexpr int last_port = 60'999;
constexpr std::uint64_t mebibyte = 1ULL << 20U;

std::optional<std::uint64_t> bytes(std::optional<int> mebibytes) {
    if (!mebibytes) { return std::nullopt; }
    return static_cast<std::uint64_t>(*mebibytes) * mebibyte;
}

Instant later(Instant at, Millis span) {
    return span >= Instant::max() - at ? Instant::max() : at + span;
}

// What the container itself reserves, else an equal share of what its task has for those that reserve nothing; where
// nothing is reserved, one processor.
double reserved_processors(const TaskLaunch& task, const ContainerDefinition& container) {
    constexpr double units_of_processor = 1024;
    if (container.cpu > 0) { return container.cpu / units_of_processor; }
    int left = task.cpu.value_or(0);
    int sharers = 0;
    for (const auto& each : task.containers) {
        left -= each.cpu;
        sharers += each.cpu > 0 ? 0 : 1;
    }
    return left > 0 ? left / units_of_processor / sharers : 1;
}

// Health checks of containers and of target groups agree on when it is well.
bool is_well(const Behaviour& behaviour, Millis age) {
    return age >= behaviour.health_after && !(behaviour.unhealthy_after && age >= *behaviour.unhealthy_after);
}

} // namespace

void VirtualRuntime::launch(const TaskLaunch& launch, Instant now) {
    VirtualTask task{.launch = launch, .containers = {}, .next = now};
    for (const ContainerDefinition& definition : launch.containers) {
        VirtualContainer container;
        container.definition = definition;
        container.seed = random_.next();
        if (auto behaviour = parse_behaviour(definition.docker_labels)) {
            container.behaviour = *behaviour;
            if (!behaviour->image_pull_failure.empty()) {
                container.start_failure = "CannotPullContainerError: " + behaviour->image_pull_failure;
            }
        } else {
            container.start_failure = "CannotStartContainerError: " + behaviour.error().message;
        }
        container.pulled_at = now + container.behaviour.image_pull;
        task.containers.push_back(std::move(container));
    }
    const auto [place, added] = tasks_.emplace(launch.task_id, std::move(task));
    if (added) { due_.emplace(now, launch.task_id); }
}

void VirtualRuntime::stop(const std::string& task_id, Instant now) {
    const auto found = tasks_.find(task_id);
    if (found == tasks_.end() || found->second.stopping) { return; }
    found->second.stopping = true;
    due_.erase({found->second.next, task_id});
    found->second.next = now;
    due_.emplace(now, task_id);
}

std::vector<Event> VirtualRuntime::take_events(Instant now) {
    now_ = now;
    while (!due_.empty() && due_.begin()->first <= now) {
        const std::string id = due_.begin()->second;
        due_.erase(due_.begin());
        const auto found = tasks_.find(id);
        VirtualTask& task = found->second;
        advance(task, now);
        if (std::ranges::all_of(task.containers, [](const auto& each) { return each.phase == Phase::Ended; })) {
            tasks_.erase(found);
            continue;
        }
        task.next = Instant::max();
        for (const auto& container : task.containers) {
            task.next = std::min(task.next, next_of(task, container, now));
        }
        if (task.next != Instant::max()) { due_.emplace(task.next, id); }
    }
    return std::exchange(events_, {});
}

Instant VirtualRuntime::next_event_at() {
    return due_.empty() ? Instant::max() : due_.begin()->first;
}

// Until nothing moves: one container's end or health may be what another one waits for.
void VirtualRuntime::advance(VirtualTask& task, Instant now) {
    bool moved = true;
    while (moved) {
        moved = false;
        for (auto& container : task.containers) { moved = move(task, container, now) || moved; }
    }
}

bool VirtualRuntime::move(VirtualTask& task, VirtualContainer& container, Instant now) {
    if (container.phase == Phase::Waiting) { return start_if_ready(task, container, now); }
    if (container.phase == Phase::Ended) { return false; }
    if (end_if_due(task, container, now)) { return true; }
    const Health before = container.monitor ? container.monitor->health() : Health::Unknown;
    check_health(task, container, now);
    return container.monitor && container.monitor->health() != before;
}

bool VirtualRuntime::start_if_ready(VirtualTask& task, VirtualContainer& container, Instant now) {
    if (task.stopping || task.failed) {
        container.phase = Phase::Ended;
        return true;
    }
    if (now < container.pulled_at) { return false; }
    if (!container.start_failure.empty()) {
        refuse(task, container, container.start_failure);
        return true;
    }
    std::string obstacle;
    const Readiness ready = readiness(task, container, now, obstacle);
    if (ready == Readiness::NotYet) { return false; }
    if (ready == Readiness::Never) {
        refuse(task, container, std::move(obstacle));
    } else {
        start(task, container, now);
    }
    return true;
}

void VirtualRuntime::refuse(VirtualTask& task, VirtualContainer& container, std::string reason) {
    container.phase = Phase::Ended;
    task.failed = task.failed || container.definition.essential;
    events_.emplace_back(ImagePullFailed{task.launch.task_id, container.definition.name, std::move(reason)});
}

void VirtualRuntime::start(VirtualTask& task, VirtualContainer& container, Instant now) {
    container.phase = Phase::Running;
    container.was_started = true;
    container.started_at = now;
    const auto& check = container.definition.health_check;
    if (check && !probe_arguments(*check).empty()) { container.monitor.emplace(*check, now); }
    bind_ports(task, container);
    events_.emplace_back(
        ContainerStarted{task.launch.task_id, container.definition.name, random_.hex(64), container.bindings});
}

void VirtualRuntime::end(VirtualTask& task, VirtualContainer& container, int code, const char* reason) {
    container.phase = Phase::Ended;
    container.exit_code = code;
    release_ports(task, container);
    events_.emplace_back(ContainerExited{task.launch.task_id, container.definition.name, code, reason});
}

// Where it is, and nobody is told (ECS behaviour B11); only what its health check has said does not hold any more.
bool VirtualRuntime::restart(VirtualTask& task, VirtualContainer& container, int code, Instant now) {
    if (task.stopping || task.failed || !restarts(container.definition, code, now - container.started_at)) {
        return false;
    }
    ++container.restarts;
    container.cpu_before += container.behaviour.cpu.used_until(now - container.started_at, container.seed);
    container.started_at = now;
    if (!container.monitor) { return true; }
    if (container.monitor->health() != Health::Unknown) {
        events_.emplace_back(ContainerHealthChanged{task.launch.task_id, container.definition.name, Health::Unknown});
    }
    container.monitor.emplace(*container.definition.health_check, now);
    return true;
}

bool VirtualRuntime::end_if_due(VirtualTask& task, VirtualContainer& container, Instant now) {
    const Behaviour& behaviour = container.behaviour;
    if (behaviour.exit && now >= container.started_at + behaviour.exit->after) {
        if (restart(task, container, behaviour.exit->code, now)) { return true; }
        end(task, container, behaviour.exit->code, "");
        return true;
    }
    if (is_out_of_memory(task, container, now)) {
        if (restart(task, container, killed_exit_code, now)) { return true; }
        end(task, container, killed_exit_code, "OutOfMemoryError: Container killed due to memory usage");
        return true;
    }
    if (task.stopping && !container.kill_at && !is_needed(task, container)) {
        container.kill_at = now + container.definition.stop_timeout.value_or(default_stop_timeout);
        if (!behaviour.ignore_sigterm) {
            end(task, container, terminated_exit_code, "");
            return true;
        }
    }
    if (container.kill_at && now >= *container.kill_at) {
        end(task, container, killed_exit_code, "");
        return true;
    }
    return false;
}

void VirtualRuntime::check_health(VirtualTask& task, VirtualContainer& container, Instant now) {
    if (!container.monitor || container.kill_at) { return; }
    const auto probe_at = container.monitor->next_probe_at();
    if (!probe_at || now < *probe_at) { return; }
    container.monitor->probe_started(now);
    if (auto health = container.monitor->probe_ended(is_well(container.behaviour, now - container.started_at), now)) {
        events_.emplace_back(ContainerHealthChanged{task.launch.task_id, container.definition.name, *health});
    }
}

// Over its own limit; or the task is over its limit and this is the container that uses most.
bool VirtualRuntime::is_out_of_memory(const VirtualTask& task, const VirtualContainer& container, Instant now) const {
    const auto in_use = [&](const VirtualContainer& each) {
        return each.phase == Phase::Running ? each.behaviour.memory.at(now - each.started_at, each.seed) : 0;
    };
    const std::uint64_t own = in_use(container);
    if (const auto limit = bytes(container.definition.memory_mib); limit && own > *limit) { return true; }
    const auto limit = bytes(task.launch.memory_mib);
    if (!limit) { return false; }
    std::uint64_t all = 0;
    std::uint64_t most = 0;
    for (const auto& each : task.containers) {
        all += in_use(each);
        most = std::max(most, in_use(each));
    }
    return all > *limit && own == most;
}

const VirtualRuntime::VirtualContainer* VirtualRuntime::find(const VirtualTask& task, const std::string& name) {
    const auto found = std::ranges::find(task.containers, name, [](const auto& each) { return each.definition.name; });
    return found == task.containers.end() ? nullptr : &*found;
}

Progress VirtualRuntime::progress_of(const VirtualContainer& container) {
    return {.was_started = container.was_started,
            .is_running = container.phase == Phase::Running,
            .has_ended = container.phase == Phase::Ended,
            .exit_code = container.exit_code,
            .health = container.monitor ? container.monitor->health() : Health::Unknown,
            .started_at = container.started_at,
            .start_timeout = container.definition.start_timeout};
}

Readiness VirtualRuntime::readiness(const VirtualTask& task, const VirtualContainer& container, Instant now,
                                    std::string& obstacle) {
    Readiness all = Readiness::Ready;
    for (const auto& dependency : container.definition.depends_on) {
        const VirtualContainer* other = find(task, dependency.container);
        const Readiness one =
            other == nullptr ? Readiness::Never : judge_dependency(dependency.condition, progress_of(*other), now);
        if (one == Readiness::Never || one == Readiness::TooLate) {
            obstacle = dependency_obstacle(container.definition.name, dependency, one);
            return Readiness::Never;
        }
        if (one == Readiness::NotYet) { all = one; }
    }
    return all;
}

// When the wait of a container that has not started ends by time alone.
Instant VirtualRuntime::waits_until(const VirtualTask& task, const VirtualContainer& container, Instant now) {
    if (container.pulled_at > now) { return container.pulled_at; }
    Instant until = Instant::max();
    for (const auto& dependency : container.definition.depends_on) {
        const VirtualContainer* other = find(task, dependency.container);
        if (other != nullptr) { until = std::min(until, start_deadline(progress_of(*other))); }
    }
    return until;
}

bool VirtualRuntime::is_needed(const VirtualTask& task, const VirtualContainer& container) {
    return std::ranges::any_of(task.containers, [&](const VirtualContainer& other) {
        return other.phase == Phase::Running &&
               std::ranges::any_of(other.definition.depends_on, [&](const ContainerDependency& dependency) {
                   return dependency.container == container.definition.name;
               });
    });
}

Instant VirtualRuntime::next_of(const VirtualTask& task, const VirtualContainer& container, Instant now) {
    if (container.phase == Phase::Ended) { return Instant::max(); }
    if (container.phase == Phase::Waiting) { return waits_until(task, container, now); }
    Instant next = container.kill_at.value_or(Instant::max());
    if (container.behaviour.exit) {
        next = std::min(next, later(container.started_at, container.behaviour.exit->after));
    }
    if (container.monitor && !container.kill_at) {
        next = std::min(next, container.monitor->next_probe_at().value_or(Instant::max()));
    }
    return std::min(next, memory_due(task, container, now));
}

// Before this moment the container cannot be over its limit, nor the task over its own.
Instant VirtualRuntime::memory_due(const VirtualTask& task, const VirtualContainer& container, Instant now) {
    const auto below_until = [now](const VirtualContainer& each, std::uint64_t room) {
        return later(each.started_at, each.behaviour.memory.below_until(now - each.started_at, room));
    };
    Instant due = Instant::max();
    if (const auto limit = bytes(container.definition.memory_mib)) { due = below_until(container, *limit); }
    const auto limit = bytes(task.launch.memory_mib);
    if (!limit) { return due; }
    std::uint64_t all = 0;
    std::uint64_t growing = 0;
    for (const auto& each : task.containers) {
        if (each.phase != Phase::Running) { continue; }
        all += each.behaviour.memory.at(now - each.started_at, each.seed);
        ++growing;
    }
    // Each may take an equal share of what is left before the sum can be over the limit.
    const std::uint64_t share = all < *limit ? (*limit - all) / growing : 0;
    const std::uint64_t own = container.behaviour.memory.at(now - container.started_at, container.seed);
    return std::min(due, below_until(container, own + share));
}

void VirtualRuntime::bind_ports(const VirtualTask& task, VirtualContainer& container) {
    const bool own_address = task.launch.network_mode == NetworkMode::Awsvpc;
    const std::string address = own_address ? task.launch.address : "";
    for (const PortMapping& mapping : container.definition.port_mappings) {
        int port = own_address ? mapping.container_port : mapping.host_port;
        if (port == 0) {
            while (ports_.contains(Socket{"", next_port_})) {
                next_port_ = next_port_ < last_port ? next_port_ + 1 : first_port;
            }
            port = next_port_;
            next_port_ = next_port_ < last_port ? next_port_ + 1 : first_port;
        }
        ports_[Socket{address, port}] = {&task, static_cast<std::size_t>(&container - task.containers.data())};
        container.bindings.push_back({"0.0.0.0", mapping.container_port, port, mapping.protocol});
    }
    if (own_address) { container.bindings.clear(); } // ECS tells none of them
}

void VirtualRuntime::release_ports(const VirtualTask& task, const VirtualContainer& container) {
    const bool own_address = task.launch.network_mode == NetworkMode::Awsvpc;
    const auto release = [&](const std::string& address, int port) {
        const auto found = ports_.find(Socket{address, port});
        const bool owned = found != ports_.end() && found->second.task == &task &&
                           &task.containers[found->second.container] == &container;
        if (owned) { ports_.erase(found); }
    };
    for (const PortMapping& mapping : container.definition.port_mappings) {
        if (own_address) { release(task.launch.address, mapping.container_port); }
    }
    for (const NetworkBinding& binding : container.bindings) { release("", binding.host_port); }
}

bool VirtualRuntime::serves(const std::string& target_id, int port, Instant now) const {
    auto owner = ports_.find(Socket{target_id, port});
    if (owner == ports_.end()) { owner = ports_.find(Socket{"", port}); }
    if (owner == ports_.end()) { return false; }
    const VirtualContainer& container = owner->second.task->containers[owner->second.container];
    const Millis age = now - container.started_at;
    return age >= container.behaviour.startup && is_well(container.behaviour, age);
}

std::map<std::string, std::uint64_t> VirtualRuntime::memory_usage(const std::string& task_id) {
    std::map<std::string, std::uint64_t> usage;
    const auto found = tasks_.find(task_id);
    if (found == tasks_.end()) { return usage; }
    for (const auto& container : found->second.containers) {
        if (container.phase != Phase::Running) { continue; }
        usage[container.definition.name] = container.behaviour.memory.at(now_ - container.started_at, container.seed);
    }
    return usage;
}

std::map<std::string, ContainerWork> VirtualRuntime::work_of(const std::string& task_id) {
    std::map<std::string, ContainerWork> work;
    const auto found = tasks_.find(task_id);
    if (found == tasks_.end()) { return work; }
    const TaskLaunch& launch = found->second.launch;
    for (const auto& container : found->second.containers) {
        if (container.phase != Phase::Running) { continue; }
        const Millis age = now_ - container.started_at;
        const Millis whole = container.cpu_before + container.behaviour.cpu.used_until(age, container.seed);
        const auto used = std::chrono::duration_cast<Micros>(whole * reserved_processors(launch, container.definition));
        work[container.definition.name] = {used, container.restarts};
    }
    return work;
}

std::size_t VirtualRuntime::running() const {
    std::size_t count = 0;
    for (const auto& [id, task] : tasks_) {
        count += static_cast<std::size_t>(
            std::ranges::count_if(task.containers, [](const auto& each) { return each.phase == Phase::Running; }));
    }
    return count;
}

} // namespace ecsr::local
