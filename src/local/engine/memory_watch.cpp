#include "local/engine/memory_watch.hpp"

#include "base/log.hpp"
#include "base/text.hpp"
#include "local/runtime/cgroup_files.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

namespace ecsr::local {

namespace fs = std::filesystem;

struct MemoryWatch::Seen {
    MemoryCgroup cgroup;
    FileDescriptor memory_file; // v1: the event is of this one
    std::atomic<std::uint64_t> signals = 0;
    std::atomic<bool> killed = false;

    bool look();
    bool exists() const {
        std::error_code gone;
        return fs::exists(cgroup.folder, gone);
    }
};

namespace {

// "N:memory:/path" (v1) before "0::/path" (v2): on a host with both, v1 has the controller.
std::optional<std::pair<std::string, bool>> memory_path(std::string_view cgroups) {
    std::optional<std::pair<std::string, bool>> unified;
    for (const auto& line : split(cgroups, '\n')) {
        const auto first = line.find(':');
        const auto second = line.find(':', first + 1);
        if (first == std::string::npos || second == std::string::npos) { continue; }
        const auto controllers = split(line.substr(first + 1, second - first - 1), ',');
        if (std::ranges::count(controllers, "memory") > 0) { return std::pair(line.substr(second + 1), false); }
        if (line.starts_with("0::")) { unified = std::pair(line.substr(second + 1), true); }
    }
    return unified;
}

std::optional<fs::path> mount_of(std::string_view mounts, bool unified) {
    for (const auto& line : split(mounts, '\n')) {
        const auto fields = split(line, ' ');
        if (fields.size() < 4) { continue; }
        const auto options = split(fields[3], ',');
        const bool fits =
            unified ? fields[2] == "cgroup2" : fields[2] == "cgroup" && std::ranges::count(options, "memory") > 0;
        if (fits) { return fs::path(fields[1]); }
    }
    return std::nullopt;
}

// v1: the descriptor counts the events of memory.oom_control.
FileDescriptor listen_to_v1(const fs::path& folder, FileDescriptor& memory_file) {
    FileDescriptor event(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    memory_file = FileDescriptor(::open((folder / "memory.oom_control").c_str(), O_RDONLY | O_CLOEXEC));
    if (!event || !memory_file) { return {}; }
    const auto asked =
        write_cgroup_file(folder / "cgroup.event_control", fmt::format("{} {}", event.get(), memory_file.get()));
    return asked ? std::move(event) : FileDescriptor();
}

// v2: the descriptor is readable when memory.events has changed.
FileDescriptor listen_to_v2(const fs::path& folder) {
    FileDescriptor changes(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
    if (!changes || ::inotify_add_watch(changes.get(), (folder / "memory.events").c_str(), IN_MODIFY) < 0) {
        return {};
    }
    return changes;
}

} // namespace

std::optional<MemoryCgroup> find_memory_cgroup(std::string_view cgroups, std::string_view mounts,
                                               std::string_view container_id) {
    const auto path = memory_path(cgroups);
    if (!path || !path->first.contains(container_id)) { return std::nullopt; }
    const auto mount = mount_of(mounts, path->second);
    if (!mount) { return std::nullopt; }
    return MemoryCgroup{fs::path(mount->string() + path->first), path->second};
}

std::unique_ptr<MemoryWatch> MemoryWatch::start(pid_t main, std::string_view container_id, HelperThread& helper) {
    const auto cgroups = read_cgroup_file(fmt::format("/proc/{}/cgroup", main));
    const auto mounts = read_cgroup_file("/proc/self/mounts");
    if (!cgroups || !mounts) { return nullptr; }
    const auto cgroup = find_memory_cgroup(*cgroups, *mounts, container_id);
    return cgroup ? start(*cgroup, helper) : nullptr;
}

std::unique_ptr<MemoryWatch> MemoryWatch::start(const MemoryCgroup& cgroup, HelperThread& helper) {
    auto seen = std::make_shared<Seen>();
    seen->cgroup = cgroup;
    auto listens = std::make_shared<const FileDescriptor>(
        cgroup.unified ? listen_to_v2(cgroup.folder) : listen_to_v1(cgroup.folder, seen->memory_file));
    if (!*listens) { return nullptr; }
    const auto watched = helper.watch(listens, [number = listens->get(), seen] {
        std::array<std::uint64_t, 64> buffer{};
        const auto got = ::read(number, buffer.data(), seen->cgroup.unified ? sizeof buffer : sizeof buffer[0]);
        if (got > 0 && !seen->cgroup.unified) { seen->signals += buffer[0]; }
        return seen->look();
    });
    if (!watched) {
        log(LogLevel::Warning, watched.error().message, {{"cgroup", cgroup.folder.string()}});
        return nullptr;
    }
    return std::unique_ptr<MemoryWatch>(new MemoryWatch(std::move(seen)));
}

// False when the cgroup is gone. That, too, is one signal of v1; any other is the memory that ran out.
bool MemoryWatch::Seen::look() {
    const bool there = exists();
    if (cgroup.unified) {
        killed = killed || cgroup_counter(cgroup.folder / "memory.events", "oom_kill") > 0;
    } else {
        killed = killed || there || signals > 1;
    }
    return there;
}

bool MemoryWatch::has_killed() const {
    return seen_->killed;
}

std::uint64_t MemoryWatch::memory_usage() const {
    return cgroup_memory_usage(seen_->cgroup.folder, seen_->cgroup.unified);
}

} // namespace ecsr::local
