// How containers are kept within their memory and ended with all their descendants.
#pragma once

#include "base/error.hpp"
#include "local/runtime/helper_thread.hpp"
#include "local/runtime/process_runtime.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace ecsr::local {

// The boundary of one container.
class Cell {
public:
    virtual ~Cell() = default;
    // Open cgroup.procs files that the container's processes enter; they stay open as long as the cell.
    virtual std::vector<int> entrances() const = 0;
    virtual std::optional<std::uint64_t> data_limit() const = 0;
    // The container's main process has started.
    virtual void entered(pid_t main) = 0;
    // SIGKILL to everything inside, descendants that left the session included. False when that may have missed
    // processes that were being made meanwhile: call it again.
    virtual bool kill_all() = 0;
    // How many processes inside were killed because of a memory limit.
    virtual std::uint64_t memory_kills() const = 0;
    // Bytes in use, without what the kernel can take back at once.
    virtual std::uint64_t memory_usage() const = 0;
    // Processor time of everything inside; where no cgroup tells it, of the processes that are still there.
    virtual Micros cpu_time() const = 0;
    // Gives the boundary up. False while something is still inside: call it again.
    virtual bool remove() = 0;
};

struct CellRequest {
    std::string task_id;
    std::string container;
    std::string mark;                          // environment entry that every process inside was started with
    std::optional<std::uint64_t> memory_limit; // bytes, of this container
    std::optional<std::uint64_t> task_memory_limit;
};

// The boundary of all containers of a runtime; outlives its cells.
class Containment {
public:
    virtual ~Containment() = default;
    virtual MemoryGuard guard() const = 0;
    // Error: Io.
    virtual Result<std::unique_ptr<Cell>> make_cell(const CellRequest& request) = 0;
    // All containers of the task are gone. False while that is not so: call it again.
    virtual bool end_task(const std::string& task_id) = 0;
    // cgroup folders to be killed and removed by the guardian when this process is killed.
    virtual std::vector<std::string> folders() const = 0;
};

// `name` is the name of the runtime's folder. Errors: Io; the message says why the guard does not work here.
Result<std::unique_ptr<Containment>> make_cgroup_containment(const std::string& name, MemoryGuard version);
Result<std::unique_ptr<Containment>> make_watchdog_containment(const std::filesystem::path& folder);

// Removes the cgroups of runtimes whose process is gone, with everything inside.
void remove_abandoned_cgroups();

} // namespace ecsr::local
