#include "imports/definition.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <fmt/format.h>
#include <string_view>
#include <utility>

namespace ecsr::imports {

namespace {

namespace json = boost::json;

constexpr std::string_view built_in = "ecs-recycler/";
constexpr const char* masked = "masked";

// What RegisterTaskDefinition takes of what DescribeTaskDefinition tells.
constexpr std::string_view task_members[] = {
    "family",           "taskRoleArn", "executionRoleArn", "networkMode",          "cpu",
    "memory",           "volumes",     "ipcMode",          "placementConstraints", "requiresCompatibilities",
    "ephemeralStorage", "pidMode",     "runtimePlatform",  "containerDefinitions"};

// What CreateService takes of what DescribeServices tells, and a local ECS acts on or answers back.
constexpr std::string_view service_members[] = {"serviceName",
                                                "desiredCount",
                                                "launchType",
                                                "capacityProviderStrategy",
                                                "platformVersion",
                                                "networkConfiguration",
                                                "healthCheckGracePeriodSeconds",
                                                "schedulingStrategy",
                                                "deploymentController",
                                                "availabilityZoneRebalancing",
                                                "placementConstraints",
                                                "placementStrategy",
                                                "enableECSManagedTags",
                                                "propagateTags",
                                                "enableExecuteCommand",
                                                "tags"};

constexpr std::string_view deployment_members[] = {"maximumPercent", "minimumHealthyPercent",
                                                   "deploymentCircuitBreaker"};

template <class Names>
json::object chosen(const json::object& from, const Names& names) {
    json::object to;
    for (const auto name : names) {
        if (const auto* member = from.if_contains(name); member != nullptr && !member->is_null()) {
            to[name] = *member;
        }
    }
    return to;
}

// Empty where there is none.
std::string text_of(const json::object& object, std::string_view name) {
    const auto* member = object.if_contains(name);
    const auto* text = member == nullptr ? nullptr : member->if_string();
    return text == nullptr ? std::string() : std::string(*text);
}

json::array list_of(const json::object& object, std::string_view name) {
    const auto* member = object.if_contains(name);
    const auto* list = member == nullptr ? nullptr : member->if_array();
    return list == nullptr ? json::array() : *list;
}

std::vector<std::string> names_in(const json::array& list) {
    std::vector<std::string> names;
    for (const auto& item : list) {
        if (const auto* object = item.if_object()) { names.push_back(text_of(*object, "name")); }
    }
    return names;
}

bool erase(json::object& object, std::string_view name) {
    const bool told = object.contains(name) && !(object[name].is_array() && object[name].get_array().empty());
    object.erase(name);
    return told;
}

Result<json::object> read_object(const std::string& answer, const std::string& what) {
    boost::system::error_code problem;
    const auto document = json::parse(answer, problem);
    if (!problem && document.is_object()) { return document.get_object(); }
    return fail(ErrorKind::Remote, "the answer of " + what + " cannot be read");
}

// Of what a container was, to what it is in the local ECS.
class ContainerCopy {
public:
    ContainerCopy(json::object container, const Choices& choices, std::vector<std::string>& left_out)
        : container_(std::move(container)), choices_(choices), left_out_(left_out), name_(text_of(container_, "name")) {
    }

    Result<json::object> copy(const std::map<std::string, std::string>& labels) {
        if (auto known = choose_image(); !known) { return std::unexpected(known.error()); }
        leave_out_environment();
        leave_out_secrets();
        leave_out_log_driver();
        auto& all = container_["dockerLabels"];
        if (!all.is_object()) { all.emplace_object(); }
        for (const auto& [label, value] : labels) { all.get_object()[label] = value; }
        if (all.get_object().empty()) { container_.erase("dockerLabels"); }
        return std::move(container_);
    }

private:
    bool is_workload(const std::string& name) const { return std::ranges::count(choices_.workloads, name) > 0; }

    std::string workloads() const { return join(choices_.workloads, ", "); }

    // Error: Usage.
    Status choose_image() {
        const std::string original = text_of(container_, "image");
        const auto given = choices_.images.find(name_);
        const std::string image = given == choices_.images.end() ? original : given->second;
        const std::string workload = image.starts_with(built_in) ? image.substr(built_in.size()) : image;
        const bool fits = is_workload(workload) && (image != workload || given != choices_.images.end());
        if (choices_.runtime == Runtime::Process && !fits) {
            const std::string what = given == choices_.images.end() ? "has the image " : "cannot have the image ";
            return fail(ErrorKind::Usage,
                        fmt::format("container {} {}{}; here a container is a process, so say which of the built-in "
                                    "images takes its place: --image {}=WORKLOAD (one of {})",
                                    name_, what, image, name_, workloads()));
        }
        container_["image"] = fits ? fmt::format("{}{}", built_in, workload) : image;
        if (given != choices_.images.end() || choices_.runtime == Runtime::Process) { leave_out_commands(original); }
        return {};
    }

    // They are about what is in the image; as processes they would do to this machine what they do to a container.
    void leave_out_commands(const std::string& original) {
        std::vector<std::string> gone;
        if (text_of(container_, "image") != original) { gone.push_back("image " + original); }
        for (const auto* name : {"entryPoint", "command", "workingDirectory", "user"}) {
            if (erase(container_, name)) { gone.emplace_back(name); }
        }
        auto* check = container_.if_contains("healthCheck");
        const json::array succeeds{"CMD-SHELL", "exit 0"};
        if (check != nullptr && check->is_object() && check->get_object()["command"] != succeeds) {
            check->get_object()["command"] = succeeds;
            gone.emplace_back("health check command (it always succeeds here)");
        }
        if (!gone.empty()) { leave_out(join(gone, ", ")); }
    }

    void leave_out_environment() {
        const auto names = names_in(list_of(container_, "environment"));
        if (choices_.with_environment || names.empty()) { return; }
        container_.erase("environment");
        leave_out(fmt::format("environment: {} (--with-environment copies it)", join(names, ", ")));
    }

    void leave_out_secrets() {
        const auto names = names_in(list_of(container_, "secrets"));
        if (!names.empty()) {
            json::array secrets;
            for (const auto& name : names) { secrets.push_back(json::object{{"name", name}, {"valueFrom", masked}}); }
            container_["secrets"] = std::move(secrets);
            leave_out("secrets: " + join(names, ", "));
        }
        if (erase(container_, "environmentFiles")) { leave_out("environment files"); }
        if (erase(container_, "repositoryCredentials")) { leave_out("credentials of the image registry"); }
    }

    // Options of other drivers may hold keys, and nothing here acts on them.
    void leave_out_log_driver() {
        auto* logs = container_.if_contains("logConfiguration");
        if (logs == nullptr || !logs->is_object()) { return; }
        const std::string driver = text_of(logs->get_object(), "logDriver");
        if (driver == "awslogs") {
            logs->get_object().erase("secretOptions");
            return;
        }
        container_.erase("logConfiguration");
        leave_out("log driver " + driver);
    }

    void leave_out(const std::string& what) { left_out_.push_back(fmt::format("container {}: {}", name_, what)); }

    json::object container_;
    const Choices& choices_;
    std::vector<std::string>& left_out_;
    std::string name_;
};

Status check_images(const json::array& containers, const Choices& choices) {
    const auto names = names_in(containers);
    for (const auto& [name, image] : choices.images) {
        if (std::ranges::count(names, name) == 0) {
            return fail(ErrorKind::Usage, fmt::format("--image {}={}: the task definition has no container {}; it has "
                                                      "{}",
                                                      name, image, name, join(names, ", ")));
        }
    }
    return {};
}

json::array copied_load_balancers(const json::object& service, const std::map<std::string, std::string>& groups,
                                  std::vector<std::string>& left_out) {
    json::array copies;
    for (auto& item : list_of(service, "loadBalancers")) {
        if (!item.is_object()) { continue; }
        const auto group = groups.find(text_of(item.get_object(), "targetGroupArn"));
        if (group == groups.end()) {
            left_out.push_back("load balancer " + text_of(item.get_object(), "loadBalancerName"));
            continue;
        }
        constexpr std::string_view members[] = {"containerName", "containerPort"};
        json::object copy = chosen(item.get_object(), members);
        copy["targetGroupArn"] = group->second;
        copies.push_back(std::move(copy));
    }
    return copies;
}

json::object copied_deployment_configuration(const json::object& service, std::vector<std::string>& left_out) {
    const auto* told = service.if_contains("deploymentConfiguration");
    if (told == nullptr || !told->is_object()) { return {}; }
    const json::object& original = told->get_object();
    if (const auto strategy = text_of(original, "strategy"); !strategy.empty() && strategy != "ROLLING") {
        left_out.push_back(fmt::format("deployment strategy {}: the copy has ROLLING", strategy));
    }
    const auto* alarms = original.if_contains("alarms");
    if (alarms != nullptr && alarms->is_object()) {
        std::vector<std::string> names;
        for (const auto& name : list_of(alarms->get_object(), "alarmNames")) {
            if (const auto* text = name.if_string()) { names.emplace_back(*text); }
        }
        if (!names.empty()) { left_out.push_back("deployment alarms: " + join(names, ", ")); }
    }
    return chosen(original, deployment_members);
}

// AWS keeps these names to itself: nobody may give such a tag.
void erase_reserved_tags(json::object& service) {
    json::array tags;
    for (const auto& tag : list_of(service, "tags")) {
        if (tag.is_object() && !text_of(tag.get_object(), "key").starts_with("aws:")) { tags.push_back(tag); }
    }
    service["tags"] = std::move(tags);
}

// What a deployment knows of a service, and the service itself does not tell.
void note_unused_parts(const json::object& service, std::vector<std::string>& left_out) {
    constexpr std::pair<std::string_view, std::string_view> parts[] = {
        {"serviceRegistries", "service discovery"}, {"serviceConnectConfiguration", "Service Connect"}};
    json::object all = service;
    if (const auto deployments = list_of(service, "deployments"); !deployments.empty()) {
        if (const auto* first = deployments[0].if_object()) {
            for (const auto& member : *first) { all.insert(member); }
        }
    }
    for (const auto& [member, what] : parts) {
        if (erase(all, member)) { left_out.emplace_back(what); }
    }
}

} // namespace

Result<Runtime> parse_runtime(const std::string& name) {
    if (name == "process") { return Runtime::Process; }
    if (name == "container") { return Runtime::Container; }
    if (name == "virtual") { return Runtime::Virtual; }
    return fail(ErrorKind::Remote, fmt::format("the local ECS has a runtime \"{}\" that this program does not know; "
                                               "end it and start it anew with this program",
                                               name));
}

Result<Request> task_definition_request(const std::string& answer, const Choices& choices,
                                        const std::map<std::string, std::string>& labels) {
    const auto document = read_object(answer, "DescribeTaskDefinition");
    if (!document) { return std::unexpected(document.error()); }
    const auto* told = document->if_contains("taskDefinition");
    if (told == nullptr || !told->is_object()) { return fail(ErrorKind::Remote, "no task definition was answered"); }
    json::object definition = chosen(told->get_object(), task_members);
    const json::array originals = list_of(definition, "containerDefinitions");
    if (auto known = check_images(originals, choices); !known) { return std::unexpected(known.error()); }
    Request request;
    json::array containers;
    for (const auto& original : originals) {
        if (!original.is_object()) { continue; }
        auto copy = ContainerCopy(original.get_object(), choices, request.left_out).copy(labels);
        if (!copy) { return std::unexpected(std::move(copy).error()); }
        containers.push_back(std::move(*copy));
    }
    definition["containerDefinitions"] = std::move(containers);
    request.body = json::serialize(definition);
    return request;
}

Result<Request> service_request(const std::string& answer, const std::string& cluster,
                                const std::string& task_definition, const Choices& choices,
                                const std::map<std::string, std::string>& target_groups) {
    const auto document = read_object(answer, "DescribeServices");
    if (!document) { return std::unexpected(document.error()); }
    const auto services = list_of(*document, "services");
    if (services.empty() || !services[0].is_object()) { return fail(ErrorKind::Remote, "no service was answered"); }
    const json::object& original = services[0].get_object();
    if (text_of(original, "taskDefinition").empty()) {
        return fail(ErrorKind::Usage, fmt::format("service {} has no task definition of its own (its deployment "
                                                  "controller is EXTERNAL): task sets cannot be imported",
                                                  text_of(original, "serviceName")));
    }
    Request request;
    json::object service = chosen(original, service_members);
    service["cluster"] = cluster;
    service["taskDefinition"] = task_definition;
    if (choices.desired_count) { service["desiredCount"] = *choices.desired_count; }
    if (text_of(original, "schedulingStrategy") == "DAEMON") { service.erase("desiredCount"); }
    service["deploymentConfiguration"] = copied_deployment_configuration(original, request.left_out);
    service["loadBalancers"] = copied_load_balancers(original, target_groups, request.left_out);
    if (service["loadBalancers"].get_array().empty()) { service.erase("healthCheckGracePeriodSeconds"); }
    erase_reserved_tags(service);
    note_unused_parts(original, request.left_out);
    request.body = json::serialize(service);
    return request;
}

} // namespace ecsr::imports
