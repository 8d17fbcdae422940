#include "cli/local_commands.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace ecsr::cli {

namespace {

using enum ValueKind;
using Options = std::vector<OptionSpec>;

constexpr std::string_view which = "Which service";
constexpr std::string_view local = "Local ECS";
constexpr std::string_view shown = "What is shown";
constexpr std::string_view copied = "The copy";

constexpr std::string_view fault_grammar =
    "A fault is OPERATION:KIND[:SHARE]: an API operation, the beginning of its name and *, or *; throttle, 500, 503, "
    "latency:TIME or lost-answer (done, but the connection is closed instead of an answer); and how many of the "
    "requests it hits, above 0 and up to 1 (default: all). SERVICE:start-failure[:SHARE] keeps tasks of an ECS "
    "service from starting.";

Options together(Options left, const Options& right) {
    left.insert(left.end(), right.begin(), right.end());
    return left;
}

// Which running local ECS.
Options steering_options(bool with_url = true) {
    Options options;
    if (with_url) {
        options.push_back({.flag = "endpoint-url",
                           .kind = Url,
                           .value_name = "URL",
                           .help = "The local ECS",
                           .group = local,
                           .fallback_note = "AWS_ENDPOINT_URL, else that of --port"});
    }
    options.push_back({.flag = "port",
                       .kind = Number,
                       .value_name = "PORT",
                       .help = "The local ECS on this port of 127.0.0.1",
                       .group = local,
                       .fallback_note = "4510",
                       .most = 65'535});
    options.push_back({.flag = "port-file",
                       .kind = Path,
                       .value_name = "FILE",
                       .help = "The local ECS whose \"local up\" was given this --port-file",
                       .group = local});
    return options;
}

OptionSpec cluster_option(std::string_view note) {
    return {.flag = "cluster",
            .kind = Text,
            .value_name = "NAME",
            .help = "Cluster of the service",
            .group = which,
            .fallback_note = note};
}

std::vector<CommandSpec> fault_commands(const Options& options) {
    return {
        {.name = "local fault add",
         .summary = "Make a running local ECS fail on purpose",
         .description = fault_grammar,
         .positionals = {{.name = "FAULT", .help = "For example StopTask:throttle:0.2"}},
         .options = options,
         .examples = {"ecs-recycler local fault add 'DescribeTasks:latency:300ms:0.5'"}},
        {.name = "local fault list",
         .summary = "List the faults of a running local ECS and how often each has hit",
         .options = options},
        {.name = "local fault clear",
         .summary = "End one fault of a running local ECS, or all",
         .positionals = {{.name = "ID", .help = "The fault, as \"local fault list\" names it", .optional = true}},
         .options = options},
    };
}

CommandSpec status_command(const Options& options) {
    return {
        .name = "local status",
        .summary = "Show a running local ECS on one screen: services, targets, tasks, memory, last events",
        .options = together({{.flag = "watch", .help = "Draw it anew every second until Ctrl-C", .group = shown},
                             {.flag = "events",
                              .kind = Number,
                              .value_name = "N",
                              .help = "How many of the last events of all services to show",
                              .group = shown,
                              .fallback = "8",
                              .most = 1'000}},
                            options),
        .examples = {"ecs-recycler local status --watch"},
    };
}

CommandSpec events_command(const Options& options) {
    return {
        .name = "local events",
        .summary = "Print the events of the services of a running local ECS, the oldest first",
        .positionals = {{.name = "SERVICE", .help = "Of this service alone", .optional = true}},
        .options = together({cluster_option("all"),
                             {.flag = "limit",
                              .kind = Number,
                              .value_name = "N",
                              .help = "At most this many of the newest events",
                              .group = shown,
                              .fallback = "100",
                              .most = 10'000},
                             {.flag = "follow", .help = "Go on with new ones until Ctrl-C", .group = shown}},
                            options),
        .examples = {"ecs-recycler local events web --follow"},
    };
}

CommandSpec logs_command(const Options& options) {
    return {
        .name = "local logs",
        .summary = "Print what the containers of a service of a running local ECS have written",
        .description = "Every line begins with the task and the container that wrote it. Of tasks that have ended the "
                       "output of the last ones is kept. Containers of the virtual runtime write nothing.",
        .positionals = {{.name = "SERVICE", .help = "The service"}},
        .options = together({cluster_option("the one that has such a service"),
                             {.flag = "tail",
                              .kind = Number,
                              .value_name = "N",
                              .help = "At most this many of the last lines of each container",
                              .group = shown,
                              .fallback = "100",
                              .most = 1'000'000},
                             {.flag = "follow", .help = "Go on with new lines until Ctrl-C", .group = shown}},
                            options),
        .examples = {"ecs-recycler local logs web --follow"},
    };
}

std::vector<CommandSpec> keeping_commands(const Options& options) {
    const PositionalSpec file{.name = "FILE", .help = "The snapshot, JSON", .kind = Path};
    return {
        {.name = "local snapshot save",
         .summary = "Write everything a running local ECS knows to a file",
         .positionals = {file},
         .options = options,
         .examples = {"ecs-recycler local snapshot save before.json"}},
        {.name = "local snapshot load",
         .summary = "Make a running local ECS what it was when a snapshot was saved",
         .description = "What it knows is replaced; its tasks are stopped, and the services of the snapshot start "
                        "theirs anew. Time of the virtual runtime is not set back.",
         .positionals = {file},
         .options = options,
         .examples = {"ecs-recycler local snapshot load before.json"}},
        {.name = "local env",
         .summary = "Print the variables that point aws, boto3, other SDKs and Terraform at a running local ECS",
         .options = options,
         .examples = {"eval \"$(ecs-recycler local env)\""}},
    };
}

// What the usual AWS options say is where the original is.
CommandSpec import_command(const Options& service, const Options& aws, const Options& output) {
    Options source = aws;
    for (auto& option : source) {
        if (option.flag != "endpoint-url") { continue; }
        option.help = "Where to read the original, for example another local ECS";
        option.fallback_note = "AWS itself; AWS_ENDPOINT_URL names the local ECS here";
    }
    const Options copy{{.flag = "image",
                        .kind = Text,
                        .value_name = "NAME=IMAGE",
                        .help = "The container NAME gets this image: a built-in one (web, leaky-web, crash, sleeper) "
                                "or, where real images run, any; it loses its command",
                        .group = copied,
                        .repeatable = true},
                       {.flag = "with-environment",
                        .help = "Copy the values of environment variables too; never those of secrets",
                        .group = copied},
                       {.flag = "desired-count",
                        .kind = Number,
                        .value_name = "N",
                        .help = "So many tasks",
                        .group = copied,
                        .fallback_note = "as many as the original",
                        .most = 5'000}};
    return {
        .name = "local import",
        .summary = "Copy a service of AWS, as it is defined, into a running local ECS",
        .description = "Cluster, task definition in use, deployment configuration, target groups and load balancers, "
                       "and scalable target. Values of environment variables, of secrets and what only AWS has stay "
                       "behind, and are named. In the virtual runtime the copy starts, becomes healthy and stops as "
                       "the tasks of the original have shown. The original is only read.",
        .options = together(together(together(service, copy), steering_options(false)), together(source, output)),
        .examples = {"ecs-recycler local import --profile prod --cluster shop --service web --image app=web",
                     "ecs-recycler local import --region eu-west-1 --cluster shop --service web --port-file ecs.port"},
    };
}

} // namespace

std::vector<CommandSpec> local_steering_commands(const Options& service, const Options& aws, const Options& output) {
    const Options options = together(steering_options(), output);
    std::vector<CommandSpec> commands{
        status_command(options),
        events_command(options),
        logs_command(options),
        {.name = "local advance",
         .summary = "Let a running local ECS of the virtual runtime jump ahead",
         .description = "Everything that is due on the way happens in its order: deployments, health checks, ends of "
                        "containers, alarms. Prints what time it is there then.",
         .positionals = {{.name = "TIME", .help = "How far, for example 6h; at most 366d", .kind = Duration}},
         .options = options,
         .examples = {"ecs-recycler local advance 6h"}},
    };
    for (auto& command : fault_commands(options)) { commands.push_back(std::move(command)); }
    for (auto& command : keeping_commands(options)) { commands.push_back(std::move(command)); }
    commands.push_back(import_command(service, aws, output));
    return commands;
}

} // namespace ecsr::cli
