#include "local/runtime/log_file.hpp"

#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <system_error>

namespace ecsr::local {

namespace {

std::filesystem::path older(const std::filesystem::path& path) {
    return path.string() + ".1";
}

std::string read_whole(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

} // namespace

LogFile::LogFile(std::filesystem::path path) : path_(std::move(path)) {
    open();
}

void LogFile::open() {
    file_ = FileDescriptor(::open(path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
    size_ = 0;
}

void LogFile::append(std::string_view bytes) {
    if (size_ + bytes.size() > half_limit) {
        std::error_code ignored; // without the older half the newer one still is the newest part
        std::filesystem::rename(path_, older(path_), ignored);
        open();
    }
    while (!bytes.empty()) {
        const auto written = ::write(file_.get(), bytes.data(), bytes.size());
        if (written <= 0) { return; }
        size_ += static_cast<std::size_t>(written);
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
}

std::string LogFile::read(const std::filesystem::path& path) {
    return read_whole(older(path)) + read_whole(path);
}

} // namespace ecsr::local
