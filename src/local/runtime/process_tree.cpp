#include "local/runtime/process_tree.hpp"

#include <charconv>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <iterator>
#include <limits>
#include <sstream>
#include <string_view>
#include <system_error>
#include <unistd.h>

namespace ecsr::local {

namespace {

namespace fs = std::filesystem;

void append_children(pid_t pid, std::vector<pid_t>& tree) {
    std::error_code gone; // the process ends whenever it wants to
    for (fs::directory_iterator thread(fmt::format("/proc/{}/task", pid), gone), end; thread != end && !gone;
         thread.increment(gone)) {
        std::ifstream children(thread->path() / "children");
        for (pid_t child = 0; children >> child;) { tree.push_back(child); }
    }
}

std::string read_all(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

bool has_entry(std::string_view environ_block, std::string_view entry) {
    while (!environ_block.empty()) {
        const auto end = environ_block.find('\0');
        if (environ_block.substr(0, end) == entry) { return true; }
        if (end == std::string_view::npos) { return false; }
        environ_block.remove_prefix(end + 1);
    }
    return false;
}

// proc(5): behind the name in parentheses, which may hold anything, come 11 fields, then utime, stime, cutime, cstime.
Micros cpu_time_of(pid_t pid) {
    const std::string stat = read_all(fmt::format("/proc/{}/stat", pid));
    const auto name_end = stat.rfind(')');
    if (name_end == std::string::npos) { return {}; }
    std::istringstream fields(stat.substr(name_end + 1));
    std::string skipped;
    for (int i = 0; i < 11; ++i) { fields >> skipped; }
    std::int64_t ticks = 0;
    for (std::int64_t part = 0, i = 0; i < 4 && fields >> part; ++i) { ticks += part; }
    static const std::int64_t per_second = ::sysconf(_SC_CLK_TCK);
    return Micros(ticks * Micros(Seconds(1)).count() / per_second);
}

} // namespace

std::vector<pid_t> process_tree(pid_t root) {
    std::vector<pid_t> tree{root};
    for (std::size_t i = 0; i < tree.size(); ++i) { append_children(tree[i], tree); }
    return tree;
}

std::uint64_t resident_bytes(pid_t pid) {
    std::ifstream statm(fmt::format("/proc/{}/statm", pid));
    std::uint64_t total = 0;
    std::uint64_t resident = 0;
    if (!(statm >> total >> resident)) { return 0; }
    static const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
    return resident * page;
}

std::uint64_t charged_bytes(pid_t pid) {
    std::ifstream status(fmt::format("/proc/{}/status", pid));
    std::uint64_t kibibytes = 0;
    for (std::string name; status >> name; status.ignore(std::numeric_limits<std::streamsize>::max(), '\n')) {
        if (name != "RssAnon:" && name != "RssShmem:") { continue; }
        std::uint64_t part = 0;
        status >> part;
        kibibytes += part;
    }
    return kibibytes * 1024;
}

Micros cpu_time_of_tree(pid_t root) {
    Micros time{0};
    for (const pid_t pid : process_tree(root)) { time += cpu_time_of(pid); }
    return time;
}

std::vector<pid_t> processes_marked_with(const std::string& entry) {
    std::vector<pid_t> found;
    std::error_code gone;
    for (fs::directory_iterator process("/proc", gone), end; process != end && !gone; process.increment(gone)) {
        const std::string name = process->path().filename();
        pid_t pid = 0;
        const auto [rest, status] = std::from_chars(name.data(), name.data() + name.size(), pid);
        if (status != std::errc{} || rest != name.data() + name.size()) { continue; }
        if (has_entry(read_all(process->path() / "environ"), entry)) { found.push_back(pid); }
    }
    return found;
}

} // namespace ecsr::local
