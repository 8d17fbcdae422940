#include "tests/support/fake_ecs_api.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <fmt/format.h>

namespace ecsr::testing {

namespace {

namespace bj = boost::json;

constexpr const char* cluster_arn = "arn:aws:ecs:eu-west-1:123456789012:cluster/prod";
constexpr const char* service_arn = "arn:aws:ecs:eu-west-1:123456789012:service/prod/web";
constexpr const char* definition_arn = "arn:aws:ecs:eu-west-1:123456789012:task-definition/web:1";
constexpr const char* group_arn =
    "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/web/0123456789abcdef";
constexpr std::size_t page_limit = 100;

std::unexpected<Error> refused(ErrorKind kind, const std::string& operation, const std::string& code,
                               const std::string& message) {
    return std::unexpected(Error{kind, fmt::format("ecs {}: {}: {}", operation, code, message), code, 400, false});
}

std::unexpected<Error> invalid(const std::string& operation, const std::string& message) {
    return refused(ErrorKind::Remote, operation, "InvalidParameterException", message);
}

std::vector<std::string> texts(const bj::object& body, const char* name) {
    std::vector<std::string> found;
    if (const bj::value* list = body.if_contains(name)) {
        for (const bj::value& item : list->as_array()) { found.emplace_back(item.as_string().c_str()); }
    }
    return found;
}

std::string text(const bj::object& body, const char* name) {
    const bj::value* value = body.if_contains(name);
    return value == nullptr ? std::string() : std::string(value->as_string().c_str());
}

std::string query(const std::string& operation, const std::string& result) {
    return fmt::format("<{0}Response xmlns=\"http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/\">"
                       "<{0}Result>{1}</{0}Result></{0}Response>",
                       operation, result);
}

bool names_service(const std::string& name) {
    return name == "web" || name == service_arn;
}

} // namespace

Result<std::string> FakeEcsApi::answer(const aws::ServiceCall& call) {
    const std::string& name = call.operation;
    const std::string& body = call.body;
    if (name == "DescribeServices") { return describe_services(body); }
    if (name == "UpdateService") { return update_service(body); }
    if (name == "ListTasks") { return list_tasks(body); }
    if (name == "DescribeTasks") { return describe_tasks(body); }
    if (name == "StopTask") { return stop_task(body); }
    if (name == "GetTaskProtection") { return task_protection(body, false); }
    if (name == "UpdateTaskProtection") { return task_protection(body, true); }
    if (name == "DescribeTaskDefinition") { return describe_task_definition(); }
    if (name == "DescribeScalableTargets") { return describe_scalable_targets(); }
    if (name == "RegisterScalableTarget") { return register_scalable_target(body); }
    if (name == "DescribeAlarms") { return describe_alarms(body); }
    if (name == "DescribeTargetGroups") { return describe_target_groups(); }
    if (name == "DescribeTargetGroupAttributes") { return describe_target_group_attributes(); }
    if (name == "DescribeTargetHealth") { return describe_target_health(); }
    if (name == "ListServices") { return std::string(R"({"serviceArns": []})"); }
    return refused(ErrorKind::Remote, name, "UnknownOperationException", "");
}

// ---- services ----

namespace {

bj::object deployment_json(const FakeDeployment& deployment, int desired, int running) {
    return {{"id", deployment.id},
            {"status", deployment.status},
            {"taskDefinition", definition_arn},
            {"desiredCount", desired},
            {"runningCount", running},
            {"pendingCount", desired - running},
            {"rolloutState", deployment.rollout_state},
            {"rolloutStateReason", "ECS deployment " + deployment.id},
            {"createdAt", to_epoch_seconds(deployment.created_at)},
            {"updatedAt", to_epoch_seconds(deployment.created_at)}};
}

} // namespace

// The service as DescribeServices and UpdateService tell it.
static bj::object service_json(const FakeServiceOptions& options, int desired, int running, int pending,
                               const std::vector<FakeDeployment>& deployments, const std::vector<FakeEvent>& events,
                               Instant born) {
    bj::array told_events;
    for (const FakeEvent& event : events) {
        told_events.push_back(
            bj::object{{"id", event.id}, {"createdAt", to_epoch_seconds(event.at)}, {"message", event.message}});
    }
    bj::array told;
    for (const FakeDeployment& deployment : deployments) {
        told.push_back(deployment_json(deployment, desired, std::min(running, desired)));
    }
    bj::object service = {{"serviceArn", service_arn},
                          {"serviceName", "web"},
                          {"clusterArn", cluster_arn},
                          {"status", "ACTIVE"},
                          {"desiredCount", desired},
                          {"runningCount", running},
                          {"pendingCount", pending},
                          {"launchType", "FARGATE"},
                          {"schedulingStrategy", "REPLICA"},
                          {"taskDefinition", definition_arn},
                          {"deploymentConfiguration", {{"maximumPercent", 200}, {"minimumHealthyPercent", 100}}},
                          {"deployments", std::move(told)},
                          {"events", std::move(told_events)},
                          {"createdAt", to_epoch_seconds(born - std::chrono::hours(24))}};
    if (options.target_group) {
        service["loadBalancers"] =
            bj::array{bj::object{{"targetGroupArn", group_arn}, {"containerName", "app"}, {"containerPort", 80}}};
    }
    return service;
}

Result<std::string> FakeEcsApi::describe_services(const std::string& body) {
    const bj::object request = bj::parse(body).as_object();
    bj::array services;
    bj::array failures;
    for (const std::string& name : texts(request, "services")) {
        if (world_.deleted_ || !names_service(name)) {
            failures.push_back(bj::object{{"arn", name}, {"reason", "MISSING"}});
            continue;
        }
        int running = 0;
        int pending = 0;
        for (const FakeTask& task : world_.tasks_) {
            const std::string status = world_.last_status(task, world_.at_);
            running += status == "RUNNING" ? 1 : 0;
            pending += status == "PENDING" ? 1 : 0;
        }
        services.push_back(service_json(world_.options_, world_.desired_, running, pending, world_.deployments_,
                                        world_.events_, world_.born_));
    }
    return bj::serialize(bj::object{{"services", services}, {"failures", failures}});
}

Result<std::string> FakeEcsApi::update_service(const std::string& body) {
    const bj::object request = bj::parse(body).as_object();
    if (world_.deleted_ || !names_service(text(request, "service"))) {
        return refused(ErrorKind::NotFound, "UpdateService", "ServiceNotFoundException", "Service not found.");
    }
    if (const bj::value* desired = request.if_contains("desiredCount")) {
        world_.desired_ = static_cast<int>(desired->as_int64());
    }
    if (const bj::value* force = request.if_contains("forceNewDeployment"); force != nullptr && force->as_bool()) {
        world_.begin_deployment();
    }
    auto described = describe_services(R"({"services": ["web"]})");
    const bj::value service = bj::parse(*described).at("services").at(0);
    return bj::serialize(bj::object{{"service", service}});
}

// ---- tasks ----

Result<std::string> FakeEcsApi::list_tasks(const std::string& body) {
    if (world_.deleted_) {
        return refused(ErrorKind::NotFound, "ListTasks", "ServiceNotFoundException", "Service not found.");
    }
    const bj::object request = bj::parse(body).as_object();
    const std::vector<std::string> all = world_.live();
    const std::string token = text(request, "nextToken");
    const std::size_t from = token.empty() ? 0 : static_cast<std::size_t>(std::stoi(token));
    const std::size_t to = std::min(all.size(), from + page_limit);
    bj::object answer{{"taskArns", bj::array(all.begin() + static_cast<std::ptrdiff_t>(from),
                                             all.begin() + static_cast<std::ptrdiff_t>(to))}};
    if (to < all.size()) { answer["nextToken"] = std::to_string(to); }
    return bj::serialize(answer);
}

static bj::object task_json(const FakeTask& task, const std::string& status) {
    bj::object container{{"name", "app"},
                         {"image", "web:1"},
                         {"lastStatus", status},
                         {"healthStatus", "UNKNOWN"},
                         {"networkInterfaces", bj::array{bj::object{{"privateIpv4Address", task.ip}}}}};
    bj::object told{{"taskArn", task.arn},
                    {"clusterArn", cluster_arn},
                    {"taskDefinitionArn", definition_arn},
                    {"group", "service:web"},
                    {"startedBy", task.deployment},
                    {"lastStatus", status},
                    {"desiredStatus", task.stop_ordered_at ? "STOPPED" : "RUNNING"},
                    {"healthStatus", "UNKNOWN"},
                    {"launchType", "FARGATE"},
                    {"availabilityZone", task.zone},
                    {"createdAt", to_epoch_seconds(task.created_at)},
                    {"containers", bj::array{container}}};
    if (status != "PENDING") { told["startedAt"] = to_epoch_seconds(task.running_at); }
    if (task.stop_ordered_at) {
        told["stoppingAt"] = to_epoch_seconds(*task.stop_ordered_at);
        told["stoppedReason"] = task.stopped_reason;
        told["stopCode"] = task.by_stop_task ? "UserInitiated" : "ServiceSchedulerInitiated";
    }
    if (status == "STOPPED") { told["stoppedAt"] = to_epoch_seconds(*task.stop_ordered_at); }
    return told;
}

Result<std::string> FakeEcsApi::describe_tasks(const std::string& body) {
    const bj::object request = bj::parse(body).as_object();
    const std::vector<std::string> names = texts(request, "tasks");
    if (names.size() > 100) { return invalid("DescribeTasks", "at most 100 tasks"); }
    bj::array tasks;
    bj::array failures;
    for (const std::string& name : names) {
        if (const FakeTask* task = world_.find(name)) {
            tasks.push_back(task_json(*task, world_.last_status(*task, world_.at_)));
        } else {
            failures.push_back(bj::object{{"arn", name}, {"reason", "MISSING"}});
        }
    }
    return bj::serialize(bj::object{{"tasks", tasks}, {"failures", failures}});
}

Result<std::string> FakeEcsApi::stop_task(const std::string& body) {
    const bj::object request = bj::parse(body).as_object();
    FakeTask* task = world_.find(text(request, "task"));
    if (task == nullptr) { return invalid("StopTask", "The referenced task was not found."); }
    if (!task->stop_ordered_at) {
        task->stop_ordered_at = world_.at_;
        task->by_stop_task = true;
        task->stopped_reason = text(request, "reason");
    }
    return bj::serialize(bj::object{{"task", task_json(*task, world_.last_status(*task, world_.at_))}});
}

Result<std::string> FakeEcsApi::task_protection(const std::string& body, bool update) {
    const bj::object request = bj::parse(body).as_object();
    const std::vector<std::string> names = texts(request, "tasks");
    if (names.size() > (update ? 10U : 100U)) { return invalid("TaskProtection", "too many tasks"); }
    bj::array told;
    bj::array failures;
    for (const std::string& name : names) {
        FakeTask* task = world_.find(name);
        if (task == nullptr || task->stop_ordered_at) {
            failures.push_back(bj::object{{"arn", name}, {"reason", "MISSING"}});
            continue;
        }
        if (update) {
            task->protected_until.reset();
            if (request.at("protectionEnabled").as_bool()) {
                task->protected_until = world_.at_ + std::chrono::minutes(request.at("expiresInMinutes").as_int64());
            }
        }
        const bool on = task->protected_until && *task->protected_until > world_.at_;
        bj::object one{{"taskArn", task->arn}, {"protectionEnabled", on}};
        if (on) { one["expirationDate"] = to_epoch_seconds(*task->protected_until); }
        told.push_back(std::move(one));
    }
    return bj::serialize(bj::object{{"protectedTasks", told}, {"failures", failures}});
}

Result<std::string> FakeEcsApi::describe_task_definition() {
    return bj::serialize(bj::object{
        {"taskDefinition",
         {{"taskDefinitionArn", definition_arn},
          {"family", "web"},
          {"revision", 1},
          {"networkMode", "awsvpc"},
          {"containerDefinitions", bj::array{bj::object{{"name", "app"}, {"image", "web:1"}, {"essential", true}}}}}}});
}

// ---- other services ----

Result<std::string> FakeEcsApi::describe_scalable_targets() {
    bj::array targets;
    if (const auto& target = world_.options_.scalable_target) {
        targets.push_back(bj::object{{"ServiceNamespace", "ecs"},
                                     {"ResourceId", target->resource_id},
                                     {"ScalableDimension", "ecs:service:DesiredCount"},
                                     {"MinCapacity", target->min_capacity},
                                     {"MaxCapacity", target->max_capacity},
                                     {"SuspendedState",
                                      {{"DynamicScalingInSuspended", target->suspended.dynamic_scaling_in},
                                       {"DynamicScalingOutSuspended", target->suspended.dynamic_scaling_out},
                                       {"ScheduledScalingSuspended", target->suspended.scheduled_scaling}}}});
    }
    return bj::serialize(bj::object{{"ScalableTargets", targets}});
}

Result<std::string> FakeEcsApi::register_scalable_target(const std::string& body) {
    const bj::object request = bj::parse(body).as_object();
    auto& target = world_.options_.scalable_target;
    if (!target) { target.emplace(); }
    target->resource_id = text(request, "ResourceId");
    if (const auto* min = request.if_contains("MinCapacity")) {
        target->min_capacity = static_cast<int>(min->as_int64());
    }
    if (const auto* max = request.if_contains("MaxCapacity")) {
        target->max_capacity = static_cast<int>(max->as_int64());
    }
    if (const auto* suspended = request.if_contains("SuspendedState")) {
        const bj::object& state = suspended->as_object();
        target->suspended.dynamic_scaling_in = state.at("DynamicScalingInSuspended").as_bool();
        target->suspended.dynamic_scaling_out = state.at("DynamicScalingOutSuspended").as_bool();
        target->suspended.scheduled_scaling = state.at("ScheduledScalingSuspended").as_bool();
    }
    return std::string("{}");
}

Result<std::string> FakeEcsApi::describe_alarms(const std::string& body) {
    const bj::object request = bj::parse(body).as_object();
    bj::array alarms;
    for (const std::string& name : texts(request, "AlarmNames")) {
        const auto found = world_.alarms_.find(name);
        if (found != world_.alarms_.end()) {
            alarms.push_back(bj::object{{"AlarmName", name}, {"StateValue", found->second}});
        }
    }
    return bj::serialize(bj::object{{"MetricAlarms", alarms}, {"CompositeAlarms", bj::array()}});
}

Result<std::string> FakeEcsApi::describe_target_groups() {
    return query("DescribeTargetGroups",
                 fmt::format("<TargetGroups><member><TargetGroupArn>{}</TargetGroupArn><TargetGroupName>web"
                             "</TargetGroupName><TargetType>ip</TargetType></member></TargetGroups>",
                             group_arn));
}

Result<std::string> FakeEcsApi::describe_target_group_attributes() {
    const auto delay = std::chrono::duration_cast<Seconds>(world_.options_.deregistration_delay).count();
    return query("DescribeTargetGroupAttributes",
                 fmt::format("<Attributes><member><Key>deregistration_delay.timeout_seconds</Key><Value>{}</Value>"
                             "</member></Attributes>",
                             delay));
}

Result<std::string> FakeEcsApi::describe_target_health() {
    std::string members;
    for (const FakeTask& task : world_.tasks_) {
        const std::string status = world_.last_status(task, world_.at_);
        if (status != "RUNNING" && status != "DEACTIVATING") { continue; }
        const bool healthy = world_.is_healthy(task, world_.at_);
        const char* state = status == "DEACTIVATING" ? "draining" : healthy ? "healthy" : "initial";
        members += fmt::format("<member><Target><Id>{}</Id><Port>80</Port></Target><TargetHealth><State>{}</State>"
                               "</TargetHealth></member>",
                               task.ip, state);
    }
    return query("DescribeTargetHealth",
                 fmt::format("<TargetHealthDescriptions>{}</TargetHealthDescriptions>", members));
}

} // namespace ecsr::testing
