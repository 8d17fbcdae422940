#include "act/process_mark.hpp"

#include "base/text.hpp"

#include <cerrno>
#include <charconv>
#include <csignal>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <optional>
#include <string_view>
#include <unistd.h>
#include <vector>

namespace ecsr::act {

namespace {

struct ProcessState {
    std::string state;
    std::string start_time;
};

// The machine as far as pids are concerned: pids mean the same only within one boot and one pid namespace.
std::optional<std::string> pid_space() {
    std::string boot_id;
    std::getline(std::ifstream("/proc/sys/kernel/random/boot_id"), boot_id);
    std::error_code unreadable;
    const auto space = std::filesystem::read_symlink("/proc/self/ns/pid", unreadable);
    if (boot_id.empty() || unreadable) { return std::nullopt; }
    return fmt::format("{} {}", boot_id, space.string());
}

// proc(5): after the name, which may hold anything, field 3 is the state and field 22 the start time.
std::optional<ProcessState> state_of(pid_t pid) {
    constexpr std::size_t start_time_after_name = 19;
    std::string line;
    std::getline(std::ifstream(fmt::format("/proc/{}/stat", pid)), line);
    const auto name_end = line.rfind(") ");
    if (name_end == std::string::npos) { return std::nullopt; }
    const auto fields = split(line.substr(name_end + 2), ' ');
    if (fields.size() <= start_time_after_name) { return std::nullopt; }
    return ProcessState{fields[0], fields[start_time_after_name]};
}

} // namespace

std::string process_mark() {
    const auto space = pid_space();
    const auto own = state_of(::getpid());
    return space && own ? fmt::format("{} {} {}", *space, ::getpid(), own->start_time) : std::string();
}

bool has_ended(const std::string& mark) {
    const auto fields = split(mark, ' ');
    const auto space = pid_space();
    if (fields.size() != 4 || !space || fmt::format("{} {}", fields[0], fields[1]) != *space) { return false; }
    pid_t pid = 0;
    const auto parsed = std::from_chars(fields[2].data(), fields[2].data() + fields[2].size(), pid);
    if (parsed.ec != std::errc{} || pid <= 0) { return false; }
    if (::kill(pid, 0) != 0 && errno == ESRCH) { return true; }
    const auto found = state_of(pid);
    if (!found) { return false; }
    // Its parent has not asked for its exit status yet, or the pid belongs to somebody else now.
    return found->state == "Z" || found->state == "X" || found->start_time != fields[3];
}

} // namespace ecsr::act
