// The file of --port-file: there while the port is served.
#pragma once

#include "base/error.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace ecsr::cli {

class PortFile {
public:
    PortFile() = default;
    ~PortFile(); // removes it
    PortFile(const PortFile&) = delete;
    PortFile& operator=(const PortFile&) = delete;

    // Before anything is served: whether the file can be written. Nothing is done without a path. Error Usage.
    Status reserve(const std::optional<std::string>& path);
    // Whoever reads the file finds the whole number or no file. Nothing is done unless it was reserved. Error Io.
    Status write(std::uint16_t port);

private:
    std::string path_;
};

} // namespace ecsr::cli
