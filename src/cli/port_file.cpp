#include "cli/port_file.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>

namespace ecsr::cli {

namespace {

std::string unfinished(const std::string& path) {
    return path + ".new";
}

} // namespace

PortFile::~PortFile() {
    if (path_.empty()) { return; }
    std::error_code gone_already;
    std::filesystem::remove(path_, gone_already);
    std::filesystem::remove(unfinished(path_), gone_already);
}

Status PortFile::reserve(const std::optional<std::string>& path) {
    if (!path) { return {}; }
    std::error_code unknown;
    if (std::filesystem::is_directory(*path, unknown)) {
        return fail(ErrorKind::Usage, fmt::format("--port-file {} is a folder", *path));
    }
    errno = 0;
    if (!std::ofstream(unfinished(*path), std::ios::trunc)) {
        const int number = errno;
        return fail(ErrorKind::Usage, fmt::format("--port-file {} cannot be written{}", *path,
                                                  number == 0 ? "" : fmt::format(": {}", std::strerror(number))));
    }
    path_ = *path;
    return {};
}

Status PortFile::write(std::uint16_t port) {
    if (path_.empty()) { return {}; }
    std::ofstream file(unfinished(path_), std::ios::trunc);
    file << port << "\n";
    file.close();
    std::error_code problem;
    if (file) { std::filesystem::rename(unfinished(path_), path_, problem); }
    if (file && !problem) { return {}; }
    return fail(ErrorKind::Io,
                fmt::format("--port-file {} cannot be written{}", path_, problem ? ": " + problem.message() : ""));
}

} // namespace ecsr::cli
