#include "base/text.hpp"
#include "cli/capacity_option.hpp"
#include "cli/commands.hpp"
#include "cli/failure.hpp"
#include "cli/local_control.hpp"
#include "cli/local_ecs.hpp"
#include "cli/parts.hpp"
#include "cli/port_file.hpp"
#include "local/api/api.hpp"
#include "tell/local_report.hpp"

#include <fmt/format.h>
#include <ostream>

namespace ecsr::cli {

namespace {

void sleep_until_interrupted(World& world) {
    constexpr Millis long_time{3'600'000};
    while (world.clock.sleep_until(world.clock.now() + long_time, world.interrupts.end_in_order)) {}
}

// Error: Usage.
Result<LocalEcsOptions> read_options(const Invocation& invocation) {
    LocalEcsOptions options{.port = static_cast<std::uint16_t>(invocation.number("port")),
                            .state_folder = invocation.text("state"),
                            .access_log = invocation.text("access-log"),
                            .stop_task_drains = invocation.is_set("stop-task-drains")};
    const bool is_virtual = invocation.text("runtime") == "virtual";
    if (!is_virtual && invocation.has("time-scale")) {
        return fail(ErrorKind::Usage, "--time-scale needs --runtime virtual: processes live in real time");
    }
    if (is_virtual) {
        options.virtual_time_scale =
            invocation.has("time-scale") ? static_cast<int>(invocation.number("time-scale")) : 1;
    }
    const bool is_container = invocation.text("runtime") == "container";
    if (!is_container && invocation.has("container-socket")) {
        return fail(ErrorKind::Usage, "--container-socket needs --runtime container");
    }
    if (is_container) { options.engine = EngineOptions{invocation.optional_text("container-socket").value_or("")}; }
    if (invocation.has("seed")) { options.seed = static_cast<std::uint64_t>(invocation.number("seed")); }
    for (const auto& text : invocation.list("fault")) {
        auto fault = local::parse_fault(text, local::Api::operations());
        if (!fault) { return std::unexpected(std::move(fault).error().with_context("--fault")); }
        options.faults.push_back(std::move(*fault));
    }
    if (const auto text = invocation.optional_text("capacity")) {
        auto capacity = parse_capacity(*text);
        if (!capacity) { return std::unexpected(std::move(capacity).error().with_context("--capacity")); }
        options.capacity = *capacity;
    }
    options.stale_reads = invocation.optional_duration("stale-reads");
    if (options.stale_reads == Millis{0}) { options.stale_reads.reset(); }
    options.throttles_as_aws = invocation.text("throttle") == "aws";
    options.own_networks = invocation.is_set("netns");
    if (options.own_networks && (is_virtual || is_container)) {
        return fail(ErrorKind::Usage, fmt::format("--netns needs --runtime process: {}",
                                                  is_virtual ? "virtual containers have no network"
                                                             : "the engine gives containers their networks"));
    }
    options.verify_signatures = invocation.is_set("verify-signatures");
    return options;
}

} // namespace

int local_up(const Invocation& invocation, World& world) {
    const auto options = read_options(invocation);
    if (!options) { return report_failure(options.error(), invocation, world); }
    PortFile port_file;
    if (auto reserved = port_file.reserve(invocation.optional_text("port-file")); !reserved) {
        return report_failure(reserved.error(), invocation, world);
    }
    auto ecs = LocalEcs::start(*options, world);
    if (!ecs) { return report_failure(ecs.error(), invocation, world); }

    const tell::LocalEcsFacts facts{.endpoint_url = (*ecs)->endpoint(),
                                    .port = (*ecs)->port(),
                                    .runtime = invocation.text("runtime"),
                                    .time_scale = options->virtual_time_scale.value_or(1),
                                    .memory_guard = (*ecs)->memory_guard(),
                                    .state_folder = invocation.text("state")};
    world.console.out << (wants_json(invocation) ? tell::local_ecs_json(facts) + "\n"
                                                 : tell::local_ecs_text(facts, local_variables(facts.endpoint_url)))
                      << std::flush;
    if (auto written = port_file.write((*ecs)->port()); !written) {
        return report_failure(written.error(), invocation, world);
    }
    sleep_until_interrupted(world);
    const auto ended = (*ecs)->shut_down();
    return ended ? 0 : report_failure(ended.error(), invocation, world);
}

} // namespace ecsr::cli
