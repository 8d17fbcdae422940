#include "local/api/task_definition_input.hpp"

#include "base/text.hpp"
#include "local/api/ecs_names.hpp"
#include "local/api/task_size_input.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <set>

namespace ecsr::local::wire {

namespace {

constexpr const char* client_error = "ClientException";

PortMapping read_port_mapping(Input& input, NetworkMode mode) {
    PortMapping mapping;
    mapping.container_port = input.integer_between("containerPort", 0, 65535).value_or(0);
    mapping.protocol = input.text_among("protocol", {"tcp", "udp"}).value_or("tcp");
    mapping.name = input.text_or("name", "");
    // With awsvpc and host the container's port is the host's (or the task's) port.
    const bool own_port = mode == NetworkMode::Awsvpc || mode == NetworkMode::Host;
    mapping.host_port = input.integer_between("hostPort", 0, 65535).value_or(own_port ? mapping.container_port : 0);
    if (own_port && mapping.host_port != mapping.container_port) {
        input.note({client_error, "When networkMode=" + std::string(mode == NetworkMode::Awsvpc ? "awsvpc" : "host") +
                                      ", the host ports and container ports in port mappings must match."});
    }
    return mapping;
}

// ECS behaviour D1.
HealthCheck read_health_check(Input& input) {
    HealthCheck check;
    check.command = input.required_texts("command");
    check.interval = Seconds(input.integer_between("interval", 5, 300).value_or(30));
    check.timeout = Seconds(input.integer_between("timeout", 2, 60).value_or(5));
    check.retries = input.integer_between("retries", 1, 10).value_or(3);
    check.start_period = Seconds(input.integer_between("startPeriod", 0, 300).value_or(0));
    // A command of one text is a shell command.
    if (check.command.size() == 1 && check.command[0] != "NONE") {
        check.command.insert(check.command.begin(), "CMD-SHELL");
    }
    if (check.command.empty() ||
        (check.command[0] != "CMD" && check.command[0] != "CMD-SHELL" && check.command[0] != "NONE")) {
        input.note({client_error, "A health check command must begin with CMD or CMD-SHELL."});
    }
    return check;
}

void read_limits(Input& input, ContainerDefinition& container) {
    container.cpu = input.integer_between("cpu", 0, 1'000'000).value_or(0);
    container.memory_mib = input.integer_between("memory", 4, 100'000'000);
    container.memory_reservation_mib = input.integer_between("memoryReservation", 4, 100'000'000);
    if (const auto timeout = input.integer_between("stopTimeout", 0, 100'000'000)) {
        container.stop_timeout = Seconds(*timeout);
    }
    if (const auto timeout = input.integer_between("startTimeout", 0, 100'000'000)) {
        container.start_timeout = Seconds(*timeout);
    }
    if (container.memory_mib && container.memory_reservation_mib &&
        *container.memory_reservation_mib > *container.memory_mib) {
        input.note({client_error, fmt::format("Invalid setting for container '{}'. The 'memoryReservation' must not be "
                                              "more than the 'memory'.",
                                              container.name)});
    }
}

// ECS behaviour B11. Nothing when it is not enabled.
std::optional<RestartPolicy> read_restart_policy(Input& container) {
    auto input = container.object("restartPolicy");
    if (!input) { return std::nullopt; }
    RestartPolicy policy;
    policy.ignored_exit_codes = input->integers("ignoredExitCodes");
    policy.attempt_period = Seconds(input->integer_between("restartAttemptPeriod", 60, 1800).value_or(300));
    if (policy.ignored_exit_codes.size() > 50) {
        input->note({client_error, "ignoredExitCodes can have at most 50 items."});
    }
    return input->required_boolean("enabled") ? std::optional(policy) : std::nullopt;
}

// Of other drivers nothing is acted on: their output is in the files of the runtime alone.
std::optional<LogConfiguration> read_log_configuration(Input& container) {
    auto input = container.object("logConfiguration");
    if (!input || input->required_text("logDriver") != "awslogs") { return std::nullopt; }
    const auto options = input->map("options");
    const auto option = [&](const char* name) {
        const auto found = options.find(name);
        return found == options.end() ? std::string() : found->second;
    };
    return LogConfiguration{option("awslogs-group"), option("awslogs-stream-prefix"),
                            option("awslogs-create-group") == "true", ""};
}

ContainerDefinition read_container(Input& input, NetworkMode mode) {
    ContainerDefinition container;
    container.name = input.text_or("name", "");
    container.image = input.text_or("image", "");
    if (container.name.empty()) { input.note({client_error, "Container.name should not be null or empty."}); }
    if (container.image.empty()) { input.note({client_error, "Container.image should not be null or empty."}); }
    container.entry_point = input.texts("entryPoint").value_or(std::vector<std::string>{});
    container.command = input.texts("command").value_or(std::vector<std::string>{});
    container.environment = input.pairs("environment", "name", "value");
    container.docker_labels = input.map("dockerLabels");
    container.essential = input.boolean_or("essential", true);
    container.working_directory = input.text_or("workingDirectory", "");
    container.user = input.text_or("user", "");
    for (auto& limit : input.objects("ulimits")) {
        container.ulimits.push_back({limit.required_text("name"),
                                     limit.integer_between("softLimit", -1, 2'000'000'000).value_or(0),
                                     limit.integer_between("hardLimit", -1, 2'000'000'000).value_or(0)});
    }
    if (auto linux_parameters = input.object("linuxParameters")) {
        container.init_process = linux_parameters->boolean_or("initProcessEnabled", false);
    }
    for (auto& mapping : input.objects("portMappings")) {
        container.port_mappings.push_back(read_port_mapping(mapping, mode));
    }
    for (auto& dependency : input.objects("dependsOn")) {
        container.depends_on.push_back(
            {dependency.required_text("containerName"),
             dependency.text_among("condition", {"START", "COMPLETE", "SUCCESS", "HEALTHY"}).value_or("START")});
    }
    if (auto check = input.object("healthCheck")) { container.health_check = read_health_check(*check); }
    container.restart_policy = read_restart_policy(input);
    container.log = read_log_configuration(input);
    read_limits(input, container);
    return container;
}

NetworkMode read_network_mode(Input& input) {
    const auto mode = input.text_among("networkMode", {"bridge", "host", "awsvpc", "none"}).value_or("bridge");
    if (mode == "awsvpc") { return NetworkMode::Awsvpc; }
    if (mode == "host") { return NetworkMode::Host; }
    return mode == "none" ? NetworkMode::None : NetworkMode::Bridge;
}

bool wants_fargate(Input& input) {
    const auto wanted = input.texts("requiresCompatibilities").value_or(std::vector<std::string>{});
    return std::ranges::count(wanted, "FARGATE") > 0;
}

// Starts, in thought, what can start; returns the first container that is left because of a circle.
const ContainerDefinition* find_circle(const TaskDefinition& definition) {
    std::set<std::string> started;
    const auto can_start = [&](const ContainerDefinition& container) {
        return std::ranges::all_of(container.depends_on,
                                   [&](const auto& dependency) { return started.contains(dependency.container); });
    };
    for (std::size_t round = 0; round < definition.containers.size(); ++round) {
        for (const auto& container : definition.containers) {
            if (can_start(container)) { started.insert(container.name); }
        }
    }
    const auto left = std::ranges::find_if_not(definition.containers,
                                               [&](const auto& container) { return started.contains(container.name); });
    return left == definition.containers.end() ? nullptr : &*left;
}

// An essential container that ends takes its task with it: nothing can wait for that (ECS behaviour B10).
void check_dependencies(Input& input, const TaskDefinition& definition) {
    for (const auto& container : definition.containers) {
        for (const auto& [name, condition] : container.depends_on) {
            const auto other = std::ranges::find(definition.containers, name, &ContainerDefinition::name);
            const bool ends = condition == "COMPLETE" || condition == "SUCCESS";
            if (other == definition.containers.end() || name == container.name) {
                input.note({client_error, fmt::format("Container '{}' has an invalid dependency on container '{}'.",
                                                      container.name, name)});
            } else if (ends && other->essential) {
                input.note({client_error, fmt::format("Container '{}' can not depend on container '{}' to reach {}: it "
                                                      "is essential.",
                                                      container.name, name, condition)});
            }
        }
    }
    if (!input.good()) { return; }
    if (const auto* container = find_circle(definition)) {
        input.note({client_error, fmt::format("Container '{}' has a circular dependency.", container->name)});
    }
}

void check_containers(Input& input, const TaskDefinition& definition) {
    std::set<std::string> names;
    bool essential = false;
    for (const auto& container : definition.containers) {
        essential = essential || container.essential;
        if (!names.insert(container.name).second) {
            input.note({client_error, "Container names must be unique: " + container.name});
        }
        if (!definition.memory_mib && !container.memory_mib && !container.memory_reservation_mib) {
            input.note({client_error, fmt::format("Invalid setting for container '{}'. At least one of 'memory' or "
                                                  "'memoryReservation' must be specified.",
                                                  container.name)});
        }
    }
    check_dependencies(input, definition);
    if (names.empty()) { input.note({client_error, "Container list cannot be empty."}); }
    if (!essential) { input.note({client_error, "Task definition must have at least one essential container."}); }
}

void check_fargate_timeout(Input& input, const ContainerDefinition& container, std::string_view member,
                           const std::optional<Seconds>& timeout) {
    if (!timeout || (*timeout >= Seconds{2} && *timeout <= Seconds{120})) { return; }
    input.note({client_error, fmt::format("Invalid setting for container '{}'. The '{}' must be 2 to 120 seconds on "
                                          "Fargate.",
                                          container.name, member)});
}

// What Fargate adds to the rules of every task (ECS behaviour B10).
void check_fargate_containers(Input& input, const TaskDefinition& definition) {
    int cpu = 0;
    int memory = 0;
    for (const auto& container : definition.containers) {
        cpu += container.cpu;
        memory += container.memory_reservation_mib.value_or(container.memory_mib.value_or(0));
        check_fargate_timeout(input, container, "stopTimeout", container.stop_timeout);
        check_fargate_timeout(input, container, "startTimeout", container.start_timeout);
    }
    if (cpu > definition.cpu.value_or(cpu)) {
        input.note({client_error, "The sum of the 'cpu' of all containers must not be more than the task's 'cpu'."});
    }
    if (memory > definition.memory_mib.value_or(memory)) {
        input.note(
            {client_error, "The sum of the memory of all containers must not be more than the task's 'memory'."});
    }
}

void check_task(Input& input, const TaskDefinition& definition) {
    if (!is_ecs_name(definition.family)) { input.note({client_error, "Family contains invalid characters."}); }
    if (definition.containers.size() > 10) {
        input.note({client_error, "Too many containers in the task definition: at most 10 are allowed."});
    }
    if (!wants_fargate(input)) { return; }
    if (definition.network_mode != NetworkMode::Awsvpc) {
        input.note({client_error, "Fargate only supports network mode 'awsvpc'."});
    }
    if (!definition.cpu || !definition.memory_mib) {
        input.note({client_error, "Fargate requires task definition to have both 'cpu' and 'memory'."});
    } else if (!is_fargate_size(*definition.cpu, *definition.memory_mib)) {
        input.note({client_error, "No Fargate configuration exists for given values."});
    }
    check_fargate_containers(input, definition);
}

void default_member(json::object& object, std::string_view name, json::value value) {
    if (const auto* member = object.if_contains(name); member == nullptr || member->is_null()) {
        object[name] = std::move(value);
    }
}

void fill_container(json::object& container, const ContainerDefinition& read) {
    default_member(container, "cpu", 0);
    default_member(container, "essential", true);
    for (const auto* list : {"environment", "mountPoints", "portMappings", "systemControls", "volumesFrom"}) {
        default_member(container, list, json::array());
    }
    std::size_t i = 0;
    for (auto& mapping : container["portMappings"].as_array()) {
        auto& object = mapping.as_object();
        object["hostPort"] = read.port_mappings[i].host_port;
        object["protocol"] = read.port_mappings[i].protocol;
        ++i;
    }
    if (read.health_check) {
        auto& check = container["healthCheck"].as_object();
        check["command"] = to_array(read.health_check->command);
        check["interval"] = read.health_check->interval.count();
        check["timeout"] = read.health_check->timeout.count();
        check["retries"] = read.health_check->retries;
    }
}

// The request with ECS's defaults. Only called on a good request.
std::string fill_document(Input& input, const TaskDefinition& definition) {
    static const std::vector<std::string_view> kept = {"family",
                                                       "taskRoleArn",
                                                       "executionRoleArn",
                                                       "containerDefinitions",
                                                       "volumes",
                                                       "cpu",
                                                       "memory",
                                                       "placementConstraints",
                                                       "requiresCompatibilities",
                                                       "pidMode",
                                                       "ipcMode",
                                                       "proxyConfiguration",
                                                       "inferenceAccelerators",
                                                       "ephemeralStorage",
                                                       "runtimePlatform",
                                                       "networkMode",
                                                       "enableFaultInjection"};
    json::object document;
    copy_members(input.members(), document, kept);
    default_member(document, "volumes", json::array());
    default_member(document, "placementConstraints", json::array());
    default_member(document, "networkMode", "bridge");
    json::array compatibilities{"EXTERNAL", "EC2"};
    if (wants_fargate(input)) { compatibilities = {"EC2", "FARGATE"}; }
    document["compatibilities"] = std::move(compatibilities);
    auto& containers = document["containerDefinitions"].as_array();
    for (std::size_t i = 0; i < containers.size(); ++i) {
        fill_container(containers[i].as_object(), definition.containers[i]);
    }
    return to_text(document);
}

} // namespace

TaskDefinition read_task_definition(Input& input) {
    TaskDefinition definition;
    definition.family = input.text_or("family", "");
    if (definition.family.empty()) { input.note({client_error, "Family should not be null or empty."}); }
    definition.network_mode = read_network_mode(input);
    definition.cpu = read_task_cpu(input);
    definition.memory_mib = read_task_memory(input);
    for (auto& container : input.objects("containerDefinitions")) {
        definition.containers.push_back(read_container(container, definition.network_mode));
    }
    for (const auto* name : {"taskRoleArn", "executionRoleArn", "pidMode", "ipcMode"}) { input.text(name); }
    definition.tags = read_ecs_tags(input);
    if (!input.good()) { return definition; }
    check_task(input, definition);
    check_containers(input, definition);
    if (input.good()) { definition.document = fill_document(input, definition); }
    return definition;
}

} // namespace ecsr::local::wire
