#include "cli/commands.hpp"
#include "local/workload/workload.hpp"

namespace ecsr::cli {

int workload(const Invocation& invocation, World& world) {
    const local::WorkloadContext context{
        .environment = [&](std::string_view name) { return world.environment.get(std::string(name)); },
        .start_server = world.start_server,
        .clock = world.clock,
        .stop = world.interrupts.end_in_order,
    };
    return local::run_workload(invocation.positional(0), invocation.positionals_from(1), context);
}

} // namespace ecsr::cli
