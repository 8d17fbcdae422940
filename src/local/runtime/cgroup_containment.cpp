// Containment by memory cgroups: ecs-recycler-<pid>-<hex>/<task>/c-<container>.
#include "local/runtime/cgroup_files.hpp"
#include "local/runtime/containment.hpp"
#include "local/runtime/process_tree.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>

namespace ecsr::local {

namespace {

namespace fs = std::filesystem;

// What differs between the two versions of the memory controller.
struct MemoryFiles {
    const char* limit;
    const char* swap_limit;
    bool swap_includes_memory; // v1 limits memory and swap together
    bool unified;
    const char* events; // holds "oom_kill N"
};

constexpr MemoryFiles v1_files{"memory.limit_in_bytes", "memory.memsw.limit_in_bytes", true, false,
                               "memory.oom_control"};
constexpr MemoryFiles v2_files{"memory.max", "memory.swap.max", false, true, "memory.events"};

Status make_folder(const fs::path& folder) {
    if (::mkdir(folder.c_str(), 0755) == 0) { return {}; }
    return fail(ErrorKind::Io, fmt::format("cannot make {}: {}", folder.string(), std::strerror(errno)));
}

Status limit_memory(const fs::path& folder, const MemoryFiles& files, std::uint64_t bytes) {
    if (auto refused = write_cgroup_file(folder / files.limit, std::to_string(bytes)); !refused) { return refused; }
    // Kernels without swap accounting do not have the file; a container that may swap only ends later.
    [[maybe_unused]] const auto limited =
        write_cgroup_file(folder / files.swap_limit, files.swap_includes_memory ? std::to_string(bytes) : "0");
    return {};
}

// The same container in one or two hierarchies: `memory` limits it; `unified`, where that is another one, kills it.
struct Folders {
    fs::path memory;
    fs::path unified; // empty when there is no other

    Folders inside(const std::string& name) const {
        return {memory / name, unified.empty() ? fs::path() : unified / name};
    }
    Status make() const {
        if (auto made = make_folder(memory); !made) { return made; }
        return unified.empty() ? Status() : make_folder(unified);
    }
    // A folder of a hierarchy that does not list the processes of the other is not enough to kill a container.
    bool kill() const { return kill_cgroup(unified.empty() ? memory : unified); }
    bool remove() const {
        const bool memory_gone = remove_cgroup(memory);
        return (unified.empty() || remove_cgroup(unified)) && memory_gone;
    }
};

class CgroupCell final : public Cell {
public:
    CgroupCell(Folders folders, const MemoryFiles& files, std::vector<FileDescriptor> entrances)
        : folders_(std::move(folders)), files_(files), entrances_(std::move(entrances)) {}

    std::vector<int> entrances() const override {
        std::vector<int> numbers;
        numbers.reserve(entrances_.size());
        for (const auto& entrance : entrances_) { numbers.push_back(entrance.get()); }
        return numbers;
    }
    std::optional<std::uint64_t> data_limit() const override { return std::nullopt; }
    void entered(pid_t main) override { main_ = main; }
    bool kill_all() override { return folders_.kill(); }
    std::uint64_t memory_kills() const override { return cgroup_counter(folders_.memory / files_.events, "oom_kill"); }
    std::uint64_t memory_usage() const override { return cgroup_memory_usage(folders_.memory, files_.unified); }
    // Every v2 folder has its cpu.stat, whatever controllers are on; v1's memory folders tell nothing of the processor.
    Micros cpu_time() const override {
        const fs::path stat = (folders_.unified.empty() ? folders_.memory : folders_.unified) / "cpu.stat";
        std::error_code unknown;
        if (fs::exists(stat, unknown)) { return Micros(static_cast<std::int64_t>(cgroup_counter(stat, "usage_usec"))); }
        return cpu_time_of_tree(main_);
    }
    bool remove() override {
        entrances_.clear();
        return folders_.remove();
    }

private:
    const Folders folders_;
    const MemoryFiles& files_;
    std::vector<FileDescriptor> entrances_;
    pid_t main_ = 0;
};

class CgroupContainment final : public Containment {
public:
    CgroupContainment(Folders root, MemoryGuard guard) : root_(std::move(root)), guard_(guard) {}
    ~CgroupContainment() override { root_.remove(); }

    MemoryGuard guard() const override { return guard_; }
    Result<std::unique_ptr<Cell>> make_cell(const CellRequest& request) override;
    bool end_task(const std::string& task_id) override { return root_.inside(task_id).remove(); }
    std::vector<std::string> folders() const override {
        std::vector<std::string> names{root_.memory.string()};
        if (!root_.unified.empty()) { names.push_back(root_.unified.string()); }
        return names;
    }

private:
    const MemoryFiles& files() const { return guard_ == MemoryGuard::CgroupV2 ? v2_files : v1_files; }
    Status make_task(const Folders& task, const CellRequest& request) const;

    const Folders root_;
    const MemoryGuard guard_;
};

Status CgroupContainment::make_task(const Folders& task, const CellRequest& request) const {
    std::error_code unknown;
    if (fs::exists(task.memory, unknown)) { return {}; }
    if (auto made = task.make(); !made) { return made; }
    if (guard_ == MemoryGuard::CgroupV2) {
        if (auto on = write_cgroup_file(task.memory / "cgroup.subtree_control", "+memory"); !on) { return on; }
    }
    return request.task_memory_limit ? limit_memory(task.memory, files(), *request.task_memory_limit) : Status();
}

Result<std::unique_ptr<Cell>> CgroupContainment::make_cell(const CellRequest& request) {
    const Folders task = root_.inside(request.task_id);
    if (auto made = make_task(task, request); !made) { return std::unexpected(std::move(made).error()); }
    Folders own = task.inside("c-" + request.container);
    if (auto made = own.make(); !made) { return std::unexpected(std::move(made).error()); }
    if (request.memory_limit) {
        if (auto limited = limit_memory(own.memory, files(), *request.memory_limit); !limited) {
            return std::unexpected(std::move(limited).error());
        }
    }
    std::vector<FileDescriptor> entrances;
    for (const auto& folder : {own.memory, own.unified}) {
        if (folder.empty()) { continue; }
        entrances.emplace_back(::open((folder / "cgroup.procs").c_str(), O_WRONLY | O_CLOEXEC));
        if (!entrances.back()) {
            return fail(ErrorKind::Io, fmt::format("cannot open {}: {}", folder.string(), std::strerror(errno)));
        }
    }
    return std::make_unique<CgroupCell>(std::move(own), files(), std::move(entrances));
}

Result<fs::path> make_v2_memory_folder(const fs::path& place, const std::string& name) {
    fs::path folder = place / name;
    if (auto made = make_folder(folder); !made) { return std::unexpected(std::move(made).error()); }
    std::error_code unknown;
    Status usable;
    if (!fs::exists(folder / v2_files.limit, unknown)) {
        usable = write_cgroup_file(place / "cgroup.subtree_control", "+memory");
    }
    if (usable) { usable = write_cgroup_file(folder / "cgroup.subtree_control", "+memory"); }
    if (usable) { return folder; }
    remove_cgroup(folder);
    return std::unexpected(std::move(usable).error());
}

Result<fs::path> make_v1_memory_folder(const fs::path& place, const std::string& name) {
    fs::path folder = place / name;
    if (auto made = make_folder(folder); !made) { return std::unexpected(std::move(made).error()); }
    // Newer kernels always count descendants in and refuse or ignore this.
    [[maybe_unused]] const auto counted = write_cgroup_file(folder / "memory.use_hierarchy", "1");
    return folder;
}

// A v2 folder of its own that can kill what is in it; empty where there is none.
fs::path make_killing_folder(const std::vector<fs::path>& places, const std::string& name) {
    for (const auto& place : places) {
        fs::path folder = place / name;
        if (!make_folder(folder)) { continue; }
        std::error_code unknown;
        if (fs::exists(folder / "cgroup.kill", unknown)) { return folder; }
        remove_cgroup(folder);
    }
    return {};
}

} // namespace

Result<std::unique_ptr<Containment>> make_cgroup_containment(const std::string& name, MemoryGuard version) {
    const CgroupMounts mounts = cgroup_mounts_of_this_machine();
    const bool v2 = version == MemoryGuard::CgroupV2;
    auto last =
        fail(ErrorKind::Io, v2 ? "cgroup v2 is not mounted" : "the memory controller of cgroup v1 is not mounted");
    for (const auto& place : v2 ? mounts.unified : mounts.memory) {
        auto folder = v2 ? make_v2_memory_folder(place, name) : make_v1_memory_folder(place, name);
        if (!folder) {
            last = std::unexpected(std::move(folder).error());
            continue;
        }
        Folders root{std::move(folder).value(), v2 ? fs::path() : make_killing_folder(mounts.unified, name)};
        return std::make_unique<CgroupContainment>(std::move(root), version);
    }
    return last;
}

void remove_abandoned_cgroups() {
    const CgroupMounts mounts = cgroup_mounts_of_this_machine();
    std::vector<fs::path> places = mounts.unified;
    places.insert(places.end(), mounts.memory.begin(), mounts.memory.end());
    static constexpr int tries = 100;
    static constexpr int milliseconds_between = 10;
    for (const auto& place : places) {
        std::error_code gone;
        for (fs::directory_iterator entry(place, gone), end; entry != end && !gone; entry.increment(gone)) {
            const auto owner = owner_of_folder(entry->path().filename().string());
            if (!owner || process_exists(*owner) || ::access(entry->path().c_str(), W_OK) != 0) { continue; }
            // What was killed is listed until it has been reaped by whoever inherited it.
            for (int i = 0; i < tries && !(kill_cgroup(entry->path()) && remove_cgroup(entry->path())); ++i) {
                ::poll(nullptr, 0, milliseconds_between);
            }
        }
    }
}

} // namespace ecsr::local
