#include "local/engine/engine_runtime.hpp"

#include "base/log.hpp"
#include "base/text.hpp"
#include "local/engine/engine_life.hpp"
#include "local/engine/engine_parts.hpp"
#include "local/runtime/running_tasks.hpp"
#include "local/runtime/runtime_folder.hpp"

#include <algorithm>
#include <deque>
#include <fmt/format.h>
#include <system_error>
#include <unistd.h>

namespace ecsr::local {

namespace {

namespace fs = std::filesystem;

constexpr int end_timeout_ms = 5000;
constexpr const char* image_prefix = "localhost/ecs-recycler-workloads-";

// The repository tells whose it is, as images cannot be labelled before they are there.
std::string image_repository(const std::string& owner) {
    const auto parts = split(owner, ' ');
    return to_lower(fmt::format("{}{}-{}", image_prefix, parts[1], parts[2]));
}

void remove_abandoned(EngineApi& api, const std::string& owner) {
    const auto listed = api.list(owner_label);
    const auto images = api.image_names();
    if (!listed || !images) {
        log(LogLevel::Warning, "what planes have left behind is not looked for",
            {{"error", listed ? images.error().message : listed.error().message}});
        return;
    }
    for (const auto& container : *listed) {
        const auto label = container.labels.find(owner_label);
        if (label == container.labels.end() || !owner_is_gone(label->second)) { continue; }
        const auto removed = api.remove(container.id);
        log(removed ? LogLevel::Info : LogLevel::Warning, "a container that a plane left behind is removed",
            {{"container", container.id}, {"error", removed ? "" : removed.error().message}});
    }
    for (const auto& name : *images) {
        if (!name.starts_with(image_prefix)) { continue; }
        const auto parts = split(
            name.substr(std::string_view(image_prefix).size(), name.rfind(':') - std::string_view(image_prefix).size()),
            '-');
        const std::string host = split(owner, ' ').front();
        if (parts.size() != 2 || !owner_is_gone(fmt::format("{} {} {}", host, parts[0], parts[1]))) { continue; }
        if (const auto removed = api.remove_image(name); !removed) {
            log(LogLevel::Warning, "an image is left behind", {{"image", name}, {"error", removed.error().message}});
        }
    }
}

TaskLaunch with_address(TaskLaunch launch) {
    if (launch.address.empty()) { launch.address = "127.0.0.1"; }
    return launch;
}

} // namespace

class EngineRuntime::Impl {
public:
    explicit Impl(EngineRuntimeOptions options) : parts_(std::move(options)) {}
    Status open();
    ~Impl();

    void launch(const TaskLaunch& given, Instant now);
    void stop(const std::string& task_id, Instant now);
    std::vector<Event> take_events(Instant now);
    Instant next_event_at() const { return tasks_.next_event_at(); }
    std::map<std::string, std::uint64_t> memory_usage(const std::string& task_id) const;
    std::map<std::string, ContainerWork> work_of(const std::string& task_id) const { return tasks_.work_of(task_id); }
    Result<std::string> logs(const std::string& task_id, const std::string& container) const;
    std::vector<ContainerOutput> take_output() { return take_lines(parts_.outputs); }
    const std::string& engine() const { return engine_; }

private:
    void remove_all();
    void keep_task_limits();

    EngineParts parts_;
    std::string engine_;
    RunningTasks tasks_;
    std::map<std::string, std::vector<EngineLife*>> lives_; // by task id; owned by `tasks_`
    std::deque<std::string> ended_;                         // oldest first
};

Status EngineRuntime::Impl::open() {
    parts_.owner = owner_mark();
    auto version = parts_.api.version();
    if (!version) { return std::unexpected(std::move(version).error()); }
    engine_ = std::move(version).value();
    remove_abandoned(parts_.api, parts_.owner);
    remove_abandoned_folders(parts_.options.temp_directory);
    Random random(parts_.options.seed ^ static_cast<std::uint64_t>(::getpid()));
    auto directory = make_runtime_folder(parts_.options.temp_directory, random);
    if (!directory) { return std::unexpected(std::move(directory).error()); }
    parts_.directory = std::move(directory).value();
    auto helper = HelperThread::create(Millis{1000}, {});
    if (!helper) { return std::unexpected(std::move(helper).error()); }
    parts_.helper = std::move(helper).value();
    parts_.image =
        std::make_unique<WorkloadImage>(parts_.api, image_repository(parts_.owner), parts_.options.executable);
    return {};
}

EngineRuntime::Impl::~Impl() {
    tasks_.kill();
    tasks_.wait_for_end(end_timeout_ms);
    tasks_.clear(); // and waits for what was being started
    if (parts_.owner.empty() || !parts_.image) { return; }
    remove_all();
    parts_.image.reset();
    std::error_code kept; // the next runtime's to remove
    fs::remove_all(parts_.directory, kept);
}

void EngineRuntime::Impl::remove_all() {
    const auto listed = parts_.api.list(fmt::format("{}={}", owner_label, parts_.owner));
    if (!listed) {
        log(LogLevel::Warning, "containers may be left behind", {{"error", listed.error().message}});
        return;
    }
    // One that shares the network of another goes before that, whatever the order of the list is.
    std::vector<std::string> left;
    for (const auto& container : *listed) { left.push_back(container.id); }
    for (int round = 0; round < 2 && !left.empty(); ++round) {
        std::erase_if(left, [&](const std::string& id) { return parts_.api.remove(id).has_value(); });
    }
    for (const auto& id : left) { log(LogLevel::Warning, "a container is left behind", {{"container", id}}); }
}

void EngineRuntime::Impl::launch(const TaskLaunch& given, Instant now) {
    const TaskLaunch task = with_address(given);
    auto network =
        std::make_shared<TaskNetwork>(task, labels_of(task, "~internal~ecs~pause", parts_), parts_.api, *parts_.image);
    auto& lives = lives_[task.task_id];
    std::vector<std::unique_ptr<ContainerLife>> containers;
    for (const auto& definition : task.containers) {
        auto life = std::make_unique<EngineLife>(definition, task, network, parts_);
        lives.push_back(life.get());
        containers.push_back(std::move(life));
    }
    auto run = std::make_unique<TaskRun>(task, std::move(containers), [network] {
        const auto removed = network->remove();
        if (!removed) { log(LogLevel::Warning, "a network is left behind", {{"error", removed.error().message}}); }
        return true; // what was left behind goes at the end
    });
    tasks_.add(task.task_id, std::move(run), now);
}

// Each container has the task's limit too; what several take together no engine limits.
void EngineRuntime::Impl::keep_task_limits() {
    for (const auto& [id, lives] : lives_) {
        const auto limit = lives.size() < 2 ? std::nullopt : lives.front()->task_memory_limit();
        if (!limit) { continue; }
        std::uint64_t sum = 0;
        for (const auto* life : lives) { sum += life->memory_in_cgroup(); }
        if (sum > *limit) { std::ranges::max(lives, {}, &EngineLife::memory_in_cgroup)->kill_for_memory(); }
    }
}

void EngineRuntime::Impl::stop(const std::string& task_id, Instant now) {
    tasks_.stop(task_id, now);
}

std::vector<Event> EngineRuntime::Impl::take_events(Instant now) {
    tasks_.advance(now);
    for (const auto& [id, lives] : lives_) {
        for (auto* life : lives) { life->follow_output(now); }
    }
    keep_task_limits();
    for (const auto& id : tasks_.drop([](TaskRun& task) { return task.is_over() && task.clean_up(); })) {
        lives_.erase(id);
        ended_.push_back(id);
    }
    forget_old_logs(parts_.directory, ended_);
    return tasks_.take_events();
}

std::map<std::string, std::uint64_t> EngineRuntime::Impl::memory_usage(const std::string& task_id) const {
    return tasks_.memory_usage(task_id);
}

Result<std::string> EngineRuntime::Impl::logs(const std::string& task_id, const std::string& container) const {
    if (const auto found = lives_.find(task_id); found != lives_.end()) {
        for (const auto* life : found->second) {
            if (life->definition().name == container) { return life->logs(); }
        }
    }
    return read_task_log(parts_.directory, task_id, container);
}

EngineRuntime::EngineRuntime(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
EngineRuntime::~EngineRuntime() = default;

Result<std::unique_ptr<EngineRuntime>> EngineRuntime::create(EngineRuntimeOptions options) {
    auto impl = std::make_unique<Impl>(std::move(options));
    if (auto opened = impl->open(); !opened) { return std::unexpected(std::move(opened).error()); }
    return std::unique_ptr<EngineRuntime>(new EngineRuntime(std::move(impl)));
}

void EngineRuntime::launch(const TaskLaunch& launch, Instant now) {
    impl_->launch(launch, now);
}
void EngineRuntime::stop(const std::string& task_id, Instant now) {
    impl_->stop(task_id, now);
}
std::vector<Event> EngineRuntime::take_events(Instant now) {
    return impl_->take_events(now);
}
std::map<std::string, std::uint64_t> EngineRuntime::memory_usage(const std::string& task_id) {
    return impl_->memory_usage(task_id);
}
std::map<std::string, ContainerWork> EngineRuntime::work_of(const std::string& task_id) {
    return impl_->work_of(task_id);
}
Instant EngineRuntime::next_event_at() {
    return impl_->next_event_at();
}
const std::string& EngineRuntime::engine() const {
    return impl_->engine();
}
std::vector<ContainerOutput> EngineRuntime::take_output() {
    return impl_->take_output();
}
std::optional<std::string> EngineRuntime::written_by(const std::string& task_id, const std::string& container) {
    auto text = impl_->logs(task_id, container);
    return text ? std::optional(std::move(*text)) : std::nullopt;
}

Result<std::vector<std::filesystem::path>> engine_sockets(const std::string& docker_host,
                                                          const std::string& xdg_runtime_dir) {
    static constexpr std::string_view scheme = "unix://";
    if (!docker_host.empty()) {
        if (!docker_host.starts_with(scheme)) {
            return fail(ErrorKind::Usage,
                        fmt::format("DOCKER_HOST={} is not taken: allowed is unix://PATH", docker_host));
        }
        return std::vector<fs::path>{docker_host.substr(scheme.size())};
    }
    std::vector<fs::path> sockets{"/var/run/docker.sock", "/run/podman/podman.sock"};
    if (!xdg_runtime_dir.empty()) { sockets.push_back(fs::path(xdg_runtime_dir) / "podman/podman.sock"); }
    return sockets;
}

} // namespace ecsr::local
