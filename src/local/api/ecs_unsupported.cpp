// Operations of ECS that this plane knows of and does not have (ECS behaviour A2), and why.
#include "local/api/call.hpp"

namespace ecsr::local::wire {

namespace {

constexpr std::string_view task_sets = "it has no task sets: a service whose controller is EXTERNAL stays empty";
constexpr std::string_view managed_daemons = "it has no managed daemons; services with the strategy DAEMON work";
constexpr std::string_view express = "it has no Express Mode: create a service and a load balancer";
constexpr std::string_view capacity_providers = "its capacity is what --capacity says, not that of Auto Scaling groups";
constexpr std::string_view account_settings = "it has no account whose settings could differ";
constexpr std::string_view one_instance = "its one container instance is this machine";
constexpr std::string_view no_agent = "it runs the containers itself, without an agent";

constexpr UnsupportedOperation operations[] = {
    {"ContinueServiceDeployment", "its deployments are ROLLING, which have no lifecycle hooks"},
    {"CreateCapacityProvider", capacity_providers},
    {"CreateDaemon", managed_daemons},
    {"CreateExpressGatewayService", express},
    {"CreateTaskSet", task_sets},
    {"DeleteAccountSetting", account_settings},
    {"DeleteAttributes", one_instance},
    {"DeleteCapacityProvider", capacity_providers},
    {"DeleteDaemon", managed_daemons},
    {"DeleteDaemonTaskDefinition", managed_daemons},
    {"DeleteExpressGatewayService", express},
    {"DeleteTaskSet", task_sets},
    {"DeregisterContainerInstance", one_instance},
    {"DescribeCapacityProviders", capacity_providers},
    {"DescribeDaemon", managed_daemons},
    {"DescribeDaemonDeployments", managed_daemons},
    {"DescribeDaemonRevisions", managed_daemons},
    {"DescribeDaemonTaskDefinition", managed_daemons},
    {"DescribeExpressGatewayService", express},
    {"DescribeTaskSets", task_sets},
    {"DiscoverPollEndpoint", no_agent},
    {"ExecuteCommand", "it has no Session Manager: run the command on this machine"},
    {"ListAccountSettings", account_settings},
    {"ListAttributes", one_instance},
    {"ListDaemonDeployments", managed_daemons},
    {"ListDaemonTaskDefinitions", managed_daemons},
    {"ListDaemons", managed_daemons},
    {"ListServicesByNamespace", "it has no Cloud Map, so no namespaces"},
    {"PutAccountSetting", account_settings},
    {"PutAccountSettingDefault", account_settings},
    {"PutAttributes", one_instance},
    {"RegisterContainerInstance", one_instance},
    {"RegisterDaemonTaskDefinition", managed_daemons},
    {"StartTask", "it places tasks itself, on its one container instance: use RunTask"},
    {"SubmitAttachmentStateChanges", no_agent},
    {"SubmitContainerStateChange", no_agent},
    {"SubmitTaskStateChange", no_agent},
    {"UpdateCapacityProvider", capacity_providers},
    {"UpdateContainerAgent", one_instance},
    {"UpdateDaemon", managed_daemons},
    {"UpdateExpressGatewayService", express},
    {"UpdateServicePrimaryTaskSet", task_sets},
    {"UpdateTaskSet", task_sets},
};

} // namespace

std::span<const UnsupportedOperation> unsupported_ecs_operations() {
    return operations;
}

} // namespace ecsr::local::wire
