#include "tests/simulation/workload.hpp"

#include <fmt/format.h>

namespace ecsr::simulation {

namespace {

std::string member(const std::string& xml, const std::string& name) {
    const auto from = xml.find("<" + name + ">") + name.size() + 2;
    return xml.substr(from, xml.find("</" + name + ">") - from);
}

std::int64_t seconds(Millis span) {
    return std::chrono::duration_cast<Seconds>(span).count();
}

std::string make_target_group(VirtualWorld& world, const Options& options) {
    const std::string group =
        member(world.elb(fmt::format("Action=CreateTargetGroup&Name=g&Protocol=HTTP&Port=80&TargetType=ip&VpcId=vpc-1"
                                     "&HealthCheckIntervalSeconds={}&HealthCheckTimeoutSeconds=2"
                                     "&HealthyThresholdCount=2&UnhealthyThresholdCount=2",
                                     seconds(options.check_interval))),
               "TargetGroupArn");
    const std::string balancer =
        member(world.elb("Action=CreateLoadBalancer&Name=b&Subnets.member.1=subnet-a&Subnets.member.2=subnet-b"),
               "LoadBalancerArn");
    world.elb("Action=CreateListener&Protocol=HTTP&Port=8080&LoadBalancerArn=" + balancer +
              "&DefaultActions.member.1.Type=forward&DefaultActions.member.1.TargetGroupArn=" + group);
    world.elb(fmt::format("Action=ModifyTargetGroupAttributes&TargetGroupArn={}"
                          "&Attributes.member.1.Key=deregistration_delay.timeout_seconds&Attributes.member.1.Value={}",
                          group, seconds(options.drain)));
    return group;
}

std::string balancing(VirtualWorld& world, const Options& options) {
    const Millis grace = options.startup + 2 * options.check_interval;
    return fmt::format(R"(,"loadBalancers":[{{"targetGroupArn":"{}","containerName":"app","containerPort":8080}}])"
                       R"(,"networkConfiguration":{{"awsvpcConfiguration":{{"subnets":["subnet-a"]}}}})"
                       R"(,"healthCheckGracePeriodSeconds":{})",
                       make_target_group(world, options), seconds(grace));
}

std::string deployment_configuration(const Options& options) {
    const std::string alarms =
        fmt::format(R"("alarms":{{"alarmNames":["{}"],"enable":true,"rollback":true}},)", alarm_name);
    return fmt::format(R"(,"deploymentConfiguration":{{{}"deploymentCircuitBreaker":{{"enable":{},"rollback":true}}}})",
                       options.deployment_alarm ? alarms : "", options.circuit_breaker);
}

} // namespace

local::SchedulerOptions scheduler_of(const Options& options) {
    local::SchedulerOptions scheduler;
    scheduler.pace.decide_low = options.slowest_decision / 4;
    scheduler.pace.decide_high = options.slowest_decision;
    scheduler.stop_task_drains = options.stop_task_drains;
    scheduler.stopping_uses_headroom = options.stopping_uses_headroom;
    return scheduler;
}

local::Capacity capacity_of(const Options& options) {
    // A deployment starts as many again as there are, and people scale out.
    return {.cpu = {}, .memory_mib = task_memory * 3 * (options.tasks + 8), .tasks = {}};
}

std::string task_definition(const Options& options) {
    std::string check;
    if (options.container_check) {
        check = fmt::format(R"("healthCheck":{{"command":["CMD","check"],"interval":{},"timeout":2,"retries":2,)"
                            R"("startPeriod":{}}},)",
                            seconds(options.check_interval), seconds(options.startup));
    }
    return fmt::format(
        R"({{"family":"app","networkMode":"{}","containerDefinitions":[{{"name":"app","image":"app:1","memory":{},)"
        R"("stopTimeout":{},{}"portMappings":[{{"containerPort":8080}}],"dockerLabels":{{"local.ecs/startup":"{}",)"
        R"("local.ecs/ignore-sigterm":"{}"}}}}]}})",
        options.load_balancer ? "awsvpc" : "bridge", task_memory, seconds(options.stop_timeout), check,
        format_duration(options.startup), options.ignore_sigterm);
}

bool is_of_service(const local::Task& task) {
    return task.group == "service:s";
}

void make_service(VirtualWorld& world, const Options& options, Random& random) {
    world.ecs("CreateCluster", R"({"clusterName":"c"})");
    world.ecs("RegisterTaskDefinition", task_definition(options));
    if (options.alarm) {
        world.alarm("PutMetricAlarm", R"("MetricName":"Errors","Namespace":"App","Statistic":"Sum","Period":60,)"
                                      R"("EvaluationPeriods":1,"Threshold":1,)"
                                      R"("ComparisonOperator":"GreaterThanThreshold")");
        world.alarm("SetAlarmState", R"("StateValue":"OK","StateReason":"calm")");
    }
    world.ecs("CreateService",
              fmt::format(R"({{"cluster":"c","serviceName":"s","taskDefinition":"app","desiredCount":{}{}{}}})",
                          options.tasks, options.load_balancer ? balancing(world, options) : "",
                          deployment_configuration(options)));
    world.ecs("RegisterTaskDefinition",
              fmt::format(R"({{"family":"{}","containerDefinitions":[{{"name":"app","image":"app:1","memory":{}}}]}})",
                          neighbour, task_memory));
    if (options.scalable_target) {
        world.scaling("RegisterScalableTarget",
                      fmt::format(R"({{"ServiceNamespace":"ecs","ScalableDimension":"ecs:service:DesiredCount",)"
                                  R"("ResourceId":"service/c/s","MinCapacity":1,"MaxCapacity":{}}})",
                                  options.tasks + random.between(0, 3)));
    }
    world.go_on(options.startup + 4 * options.check_interval + 10 * options.slowest_decision + Seconds(120));
}

void draw_mood(local::TaskLaunch& launch, const Options& options, Random& random, Marks& marks) {
    auto& labels = launch.containers.at(0).docker_labels;
    const auto drawn = [&, left = random.between(0, 999)](int share) mutable {
        const bool hit = left >= 0 && left < share;
        left -= share;
        return hit;
    };
    const auto after = [&](int low, int high) {
        return format_duration(options.startup + Seconds(random.between(low, high)));
    };
    auto choose = drawn;
    if (choose(options.failing_pulls)) {
        ++marks["image pull failed"];
        labels["local.ecs/image-pull"] = "fail: no such image";
    } else if (choose(options.crashing)) {
        ++marks["new task crashed"];
        labels["local.ecs/exit"] = "1@" + after(0, 60);
    } else if (choose(options.never_healthy)) {
        ++marks["new task never healthy"];
        labels["local.ecs/health-after"] = "30d";
    } else if (choose(options.sickening)) {
        ++marks["new task turned unhealthy"];
        labels["local.ecs/unhealthy-after"] = after(20, 300);
    } else if (choose(options.slow)) {
        ++marks["new task slow"];
        labels["local.ecs/startup"] = format_duration(3 * options.startup);
    }
}

} // namespace ecsr::simulation
