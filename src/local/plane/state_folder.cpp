#include "local/plane/state_folder.hpp"

#include "local/plane/state_json.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <fstream>
#include <iterator>
#include <sys/file.h>
#include <unistd.h>
#include <utility>

namespace ecsr::local {

namespace {

std::unexpected<Error> io_error(const std::string& what, const std::filesystem::path& path) {
    return fail(ErrorKind::Io, fmt::format("{} {}: {}", what, path.string(), std::strerror(errno)));
}

// Closes its descriptor.
class File {
public:
    explicit File(int descriptor) : descriptor_(descriptor) {}
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    ~File() {
        if (descriptor_ >= 0) { ::close(descriptor_); }
    }
    int get() const { return descriptor_; }

private:
    int descriptor_;
};

bool write_all(int descriptor, std::string_view text) {
    while (!text.empty()) {
        const auto written = ::write(descriptor, text.data(), text.size());
        if (written < 0 && errno == EINTR) { continue; }
        if (written < 0) { return false; }
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

bool sync_folder(const std::filesystem::path& folder) {
    const File handle(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    return handle.get() >= 0 && ::fsync(handle.get()) == 0;
}

} // namespace

Result<StateFolder> StateFolder::open(const std::filesystem::path& folder) {
    std::error_code error;
    if (std::filesystem::exists(folder, error) && !std::filesystem::is_directory(folder, error)) {
        return fail(ErrorKind::Usage, fmt::format("{} is a file; the state is kept in a folder", folder.string()));
    }
    std::filesystem::create_directories(folder, error);
    if (error) {
        return fail(ErrorKind::Usage, fmt::format("cannot make the folder {}: {}", folder.string(), error.message()));
    }
    const auto path = folder / "lock";
    const int lock = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (lock < 0) { return io_error("cannot open", path); }
    if (::flock(lock, LOCK_EX | LOCK_NB) != 0) {
        const bool taken = errno == EWOULDBLOCK;
        auto problem = io_error("cannot lock", path);
        ::close(lock);
        if (!taken) { return problem; }
        return fail(ErrorKind::Locked, fmt::format("another local ECS keeps its state in {}", folder.string()));
    }
    return StateFolder(folder, lock);
}

StateFolder::StateFolder(StateFolder&& other) noexcept
    : folder_(std::move(other.folder_)), lock_(std::exchange(other.lock_, -1)) {}

StateFolder::~StateFolder() {
    if (lock_ >= 0) { ::close(lock_); }
}

Result<std::optional<State>> StateFolder::load() const {
    const auto path = folder_ / "state.json";
    std::error_code error;
    if (!std::filesystem::exists(path, error)) { return std::optional<State>(); }
    std::ifstream file(path, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    if (!file) { return io_error("cannot read", path); }
    auto state = state_from_json(text);
    if (!state) {
        return fail(ErrorKind::Io, fmt::format("cannot use the saved state {}: {}; remove the file to start empty",
                                               path.string(), state.error().message));
    }
    return std::optional<State>(std::move(*state));
}

Status StateFolder::save(const std::string& text) const {
    const auto path = folder_ / "state.json";
    const auto temporary = folder_ / "state.json.new";
    {
        const File file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
        if (file.get() < 0) { return io_error("cannot write", temporary); }
        if (!write_all(file.get(), text) || ::fsync(file.get()) != 0) { return io_error("cannot write", temporary); }
    }
    if (::rename(temporary.c_str(), path.c_str()) != 0) { return io_error("cannot replace", path); }
    if (!sync_folder(folder_)) { return io_error("cannot sync", folder_); }
    return {};
}

namespace {

void lose(const State& state, Task& task, Instant now) {
    const auto cluster = state.clusters.find(task.cluster);
    const std::string host = cluster == state.clusters.end() ? "" : instance_id(cluster->second.container_instance_id);
    if (task.stop_code.empty()) {
        task.stop_code = "TerminationNotice";
        task.stopped_reason = fmt::format("Host EC2 (instance {}) stopped.", host);
    }
    for (auto& container : task.containers) { container.last_status = TaskStatus::Stopped; }
    task.last_status = task.desired_status = TaskStatus::Stopped;
    if (!task.stopping_at) { task.stopping_at = now; }
    task.execution_stopped_at = task.stopped_at = now;
    task.status_due_at.reset();
    task.targets.clear();
    ++task.version;
}

} // namespace

void lose_tasks(State& state, Instant now) {
    for (const auto& [id, task] : state.tasks) {
        for (const auto& target : task.targets) {
            if (auto* group = find_target_group(state, target.target_group_arn)) {
                std::erase_if(group->targets,
                              [&](const Target& t) { return t.id == target.target_id && t.port == target.port; });
            }
        }
    }
    for (auto& [arn, group] : state.target_groups) {
        std::erase_if(group.targets, [](const Target& target) { return target.state == TargetState::Draining; });
        for (auto& target : group.targets) { target.state = TargetState::Initial; }
        group.balancer_outdated = true;
    }
    for (auto& [id, task] : state.tasks) {
        if (task.last_status != TaskStatus::Stopped) { lose(state, task, now); }
    }
    for (auto& [key, service] : state.services) { service.touched = true; }
    state.agenda = {};
}

} // namespace ecsr::local
