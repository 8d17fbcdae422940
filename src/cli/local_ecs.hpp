// The local ECS put together: plane, HTTP server, and either processes and HAProxy or virtual containers.
#pragma once

#include "base/error.hpp"
#include "cli/world.hpp"
#include "local/faults/fault.hpp"
#include "local/state/state.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace ecsr::cli {

// The engine that runs containers.
struct EngineOptions {
    std::filesystem::path socket; // empty: what DOCKER_HOST says, else Docker's or Podman's own
};

struct LocalEcsOptions {
    std::uint16_t port = 0;                // 0: the kernel picks one
    std::filesystem::path state_folder;    // empty: in memory alone
    std::filesystem::path access_log = {}; // empty: none
    bool stop_task_drains = false;
    std::optional<int> virtual_time_scale = {}; // set: virtual containers, so many seconds in a second
    std::optional<EngineOptions> engine = {};   // set: containers of Docker or Podman instead of processes
    std::optional<std::uint64_t> seed = {};     // default: the World's
    std::vector<local::Fault> faults = {};
    std::optional<Millis> stale_reads = {};
    bool throttles_as_aws = false;
    local::Capacity capacity = {};
    bool verify_signatures = false;
    bool own_networks = false; // of awsvpc tasks that are processes
};

class LocalEcs {
public:
    // Serves when it returns. `world` must outlive it. Errors: Usage, Unreachable, Timeout and Remote (no container
    // engine answers); Io and Refused (the port; HAProxy is missing; no folder
    // can be made), Locked (the state folder is in use), Usage (its state is of the time of a virtual runtime).
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
