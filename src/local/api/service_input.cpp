#include "local/api/service_input.hpp"

#include "local/api/ecs_names.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace ecsr::local::wire {

namespace {

constexpr const char* invalid = "InvalidParameterException";

// Members that are kept as they came and answered back.
const std::vector<std::string_view>& kept_members() {
    static const std::vector<std::string_view> names = {"serviceRegistries",
                                                        "capacityProviderStrategy",
                                                        "platformVersion",
                                                        "placementConstraints",
                                                        "placementStrategy",
                                                        "networkConfiguration",
                                                        "enableECSManagedTags",
                                                        "propagateTags",
                                                        "role",
                                                        "serviceConnectConfiguration",
                                                        "volumeConfigurations",
                                                        "enableExecuteCommand",
                                                        "vpcLatticeConfigurations"};
    return names;
}

// A change of one of these starts a deployment (ECS behaviour B4); load balancers are compared by the scheduler.
constexpr std::string_view deploying_members[] = {"networkConfiguration", "platformVersion",
                                                  "serviceRegistries",    "serviceConnectConfiguration",
                                                  "volumeConfigurations", "vpcLatticeConfigurations"};

std::vector<ServiceLoadBalancer> read_load_balancers(Input& input) {
    std::vector<ServiceLoadBalancer> load_balancers;
    for (auto& item : input.objects("loadBalancers")) {
        if (item.has("loadBalancerName")) {
            item.note({invalid, "Classic Load Balancers are not supported: use targetGroupArn."});
        }
        load_balancers.push_back({item.text_or("targetGroupArn", ""), item.text_or("containerName", ""),
                                  item.integer_between("containerPort", 0, 65536).value_or(0)});
        const auto& read = load_balancers.back();
        if (read.target_group_arn.empty()) { item.note({invalid, "Target group ARN can not be blank."}); }
        if (read.container_name.empty()) { item.note({invalid, "Container name can not be blank."}); }
        if (read.container_port == 0) { item.note({invalid, "Container port can not be blank."}); }
    }
    if (load_balancers.size() > 5) { input.note({invalid, "load balancers can have at most 5 items."}); }
    return load_balancers;
}

void read_alarms(Input& input, DeploymentConfiguration& configuration) {
    if (auto alarms = input.object("alarms")) {
        configuration.alarm_names = alarms->texts("alarmNames").value_or(std::vector<std::string>{});
        configuration.alarms_enable = alarms->required_boolean("enable");
        configuration.alarms_rollback = alarms->required_boolean("rollback");
    }
}

// ECS behaviour B6.
void read_breaker_threshold(Input& breaker, DeploymentConfiguration& configuration) {
    const DeploymentConfiguration usual;
    configuration.breaker_reset_on_healthy_task = breaker.boolean_or("resetOnHealthyTask", true);
    configuration.breaker_threshold_type = usual.breaker_threshold_type;
    configuration.breaker_threshold_value = usual.breaker_threshold_value;
    auto threshold = breaker.object("thresholdConfiguration");
    if (!threshold) { return; }
    configuration.breaker_threshold_type =
        threshold->text_among("type", {"BOUNDED_PERCENT", "UNBOUNDED_PERCENT", "COUNT"})
            .value_or(usual.breaker_threshold_type);
    const bool count = configuration.breaker_threshold_type == "COUNT";
    configuration.breaker_threshold_value =
        threshold->integer_between("value", 1, count ? 1'000'000 : 100).value_or(usual.breaker_threshold_value);
}

// Members that the request does not have keep what `configuration` says.
DeploymentConfiguration read_configuration(Input& service, DeploymentConfiguration configuration) {
    auto input = service.object("deploymentConfiguration");
    if (!input) { return configuration; }
    configuration.maximum_percent =
        input->integer_between("maximumPercent", 0, 1'000'000).value_or(configuration.maximum_percent);
    configuration.minimum_healthy_percent =
        input->integer_between("minimumHealthyPercent", 0, 1'000'000).value_or(configuration.minimum_healthy_percent);
    if (auto breaker = input->object("deploymentCircuitBreaker")) {
        configuration.circuit_breaker_enable = breaker->required_boolean("enable");
        configuration.circuit_breaker_rollback = breaker->required_boolean("rollback");
        read_breaker_threshold(*breaker, configuration);
    }
    read_alarms(*input, configuration);
    if (configuration.minimum_healthy_percent > configuration.maximum_percent) {
        input->note({invalid, "Both maximumPercent and minimumHealthyPercent must be set so that maximumPercent is not "
                              "below minimumHealthyPercent."});
    }
    if (input->text_or("strategy", "ROLLING") != "ROLLING") {
        input->note({"UnsupportedFeatureException", "The local ECS supports the deployment strategy ROLLING alone."});
    }
    return configuration;
}

// ECS answers these two also where they were left out.
void fill_network_configuration(json::object& document) {
    auto* configuration = document.if_contains("networkConfiguration");
    auto* object = configuration == nullptr ? nullptr : configuration->if_object();
    auto* vpc = object == nullptr ? nullptr : object->if_contains("awsvpcConfiguration");
    if (vpc == nullptr || !vpc->is_object()) { return; }
    vpc->get_object().insert({{"securityGroups", json::array()}, {"assignPublicIp", "DISABLED"}});
}

void check_network_configuration(Input& input) {
    if (auto network = input.object("networkConfiguration")) {
        if (auto vpc = network->object("awsvpcConfiguration")) {
            if (vpc->texts("subnets").value_or(std::vector<std::string>{}).empty()) {
                vpc->note({invalid, "subnets can not be empty."});
            }
            vpc->texts("securityGroups");
            vpc->text_among("assignPublicIp", {"ENABLED", "DISABLED"});
        }
    }
}

// The types of what is kept; its contents are the caller's.
void check_kept_members(Input& input) {
    check_network_configuration(input);
    input.text_among("propagateTags", {"TASK_DEFINITION", "SERVICE", "NONE"});
    input.boolean("enableECSManagedTags");
    input.boolean("enableExecuteCommand");
    input.text("platformVersion");
    for (const auto* name : {"serviceRegistries", "capacityProviderStrategy", "placementConstraints",
                             "placementStrategy", "volumeConfigurations", "vpcLatticeConfigurations"}) {
        input.objects(name);
    }
    input.object("serviceConnectConfiguration");
}

std::string new_document(Input& input) {
    json::object document;
    copy_members(input.members(), document, kept_members());
    fill_network_configuration(document);
    return to_text(document);
}

// What DAEMON does not go with (ECS behaviour B1, B14).
void check_daemon(Input& input, const Service& service) {
    if (service.launch_type == "FARGATE") {
        input.note({invalid, "The daemon scheduling strategy does not support the Fargate launch type."});
    }
    if (service.deployment_configuration.maximum_percent != 100) {
        input.note({invalid, "The daemon scheduling strategy supports maximumPercent 100 alone."});
    }
    if (!input.objects("placementStrategy").empty()) {
        input.note({invalid, "The daemon scheduling strategy does not support placement strategies."});
    }
}

void check_new_service(Input& input, const Service& service) {
    if (!is_ecs_name(service.name)) {
        input.note({invalid, "Service name must be 1 to 255 letters, digits, hyphens and underscores."});
    }
    if (service.scheduling_strategy == "DAEMON" && input.has("desiredCount")) {
        input.note({invalid, "The daemon scheduling strategy does not support a desired count for services. Remove the "
                             "desired count value and try again"});
    }
    if (service.scheduling_strategy == "DAEMON") { check_daemon(input, service); }
    if (service.scheduling_strategy == "REPLICA" && !input.has("desiredCount")) {
        input.note({invalid, "Desired count can not be blank."});
    }
    if (const auto refused = refuse_rebalancing(service.availability_zone_rebalancing, service.scheduling_strategy,
                                                service.deployment_configuration.maximum_percent)) {
        input.note(*refused);
    }
}

bool needs_the_newest_platform(const TaskDefinition& definition) {
    const json::object document = parse_document(definition.document);
    if (document.contains("ephemeralStorage")) { return true; }
    const auto* volumes = document.if_contains("volumes");
    return volumes != nullptr && volumes->is_array() && std::ranges::any_of(volumes->get_array(), [](const auto& each) {
               return each.is_object() && each.get_object().contains("efsVolumeConfiguration");
           });
}

// Platform versions of Linux, and the first of Windows; before 1.4.0 there was no EFS and no storage of its own size.
ApiResult<void> check_platform(const json::object& document, const TaskDefinition& definition,
                               const std::string& launch_type) {
    const auto* member = document.if_contains("platformVersion");
    if (member == nullptr || !member->is_string() || member->get_string().empty()) { return {}; }
    const std::string_view version = member->get_string();
    if (launch_type != "FARGATE") {
        return api_fail(
            invalid, fmt::format("The platform version must be null when specifying an {} launch type.", launch_type));
    }
    constexpr std::string_view known[] = {"LATEST", "1.0.0", "1.3.0", "1.4.0"};
    if (std::ranges::count(known, version) == 0) {
        return api_fail("PlatformUnknownException", "The specified platform does not exist.");
    }
    if ((version == "1.0.0" || version == "1.3.0") && needs_the_newest_platform(definition)) {
        return api_fail("PlatformTaskDefinitionIncompatibilityException",
                        "One or more of the requested capabilities are not supported.");
    }
    return {};
}

ApiResult<void> check_target_group(Call& call, const ServiceLoadBalancer& load_balancer,
                                   const TaskDefinition& definition) {
    const auto& arn = load_balancer.target_group_arn;
    const auto* group = find_target_group(call.state, arn);
    if (group == nullptr) { return {}; } // told by the scheduler's own check
    const bool in_use = std::ranges::any_of(call.state.listeners,
                                            [&](const auto& entry) { return entry.second.target_group_arn == arn; });
    if (!in_use) {
        return api_fail(invalid, fmt::format("The target group with targetGroupArn {} does not have an associated load "
                                             "balancer.",
                                             arn));
    }
    const bool awsvpc = definition.network_mode == NetworkMode::Awsvpc;
    if ((group->target_type == "ip") != awsvpc) {
        return api_fail(invalid,
                        fmt::format("The provided target group {} has target type {}, which is incompatible with "
                                    "the {} network mode specified in the task definition.",
                                    arn, group->target_type, awsvpc ? "awsvpc" : "bridge or host"));
    }
    return {};
}

} // namespace

std::optional<ApiError> refuse_rebalancing(const std::string& rebalancing, const std::string& scheduling_strategy,
                                           int maximum_percent) {
    if (rebalancing != "ENABLED") { return std::nullopt; }
    if (scheduling_strategy == "DAEMON") {
        return ApiError{invalid, "Availability Zone Rebalancing does not support DAEMON services"};
    }
    if (maximum_percent <= 100) {
        return ApiError{invalid, "Availability Zone Rebalancing does not support maximumPercent <= 100 % as deployment "
                                 "configuration."};
    }
    return std::nullopt;
}

std::string read_launch_type(Input& input) {
    const auto type = input.text_among("launchType", {"EC2", "FARGATE", "EXTERNAL", "MANAGED_INSTANCES"});
    auto strategy = input.objects("capacityProviderStrategy");
    if (type && !strategy.empty()) {
        input.note({invalid, "Specifying both a launch type and capacity provider strategy is not supported. Remove "
                             "one and try again."});
    }
    if (strategy.empty()) { return type.value_or("EC2"); }
    return strategy.front().required_text("capacityProvider").starts_with("FARGATE") ? "FARGATE" : "EC2";
}

Service read_new_service(Input& input, const std::string& cluster) {
    Service service;
    service.cluster = cluster;
    service.name = input.required_text("serviceName");
    service.client_token = input.text_or("clientToken", "");
    service.launch_type = read_launch_type(input);
    service.scheduling_strategy = input.text_among("schedulingStrategy", {"REPLICA", "DAEMON"}).value_or("REPLICA");
    if (auto controller = input.object("deploymentController")) {
        service.deployment_controller =
            controller->text_among("type", {"ECS", "CODE_DEPLOY", "EXTERNAL"}).value_or("ECS");
    }
    const bool daemon = service.scheduling_strategy == "DAEMON";
    service.desired_count = input.integer_between("desiredCount", 0, 5000).value_or(daemon ? 1 : 0);
    DeploymentConfiguration defaults;
    if (daemon) { defaults = {.maximum_percent = 100, .minimum_healthy_percent = 0, .alarm_names = {}}; }
    service.deployment_configuration = read_configuration(input, defaults);
    service.load_balancers = read_load_balancers(input);
    service.health_check_grace_period =
        Seconds(input.integer_between("healthCheckGracePeriodSeconds", 0, 2'147'483'647).value_or(0));
    const bool eligible =
        !daemon && service.deployment_controller == "ECS" && service.deployment_configuration.maximum_percent > 100;
    service.availability_zone_rebalancing = input.text_among("availabilityZoneRebalancing", {"ENABLED", "DISABLED"})
                                                .value_or(eligible ? "ENABLED" : "DISABLED");
    service.tags = read_ecs_tags(input);
    check_kept_members(input);
    check_new_service(input, service);
    if (input.good()) { service.document = new_document(input); }
    return service;
}

ServiceUpdate read_service_update(Input& input, const Service& service) {
    ServiceUpdate update;
    update.desired_count = input.integer_between("desiredCount", 0, 5000);
    if (update.desired_count && service.scheduling_strategy == "DAEMON") {
        input.note({invalid, "The daemon scheduling strategy does not support a desired count for services. Remove the "
                             "desired count value and try again"});
    }
    update.task_definition = input.text("taskDefinition");
    update.force_new_deployment = input.boolean_or("forceNewDeployment", false);
    if (input.has("deploymentConfiguration")) {
        update.deployment_configuration = read_configuration(input, service.deployment_configuration);
    }
    if (input.has("loadBalancers")) { update.load_balancers = read_load_balancers(input); }
    if (const auto grace = input.integer_between("healthCheckGracePeriodSeconds", 0, 2'147'483'647)) {
        update.health_check_grace_period = Seconds(*grace);
    }
    check_kept_members(input);
    const auto& configuration = update.deployment_configuration.value_or(service.deployment_configuration);
    const auto rebalancing = input.text_among("availabilityZoneRebalancing", {"ENABLED", "DISABLED"})
                                 .value_or(service.availability_zone_rebalancing);
    if (const auto refused =
            refuse_rebalancing(rebalancing, service.scheduling_strategy, configuration.maximum_percent)) {
        input.note(*refused);
    }
    if (!input.good()) { return update; }
    const json::object before = parse_document(service.document);
    const json::object after = parse_document(updated_document(input, service));
    for (const auto name : deploying_members) {
        const auto* was = before.if_contains(name);
        const auto* is = after.if_contains(name);
        const bool same = was == nullptr || is == nullptr ? was == is : *was == *is;
        update.other_change_needs_deployment = update.other_change_needs_deployment || !same;
    }
    return update;
}

std::string updated_document(Input& input, const Service& service) {
    json::object document = parse_document(service.document);
    copy_members(input.members(), document, kept_members());
    fill_network_configuration(document);
    return to_text(document);
}

ApiResult<void> check_task_definition(Call& call, const std::vector<ServiceLoadBalancer>& load_balancers,
                                      const json::object& document, const TaskDefinition& definition,
                                      const std::string& launch_type) {
    const bool awsvpc = definition.network_mode == NetworkMode::Awsvpc;
    if (awsvpc && !document.contains("networkConfiguration")) {
        return api_fail(invalid, "Network Configuration must be provided when networkMode 'awsvpc' is specified.");
    }
    if (!awsvpc && document.contains("networkConfiguration")) {
        return api_fail(invalid,
                        "Network Configuration is not valid for the given networkMode of this task definition.");
    }
    if (launch_type == "FARGATE" && !awsvpc) {
        return api_fail("ClientException", "Task definition does not support launch_type FARGATE.");
    }
    if (auto fits = check_platform(document, definition, launch_type); !fits) { return fits; }
    for (const auto& load_balancer : load_balancers) {
        if (auto fits = check_target_group(call, load_balancer, definition); !fits) { return fits; }
    }
    return {};
}

} // namespace ecsr::local::wire
