// What a container writes, kept in two files of bounded size.
#pragma once

#include "local/runtime/file_descriptor.hpp"

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

namespace ecsr::local {

class LogFile {
public:
    static constexpr std::size_t half_limit = 1U << 20U; // bytes; the file, and the one that it replaced

    // The folder must exist. A log that cannot be written loses what it is given.
    explicit LogFile(std::filesystem::path path);

    void append(std::string_view bytes);

    // The newest part of what was appended, between half_limit and twice that when there was so much.
    static std::string read(const std::filesystem::path& path);

private:
    void open();

    const std::filesystem::path path_;
    FileDescriptor file_;
    std::size_t size_ = 0;
};

} // namespace ecsr::local
