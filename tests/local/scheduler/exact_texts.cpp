#include "tests/local/scheduler/exact_texts.hpp"

namespace ecsr::local {

namespace {

const std::string id = "\\(task [0-9a-f]{32}\\)";
const std::string ids = id + "( " + id + ")*";
const std::string deployment = "ecs-svc/[0-9]{19}";
const std::string group = "\\(target-group arn:aws:elasticloadbalancing:[^)]+\\)";
const std::string no_instance =
    "was unable to place a task because no container instance met all of its requirements\\. ";
const std::string closest = no_instance + "The closest matching \\(container-instance [0-9a-f]{32}\\) ";
const std::string more = " For more information, see the Troubleshooting section of the Amazon ECS Developer Guide\\.";
const std::string no_place = "was unable to place a task\\. Reason: ";

const char* const no_task_sets = "task sets are refused with UnsupportedFeatureException";
const char* const no_classic = "Classic Load Balancers are refused with InvalidParameterException";
const char* const no_agent = "there is no agent: the plane runs the containers itself";
const char* const no_host_of_its_own = "the one container instance is this machine";
const char* const no_providers = "capacity providers have no instances of their own";
const char* const no_rights = "there is no IAM: no role is missing";
const char* const no_network = "no network interfaces are made";

} // namespace

const std::vector<Row>& service_event_rows() {
    static const std::vector<Row> rows = {
        {"has started [0-9]+ tasks: " + ids + "\\.", ""},
        {"has started [0-9]+ tasks: " + ids + "\\. Amazon ECS replaced [0-9]+ tasks due to an unhealthy status\\.", ""},
        {"has started 1 tasks in [a-z0-9-]+ to AZ Rebalance: " + id + "\\.", ""},
        {"has stopped [0-9]+ running tasks: " + ids + "\\.", ""},
        {"stopped [0-9]+ pending tasks\\.", ""},
        {"registered [0-9]+ targets in " + group, ""},
        {"deregistered [0-9]+ targets in " + group, ""},
        {"has begun draining connections on [0-9]+ tasks\\.", ""},
        {"has reached a steady state\\.", ""},
        {"\\(deployment " + deployment + "\\) deployment completed\\.", ""},
        {"\\(deployment " + deployment + "\\) deployment failed: tasks failed to start\\.", ""},
        {"\\(deployment " + deployment + "\\) deployment failed: alarm detected\\.", ""},
        {"rolling back to deployment " + deployment + "\\.", ""},
        {id + " failed container health checks\\.", ""},
        {id + " \\(port [0-9]+\\) is unhealthy in " + group + " due to \\(reason .+\\)\\.", ""},
        {"\\(instance i-[0-9a-f]+\\) \\(port [0-9]+\\) is unhealthy in " + group + " due to \\(reason .+\\)\\.", ""},
        {"\\(port [0-9]+\\) is unhealthy in .*", no_task_sets},
        {"\\(instance i-[0-9a-f]+\\) is unhealthy in \\(elb .*", no_classic},
        {"\\(instance i-[0-9a-f]+\\) \\(port [0-9]+\\) is unhealthy in \\(target-group [^:]+\\) .*", "older wording"},
        {"task set " + deployment + " is not healthy in target-group [^ ]+ due to TARGET GROUP IS NOT FOUND\\.", ""},
        {"task set " + deployment + " is not healthy in target-group [^ ]+ due to TARGET IS NOT FOUND\\.", ""},
        {closest + "is already using a port required by your task\\." + more, ""},
        {closest + "has insufficient CPU units available\\." + more, ""},
        {closest + "has insufficient memory available\\." + more, ""},
        {closest + "encountered error \"RESOURCE:ENI\"\\." + more, ""},
        {closest + "encountered error \"AGENT\"\\..*", no_agent},
        {closest + "is missing an attribute required by your task\\..*", "placement constraints are kept, not judged"},
        {no_instance + "Reason: No Container Instances were found in your cluster\\." + more, ""},
        {no_place + "You've reached the limit on the number of tasks you can run concurrently\\.", ""},
        {no_place + "You've reached the limit on the number of vCPUs you can run concurrently\\.", ""},
        {no_place + "Capacity is unavailable at this time\\. Please try again later or in a different availability "
                    "zone\\.",
         ""},
        {no_place + "Internal error\\.", "nothing fails inside without a cause of its own"},
        {no_place + "The requested (CPU|MEMORY) configuration is above your limit\\.", "no account has such a limit"},
        {no_place + "(CannotPullContainerError|ResourceInitializationError): .*", ""},
        {"was unable to place tasks in your cluster because the tasks provisioning capacity limit was exceeded\\.",
         "a task leaves PROVISIONING at once or is not started"},
        {"could not launch [0-9]+ tasks for deployment .*", "a task definition cannot vanish, and nothing else fails"},
        {"was unable to reach steady state\\. Reason: No Container Instances were found in your capacity provider\\.",
         no_providers},
        {"was unable to reach steady state because \\(taskSet " + deployment +
             "\\) was unable to scale in due to \\(reason [0-9]+ tasks under protection\\)",
         ""},
        {"is unable to consistently start tasks successfully\\.", ""},
        {"operations are being throttled\\. Will try again later\\.", "the parts of the plane do not throttle each "
                                                                      "other"},
        {"was unable to stop or start tasks during a deployment because of the service deployment configuration\\. "
         "Update the minimumHealthyPercent or maximumPercent value and try again\\.",
         ""},
        {"is AZ balanced with [0-9]+ tasks in .*\\.", ""},
        {"is not AZ balanced with [0-9]+ tasks in .*\\. AZ Rebalancing in progress\\.", ""},
        {"Timed out waiting for Amazon ECS Agent to start\\..*", no_agent},
        {"Amazon ECS was unable to assume the role .*", no_rights},
        {"IAM permissions policies .* have been misconfigured or changed.*", no_rights},
        {"deployment failed: Service deployment rolled back because .*", "strategies but ROLLING are refused"},
    };
    return rows;
}

const std::vector<Row>& stop_rows() {
    static const std::string failed = "TaskFailedToStart: ";
    static const std::vector<Row> rows = {
        {"EssentialContainerExited: Essential container in task exited", ""},
        {"UserInitiated: Task stopped by user", ""},
        {"UserInitiated: because I can", ""},
        {"ServiceSchedulerInitiated: Scaling activity initiated by \\(deployment " + deployment + "\\)", ""},
        {"ServiceSchedulerInitiated: Task failed ELB health checks in " + group, ""},
        {"ServiceSchedulerInitiated: Task failed ELB health checks in \\(elb .*", no_classic},
        {"ServiceSchedulerInitiated: Task failed container health checks", ""},
        {"ServiceSchedulerInitiated: .*ECS is performing maintenance on the underlying infrastructure.*",
         no_host_of_its_own},
        {"(TerminationNotice|SpotInterruption): Your Spot Task was interrupted\\.", "nobody takes this machine back"},
        {"TerminationNotice: Host EC2 \\(instance i-[0-9a-f]+\\) terminated\\.", no_host_of_its_own},
        {".*Container instance deregistration forced by user", "DeregisterContainerInstance is refused"},
        {failed + "Task failed to start", ""},
        {failed + "TaskFailedToStart: RESOURCE:CPU", ""},
        {failed + "TaskFailedToStart: RESOURCE:MEMORY", ""},
        {failed + "TaskFailedToStart: RESOURCE:GPU", "GPUs are not counted"},
        {failed + "TaskFailedToStart: AGENT", no_agent},
        {failed + "TaskFailedToStart: (ATTRIBUTE|MemberOf placement constraint unsatisfied)",
         "placement constraints are kept, not judged"},
        {failed + "TaskFailedToStart: NO ACTIVE INSTANCES", ""},
        {failed + "TaskFailedToStart: EMPTY CAPACITY PROVIDER", no_providers},
        {failed + "CannotPullContainerError: .*", ""},
        {failed + "ResourceInitializationError: unable to pull secrets or registry auth: .*", no_rights},
        {failed + "ResourceInitializationError: failed to validate logger args: .*", ""},
        {failed + "ResourceInitializationError: failed to (create new|invoke EFS|download env).*",
         "volumes and files of environment are kept, not used"},
        {failed + "(Timeout waiting for network interface|Unexpected EC2 error while attempting to Create Network).*",
         no_network},
        {failed + "InternalError: .*", "nothing fails inside without a cause of its own"},
        {failed + "ContainerRuntime(Timeout)?Error: .*", "a process starts or fails at once"},
        {".*TaskStateError: Agent could not progress task's state to stopped", no_agent},
    };
    return rows;
}

} // namespace ecsr::local
