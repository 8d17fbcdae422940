// The members of CloudWatch's shapes, for the codecs, and the table of its operations. For .cpp files alone.
#pragma once

#include "aws/cloudwatch/client.hpp"
#include "aws/operation.hpp"
#include "base/described.hpp"
#include "base/json_names.hpp"

#include <boost/describe.hpp>

namespace ecsr::aws::cloudwatch {

inline const ServiceInfo service_info{.id = "monitoring",
                                      .endpoint_host = "monitoring",
                                      .endpoint_env = "CLOUDWATCH",
                                      .config_key = "cloudwatch",
                                      .protocol = Protocol::Json10,
                                      .target_prefix = "GraniteServiceVersion20100801",
                                      .api_version = ""};
using Names = json::PascalCase;

BOOST_DESCRIBE_STRUCT(MetricAlarm, (), (alarm_name, alarm_arn, state_value, state_reason))
BOOST_DESCRIBE_STRUCT(CompositeAlarm, (), (alarm_name, alarm_arn, state_value, state_reason))
BOOST_DESCRIBE_STRUCT(DescribeAlarmsRequest, (), (alarm_names, alarm_types, next_token))
BOOST_DESCRIBE_STRUCT(DescribeAlarmsAnswer, (), (composite_alarms, metric_alarms, next_token))

inline constexpr Operations operations{
    Operation<DescribeAlarmsRequest, DescribeAlarmsAnswer>{"DescribeAlarms"},
};

} // namespace ecsr::aws::cloudwatch
