#include "cli/daemon_commands.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace ecsr::cli {

namespace {

using enum ValueKind;

constexpr std::string_view what = "What is watched";
constexpr std::string_view health = "Health and metrics";

} // namespace

CommandSpec serve_command(const std::vector<OptionSpec>& shared) {
    std::vector<OptionSpec> options{
        {.flag = "config",
         .kind = Path,
         .value_name = "FILE",
         .help = "The configuration, recycler.yaml",
         .group = what,
         .required = true},
        {.flag = "read-only", .help = "Do everything but change: say what would be recycled", .group = what},
        {.flag = "port",
         .kind = Number,
         .value_name = "PORT",
         .help = "Port on 127.0.0.1; 0 lets the kernel pick one",
         .group = health,
         .fallback_note = "http.port of the configuration, else 9464",
         .most = 65'535},
        {.flag = "port-file",
         .kind = Path,
         .value_name = "FILE",
         .help = "File that gets the port number as soon as requests are served",
         .group = health},
    };
    // Its own --config is another one than that of other commands.
    const auto is_own = [own = options](const OptionSpec& option) {
        return std::ranges::find(own, option.flag, &OptionSpec::flag) != own.end();
    };
    std::ranges::remove_copy_if(shared, std::back_inserter(options), is_own);
    return {
        .name = "serve",
        .summary = "Watch many services and recycle them by schedule or by the age of their tasks, until Ctrl-C",
        .description =
            "Keeps to windows, max_parallel and stagger of its configuration, remembers scheduled times in the "
            "journal, and goes on with runs that an earlier process left. SIGHUP reads the configuration anew, if it "
            "is valid. The first Ctrl-C or SIGTERM begins nothing more and lets runs end at the edge of their batch; a "
            "second one, or drain_timeout, leaves them to the next start. Serves GET /healthz, /readyz and /metrics "
            "(Prometheus) on 127.0.0.1.",
        .options = std::move(options),
        .examples = {"ecs-recycler serve --config recycler.yaml --read-only"},
    };
}

CommandSpec config_check_command(const std::vector<OptionSpec>& shared) {
    return {
        .name = "config check",
        .summary = "Check a configuration file of the daemon, and say what it watches",
        .description = "Reports every problem at once, each with its line; exits 2 when there is one. Nothing is "
                       "asked of AWS.",
        .positionals = {{.name = "FILE", .help = "The configuration, recycler.yaml"}},
        .options = shared,
        .examples = {"ecs-recycler config check recycler.yaml"},
    };
}

} // namespace ecsr::cli
