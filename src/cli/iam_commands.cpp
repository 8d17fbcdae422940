#include "cli/iam_commands.hpp"

namespace ecsr::cli {

namespace {

using enum ValueKind;

constexpr std::string_view what = "What is allowed";
constexpr std::string_view where = "On what";

} // namespace

CommandSpec iam_policy_command(const std::vector<OptionSpec>& shared) {
    std::vector<OptionSpec> options{
        {.flag = "features",
         .kind = Text,
         .value_name = "NAME,...",
         .help = "What the policy is for, with commas between",
         .group = what,
         .fallback = "recycle"},
        {.flag = "cluster",
         .kind = Text,
         .value_name = "NAME",
         .help = "Cluster of the service; * stands for any text",
         .group = where,
         .fallback = "default"},
        {.flag = "service",
         .kind = Text,
         .value_name = "NAME|ARN",
         .help = "The service; an ARN tells cluster, region and account, too, and * stands for any text",
         .group = where,
         .required = true},
        {.flag = "region",
         .kind = Text,
         .value_name = "REGION",
         .help = "AWS Region",
         .group = where,
         .fallback_note = "AWS_REGION, else any"},
        {.flag = "account", .kind = Text, .value_name = "ID", .help = "AWS account", .group = where, .fallback = "*"},
        {.flag = "function",
         .kind = Text,
         .value_name = "NAME",
         .help = "The Lambda function; for lambda",
         .group = where,
         .fallback = "ecs-recycler"},
        {.flag = "table",
         .kind = Text,
         .value_name = "NAME",
         .help = "DynamoDB table of the runs; for journal",
         .group = where,
         .fallback_note = "that of the function: its name and \"-runs\""},
        {.flag = "topic",
         .kind = Text,
         .value_name = "ARN",
         .help = "SNS topic that is told; for sns",
         .group = where,
         .repeatable = true},
    };
    options.insert(options.end(), shared.begin(), shared.end());
    return {
        .name = "iam-policy",
        .summary = "Print the least IAM policy for what is to be done",
        .description =
            "Asks nothing of AWS. Features: recycle (a rolling recycle, whatever the service is: stop-task, scale-in, "
            "load-balancer, autoscaling and container-instances), status, stop-task, scale-in, force-deployment, "
            "load-balancer, autoscaling, container-instances, alarms, sns, journal (on DynamoDB), lambda (the function "
            "itself: its log, and that it goes on in another invocation) and discovery (services found by pattern or "
            "tag).",
        .options = std::move(options),
        .examples = {"ecs-recycler iam-policy --cluster shop --service web --features recycle,alarms"},
    };
}

} // namespace ecsr::cli
