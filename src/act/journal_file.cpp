#include "act/journal_file.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace ecsr::act {

namespace {

namespace fs = std::filesystem;

std::unexpected<Error> failed(const std::string& path, const char* what, int error_number) {
    return fail(ErrorKind::Io, fmt::format("journal {}: {}: {}", path, what, std::strerror(error_number)));
}

Status ensure_private_folder(const std::string& file, const fs::path& folder) {
    struct stat found{};
    if (folder.empty() || ::stat(folder.c_str(), &found) == 0) { return {}; }
    if (auto above = ensure_private_folder(file, folder.parent_path()); !above) { return above; }
    if (::mkdir(folder.c_str(), 0700) == 0 || errno == EEXIST) { return {}; }
    return failed(file, "cannot create its folder", errno);
}

} // namespace

Status ensure_private_file(const std::string& path, const std::function<Status(const std::string& temporary)>& fill) {
    if (::access(path.c_str(), F_OK) == 0) { return {}; }
    if (auto folder = ensure_private_folder(path, fs::path(path).parent_path()); !folder) { return folder; }
    std::string temporary = path + ".XXXXXX";
    const int descriptor = ::mkostemp(temporary.data(), O_CLOEXEC); // mode 0600
    if (descriptor < 0) { return failed(path, "cannot be created", errno); }
    // Closed before SQLite opens it: closing any descriptor of a file drops SQLite's locks on it in this process.
    ::close(descriptor);
    Status filled = fill(temporary);
    const int linked = filled ? ::link(temporary.c_str(), path.c_str()) : 0;
    const int error_number = errno;
    ::unlink(temporary.c_str());
    if (linked != 0 && error_number != EEXIST) { return failed(path, "cannot be created", error_number); }
    return filled;
}

} // namespace ecsr::act
