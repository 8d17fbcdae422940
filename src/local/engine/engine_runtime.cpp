#include "local/engine/engine_runtime.hpp"

#include "base/log.hpp"
#include "base/text.hpp"
#include "local/engine/engine_life.hpp"
#include "local/engine/engine_parts.hpp"
#include "local/runtime/cgroup_files.hpp"
#include "local/runtime/log_file.hpp"
#include "local/runtime/task_run.hpp"

#include <algorithm>
#include <deque>
#include <fmt/format.h>
#include <system_error>
#include <unistd.h>

namespace ecsr::local {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t ended_tasks_with_logs = 50;
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

void remove_abandoned_folders(const fs::path& parent) {
    std::error_code gone;
    for (fs::directory_iterator entry(parent, gone), end; entry != end && !gone; entry.increment(gone)) {
        const auto owner = owner_of_folder(entry->path().filename().string());
        std::error_code kept; // somebody else's; it is not ours to insist
        if (owner && !process_exists(*owner)) { fs::remove_all(entry->path(), kept); }
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
    Instant next_event_at() const;
    std::map<std::string, std::uint64_t> memory_usage(const std::string& task_id) const;
    Result<std::string> logs(const std::string& task_id, const std::string& container) const;
    const std::string& engine() const { return engine_; }

private:
    struct Entry {
        std::unique_ptr<TaskRun> run;
        std::vector<const EngineLife*> containers; // owned by `run`
    };

    void clean_up_ended();
    void remove_all();

    EngineParts parts_;
    std::string engine_;
    std::map<std::string, Entry> tasks_;
    std::deque<std::string> ended_; // oldest first
    std::vector<Event> events_;
    Instant last_seen_{}; // the latest time handed in
};

Status EngineRuntime::Impl::open() {
    parts_.owner = owner_mark();
    auto version = parts_.api.version();
    if (!version) { return std::unexpected(std::move(version).error()); }
    engine_ = std::move(version).value();
    remove_abandoned(parts_.api, parts_.owner);
    remove_abandoned_folders(parts_.options.temp_directory);
    Random random(parts_.options.seed ^ static_cast<std::uint64_t>(::getpid()));
    parts_.directory = parts_.options.temp_directory / fmt::format("ecs-recycler-{}-{}", ::getpid(), random.hex(8));
    std::error_code error;
    if (!fs::create_directory(parts_.directory, error)) {
        return fail(ErrorKind::Io, fmt::format("cannot make the folder {}", parts_.directory.string()));
    }
    fs::permissions(parts_.directory, fs::perms::owner_all, error);
    auto helper = HelperThread::create(Millis{1000}, {});
    if (!helper) { return std::unexpected(std::move(helper).error()); }
    parts_.helper = std::move(helper).value();
    parts_.image =
        std::make_unique<WorkloadImage>(parts_.api, image_repository(parts_.owner), parts_.options.executable);
    return {};
}

EngineRuntime::Impl::~Impl() {
    for (const auto& [id, task] : tasks_) { task.run->kill(); }
    for (const auto& [id, task] : tasks_) { task.run->wait_for_end(end_timeout_ms); }
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
    ECSR_ASSERT(!tasks_.contains(given.task_id));
    last_seen_ = now;
    const TaskLaunch task = with_address(given);
    auto network =
        std::make_shared<TaskNetwork>(task, labels_of(task, "~internal~ecs~pause", parts_), parts_.api, *parts_.image);
    Entry entry;
    std::vector<std::unique_ptr<ContainerLife>> containers;
    for (const auto& definition : task.containers) {
        auto life = std::make_unique<EngineLife>(definition, task, network, parts_);
        entry.containers.push_back(life.get());
        containers.push_back(std::move(life));
    }
    entry.run = std::make_unique<TaskRun>(task, std::move(containers), [network] {
        const auto removed = network->remove();
        if (!removed) { log(LogLevel::Warning, "a network is left behind", {{"error", removed.error().message}}); }
        return true; // what was left behind goes at the end
    });
    const auto [at, added] = tasks_.emplace(task.task_id, std::move(entry));
    at->second.run->advance(now, events_);
}

void EngineRuntime::Impl::stop(const std::string& task_id, Instant now) {
    last_seen_ = now;
    const auto found = tasks_.find(task_id);
    if (found == tasks_.end()) { return; }
    found->second.run->stop();
    found->second.run->advance(now, events_);
}

std::vector<Event> EngineRuntime::Impl::take_events(Instant now) {
    last_seen_ = now;
    for (const auto& [id, task] : tasks_) { task.run->advance(now, events_); }
    clean_up_ended();
    return std::exchange(events_, {});
}

void EngineRuntime::Impl::clean_up_ended() {
    for (auto at = tasks_.begin(); at != tasks_.end();) {
        const bool clean = at->second.run->is_over() && at->second.run->clean_up();
        if (!clean) {
            ++at;
            continue;
        }
        ended_.push_back(at->first);
        at = tasks_.erase(at);
    }
    for (; ended_.size() > ended_tasks_with_logs; ended_.pop_front()) {
        std::error_code kept; // goes with the runtime's folder
        fs::remove_all(parts_.log_file(ended_.front(), "").parent_path(), kept);
    }
}

Instant EngineRuntime::Impl::next_event_at() const {
    if (!events_.empty()) { return last_seen_; }
    Instant next = Instant::max();
    for (const auto& [id, task] : tasks_) { next = std::min(next, task.run->next_event_at()); }
    return next;
}

std::map<std::string, std::uint64_t> EngineRuntime::Impl::memory_usage(const std::string& task_id) const {
    const auto found = tasks_.find(task_id);
    return found == tasks_.end() ? std::map<std::string, std::uint64_t>() : found->second.run->memory_usage();
}

Result<std::string> EngineRuntime::Impl::logs(const std::string& task_id, const std::string& container) const {
    if (const auto found = tasks_.find(task_id); found != tasks_.end()) {
        for (const auto* life : found->second.containers) {
            if (life->definition().name == container) { return life->logs(); }
        }
    }
    const fs::path path = parts_.log_file(task_id, container);
    std::error_code unknown;
    if (!fs::exists(path, unknown)) {
        return fail(ErrorKind::NotFound, fmt::format("no logs of container {} of task {}", container, task_id));
    }
    return LogFile::read(path);
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
Instant EngineRuntime::next_event_at() {
    return impl_->next_event_at();
}
const std::string& EngineRuntime::engine() const {
    return impl_->engine();
}
Result<std::string> EngineRuntime::logs(std::string_view task_id, std::string_view container) const {
    return impl_->logs(std::string(task_id), std::string(container));
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
