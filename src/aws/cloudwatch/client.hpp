// Amazon CloudWatch alarms, typed; conventions as in aws/ecs/types.hpp and aws/ecs/client.hpp. JSON 1.0 (ECS behaviour
// A5).
#pragma once

#include "aws/call.hpp"

#include <stop_token>
#include <string>
#include <vector>

namespace ecsr::aws::cloudwatch {

struct MetricAlarm {
    std::string alarm_name;
    std::string alarm_arn;
    std::string state_value; // OK | ALARM | INSUFFICIENT_DATA
    std::string state_reason;
};

struct CompositeAlarm {
    std::string alarm_name;
    std::string alarm_arn;
    std::string state_value;
    std::string state_reason;
};

struct DescribeAlarmsRequest {
    std::vector<std::string> alarm_names;
    std::vector<std::string> alarm_types = {"MetricAlarm",
                                            "CompositeAlarm"}; // AWS's own default leaves composite ones out
    std::string next_token;
};
struct DescribeAlarmsAnswer {
    std::vector<CompositeAlarm> composite_alarms;
    std::vector<MetricAlarm> metric_alarms;
    std::string next_token;
};

class Client {
public:
    explicit Client(Caller& caller) : caller_(&caller) {}

    // Names that no alarm has are just not in the answer.
    Result<DescribeAlarmsAnswer> describe_alarms(const DescribeAlarmsRequest& request, const std::stop_token& stop);

private:
    Caller* caller_;
};

} // namespace ecsr::aws::cloudwatch
