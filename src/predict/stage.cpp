#include "predict/stage.hpp"

#include "base/text.hpp"
#include "base/url.hpp"
#include "local/state/ids.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <fmt/format.h>
#include <map>
#include <set>
#include <tuple>
#include <utility>

namespace ecsr::predict {

namespace {

namespace json = boost::json;

constexpr Millis usual_start{30'000};
constexpr Millis shortest_stop_timeout{1'000};
constexpr std::chrono::hours longest_setup{12};

const TaskDefinition* definition_of(const Snapshot& snapshot) {
    const auto current = snapshot.task_definitions.find(snapshot.service.task_definition);
    if (current != snapshot.task_definitions.end()) { return &current->second; }
    return snapshot.task_definitions.empty() ? nullptr : &snapshot.task_definitions.begin()->second;
}

bool has_own_addresses(const Snapshot& snapshot) {
    return std::ranges::any_of(snapshot.target_groups, [](const auto& g) { return g.second.target_type == "ip"; });
}

Millis draw(const std::vector<Millis>& samples, Millis otherwise, Random& random) {
    if (samples.empty()) { return otherwise; }
    const auto last = static_cast<std::int64_t>(samples.size()) - 1;
    return samples[static_cast<std::size_t>(random.between(0, last))];
}

// Each task starts and stops as one of those that were observed.
std::function<void(local::TaskLaunch&)> behaviour(const Snapshot& snapshot, const Learned& learned,
                                                  std::uint64_t seed) {
    const std::string well = format_duration(well_after(*definition_of(snapshot), learned));
    return [learned, well, random = Random(seed * 2 + 1)](local::TaskLaunch& launch) mutable {
        const std::string start = format_duration(draw(learned.starts, usual_start, random));
        const Millis stop = draw(learned.stops, Millis(0), random);
        for (auto& container : launch.containers) {
            container.docker_labels["local.ecs/image-pull"] = start;
            container.docker_labels["local.ecs/health-after"] = well;
            if (stop < shortest_stop_timeout) { continue; }
            container.docker_labels["local.ecs/ignore-sigterm"] = "true";
            container.stop_timeout = std::chrono::round<Seconds>(stop);
        }
    };
}

local::SchedulerOptions scheduler_of(const Learned& learned) {
    local::SchedulerOptions options;
    options.pace.provision = options.pace.deprovision = Millis(0); // part of what was learnt
    const DecisionRange decision = decision_range(learned.decision);
    options.pace.decide_low = decision.low;
    options.pace.decide_high = decision.high;
    if (!learned.stops.empty()) {
        const Millis stop = middle(learned.stops);
        if (stop < shortest_stop_timeout) { options.pace.deprovision = stop; }
    }
    return options;
}

std::string text_of(const std::string& xml, const std::string& element) {
    const auto from = xml.find("<" + element + ">") + element.size() + 2;
    return xml.substr(from, xml.find("</" + element + ">", from) - from);
}

class Builder {
public:
    Builder(local::VirtualEcs& ecs, const Snapshot& snapshot, const std::string& cluster)
        : ecs_(ecs), snapshot_(snapshot), cluster_(cluster) {}

    Status build() {
        ask(ecs_.ecs("CreateCluster", json::serialize(json::object{{"clusterName", cluster_}})));
        for (const auto& binding : snapshot_.service.target_groups) { make_target_group(binding); }
        make_task_definition();
        make_service();
        make_scalable_target();
        for (const auto& alarm : snapshot_.alarms) { make_alarm(alarm); }
        return std::move(status_);
    }

private:
    // The answer; empty once something has failed.
    std::string ask(Result<std::string> answer) {
        if (answer) { return std::move(*answer); }
        if (status_) { status_ = std::unexpected(std::move(answer).error()); }
        return {};
    }

    void make_target_group(const TargetGroupBinding& binding);
    void make_task_definition();
    json::object container(const ContainerDefinition& definition) const;
    json::array load_balancers() const;
    void make_service();
    void make_scalable_target();
    void make_alarm(const AlarmState& alarm);

    local::VirtualEcs& ecs_;
    const Snapshot& snapshot_;
    const std::string& cluster_;
    std::vector<std::string> groups_; // ARNs, in the order of the service's bindings
    Status status_;
};

void Builder::make_target_group(const TargetGroupBinding& binding) {
    const auto found = snapshot_.target_groups.find(binding.target_group_arn);
    const TargetGroup group = found == snapshot_.target_groups.end() ? TargetGroup{} : found->second;
    const auto number = groups_.size() + 1;
    const std::string type = group.target_type.empty() ? "ip" : group.target_type;
    const std::string arn =
        text_of(ask(ecs_.elb(fmt::format(
                    "Action=CreateTargetGroup&Name=group-{}&Protocol=HTTP&Port=80&VpcId=vpc-1&TargetType={}"
                    "&HealthCheckIntervalSeconds={}&HealthCheckTimeoutSeconds=2&HealthyThresholdCount={}",
                    number, percent_encode(type), group.health_check_interval.count(), group.healthy_threshold))),
                "TargetGroupArn");
    const std::string balancer =
        text_of(ask(ecs_.elb(fmt::format("Action=CreateLoadBalancer&Name=balancer-{}&Subnets.member.1=subnet-a"
                                         "&Subnets.member.2=subnet-b",
                                         number))),
                "LoadBalancerArn");
    ask(ecs_.elb(fmt::format("Action=CreateListener&Protocol=HTTP&Port=80&LoadBalancerArn={}"
                             "&DefaultActions.member.1.Type=forward&DefaultActions.member.1.TargetGroupArn={}",
                             percent_encode(balancer), percent_encode(arn))));
    ask(ecs_.elb(
        fmt::format("Action=ModifyTargetGroupAttributes&TargetGroupArn={}"
                    "&Attributes.member.1.Key=deregistration_delay.timeout_seconds&Attributes.member.1.Value={}",
                    percent_encode(arn), group.deregistration_delay.count())));
    groups_.push_back(arn);
}

json::object Builder::container(const ContainerDefinition& definition) const {
    std::set<int> ports;
    for (const auto& binding : snapshot_.service.target_groups) {
        if (binding.container_name == definition.name) { ports.insert(binding.container_port); }
    }
    json::array mappings;
    for (const int port : ports) { mappings.emplace_back(json::object{{"containerPort", port}}); }
    json::object made{{"name", definition.name},
                      {"image", definition.image},
                      {"essential", definition.essential},
                      {"memory", 64},
                      {"portMappings", std::move(mappings)}};
    if (definition.has_health_check) {
        made["healthCheck"] = json::object{{"command", json::array{"CMD-SHELL", "exit 0"}},
                                           {"interval", definition.health_check.interval.count()},
                                           {"timeout", definition.health_check.timeout.count()},
                                           {"retries", definition.health_check.retries},
                                           {"startPeriod", definition.health_check.start_period.count()}};
    }
    return made;
}

void Builder::make_task_definition() {
    json::array containers;
    for (const auto& each : definition_of(snapshot_)->containers) { containers.emplace_back(container(each)); }
    ask(ecs_.ecs("RegisterTaskDefinition",
                 json::serialize(json::object{{"family", "observed"},
                                              {"networkMode", has_own_addresses(snapshot_) ? "awsvpc" : "bridge"},
                                              {"containerDefinitions", std::move(containers)}})));
}

json::array Builder::load_balancers() const {
    json::array balancers;
    for (std::size_t i = 0; i < groups_.size(); ++i) {
        const TargetGroupBinding& binding = snapshot_.service.target_groups[i];
        balancers.emplace_back(json::object{{"targetGroupArn", groups_[i]},
                                            {"containerName", binding.container_name},
                                            {"containerPort", binding.container_port}});
    }
    return balancers;
}

void Builder::make_service() {
    const Service& service = snapshot_.service;
    json::object made{
        {"cluster", cluster_},
        {"serviceName", service.name},
        {"taskDefinition", "observed"},
        {"desiredCount", service.desired_count},
        {"availabilityZoneRebalancing", "DISABLED"},
        {"deploymentConfiguration", json::object{{"maximumPercent", service.maximum_percent},
                                                 {"minimumHealthyPercent", service.minimum_healthy_percent}}}};
    if (!groups_.empty()) {
        made["loadBalancers"] = load_balancers();
        made["healthCheckGracePeriodSeconds"] = service.health_check_grace_period.count();
    }
    if (has_own_addresses(snapshot_)) {
        made["networkConfiguration"] =
            json::object{{"awsvpcConfiguration", json::object{{"subnets", json::array{"subnet-a"}}}}};
    }
    ask(ecs_.ecs("CreateService", json::serialize(made)));
}

void Builder::make_scalable_target() {
    const auto& target = snapshot_.scalable_target;
    if (!target) { return; }
    ask(ecs_.autoscaling(
        "RegisterScalableTarget",
        json::serialize(json::object{
            {"ServiceNamespace", "ecs"},
            {"ScalableDimension", "ecs:service:DesiredCount"},
            {"ResourceId", fmt::format("service/{}/{}", cluster_, snapshot_.service.name)},
            {"MinCapacity", target->min_capacity},
            {"MaxCapacity", target->max_capacity},
            {"SuspendedState", json::object{{"DynamicScalingInSuspended", target->suspended.dynamic_scaling_in},
                                            {"DynamicScalingOutSuspended", target->suspended.dynamic_scaling_out},
                                            {"ScheduledScalingSuspended", target->suspended.scheduled_scaling}}}})));
}

void Builder::make_alarm(const AlarmState& alarm) {
    ask(ecs_.cloudwatch("PutMetricAlarm",
                        json::serialize(json::object{{"AlarmName", alarm.name},
                                                     {"Namespace", "observed"},
                                                     {"MetricName", "observed"},
                                                     {"EvaluationPeriods", 1},
                                                     {"Period", 60},
                                                     {"Statistic", "Sum"},
                                                     {"Threshold", 1},
                                                     {"ComparisonOperator", "GreaterThanThreshold"}})));
    ask(ecs_.cloudwatch("SetAlarmState",
                        json::serialize(json::object{
                            {"AlarmName", alarm.name}, {"StateValue", alarm.state}, {"StateReason", "as observed"}})));
}

bool is_steady(const Stage& stage) {
    const auto& services = stage.ecs->state().services;
    const auto found = services.find({stage.cluster, stage.service});
    return found != services.end() && found->second.steady_since.has_value();
}

std::vector<std::string> tasks_by_age(const local::State& state, const std::string& cluster) {
    std::vector<const local::Task*> tasks;
    tasks.reserve(state.tasks.size());
    for (const auto& [id, task] : state.tasks) { tasks.push_back(&task); }
    std::ranges::sort(tasks, {}, [](const local::Task* task) { return std::pair(task->created_at, task->id); });
    std::vector<std::string> arns;
    arns.reserve(tasks.size());
    for (const local::Task* task : tasks) { arns.push_back(local::task_arn(state.identity, cluster, task->id)); }
    return arns;
}

} // namespace

Result<Stage> set_stage(const Snapshot& snapshot, const Learned& learned, std::uint64_t seed, Instant now) {
    if (definition_of(snapshot) == nullptr) {
        return fail(ErrorKind::NotFound, "the task definition of the service was not read");
    }
    Stage stage;
    stage.ecs = std::make_unique<local::VirtualEcs>(local::VirtualEcsOptions{
        .seed = seed,
        .start = now,
        .scheduler = scheduler_of(learned),
        // The first check comes when it is known to succeed; nothing changes after it.
        .target_checks = {.first_after = learned.health.value_or(Millis(1'000)), .end_with_success = true},
        .at_launch = behaviour(snapshot, learned, seed)});
    stage.cluster = std::string(short_id(snapshot.service.cluster_arn));
    stage.service = snapshot.service.name;
    if (auto built = Builder(*stage.ecs, snapshot, stage.cluster).build(); !built) {
        return std::unexpected(std::move(built).error());
    }
    const Instant latest = now + longest_setup;
    while (!is_steady(stage) && stage.ecs->now() < latest) { stage.ecs->go_on(Seconds(5)); }
    if (!is_steady(stage)) { return fail(ErrorKind::Timeout, "with what was observed the service never gets steady"); }
    stage.tasks = tasks_by_age(stage.ecs->state(), stage.cluster);
    return stage;
}

int healthy_tasks(const local::State& state) {
    std::map<std::tuple<std::string_view, std::string_view, int>, bool> target_is_healthy;
    for (const auto& [arn, group] : state.target_groups) {
        for (const auto& target : group.targets) {
            target_is_healthy[{arn, target.id, target.port}] = target.state == local::TargetState::Healthy;
        }
    }
    const auto counts = [&](const local::Task& task) {
        if (task.last_status != local::TaskStatus::Running || task.desired_status != local::TaskStatus::Running) {
            return false;
        }
        const bool checked =
            std::ranges::any_of(task.containers, [](const auto& c) { return c.essential && c.has_health_check; });
        if (checked && local::task_health(task) != local::Health::Healthy) { return false; }
        return std::ranges::all_of(task.targets, [&](const auto& r) {
            const auto found = target_is_healthy.find({r.target_group_arn, r.target_id, r.port});
            return found != target_is_healthy.end() && found->second;
        });
    };
    return static_cast<int>(std::ranges::count_if(state.tasks, [&](const auto& task) { return counts(task.second); }));
}

Status protect(Stage& stage, const std::vector<std::string>& tasks, std::chrono::minutes expires_in) {
    constexpr std::size_t chunk = 10; // ECS behaviour A7
    for (std::size_t from = 0; from < tasks.size(); from += chunk) {
        json::array arns;
        for (std::size_t i = from; i < std::min(tasks.size(), from + chunk); ++i) { arns.emplace_back(tasks[i]); }
        const auto done = stage.ecs->ecs("UpdateTaskProtection",
                                         json::serialize(json::object{{"cluster", stage.cluster},
                                                                      {"tasks", std::move(arns)},
                                                                      {"protectionEnabled", true},
                                                                      {"expiresInMinutes", expires_in.count()}}));
        if (!done) { return std::unexpected(done.error()); }
    }
    return {};
}

} // namespace ecsr::predict
