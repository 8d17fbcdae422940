#include "local/runtime/runtime_folder.hpp"

#include "local/runtime/cgroup_files.hpp"
#include "local/runtime/log_file.hpp"

#include <fmt/format.h>
#include <system_error>
#include <unistd.h>

namespace ecsr::local {

namespace fs = std::filesystem;

Result<fs::path> make_runtime_folder(const fs::path& parent, Random& random) {
    static constexpr int tries = 100;
    std::error_code error;
    for (int i = 0; i < tries; ++i) {
        fs::path directory = parent / fmt::format("ecs-recycler-{}-{}", ::getpid(), random.hex(8));
        if (!fs::create_directory(directory, error) && !error) { continue; } // a runtime of the same seed
        if (error) { break; }
        fs::permissions(directory, fs::perms::owner_all, error);
        if (!error) { return directory; }
    }
    return fail(ErrorKind::Io, fmt::format("cannot make a folder in {}: {}", parent.string(), error.message()));
}

void remove_abandoned_folders(const fs::path& parent) {
    std::error_code gone;
    for (fs::directory_iterator entry(parent, gone), end; entry != end && !gone; entry.increment(gone)) {
        const auto owner = owner_of_folder(entry->path().filename().string());
        std::error_code kept; // somebody else's; it is not ours to insist
        if (owner && !process_exists(*owner)) { fs::remove_all(entry->path(), kept); }
    }
}

fs::path task_log_file(const fs::path& runtime_folder, std::string_view task_id, std::string_view container) {
    return runtime_folder / "logs" / task_id / fmt::format("{}.log", container);
}

Result<std::string> read_task_log(const fs::path& runtime_folder, std::string_view task_id,
                                  std::string_view container) {
    const fs::path path = task_log_file(runtime_folder, task_id, container);
    std::error_code unknown;
    if (!fs::exists(path, unknown)) {
        return fail(ErrorKind::NotFound, fmt::format("no logs of container {} of task {}", container, task_id));
    }
    return LogFile::read(path);
}

void forget_old_logs(const fs::path& runtime_folder, std::deque<std::string>& ended) {
    static constexpr std::size_t ended_tasks_with_logs = 50;
    for (; ended.size() > ended_tasks_with_logs; ended.pop_front()) {
        std::error_code kept; // goes with the runtime's folder
        fs::remove_all(task_log_file(runtime_folder, ended.front(), "").parent_path(), kept);
    }
}

} // namespace ecsr::local
