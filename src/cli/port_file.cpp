#include "cli/port_file.hpp"

#include <filesystem>
#include <fmt/format.h>
#include <fstream>

namespace ecsr::cli {

PortFile::~PortFile() {
    if (path_.empty()) { return; }
    std::error_code gone_already;
    std::filesystem::remove(path_, gone_already);
}

Status PortFile::write(const std::optional<std::string>& path, std::uint16_t port) {
    if (!path) { return {}; }
    const std::string fresh = *path + ".new";
    std::ofstream file(fresh, std::ios::trunc);
    file << port << "\n";
    file.close();
    std::error_code problem;
    if (file) { std::filesystem::rename(fresh, *path, problem); }
    if (file && !problem) {
        path_ = *path;
        return {};
    }
    std::error_code ignored;
    std::filesystem::remove(fresh, ignored);
    return fail(ErrorKind::Io,
                fmt::format("--port-file {} cannot be written{}", *path, problem ? ": " + problem.message() : ""));
}

} // namespace ecsr::cli
