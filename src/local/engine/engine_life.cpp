#include "local/engine/engine_life.hpp"

#include "base/log.hpp"
#include "local/runtime/cgroup_files.hpp"
#include "local/runtime/image.hpp"
#include "local/runtime/log_file.hpp"

#include <algorithm>
#include <csignal>
#include <fmt/format.h>
#include <system_error>

namespace ecsr::local {

namespace {

constexpr Seconds default_stop_timeout{30}; // ECS behaviour B10
constexpr std::uint64_t mebibyte = 1U << 20U;
constexpr int killed_exit_code = 128 + SIGKILL;
constexpr Millis output_interval{500};
constexpr int unknown_exit_code = 255; // ECS behaviour C4

TaskLaunch without_containers(const TaskLaunch& task) {
    TaskLaunch alone = task;
    alone.containers.clear();
    return alone;
}

// The smaller one of those that are set.
std::optional<std::uint64_t> limit_of(std::optional<int> container, std::optional<int> task) {
    if (!container && !task) { return std::nullopt; }
    constexpr int none = std::numeric_limits<int>::max();
    return static_cast<std::uint64_t>(std::min(container.value_or(none), task.value_or(none))) * mebibyte;
}

std::string pull_error(const Error& error) {
    return "CannotPullContainerError: " + error.message;
}

// A probe that takes too long goes on in the container; its process is known by the cgroup that it is in.
void kill_probe(const ProbeResult& probe, const std::string& container_id) {
    if (probe.pid <= 0) { return; }
    const auto cgroups = read_cgroup_file(fmt::format("/proc/{}/cgroup", probe.pid));
    if (cgroups && cgroups->contains(container_id)) { ::kill(probe.pid, SIGKILL); }
}

} // namespace

EngineLife::EngineLife(ContainerDefinition definition, const TaskLaunch& task, std::shared_ptr<TaskNetwork> network,
                       EngineParts& parts)
    : ContainerLife(std::move(definition)), task_(without_containers(task)), network_(std::move(network)),
      parts_(parts), workload_(built_in_workload(definition_.image)) {}

// An image that is there is not asked for again: it works without its registry, and a moved tag is pulled by hand.
std::optional<ContainerLife::Pulled> EngineLife::pull() {
    if (!pulling_.is_started()) {
        if (!workload_.empty() && std::ranges::count(parts_.options.workloads, workload_) == 0) {
            ProcessRuntimeOptions known;
            known.workloads = parts_.options.workloads;
            return std::unexpected(pull_failure(known, definition_).value_or(""));
        }
        pulling_.start(
            [this](const std::stop_token& stop) -> std::expected<std::string, std::string> {
                auto id = workload_.empty() ? parts_.api.image_id(definition_.image, stop) : parts_.image->id();
                if (!id && workload_.empty() && id.error().kind == ErrorKind::NotFound) {
                    if (auto pulled = parts_.api.pull(definition_.image, stop); !pulled) {
                        return std::unexpected(pull_error(pulled.error()));
                    }
                    id = parts_.api.image_id(definition_.image, stop);
                }
                if (!id) { return std::unexpected(pull_error(id.error())); }
                return *id;
            },
            [this] { parts_.notify(); });
    }
    auto pulled = pulling_.take();
    if (!pulled) { return std::nullopt; }
    if (!*pulled) { return std::unexpected(pulled->error()); }
    image_ = **pulled;
    return Pulled();
}

void EngineLife::never_start() {
    ContainerLife::never_start();
    pulling_.cancel();
}

std::vector<std::string> EngineLife::environment() const {
    std::map<std::string, std::string> variables = definition_.environment;
    variables.insert({"LOCAL_ECS_TASK_ID", task_.task_id});
    if (!workload_.empty()) {
        // insert() keeps what the definition says.
        const bool shares_address = task_.network_mode == NetworkMode::Host;
        variables.insert({"HOST", shares_address ? task_.address : "0.0.0.0"});
        if (!definition_.port_mappings.empty()) {
            variables.insert({"PORT", std::to_string(definition_.port_mappings.front().container_port)});
        }
    }
    std::vector<std::string> entries;
    entries.reserve(variables.size());
    for (const auto& [name, value] : variables) { entries.push_back(fmt::format("{}={}", name, value)); }
    return entries;
}

EngineContainer EngineLife::container_of(const NetworkPlace& place) const {
    EngineContainer container;
    container.name = fmt::format("ecs-{}-{}-{}-{}", task_.family, task_.revision, definition_.name, task_.task_id);
    container.image = image_;
    if (!definition_.entry_point.empty()) { container.entry_point = definition_.entry_point; }
    if (!definition_.command.empty()) { container.command = definition_.command; }
    if (!workload_.empty() && definition_.entry_point.empty()) {
        container.entry_point = {workload_program, "workload", workload_};
        container.command = definition_.command;
    }
    container.environment = environment();
    container.labels = definition_.docker_labels;
    for (const auto& [name, value] : labels_of(task_, definition_.name, parts_)) { container.labels[name] = value; }
    container.working_directory = definition_.working_directory;
    container.user = definition_.user;
    container.network = place.mode;
    container.ports = place.ports;
    container.ulimits = ulimits_of(definition_);
    container.init_process = definition_.init_process;
    container.cpu_shares = definition_.cpu;
    container.memory = limit_of(definition_.memory_mib, task_.memory_mib);
    if (definition_.memory_reservation_mib) {
        container.memory_reservation = static_cast<std::uint64_t>(*definition_.memory_reservation_mib) * mebibyte;
    }
    return container;
}

EngineLife::Run EngineLife::create_and_start() const {
    const auto place = network_->join(definition_);
    if (!place) { return std::unexpected("CannotStartContainerError: " + place.error().message); }
    const auto id = parts_.api.create(container_of(*place));
    if (!id) { return std::unexpected("CannotCreateContainerError: " + id.error().message); }
    auto started = start_existing(*id);
    if (!started) {
        if (const auto removed = parts_.api.remove(*id); !removed) {
            log(LogLevel::Warning, "a container is left behind",
                {{"container", *id}, {"error", removed.error().message}});
        }
    }
    return started;
}

EngineLife::Run EngineLife::start_existing(const std::string& id) const {
    if (const auto started = parts_.api.start(id); !started) {
        return std::unexpected("CannotStartContainerError: " + started.error().message);
    }
    const auto state = parts_.api.inspect(id);
    if (!state) { return std::unexpected("CannotInspectContainerError: " + state.error().message); }
    Running running{.id = id, .ports = state->ports, .memory = nullptr};
    if (state->pid > 0) { running.memory = MemoryWatch::start(state->pid, id, *parts_.helper); }
    return running;
}

std::optional<ContainerLife::Started> EngineLife::start(const TaskLaunch&, Instant now) {
    if (phase_ == Phase::Waiting) {
        phase_ = Phase::Starting;
        starting_.start([this](const std::stop_token&) { return create_and_start(); }, [this] { parts_.notify(); });
    }
    auto run = starting_.take();
    if (!run) { return std::nullopt; }
    if (!*run) {
        phase_ = Phase::Ended;
        return std::unexpected(std::move(*run).error());
    }
    if (const auto& log = definition_.log) {
        auto lines = std::make_shared<OutputLines>();
        parts_.outputs.push_back({log->group, log->stream.empty() ? (**run).id : log->stream, lines});
        follower_ = std::make_shared<LogFollower>(std::move(lines));
    }
    begin(std::move(*run).value(), now);
    return ContainerStarted{task_.task_id, definition_.name, running_->id, bindings()};
}

void EngineLife::begin(Running running, Instant now) {
    running_ = std::move(running);
    phase_ = Phase::Running;
    was_started_ = true;
    started_at_ = now;
    exit_code_.reset();
    monitor_.reset();
    if (definition_.health_check && !probe_arguments(*definition_.health_check).empty()) {
        monitor_.emplace(*definition_.health_check, now);
    }
    waiting_.start([this, run = *running_](const std::stop_token& stop) { return watch_to_the_end(run, stop); },
                   [this] { parts_.notify(); });
    if (kill_asked_) { kill(); }
}

EngineLife::Exit EngineLife::watch_to_the_end(const Running& running, const std::stop_token& stop) {
    const auto waited = parts_.api.wait(running.id, stop);
    const auto state = parts_.api.inspect(running.id);
    save_logs(running.id);
    if (const auto follower = follower_) { read_output(*follower, running.id); }
    if (!waited || !state) {
        const auto& error = waited ? state.error() : waited.error();
        return {unknown_exit_code, "CannotInspectContainerError: " + error.message};
    }
    const bool out_of_memory =
        state->oom_killed || over_task_limit_.exchange(false) || (running.memory && running.memory->has_killed());
    if (out_of_memory && state->exit_code == killed_exit_code) {
        return {state->exit_code, "OutOfMemoryError: Container killed due to memory usage"};
    }
    return {state->exit_code, state->error.empty() ? "" : "DockerStateError: " + state->error};
}

// The program may have written on since; the container's own log is removed with it.
void EngineLife::save_logs(const std::string& id) const {
    const auto text = parts_.api.logs(id);
    if (!text) {
        log(LogLevel::Warning, "the output of a container is lost",
            {{"container", id}, {"error", text.error().message}});
        return;
    }
    const auto path = parts_.log_file(task_.task_id, definition_.name);
    std::error_code missing; // shows in logs that are empty
    std::filesystem::create_directories(path.parent_path(), missing);
    LogFile(path).append(*text);
}

bool EngineLife::restart(const TaskLaunch&, Instant now) {
    // A short call in the way of everything else; restarts are rare (ECS behaviour B11).
    auto run = start_existing(running_->id);
    if (!run) {
        log(LogLevel::Warning, "a container was not restarted",
            {{"container", definition_.name}, {"error", run.error()}});
        return false;
    }
    begin(std::move(run).value(), now);
    return true;
}

void EngineLife::ask_to_stop(Instant) {
    if (stop_asked_) { return; }
    stop_asked_ = true;
    const Seconds patience = definition_.stop_timeout.value_or(default_stop_timeout);
    ending_.start([this, id = running_->id,
                   patience](const std::stop_token& stop) { return parts_.api.stop(id, patience, stop); },
                  [this] { parts_.notify(); });
}

void EngineLife::kill() {
    kill_asked_ = true; // also of what is being started
    pulling_.cancel();
    if (phase_ != Phase::Running) { return; }
    ending_.cancel();
    ending_.start([this, id = running_->id](const std::stop_token&) { return parts_.api.kill(id); }, [] {});
}

std::optional<ContainerExited> EngineLife::check_exit(Instant) {
    if (phase_ != Phase::Running) { return std::nullopt; }
    if (const auto asked = ending_.take(); asked && !*asked && !kill_asked_) {
        log(LogLevel::Warning, "a container did not take its stop signal and is killed",
            {{"container", running_->id}, {"error", asked->error().message}});
        kill();
    }
    auto exit = waiting_.take();
    if (!exit) { return std::nullopt; }
    phase_ = Phase::Ended;
    exit_code_ = exit->code;
    return ContainerExited{task_.task_id, definition_.name, exit->code, std::move(exit->reason)};
}

std::optional<Health> EngineLife::check_health(Instant now) {
    if (phase_ != Phase::Running || !monitor_) { return std::nullopt; }
    std::optional<Health> changed;
    if (const auto succeeded = probing_.take()) { changed = monitor_->probe_ended(*succeeded, now); }
    const auto next = monitor_->next_probe_at();
    if (stop_asked_ || probing_.is_started() || !next || now < *next) { return changed; }
    monitor_->probe_started(now);
    probing_.start(
        [this, id = running_->id](const std::stop_token& stop) {
            const auto& check = *definition_.health_check;
            const auto result = parts_.api.probe(id, probe_arguments(check), check.timeout, stop);
            if (result && !result->in_time) { kill_probe(*result, id); }
            return result && result->succeeded;
        },
        [this] { parts_.notify(); });
    return changed;
}

bool EngineLife::clean_up() {
    if (phase_ != Phase::Ended) { return false; }
    probing_.cancel();
    if (!running_) { return true; }
    if (!removing_.is_started()) {
        removing_.start([this, id = running_->id](const std::stop_token&) { return parts_.api.remove(id); },
                        [this] { parts_.notify(); });
    }
    const auto removed = removing_.take();
    if (!removed) { return false; }
    if (!*removed) { // the end of the runtime tries again
        log(LogLevel::Warning, "a container is left behind",
            {{"container", running_->id}, {"error", removed->error().message}});
    }
    running_.reset();
    return true;
}

void EngineLife::wait_for_end(int milliseconds) const {
    if (phase_ == Phase::Running) { waiting_.wait(milliseconds); }
}

Instant EngineLife::next_event_at() const {
    if (phase_ != Phase::Running) { return Instant::max(); }
    const bool probes = monitor_ && !stop_asked_ && !probing_.is_started();
    const Instant probe = probes ? monitor_->next_probe_at().value_or(Instant::max()) : Instant::max();
    return follower_ && !reading_.is_started() ? std::min(probe, next_read_) : probe;
}

void EngineLife::follow_output(Instant now) {
    if (!follower_ || phase_ != Phase::Running) { return; }
    if (const auto read = reading_.take()) { next_read_ = now + output_interval; }
    if (reading_.is_started() || now < next_read_) { return; }
    reading_.start([this, follower = follower_,
                    id = running_->id](const std::stop_token&) { return follower->read_on(parts_.api, id); },
                   [this] { parts_.notify(); });
}

// The last of it, before the container is removed.
void EngineLife::read_output(LogFollower& follower, const std::string& id) const {
    if (const auto read = follower.read_on(parts_.api, id); !read) {
        log(LogLevel::Warning, "the last output of a container is lost",
            {{"container", id}, {"error", read.error().message}});
    }
}

std::optional<std::uint64_t> EngineLife::task_memory_limit() const {
    return task_.memory_mib.transform([](int limit) { return static_cast<std::uint64_t>(limit) * mebibyte; });
}

std::uint64_t EngineLife::memory_in_cgroup() const {
    return phase_ == Phase::Running && running_->memory ? running_->memory->memory_usage() : 0;
}

void EngineLife::kill_for_memory() {
    if (phase_ != Phase::Running || over_task_limit_.exchange(true)) { return; }
    ending_.cancel();
    ending_.start([this, id = running_->id](const std::stop_token&) { return parts_.api.kill(id); },
                  [this] { parts_.notify(); });
}

std::uint64_t EngineLife::memory_usage() const {
    return phase_ == Phase::Running ? parts_.api.memory_usage(running_->id).value_or(0) : 0;
}

std::optional<Micros> EngineLife::cpu_time() const {
    const auto used = parts_.api.cpu_time(running_->id);
    return used ? std::optional(*used) : std::nullopt;
}

Result<std::string> EngineLife::logs() const {
    if (phase_ == Phase::Running) { return parts_.api.logs(running_->id); }
    return LogFile::read(parts_.log_file(task_.task_id, definition_.name));
}

std::vector<NetworkBinding> EngineLife::bindings() const {
    std::vector<NetworkBinding> bound;
    if (task_.network_mode == NetworkMode::Bridge) {
        for (const auto& port : running_->ports) {
            bound.push_back({port.host_address, port.container_port, port.host_port, port.protocol});
        }
    } else if (task_.network_mode == NetworkMode::Host) {
        for (const auto& port : definition_.port_mappings) {
            bound.push_back({task_.address, port.container_port, port.container_port, port.protocol});
        }
    }
    return bound;
}

} // namespace ecsr::local
