#include "local/runtime/cgroup_files.hpp"

#include "base/text.hpp"
#include "local/runtime/file_descriptor.hpp"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <fstream>
#include <iterator>
#include <sstream>

namespace ecsr::local {

namespace {

namespace fs = std::filesystem;

// The path behind "<id>:<controllers>:" in /proc/self/cgroup.
std::optional<std::string> own_cgroup(std::string_view own_cgroups, std::string_view controller) {
    for (const auto& line : split(own_cgroups, '\n')) {
        const auto first = line.find(':');
        const auto second = first == std::string::npos ? first : line.find(':', first + 1);
        if (second == std::string::npos) { continue; }
        const std::string controllers = line.substr(first + 1, second - first - 1);
        const bool is_asked = controller.empty()
                                  ? controllers.empty()
                                  : fmt::format(",{},", controllers).contains(fmt::format(",{},", controller));
        if (is_asked) { return line.substr(second + 1); }
    }
    return std::nullopt;
}

// The mount itself, where root may write; then the own cgroup's parent and the own cgroup, which may have been
// delegated.
std::vector<fs::path> places(const fs::path& mount, const std::optional<std::string>& own) {
    std::vector<fs::path> found{mount};
    const fs::path inside = own ? fs::path(*own).relative_path() : fs::path();
    if (inside.empty()) { return found; }
    if (inside.has_parent_path()) { found.push_back(mount / inside.parent_path()); }
    found.push_back(mount / inside);
    return found;
}

bool kill_listed(const fs::path& folder) {
    std::istringstream processes(read_cgroup_file(folder / "cgroup.procs").value_or(""));
    bool none = true;
    for (pid_t pid = 0; processes >> pid;) {
        none = false;
        ::kill(pid, SIGKILL);
    }
    return none;
}

std::vector<fs::path> folders_inside(const fs::path& folder) {
    std::vector<fs::path> inside;
    std::error_code gone; // a cgroup may be removed by its other users at any time
    for (fs::directory_iterator entry(folder, gone), end; entry != end && !gone; entry.increment(gone)) {
        std::error_code unknown;
        if (entry->is_directory(unknown)) { inside.push_back(entry->path()); }
    }
    return inside;
}

} // namespace

CgroupMounts find_cgroup_mounts(std::string_view mounts, std::string_view own_cgroups) {
    CgroupMounts found;
    for (const auto& line : split(mounts, '\n')) {
        const auto fields = split(line, ' '); // device, mount point, type, options
        if (fields.size() < 4) { continue; }
        if (fields[2] == "cgroup2" && found.unified.empty()) {
            found.unified = places(fields[1], own_cgroup(own_cgroups, ""));
        }
        if (fields[2] == "cgroup" && fmt::format(",{},", fields[3]).contains(",memory,")) {
            found.memory = places(fields[1], own_cgroup(own_cgroups, "memory"));
        }
    }
    return found;
}

CgroupMounts cgroup_mounts_of_this_machine() {
    return find_cgroup_mounts(read_cgroup_file("/proc/self/mounts").value_or(""),
                              read_cgroup_file("/proc/self/cgroup").value_or(""));
}

std::optional<std::string> read_cgroup_file(const fs::path& file) {
    std::ifstream stream(file);
    if (!stream) { return std::nullopt; }
    return std::string(std::istreambuf_iterator<char>(stream), {});
}

Status write_cgroup_file(const fs::path& file, std::string_view text) {
    const FileDescriptor descriptor(::open(file.c_str(), O_WRONLY | O_CLOEXEC));
    if (!descriptor || ::write(descriptor.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
        return fail(ErrorKind::Io,
                    fmt::format("cannot write \"{}\" to {}: {}", text, file.string(), std::strerror(errno)));
    }
    return {};
}

std::uint64_t cgroup_counter(const fs::path& file, std::string_view key) {
    std::istringstream lines(read_cgroup_file(file).value_or(""));
    std::string name;
    for (std::uint64_t number = 0; lines >> name >> number;) {
        if (name == key) { return number; }
    }
    return 0;
}

std::uint64_t cgroup_memory_usage(const fs::path& folder, bool unified) {
    const auto text = read_cgroup_file(folder / (unified ? "memory.current" : "memory.usage_in_bytes")).value_or("0");
    const std::uint64_t used = std::strtoull(text.c_str(), nullptr, 10);
    const std::uint64_t cache =
        cgroup_counter(folder / "memory.stat", unified ? "inactive_file" : "total_inactive_file");
    return used > cache ? used - cache : 0;
}

bool kill_cgroup(const fs::path& folder) {
    if (write_cgroup_file(folder / "cgroup.kill", "1")) { return true; }
    bool none = true;
    for (const auto& inside : folders_inside(folder)) { none = kill_cgroup(inside) && none; }
    return kill_listed(folder) && none;
}

bool remove_cgroup(const fs::path& folder) {
    for (const auto& inside : folders_inside(folder)) {
        if (!remove_cgroup(inside)) { return false; }
    }
    return ::rmdir(folder.c_str()) == 0 || errno == ENOENT;
}

std::optional<pid_t> owner_of_folder(std::string_view name) {
    static constexpr std::string_view prefix = "ecs-recycler-";
    const auto parts = split(name.starts_with(prefix) ? name.substr(prefix.size()) : "", '-');
    if (parts.size() != 2 || parts[1].empty() || parts[1].find_first_not_of("0123456789abcdef") != std::string::npos) {
        return std::nullopt;
    }
    const auto pid = parse_integer(parts[0]);
    if (!pid || *pid <= 0 || *pid > INT32_MAX) { return std::nullopt; }
    return static_cast<pid_t>(*pid);
}

bool process_exists(pid_t pid) {
    return ::kill(pid, 0) == 0 || errno != ESRCH;
}

} // namespace ecsr::local
