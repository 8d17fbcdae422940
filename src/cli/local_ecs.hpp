// The local ECS put together: plane, process runtime, HAProxy and HTTP server.
#pragma once

#include "base/error.hpp"
#include "cli/world.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

namespace ecsr::cli {

struct LocalEcsOptions {
    std::uint16_t port = 0;             // 0: the kernel picks one
    std::filesystem::path state_folder; // empty: in memory alone
    bool stop_task_drains = false;
};

class LocalEcs {
public:
    // Serves when it returns. `world` must outlive it. Errors: Io and Refused (the port; HAProxy is missing; no folder
    // can be made), Locked (the state folder is in use).
    static Result<std::unique_ptr<LocalEcs>> start(const LocalEcsOptions& options, World& world);
    // Leaves no process, cgroup, socket or temporary file.
    ~LocalEcs();
    LocalEcs(const LocalEcs&) = delete;
    LocalEcs& operator=(const LocalEcs&) = delete;

    std::uint16_t port() const;
    std::string endpoint() const;     // "http://127.0.0.1:4510"
    std::string memory_guard() const; // what limits the memory of containers here

    // Stops every container the gentle way. Error: Timeout, when some had to be killed.
    Status shut_down();

private:
    struct Parts;
    explicit LocalEcs(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

} // namespace ecsr::cli
