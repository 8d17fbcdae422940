// The contents of the table; option_table.cpp works on it.
#include "cli/daemon_commands.hpp"
#include "cli/iam_commands.hpp"
#include "cli/local_commands.hpp"
#include "cli/notify_commands.hpp"
#include "cli/option_table.hpp"
#include "cli/runs_commands.hpp"

namespace ecsr::cli {

namespace {

using enum ValueKind;
using Options = std::vector<OptionSpec>;

constexpr std::string_view which = "Which service";
constexpr std::string_view what = "What is replaced";
constexpr std::string_view how = "How";
constexpr std::string_view safety = "Safety";
constexpr std::string_view the_run = "The run";
constexpr std::string_view aws = "AWS";
constexpr std::string_view output = "Output";
constexpr std::string_view local = "Local ECS";
constexpr std::string_view when = "When";

Options operator+(Options left, const Options& right) {
    left.insert(left.end(), right.begin(), right.end());
    return left;
}

Options service_options() {
    return {
        {.flag = "cluster",
         .kind = Text,
         .value_name = "NAME|ARN",
         .help = "Cluster of the service",
         .group = which,
         .fallback = "default"},
        {.flag = "service",
         .kind = Text,
         .value_name = "NAME|ARN",
         .help = "The service",
         .group = which,
         .required = true},
    };
}

Options aws_options() {
    return {
        older_input_option(aws),
        {.flag = "profile",
         .kind = Text,
         .value_name = "NAME",
         .help = "Profile of ~/.aws/config and ~/.aws/credentials",
         .group = aws,
         .fallback_note = "AWS_PROFILE, else \"default\""},
        {.flag = "region",
         .kind = Text,
         .value_name = "REGION",
         .help = "AWS Region",
         .group = aws,
         .fallback_note = "AWS_REGION, else the profile's"},
        {.flag = "role-arn",
         .kind = Text,
         .value_name = "ARN",
         .help = "Role to assume with the credentials found otherwise",
         .group = aws},
        {.flag = "external-id",
         .kind = Text,
         .value_name = "ID",
         .help = "External ID for assuming the role of --role-arn",
         .group = aws},
        {.flag = "endpoint-url",
         .kind = Url,
         .value_name = "URL",
         .help = "Where to send every AWS request, for example to a local ECS",
         .group = aws,
         .fallback_note = "AWS_ENDPOINT_URL, else AWS itself"},
    };
}

Options log_options() {
    return {
        {.flag = "log-level",
         .kind = Choice,
         .value_name = "LEVEL",
         .help = "Least severe log line that goes to standard error",
         .group = output,
         .fallback = "info",
         .choices = {"debug", "info", "warning", "error", "off"}},
        {.flag = "log-format",
         .kind = Choice,
         .value_name = "FORMAT",
         .help = "Log lines for people or for machines",
         .group = output,
         .fallback = "text",
         .choices = {"text", "json"}},
        {.flag = "quiet", .help = "No progress; log warnings and errors only", .group = output, .letter = 'q'},
        {.flag = "help", .help = "Print this help and exit", .group = output, .letter = 'h'},
    };
}

Options output_options() {
    return Options{{.flag = "output",
                    .kind = Choice,
                    .value_name = "FORMAT",
                    .help = "What standard output gets: text for people, or exactly one JSON document",
                    .group = output,
                    .fallback = "text",
                    .choices = {"text", "json"}}} +
           log_options();
}

Options journal_options() {
    return {{.flag = "journal",
             .kind = Path,
             .value_name = "URL",
             .help = "Where runs are recorded: sqlite:///PATH, the path of the file, or dynamodb://TABLE",
             .group = the_run,
             .fallback_note = "~/.local/state/ecs-recycler/journal.db"}};
}

OptionSpec force_option() {
    return {.flag = "force", .help = "Break the lock of a run whose holder is gone or must give way", .group = the_run};
}

OptionSpec seed_option(std::string_view help, std::string_view group, bool hidden) {
    return {.flag = "seed", .kind = Number, .value_name = "N", .help = help, .group = group, .hidden = hidden};
}

Options selection_options() {
    return {
        {.flag = "older-than",
         .kind = Duration,
         .value_name = "TIME",
         .help = "Only tasks that were created longer ago than this",
         .group = what},
        {.flag = "task",
         .kind = Text,
         .value_name = "ID|ARN",
         .help = "Only this task",
         .group = what,
         .repeatable = true},
        {.flag = "order",
         .kind = Choice,
         .value_name = "ORDER",
         .help = "Which tasks go first",
         .group = what,
         .fallback = "oldest",
         .choices = {"oldest", "newest", "az", "random"}},
        {.flag = "wait-for-protection",
         .help = "Wait for tasks that somebody else protects from scale-in, instead of skipping them",
         .group = what},
        seed_option("Seed of --order random", what, true),
    };
}

Options method_options() {
    return {
        {.flag = "strategy",
         .kind = Choice,
         .value_name = "STRATEGY",
         .help = "rolling: batch by batch; force-deployment: ECS replaces every task in one new deployment",
         .group = how,
         .fallback = "rolling",
         .choices = {"rolling", "force-deployment"}},
        {.flag = "drain",
         .kind = Choice,
         .value_name = "METHOD",
         .help = "How old tasks go. scale-in: ECS takes them out of the load balancer, lets their requests end, then "
                 "stops them; stop-task: they are stopped at once; auto: scale-in where there is a load balancer",
         .group = how,
         .fallback = "auto",
         .choices = {"auto", "scale-in", "stop-task"}},
        {.flag = "batch",
         .kind = Tasks,
         .value_name = "N|N%",
         .help = "Tasks that are replaced together",
         .group = how,
         .fallback = "1",
         .least = 1},
        {.flag = "surge",
         .kind = Tasks,
         .value_name = "N|N%",
         .help = "Tasks above the desired count while replacing",
         .group = how,
         .fallback_note = "the batch"},
        {.flag = "wait",
         .kind = Duration,
         .value_name = "TIME",
         .help = "Pause after each batch",
         .group = how,
         .fallback = "0s"},
        {.flag = "healthy-for",
         .kind = Duration,
         .value_name = "TIME",
         .help = "How long a new task must have been healthy before an old one goes",
         .group = how,
         .fallback_note = "0s where a health check or a target group vouches for the task, else 10s"},
        {.flag = "reason",
         .kind = Text,
         .value_name = "TEXT",
         .help = "Why; kept with the run, and told to ECS with each stopped task",
         .group = how},
    };
}

Options safety_options() {
    return {
        {.flag = "plan",
         .help = "Say what would be done, how long it will take and what could go wrong; change nothing",
         .group = safety},
        {.flag = "max-unavailable",
         .kind = Tasks,
         .value_name = "N|N%",
         .help = "How far the healthy tasks may fall below the desired count",
         .group = safety,
         .fallback = "0"},
        {.flag = "alarm",
         .kind = Text,
         .value_name = "NAME",
         .help = "CloudWatch alarm that stops the run when it fires",
         .group = safety,
         .repeatable = true},
        {.flag = "timeout",
         .kind = Duration,
         .value_name = "TIME",
         .help = "The run ends, and puts everything back, when it takes longer",
         .group = safety,
         .fallback = "4h",
         .least = 1},
        {.flag = "on-error",
         .kind = Choice,
         .value_name = "POLICY",
         .help = "restore: put everything back; pause: leave the run as it is, to be resumed",
         .group = safety,
         .fallback = "restore",
         .choices = {"restore", "pause"}},
        {.flag = "ask", .help = "Ask before each batch: y, n, or a time to wait first", .group = safety},
        {.flag = "yes",
         .help = "Go on with an unfinished run of this service without asking",
         .group = safety,
         .letter = 'y'},
    };
}

CommandSpec recycle_command() {
    return {
        .name = "recycle",
        .summary = "Replace every task of a service without dropping a request",
        .description =
            "Replaces the tasks of an ECS service that were created before now, one by one or in batches, and "
            "leaves desired count, autoscaling and task protection as they were, whatever happens on the "
            "way. Ctrl-C stops at the edge of the batch and puts everything back; a second Ctrl-C leaves at "
            "once a run that \"ecs-recycler runs resume\" can finish.",
        .options = service_options() + selection_options() + method_options() + safety_options() + journal_options() +
                   Options{force_option()} + aws_options() + output_options(),
        .examples = {"ecs-recycler recycle --cluster shop --service cart --plan",
                     "ecs-recycler recycle --cluster shop --service cart --batch 25% --wait 30s",
                     "ecs-recycler recycle --service cart --older-than 6h --alarm cart-5xx --output json"},
    };
}

CommandSpec status_command() {
    return {
        .name = "status",
        .summary = "Show a service: deployments, tasks, health, targets, last events",
        .options = service_options() +
                   Options{{.flag = "events",
                            .kind = Number,
                            .value_name = "N",
                            .help = "How many of the service's last events to show",
                            .group = which,
                            .fallback = "5",
                            .most = 100}} +
                   aws_options() + output_options(),
        .examples = {"ecs-recycler status --cluster shop --service cart"},
    };
}

CommandSpec schedule_next_command() {
    return {
        .name = "schedule next",
        .summary = "Show the next times of a schedule",
        .description =
            "Takes an expression of EventBridge Scheduler: rate(12 hours), cron(0 3 ? * MON-FRI *) or "
            "at(2026-12-01T03:00:00). Times that clocks are put forward over are skipped; times that clocks show twice "
            "count once. With windows, blackouts or holidays it says which times they close, why, and until when.",
        .positionals = {{.name = "EXPRESSION", .help = "The schedule, in quotes"}},
        .options =
            Options{
                {.flag = "timezone",
                 .kind = Text,
                 .value_name = "ZONE",
                 .help = "IANA time zone of the expression, the windows and the blackouts",
                 .group = when,
                 .fallback = "UTC"},
                {.flag = "from",
                 .kind = Text,
                 .value_name = "TIME",
                 .help = "Show times after this one (RFC 3339); a rate without --start counts from it",
                 .group = when,
                 .fallback_note = "now"},
                {.flag = "count",
                 .kind = Number,
                 .value_name = "N",
                 .help = "How many times to show",
                 .group = when,
                 .fallback = "5",
                 .least = 1,
                 .most = 10'000},
                {.flag = "start",
                 .kind = Text,
                 .value_name = "TIME",
                 .help = "The schedule begins then; a rate is first due at it",
                 .group = when},
                {.flag = "end", .kind = Text, .value_name = "TIME", .help = "The schedule ends then", .group = when},
                {.flag = "window",
                 .kind = Text,
                 .value_name = "WINDOW",
                 .help = "When recycling is allowed: \"MON-FRI 01:00-05:00\", \"22:00-04:00 Europe/Berlin\"",
                 .group = when,
                 .repeatable = true},
                {.flag = "blackout",
                 .kind = Text,
                 .value_name = "DATES",
                 .help = "When it is not: 2026-12-24, or 2026-12-24..2027-01-02",
                 .group = when,
                 .repeatable = true},
                {.flag = "holidays",
                 .kind = Path,
                 .value_name = "FILE",
                 .help = "iCalendar file with days or hours when it is not",
                 .group = when,
                 .repeatable = true}} +
            output_options(),
        .examples = {"ecs-recycler schedule next 'cron(0 3 ? * MON-FRI *)' --timezone Europe/Berlin",
                     "ecs-recycler schedule next 'rate(12 hours)' --window '01:00-05:00' --blackout 2026-12-24"},
    };
}

Options trouble_options() {
    return {{.flag = "fault",
             .kind = Text,
             .value_name = "FAULT",
             .help = "Fail on purpose, for example StopTask:throttle:0.2; see \"ecs-recycler local fault add --help\"",
             .group = local,
             .repeatable = true},
            {.flag = "stale-reads",
             .kind = Duration,
             .value_name = "TIME",
             .help = "Reads tell what was true so long ago, as the real, eventually consistent API may",
             .group = local},
            {.flag = "throttle",
             .kind = Choice,
             .value_name = "WHOSE",
             .help = "Take ECS calls no faster than AWS does: its token buckets per group of operations",
             .group = local,
             .fallback = "none",
             .choices = {"none", "aws"}}};
}

Options local_up_behaviour_options() {
    return {{.flag = "access-log",
             .kind = Path,
             .value_name = "FILE",
             .help = "File that gets a line of JSON for every AWS request, with what it was answered",
             .group = local},
            {.flag = "capacity",
             .kind = Text,
             .value_name = "cpu=UNITS,memory=MIB,tasks=NUMBER",
             .help = "What all tasks together may take; a task that finds no place is told as ECS does",
             .group = local,
             .fallback_note = "no limit"},
            {.flag = "verify-signatures",
             .help = "Refuse requests that are not signed with the key printed here or with one of "
                     "AssumeRole",
             .group = local},
            {.flag = "stop-task-drains",
             .help = "StopTask waits for the deregistration delay before the containers are stopped",
             .group = local}};
}

CommandSpec local_up_command() {
    return {
        .name = "local up",
        .summary = "Run an ECS control plane on this machine until Ctrl-C",
        .description =
            "Serves ECS, Application Auto Scaling, Elastic Load Balancing, CloudWatch and its Logs, EventBridge, SNS "
            "and STS on one loopback port. Containers are processes under real memory limits, load balancers are "
            "HAProxy. "
            "Images named ecs-recycler/leaky-web, web, crash and sleeper are built in; any other image needs a "
            "command of this machine. Ctrl-C removes every process, cgroup and file of it. With --runtime container "
            "Docker or Podman runs real images. With --runtime virtual nothing runs: dockerLabels under local.ecs/ "
            "say what a container does and when, and time can go faster (--time-scale) and jump (\"ecs-recycler local "
            "advance\").",
        .options = Options{{.flag = "port",
                            .kind = Number,
                            .value_name = "PORT",
                            .help = "Port on 127.0.0.1; 0 lets the kernel pick one",
                            .group = local,
                            .fallback = "4510",
                            .most = 65'535},
                           {.flag = "port-file",
                            .kind = Path,
                            .value_name = "FILE",
                            .help = "File that gets the port number as soon as requests are served",
                            .group = local},
                           {.flag = "runtime",
                            .kind = Choice,
                            .value_name = "RUNTIME",
                            .help = "What runs the containers",
                            .group = local,
                            .fallback = "process",
                            .choices = {"process", "container", "virtual"}},
                           {.flag = "netns",
                            .help = "Give tasks of network mode awsvpc networks of their own, in which each may bind "
                                    "any port; with --runtime process alone, and as root",
                            .group = local},
                           {.flag = "container-socket",
                            .kind = Path,
                            .value_name = "PATH",
                            .help = "Socket of the container engine; with --runtime container alone",
                            .group = local,
                            .fallback_note = "DOCKER_HOST, else Docker's or Podman's own"},
                           {.flag = "time-scale",
                            .kind = Number,
                            .value_name = "N",
                            .help = "Seconds that pass there in a second; with --runtime virtual alone",
                            .group = local,
                            .fallback_note = "1",
                            .least = 1,
                            .most = 3600},
                           seed_option("Seed of everything that is drawn: ids, latencies, faults", local, false),
                           {.flag = "state",
                            .kind = Path,
                            .value_name = "DIR",
                            .help = "Keep the state in this folder, so that it survives a restart",
                            .group = local,
                            .fallback_note = "in memory only"}} +
                   local_up_behaviour_options() + trouble_options() + output_options(),
        .examples = {"ecs-recycler local up --port 0 --port-file /tmp/ecs.port",
                     "ecs-recycler local up --runtime virtual --time-scale 60 --fault 'StopTask:throttle:0.2'"},
    };
}

CommandSpec demo_command() {
    return {
        .name = "demo",
        .summary = "Recycle a leaking service under load on a local ECS, and measure it",
        .description =
            "Starts a local ECS, a load balancer and a service of three leaking tasks, sends HTTP load all the "
            "time, recycles the service, and then lets a second, unrecycled copy run into its memory limit. "
            "Every figure is measured. Exits 1 if a request failed during the recycle.",
        .options = output_options(),
    };
}

std::vector<CommandSpec> own_commands() {
    return {
        {.name = "man",
         .summary = "Print the manual page (roff): ecs-recycler man | man -l -",
         .options = log_options()},
        {.name = "completion",
         .summary = "Print the completion script of a shell",
         .positionals = {{.name = "SHELL", .help = "bash, zsh or fish", .choices = {"bash", "zsh", "fish"}}},
         .options = log_options(),
         .examples = {"source <(ecs-recycler completion bash)"}},
        {.name = "workload",
         .summary = "Run a built-in container image as this process",
         .positionals = {{.name = "NAME", .help = "The part of the image's name after ecs-recycler/"}},
         .options = log_options(),
         .hidden = true,
         .takes_the_rest = true},
    };
}

std::vector<CommandSpec> make_table() {
    std::vector<CommandSpec> table{recycle_command(), status_command()};
    const Options reading = journal_options() + output_options();
    const Options working = Options{force_option()} + journal_options() + aws_options() + output_options();
    for (auto& command : runs_commands(reading, working)) { table.push_back(std::move(command)); }
    table.push_back(serve_command(journal_options() + aws_options() + log_options()));
    table.push_back(config_check_command(output_options()));
    table.push_back(schedule_next_command());
    table.push_back(notify_test_command(aws_options() + output_options()));
    table.push_back(iam_policy_command(output_options()));
    table.push_back(local_up_command());
    for (auto& command : local_steering_commands(service_options(), aws_options(), output_options())) {
        table.push_back(std::move(command));
    }
    table.push_back(demo_command());
    for (auto& command : own_commands()) { table.push_back(std::move(command)); }
    return table;
}

} // namespace

const std::vector<CommandSpec>& command_table() {
    static const std::vector<CommandSpec> table = make_table();
    return table;
}

const std::vector<CommandGroup>& command_groups() {
    static const std::vector<CommandGroup> groups{
        {.name = "runs", .summary = "List, show, resume and abort recycle runs"},
        {.name = "config", .summary = "Check the configuration of the daemon"},
        {.name = "schedule", .summary = "Schedules and when they fire"},
        {.name = "notify", .summary = "Try out how people are told"},
        {.name = "local", .summary = "An ECS control plane on this machine"},
        {.name = "local fault", .summary = "What goes wrong on purpose there"},
        {.name = "local snapshot", .summary = "Keep what a local ECS knows, and bring it back"},
    };
    return groups;
}

const std::vector<ExitCode>& exit_code_table() {
    static const std::vector<ExitCode> codes{
        {0, "done"},
        {1, "failed, and everything was put back; or this machine or AWS failed"},
        {2, "usage or configuration: bad option, unknown cluster, service or run"},
        {3, "refused or stopped by a gate or by the user, and everything was put back"},
        {4, "another run holds the service, or an unfinished run waits for it"},
        {5, "no credentials, or not permitted"},
        {6, "timed out, and everything was put back"},
        {7, "the deployment was rolled back"},
    };
    return codes;
}

} // namespace ecsr::cli
