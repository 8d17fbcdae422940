#include "local/workload/workload.hpp"

#include "base/text.hpp"
#include "local/workload/settings.hpp"
#include "local/workload/web.hpp"

#include <algorithm>
#include <csignal>
#include <fmt/format.h>

namespace ecsr::local {

namespace {

constexpr int usage_exit_code = 2;
// As programs end that do nothing about SIGTERM.
constexpr int terminated_exit_code = 128 + SIGTERM;
constexpr Millis idle_interval{3'600'000};

int refuse(const std::string& problem) {
    fmt::print(stderr, "ecs-recycler workload: {}\n", problem);
    return usage_exit_code;
}

void sleep_for_ever(const WorkloadContext& context, const std::stop_token& stop) {
    while (!stop.stop_requested()) { context.clock.sleep_until(context.clock.now() + idle_interval, stop); }
}

int web(const WorkloadContext& context, bool leaks) {
    SettingsReader reader(context.environment);
    const WebSettings settings = read_web_settings(reader, leaks);
    if (!reader.problems().empty()) { return refuse(reader.problems()); }
    return run_web(settings, context);
}

int crash(const WorkloadContext& context) {
    SettingsReader reader(context.environment);
    const auto exit_code = static_cast<int>(reader.number("EXIT_CODE", 1, 0, 255));
    const Millis after = reader.seconds("AFTER_SECONDS").value_or(Millis(0));
    if (!reader.problems().empty()) { return refuse(reader.problems()); }
    const bool lived = context.clock.sleep_until(context.clock.now() + after, context.stop);
    return lived ? exit_code : terminated_exit_code;
}

int sleeper(const WorkloadContext& context) {
    SettingsReader reader(context.environment);
    const bool ignores = reader.flag("IGNORE_SIGTERM");
    if (!reader.problems().empty()) { return refuse(reader.problems()); }
    sleep_for_ever(context, ignores ? std::stop_source().get_token() : context.stop);
    return terminated_exit_code;
}

struct Workload {
    const char* name;
    int (*run)(const WorkloadContext&);
};

constexpr Workload workloads[] = {
    {"crash", crash},
    {"leaky-web", [](const WorkloadContext& context) { return web(context, true); }},
    {"sleeper", sleeper},
    {"web", [](const WorkloadContext& context) { return web(context, false); }},
};

} // namespace

std::vector<std::string> workload_names() {
    std::vector<std::string> names;
    for (const auto& workload : workloads) { names.emplace_back(workload.name); }
    return names;
}

int run_workload(std::string_view name, const std::vector<std::string>& arguments, const WorkloadContext& context) {
    const auto* const found = std::ranges::find(workloads, name, &Workload::name);
    if (found == std::end(workloads)) {
        return refuse(fmt::format("there is no workload \"{}\"; there are {}", name, join(workload_names(), ", ")));
    }
    if (!arguments.empty()) {
        return refuse(fmt::format("{} takes no argument (got \"{}\"); it is set up by environment variables", name,
                                  arguments.front()));
    }
    return found->run(context);
}

} // namespace ecsr::local
