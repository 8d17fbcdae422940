// The built-in workloads: what the images "ecs-recycler/<name>" of the local ECS run.
#pragma once

#include "base/clock.hpp"
#include "base/http_server.hpp"

#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace ecsr::local {

// The value of an environment variable; nothing when it is not set.
using EnvironmentGetter = std::function<std::optional<std::string>(std::string_view name)>;

// "crash", "leaky-web", "sleeper", "web".
std::vector<std::string> workload_names();

struct WorkloadContext {
    EnvironmentGetter environment;
    HttpServerFactory start_server;
    Clock& clock;
    // Requested on SIGTERM (and SIGINT). Workloads that ignore the signal on purpose ignore this.
    std::stop_token stop;
};

// Runs the workload until it ends and returns the exit code for the process: 2 after one line on stderr when the name,
// an argument or an environment variable is bad, 1 after one line when it cannot listen. Blocks; call it from main's
// thread.
int run_workload(std::string_view name, const std::vector<std::string>& arguments, const WorkloadContext& context);

} // namespace ecsr::local
