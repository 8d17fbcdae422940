#include "aws/cloudwatch/client.hpp"

#include "aws/cloudwatch/describe.hpp"
#include "aws/json_call.hpp"
#include "aws/paging.hpp"

namespace ecsr::aws::cloudwatch {

namespace {

constexpr std::size_t names_per_call = 100; // ECS behaviour F4

} // namespace

Result<DescribeAlarmsAnswer> Client::describe_alarms(const DescribeAlarmsRequest& request,
                                                     const std::stop_token& stop) {
    const auto one_page = [&](const DescribeAlarmsRequest& page) {
        return call_json<Names>(*caller_, service_info, find_operation<DescribeAlarmsRequest>(operations), page, stop);
    };
    return in_chunks<DescribeAlarmsAnswer>(
        request, &DescribeAlarmsRequest::alarm_names, names_per_call, [&](const DescribeAlarmsRequest& part) {
            return all_pages(part, &DescribeAlarmsRequest::next_token, &DescribeAlarmsAnswer::next_token,
                             "monitoring DescribeAlarms", one_page);
        });
}

} // namespace ecsr::aws::cloudwatch
