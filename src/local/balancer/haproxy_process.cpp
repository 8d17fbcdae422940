#include "local/balancer/haproxy_process.hpp"

#include "base/text.hpp"

#include <csignal>
#include <fmt/core.h>
#include <fstream>
#include <string_view>
#include <system_error>

namespace ecsr::local {
namespace {

constexpr Millis command_timeout{2000};

Status write_file(const std::filesystem::path& path, const std::string& text) {
    std::ofstream file(path, std::ios::trunc);
    file << text;
    file.close();
    if (!file) { return fail(ErrorKind::Io, fmt::format("cannot write {}", path.string())); }
    return {};
}

// "[ALERT] (123) : config : parsing [...]": the lines that say what is wrong, as one line.
std::string complaints(const std::string& output) {
    std::vector<std::string> lines;
    for (const auto& line : split(output, '\n')) {
        if (line.starts_with("[ALERT]")) { lines.emplace_back(trim(line)); }
    }
    return join(lines, "; ");
}

} // namespace

Result<std::unique_ptr<HaproxyProcess>>
HaproxyProcess::start(const Options& options,
                      const std::function<std::string(const std::string& socket_path)>& configure,
                      const std::vector<int>& inherited) {
    std::unique_ptr<HaproxyProcess> process(new HaproxyProcess());
    process->socket_path_ = (options.directory / (options.name + ".sock")).string();
    process->config_path_ = options.directory / (options.name + ".cfg");
    process->exchange_ = options.exchange;
    if (auto written = write_file(process->config_path_, configure(process->socket_path_)); !written) {
        return std::unexpected(written.error());
    }
    // -db: stay in the foreground, one process, no master.
    auto child = ChildProcess::start({options.program, "-db", "-f", process->config_path_.string()}, inherited);
    if (!child && child.error().kind == ErrorKind::NotFound) {
        return fail(
            ErrorKind::NotFound,
            fmt::format("{} is not installed: load balancers need HAProxy (apt-get install haproxy)", options.program));
    }
    if (!child) { return std::unexpected(child.error()); }
    process->child_ = std::move(*child);
    return process;
}

HaproxyProcess::~HaproxyProcess() {
    child_.reset();
    std::error_code ignored; // the directory as a whole is removed by its owner
    std::filesystem::remove(socket_path_, ignored);
    std::filesystem::remove(config_path_, ignored);
}

bool HaproxyProcess::is_ready() {
    if (!ready_) { ready_ = !ended() && command("show info").has_value(); }
    return ready_;
}

Result<std::string> HaproxyProcess::command(const std::string& commands) {
    // An empty command after the last ';' would be answered with the list of all commands.
    const std::string_view line = commands.ends_with(';') ? std::string_view(commands).substr(0, commands.size() - 1)
                                                          : std::string_view(commands);
    return exchange_(socket_path_, std::string(line) + "\n", command_timeout);
}

std::optional<std::string> HaproxyProcess::ended() const {
    auto how = child_->ended();
    if (!how) { return std::nullopt; }
    const auto said = complaints(child_->output());
    return said.empty() ? *how : fmt::format("{}: {}", *how, said);
}

void HaproxyProcess::finish() {
    child_->signal(SIGUSR1);
}

} // namespace ecsr::local
