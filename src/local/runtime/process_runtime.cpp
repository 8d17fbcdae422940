#include "local/runtime/process_runtime.hpp"

#include "base/log.hpp"
#include "local/runtime/cgroup_files.hpp"
#include "local/runtime/container_run.hpp"
#include "local/runtime/guardian.hpp"
#include "local/runtime/running_tasks.hpp"
#include "local/runtime/runtime_folder.hpp"

#include <algorithm>
#include <deque>
#include <fmt/format.h>
#include <poll.h>

namespace ecsr::local {

namespace {

namespace fs = std::filesystem;

constexpr Millis poll_interval{20};
constexpr int end_timeout_ms = 5000;

std::string device_name(const std::string& unique) {
    return "ecsr-" + unique; // 15 characters at most
}

Result<std::unique_ptr<Containment>> make_containment(const fs::path& directory, std::optional<MemoryGuard> forced) {
    const std::string name = directory.filename();
    const fs::path sessions = directory / "sessions";
    if (forced) {
        return *forced == MemoryGuard::Watchdog ? make_watchdog_containment(sessions)
                                                : make_cgroup_containment(name, *forced);
    }
    std::string obstacles;
    for (const MemoryGuard version : {MemoryGuard::CgroupV2, MemoryGuard::CgroupV1}) {
        auto made = make_cgroup_containment(name, version);
        if (made) { return made; }
        obstacles += (obstacles.empty() ? "" : "; ") + made.error().message;
    }
    log(LogLevel::Info, "no memory cgroup can be had: resident memory is watched instead", {{"reason", obstacles}});
    return make_watchdog_containment(sessions);
}

} // namespace

const char* to_string(MemoryGuard guard) {
    switch (guard) {
    case MemoryGuard::CgroupV2: return "cgroup v2";
    case MemoryGuard::CgroupV1: return "cgroup v1";
    case MemoryGuard::Watchdog: return "watchdog";
    }
    return "unknown";
}

class ProcessRuntime::Impl {
public:
    Status open(ProcessRuntimeOptions options);
    ~Impl();

    void launch(const TaskLaunch& launch, Instant now);
    void stop(const std::string& task_id, Instant now);
    std::vector<Event> take_events(Instant now);
    Instant next_event_at() const;
    std::map<std::string, std::uint64_t> memory_usage(const std::string& task_id) const;
    std::map<std::string, ContainerWork> work_of(const std::string& task_id) const { return tasks_.work_of(task_id); }
    std::vector<ContainerOutput> take_output();
    MemoryGuard memory_guard() const { return parts_.containment->guard(); }
    std::size_t running() const { return tasks_.running(); }
    Result<std::string> logs(std::string_view task_id, std::string_view container) const;

private:
    std::unique_ptr<TaskRun> make_task(const TaskLaunch& launch);
    void clean_up_ended();
    void end_all();

    RuntimeParts parts_;
    std::unique_ptr<Guardian> guardian_;
    RunningTasks tasks_;
    std::deque<std::string> ended_; // oldest first
    bool remains_ = false;          // an ended task is not cleaned up yet
};

// One that is made and let go of: whether it can be made here.
Status try_network(Random& random) {
    if (::geteuid() != 0) {
        return fail(ErrorKind::Usage, "networks of tasks' own need root: start it as root, or leave them out");
    }
    // Tasks get addresses behind these. The kernel lets go of one a moment later, so the next trial takes another.
    const std::string address = fmt::format("198.18.0.{}", 2 + random.next() % 253);
    const auto made = NetworkNamespace::create(address, device_name(random.hex(10)));
    if (made) { return {}; }
    return fail(ErrorKind::Usage, "this machine does not permit networks of tasks' own: " + made.error().message);
}

Status ProcessRuntime::Impl::open(ProcessRuntimeOptions options) {
    remove_abandoned_cgroups();
    remove_abandoned_folders(options.temp_directory);
    parts_.options = std::move(options);
    parts_.random = Random(parts_.options.seed ^ static_cast<std::uint64_t>(::getpid()));
    parts_.ports = PortKeeper(parts_.random.next());
    if (parts_.options.own_networks) {
        if (auto works = try_network(parts_.random); !works) { return works; }
    }
    auto directory = make_runtime_folder(parts_.options.temp_directory, parts_.random);
    if (!directory) { return std::unexpected(std::move(directory).error()); }
    parts_.directory = std::move(directory).value();
    auto containment = make_containment(parts_.directory, parts_.options.memory_guard);
    if (!containment) { return std::unexpected(std::move(containment).error()); }
    parts_.containment = std::move(containment).value();
    auto helper = HelperThread::create(poll_interval, {});
    if (!helper) { return std::unexpected(std::move(helper).error()); }
    parts_.helper = std::move(helper).value();
    auto guardian = Guardian::start(parts_.directory, parts_.containment->folders());
    if (!guardian) { return std::unexpected(std::move(guardian).error()); }
    guardian_ = std::move(guardian).value();
    return {};
}

ProcessRuntime::Impl::~Impl() {
    end_all();
    parts_.helper.reset();
    parts_.containment.reset();
    std::error_code kept; // the guardian tries again
    if (!parts_.directory.empty()) { fs::remove_all(parts_.directory, kept); }
}

void ProcessRuntime::Impl::end_all() {
    tasks_.kill();
    tasks_.wait_for_end(end_timeout_ms);
    tasks_.advance(tasks_.last_seen());
    static constexpr int milliseconds_between = 10;
    for (int waited = 0; !tasks_.empty() && waited < end_timeout_ms; waited += milliseconds_between) {
        clean_up_ended();
        if (!tasks_.empty()) { ::poll(nullptr, 0, milliseconds_between); }
    }
    if (!tasks_.empty()) { log(LogLevel::Warning, "containers are left behind", {{"task", tasks_.first()}}); }
    tasks_.clear();
}

void ProcessRuntime::Impl::launch(const TaskLaunch& launch, Instant now) {
    tasks_.add(launch.task_id, make_task(launch), now);
}

std::unique_ptr<TaskRun> ProcessRuntime::Impl::make_task(const TaskLaunch& launch) {
    std::error_code missing; // shows when a container cannot change into it, and in logs that are empty
    fs::create_directories(parts_.work_folder(launch.task_id), missing);
    fs::create_directories(parts_.log_file(launch.task_id, "").parent_path(), missing);
    if (parts_.options.own_networks && launch.network_mode == NetworkMode::Awsvpc) {
        parts_.networks.insert_or_assign(
            launch.task_id,
            NetworkNamespace::create(launch.address, device_name(parts_.random.hex(10)), parts_.options.move_in));
    }
    std::vector<std::unique_ptr<ContainerLife>> containers;
    for (const auto& definition : launch.containers) {
        containers.push_back(std::make_unique<ContainerRun>(definition, parts_));
    }
    return std::make_unique<TaskRun>(launch, std::move(containers), [this, id = launch.task_id] {
        if (!parts_.containment->end_task(id)) { return false; }
        parts_.networks.erase(id);
        std::error_code kept; // goes with the runtime's folder
        fs::remove_all(parts_.work_folder(id), kept);
        return true;
    });
}

void ProcessRuntime::Impl::stop(const std::string& task_id, Instant now) {
    tasks_.stop(task_id, now);
}

std::vector<Event> ProcessRuntime::Impl::take_events(Instant now) {
    tasks_.advance(now);
    clean_up_ended();
    return tasks_.take_events();
}

// Containers that have ended are cleaned up while others of their task go on.
void ProcessRuntime::Impl::clean_up_ended() {
    remains_ = false;
    const auto dropped = tasks_.drop([this](TaskRun& task) {
        const bool clean = task.clean_up();
        const bool over = task.is_over();
        remains_ = remains_ || (over && !clean);
        return over && clean;
    });
    ended_.insert(ended_.end(), dropped.begin(), dropped.end());
    forget_old_logs(parts_.directory, ended_);
}

Instant ProcessRuntime::Impl::next_event_at() const {
    const Instant next = tasks_.next_event_at();
    const bool must_poll = remains_ || (!parts_.options.notify && !tasks_.empty());
    return must_poll ? std::min(next, tasks_.last_seen() + poll_interval) : next;
}

std::map<std::string, std::uint64_t> ProcessRuntime::Impl::memory_usage(const std::string& task_id) const {
    return tasks_.memory_usage(task_id);
}

std::vector<ContainerOutput> ProcessRuntime::Impl::take_output() {
    return take_lines(parts_.outputs);
}

Result<std::string> ProcessRuntime::Impl::logs(std::string_view task_id, std::string_view container) const {
    return read_task_log(parts_.directory, task_id, container);
}

ProcessRuntime::ProcessRuntime(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ProcessRuntime::~ProcessRuntime() = default;

Result<std::unique_ptr<ProcessRuntime>> ProcessRuntime::create(ProcessRuntimeOptions options) {
    auto impl = std::make_unique<Impl>();
    if (auto opened = impl->open(std::move(options)); !opened) { return std::unexpected(std::move(opened).error()); }
    return std::unique_ptr<ProcessRuntime>(new ProcessRuntime(std::move(impl)));
}

void ProcessRuntime::launch(const TaskLaunch& launch, Instant now) {
    impl_->launch(launch, now);
}

void ProcessRuntime::stop(const std::string& task_id, Instant now) {
    impl_->stop(task_id, now);
}

std::vector<Event> ProcessRuntime::take_events(Instant now) {
    return impl_->take_events(now);
}

std::map<std::string, std::uint64_t> ProcessRuntime::memory_usage(const std::string& task_id) {
    return impl_->memory_usage(task_id);
}

std::map<std::string, ContainerWork> ProcessRuntime::work_of(const std::string& task_id) {
    return impl_->work_of(task_id);
}

std::vector<ContainerOutput> ProcessRuntime::take_output() {
    return impl_->take_output();
}

Instant ProcessRuntime::next_event_at() {
    return impl_->next_event_at();
}

MemoryGuard ProcessRuntime::memory_guard() const {
    return impl_->memory_guard();
}

std::size_t ProcessRuntime::running() const {
    return impl_->running();
}

std::optional<std::string> ProcessRuntime::written_by(const std::string& task_id, const std::string& container) {
    auto text = impl_->logs(task_id, container);
    return text ? std::optional(std::move(*text)) : std::nullopt;
}

Result<std::string> ProcessRuntime::logs(std::string_view task_id, std::string_view container) const {
    return impl_->logs(task_id, container);
}

} // namespace ecsr::local
