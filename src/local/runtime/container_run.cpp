#include "local/runtime/container_run.hpp"

#include "base/log.hpp"
#include "base/text.hpp"
#include "local/runtime/environment.hpp"
#include "local/runtime/image.hpp"
#include "local/runtime/log_file.hpp"
#include "local/runtime/runtime_folder.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>

namespace ecsr::local {

namespace {

constexpr Seconds default_stop_timeout{30}; // ECS behaviour B10
constexpr std::uint64_t mebibyte = 1U << 20U;
constexpr int killed_exit_code = 128 + SIGKILL;

std::string cannot_create(const std::string& what) {
    return "CannotCreateContainerError: Error response from daemon: " + what;
}

std::string explain(const SpawnFailure& failure, const SpawnRequest& request) {
    const std::string reason = to_lower(std::strerror(failure.error_number));
    switch (failure.step) {
    case SpawnStep::Execute: return cannot_start(fmt::format("exec {}: {}", request.arguments.front(), reason));
    case SpawnStep::ChangeDirectory:
        return cannot_start(
            fmt::format("chdir to cwd (\"{}\") set in config.json failed: {}", request.working_directory, reason));
    case SpawnStep::EnterCgroup: return cannot_create("cannot enter the memory cgroup: " + reason);
    case SpawnStep::EnterNetwork: return cannot_create("cannot enter the network of the task: " + reason);
    case SpawnStep::Fork: break;
    }
    return cannot_create("cannot make a process: " + reason);
}

std::optional<std::uint64_t> bytes(const std::optional<int>& mebibytes) {
    if (!mebibytes) { return std::nullopt; }
    return static_cast<std::uint64_t>(*mebibytes) * mebibyte;
}

// Reads what there is; false at the end.
bool copy_output(int pipe, LogFile& log, OutputLines* lines) {
    std::array<char, 16'384> buffer{};
    const auto got = ::read(pipe, buffer.data(), buffer.size());
    if (got > 0) {
        const std::string_view bytes(buffer.data(), static_cast<std::size_t>(got));
        log.append(bytes);
        if (lines != nullptr) { lines->append(bytes); }
        return true;
    }
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) { return true; }
    if (lines != nullptr) { lines->end(); }
    return false;
}

} // namespace

std::filesystem::path RuntimeParts::log_file(const std::string& task_id, const std::string& container) const {
    return task_log_file(directory, task_id, container);
}

std::filesystem::path RuntimeParts::work_folder(const std::string& task_id) const {
    return directory / "work" / task_id;
}

ContainerRun::~ContainerRun() {
    parts_.ports.give_back(ports_);
}

std::optional<ContainerLife::Pulled> ContainerRun::pull() {
    if (auto reason = pull_failure(parts_.options, definition_)) { return std::unexpected(std::move(*reason)); }
    return Pulled();
}

std::optional<ContainerLife::Started> ContainerRun::start(const TaskLaunch& task, Instant now) {
    ECSR_ASSERT(phase_ == Phase::Waiting);
    phase_ = Phase::Ended;
    const std::string id = parts_.random.hex(64);
    if (auto prepared = prepare(task, id); !prepared) { return std::unexpected(std::move(prepared).error()); }
    if (const auto& log = definition_.log) {
        lines_ = std::make_shared<OutputLines>();
        parts_.outputs.push_back({log->group, log->stream.empty() ? id : log->stream, lines_});
    }
    if (auto started = start_main(task); !started) { return std::unexpected(std::move(started).error()); }
    begin(now);
    return ContainerStarted{task.task_id, definition_.name, id,
                            network_bindings(task.network_mode, task.address, ports_)};
}

void ContainerRun::begin(Instant now) {
    phase_ = Phase::Running;
    was_started_ = true;
    started_at_ = now;
    kills_before_ = cell_->memory_kills();
    if (definition_.health_check && !probe_arguments(*definition_.health_check).empty()) {
        monitor_.emplace(*definition_.health_check, now);
    }
}

bool ContainerRun::restart(const TaskLaunch& task, Instant now) {
    ECSR_ASSERT(phase_ == Phase::Ended && was_started_);
    kill_probe();
    if (auto started = start_main(task); !started) {
        log(LogLevel::Warning, "a container was not restarted",
            {{"container", definition_.name}, {"error", started.error()}});
        return false;
    }
    exit_code_.reset();
    begin(now);
    return true;
}

std::expected<void, std::string> ContainerRun::prepare(const TaskLaunch& task, const std::string& id) {
    if (const auto network = parts_.networks.find(task.task_id); network != parts_.networks.end()) {
        if (!network->second) { return std::unexpected(cannot_create(network->second.error().message)); }
        network_ = (*network->second)->descriptor();
    }
    auto ports = parts_.ports.assign(task.network_mode, task.address, definition_.port_mappings);
    if (!ports) { return std::unexpected(cannot_start(fmt::format("no port of {} is free", task.address))); }
    ports_ = std::move(ports).value();
    environment_ = container_environment(parts_.options, task, definition_, id, ports_);
    working_directory_ = definition_.working_directory.empty() ? parts_.work_folder(task.task_id).string()
                                                               : definition_.working_directory;
    auto cell =
        parts_.containment->make_cell({task.task_id, definition_.name, fmt::format("{}={}", container_id_variable, id),
                                       bytes(definition_.memory_mib), bytes(task.memory_mib)});
    if (!cell) { return std::unexpected(cannot_create(cell.error().message)); }
    cell_ = std::move(cell).value();
    return {};
}

std::expected<void, std::string> ContainerRun::start_main(const TaskLaunch& task) {
    const auto program = find_program(parts_.options, definition_);
    if (!program) { return std::unexpected(program.error()); }
    SpawnRequest request = request_for(program->arguments, program->executable);
    const FileDescriptor output = collect_output(task);
    request.output = output.get();
    for (auto& port : ports_) { port.hold.reset(); }
    auto process = spawn_on_helper(request);
    if (!process) { return std::unexpected(explain(process.error(), request)); }
    process_ = std::move(process).value();
    cell_->entered(process_.pid);
    return {};
}

SpawnRequest ContainerRun::request_for(const std::vector<std::string>& arguments, const std::string& executable) const {
    SpawnRequest request;
    request.executable = executable;
    request.arguments = arguments;
    request.environment = environment_;
    request.working_directory = working_directory_;
    request.network = network_;
    request.cgroups = cell_->entrances();
    request.data_limit = cell_->data_limit();
    return request;
}

std::expected<Process, SpawnFailure> ContainerRun::spawn_on_helper(const SpawnRequest& request) {
    std::expected<Process, SpawnFailure> process;
    parts_.helper->run([&] { process = spawn(request); });
    if (!process || !parts_.options.notify) { return process; }
    const auto watched = parts_.helper->watch(process->pidfd, [notify = parts_.options.notify] {
        notify();
        return false;
    });
    if (!watched) { log(LogLevel::Warning, watched.error().message, {{"container", definition_.name}}); }
    return process;
}

// The writing end for the container; the helper thread reads the other one.
FileDescriptor ContainerRun::collect_output(const TaskLaunch& task) {
    int ends[2] = {-1, -1};
    if (::pipe2(ends, O_CLOEXEC) != 0) {
        log(LogLevel::Warning, "the output of a container is lost",
            {{"task", task.task_id}, {"container", definition_.name}, {"error", std::strerror(errno)}});
        return {};
    }
    auto reads = std::make_shared<const FileDescriptor>(ends[0]);
    FileDescriptor writes(ends[1]);
    ::fcntl(reads->get(), F_SETFL, O_NONBLOCK);
    if (!log_) { log_ = std::make_shared<LogFile>(parts_.log_file(task.task_id, definition_.name)); }
    const auto watched = parts_.helper->watch(reads, [number = reads->get(), file = log_, lines = lines_] {
        return copy_output(number, *file, lines.get());
    });
    if (!watched) {
        log(LogLevel::Warning, watched.error().message, {{"container", definition_.name}});
        return {};
    }
    return writes;
}

void ContainerRun::ask_to_stop(Instant now) {
    ECSR_ASSERT(phase_ == Phase::Running);
    if (kill_at_) { return; }
    kill_at_ = now + definition_.stop_timeout.value_or(default_stop_timeout);
    send_signal(process_, SIGTERM);
}

void ContainerRun::kill() {
    if (phase_ != Phase::Running) { return; }
    was_killed_ = true;
    cell_->kill_all();
    send_signal(process_, SIGKILL);
}

std::optional<ContainerExited> ContainerRun::check_exit(Instant now) {
    if (phase_ != Phase::Running) { return std::nullopt; }
    const auto status = exit_status(process_);
    if (!status) {
        if (kill_at_ && now >= *kill_at_) { kill(); }
        return std::nullopt;
    }
    phase_ = Phase::Ended;
    exit_code_ = status->code;
    ContainerExited exited;
    exited.container = definition_.name;
    exited.exit_code = status->code;
    // A SIGKILL of ours is a slow shutdown, whatever else was killed before (ECS behaviour C4).
    if (status->code == killed_exit_code && !was_killed_ && cell_->memory_kills() > kills_before_) {
        exited.reason = "OutOfMemoryError: Container killed due to memory usage";
    }
    cell_->kill_all(); // nothing of a container outlives its main process
    return exited;
}

std::optional<Health> ContainerRun::check_health(Instant now) {
    if (phase_ != Phase::Running || !monitor_) { return std::nullopt; }
    std::optional<Health> changed;
    if (const auto succeeded = probe_result(now)) { changed = monitor_->probe_ended(*succeeded, now); }
    const bool may_probe = !was_asked_to_stop() && !probe_;
    if (may_probe && monitor_->next_probe_at() && now >= *monitor_->next_probe_at()) { start_probe(now); }
    return changed;
}

void ContainerRun::start_probe(Instant now) {
    const auto program = find_program(parts_.options, probe_arguments(*definition_.health_check), working_directory_);
    monitor_->probe_started(now);
    if (!program) { return; } // probe_result() sees that nothing runs: a failure
    if (auto process = spawn_on_helper(request_for(program->arguments, program->executable))) {
        probe_ = std::move(process).value();
    }
}

// Nothing while there is no result yet.
std::optional<bool> ContainerRun::probe_result(Instant now) {
    if (!monitor_->probe_deadline()) { return std::nullopt; }
    if (!probe_) { return false; }
    if (const auto status = exit_status(*probe_)) {
        probe_.reset();
        return status->code == 0;
    }
    if (now < *monitor_->probe_deadline()) { return std::nullopt; }
    kill_probe();
    return false;
}

void ContainerRun::kill_probe() {
    if (!probe_) { return; }
    static constexpr int milliseconds = 1000;
    ::kill(-probe_->pid, SIGKILL); // its session; what has left that ends with the container
    wait_readable(probe_->pidfd->get(), milliseconds);
    exit_status(*probe_);
    probe_.reset();
}

bool ContainerRun::clean_up() {
    if (phase_ == Phase::Running) { return false; }
    kill_probe();
    if (!cell_) { return true; }
    cell_->kill_all();
    if (!cell_->remove()) { return false; }
    cell_.reset();
    return true;
}

void ContainerRun::wait_for_end(int milliseconds) const {
    if (phase_ == Phase::Running) { wait_readable(process_.pidfd->get(), milliseconds); }
}

Instant ContainerRun::next_event_at() const {
    if (phase_ != Phase::Running) { return Instant::max(); }
    Instant next = kill_at_ && !was_killed_ ? *kill_at_ : Instant::max();
    if (monitor_ && monitor_->probe_deadline()) {
        next = std::min(next, probe_ ? *monitor_->probe_deadline() : Instant::min());
    }
    if (monitor_ && monitor_->next_probe_at() && !was_asked_to_stop()) {
        next = std::min(next, *monitor_->next_probe_at());
    }
    return next;
}

std::uint64_t ContainerRun::memory_usage() const {
    return phase_ == Phase::Running ? cell_->memory_usage() : 0;
}

std::optional<Micros> ContainerRun::cpu_time() const {
    return cell_->cpu_time();
}

} // namespace ecsr::local
