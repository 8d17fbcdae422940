// Application Auto Scaling and CloudWatch alarms.
#include "aws/autoscaling/client.hpp"
#include "aws/cloudwatch/client.hpp"
#include "base/text.hpp"
#include "observe/parts.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <set>

namespace ecsr::observe {

Status read_scaling(const Reading& reading) {
    const Service& service = reading.snapshot.service;
    aws::autoscaling::DescribeScalableTargetsRequest request;
    request.resource_ids = {aws::autoscaling::ecs_resource_id(service.cluster_arn, service.name)};
    auto answer = needs("application-autoscaling:DescribeScalableTargets",
                        aws::autoscaling::Client(reading.caller).describe_scalable_targets(request, reading.stop));
    if (!answer) { return std::unexpected(std::move(answer).error()); }
    reading.snapshot.scalable_target.reset();
    for (const aws::autoscaling::ScalableTarget& target : answer->scalable_targets) {
        reading.snapshot.scalable_target = aws::autoscaling::to_model(target);
    }
    reading.snapshot.scaling_at = reading.now;
    return {};
}

Status read_alarms(const Reading& reading, const std::vector<std::string>& names) {
    const std::set<std::string> wanted(names.begin(), names.end());
    aws::cloudwatch::DescribeAlarmsRequest request;
    request.alarm_names = {wanted.begin(), wanted.end()};
    auto answer = needs("cloudwatch:DescribeAlarms",
                        aws::cloudwatch::Client(reading.caller).describe_alarms(request, reading.stop));
    if (!answer) { return std::unexpected(std::move(answer).error()); }
    std::map<std::string, std::string> states;
    for (const auto& alarm : answer->metric_alarms) { states[alarm.alarm_name] = alarm.state_value; }
    for (const auto& alarm : answer->composite_alarms) { states[alarm.alarm_name] = alarm.state_value; }
    std::vector<AlarmState> alarms;
    std::vector<std::string> absent;
    for (const std::string& name : wanted) {
        const auto found = states.find(name);
        if (found == states.end()) {
            absent.push_back("\"" + name + "\"");
        } else {
            alarms.push_back({name, found->second});
        }
    }
    if (!absent.empty()) {
        return fail(ErrorKind::Usage,
                    fmt::format("{} {} in CloudWatch: {}", absent.size() == 1 ? "alarm" : "alarms",
                                absent.size() == 1 ? "does not exist" : "do not exist", join(absent, ", ")));
    }
    reading.snapshot.alarms = std::move(alarms);
    reading.snapshot.alarms_at = reading.now;
    return {};
}

} // namespace ecsr::observe
