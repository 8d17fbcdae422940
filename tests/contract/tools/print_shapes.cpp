// Prints what the typed AWS services believe about the API as JSON, for tests/contract/botocore_shapes_test.py.
#include "aws/autoscaling/describe.hpp"
#include "aws/cloudwatch/describe.hpp"
#include "aws/dynamodb/describe.hpp"
#include "aws/ecr/describe.hpp"
#include "aws/ecs/describe.hpp"
#include "aws/elbv2/describe.hpp"
#include "aws/sns/describe.hpp"
#include "aws/sts/describe.hpp"
#include "base/json_mapper.hpp"

#include <cstdio>
#include <string>
#include <vector>

namespace {

using namespace ecsr;
using json::quote;

// {"type": "structure", "struct": "Deployment", "members": {"createdAt": {...}}}
template <class Policy, class T>
std::string shape() {
    if constexpr (json::Optional<T>) {
        return shape<Policy, typename T::value_type>();
    } else if constexpr (json::Sequence<T>) {
        return R"({"type":"list","item":)" + shape<Policy, typename T::value_type>() + "}";
    } else if constexpr (json::StringMap<T>) {
        return R"({"type":"map","item":)" + shape<Policy, typename T::mapped_type>() + "}";
    } else if constexpr (described::Struct<T>) {
        std::string members;
        const T object{};
        const auto describe = [&]<class M>(const std::string& name, const char* cpp_name, const M&) {
            if (!members.empty()) { members += ","; }
            members += quote(name) + R"(:{"cpp":)" + quote(cpp_name) + R"(,"shape":)" + shape<Policy, M>() + "}";
        };
        boost::mp11::mp_for_each<described::Members<T>>([&](auto descriptor) {
            describe(Policy::member(descriptor.name), descriptor.name, object.*decltype(descriptor)::pointer);
        });
        return R"({"type":"structure","struct":)" + quote(json::type_name<T>()) + R"(,"members":{)" + members + "}}";
    } else {
        static_assert(std::same_as<T, std::string> || std::same_as<T, bool> || std::same_as<T, int> ||
                      std::same_as<T, double> || std::same_as<T, Instant>);
        return std::same_as<T, std::string> ? R"({"type":"string"})"
               : std::same_as<T, bool>      ? R"({"type":"boolean"})"
               : std::same_as<T, int>       ? R"({"type":"integer"})"
               : std::same_as<T, double>    ? R"({"type":"double"})"
                                            : R"({"type":"timestamp"})";
    }
}

const char* protocol_name(aws::Protocol protocol) {
    switch (protocol) {
    case aws::Protocol::Json10: return "json 1.0";
    case aws::Protocol::Json11: return "json 1.1";
    case aws::Protocol::Query: return "query";
    case aws::Protocol::RestJson: return "rest-json";
    }
    return "";
}

template <class Policy>
std::string service(const char* botocore_name, const char* folder, const aws::ServiceInfo& info,
                    const auto& operations) {
    std::string list;
    aws::for_each_operation(operations, [&]<class Op>(const Op& operation) {
        if (!list.empty()) { list += ","; }
        list += R"({"name":)" + quote(operation.name) + R"(,"request":)" + shape<Policy, typename Op::Request>() +
                R"(,"answer":)" + shape<Policy, typename Op::Answer>() + "}";
    });
    return R"({"botocore":)" + quote(botocore_name) + R"(,"folder":)" + quote(folder) + R"(,"signing_name":)" +
           quote(info.id) + R"(,"endpoint_host":)" + quote(info.endpoint_host) + R"(,"endpoint_env":)" +
           quote(info.endpoint_env) + R"(,"config_key":)" + quote(info.config_key) + R"(,"protocol":)" +
           quote(protocol_name(info.protocol)) + R"(,"target_prefix":)" + quote(info.target_prefix) +
           R"(,"api_version":)" + quote(info.api_version) + R"(,"operations":[)" + list + "]}";
}

template <class Request, class Policy>
std::string defaults(const char* botocore_name, const auto& operations) {
    return R"({"botocore":)" + quote(botocore_name) + R"(,"operation":)" +
           quote(aws::find_operation<Request>(operations).name) + R"(,"parameters":)" +
           json::to_json<Policy>(Request{}) + "}";
}

} // namespace

int main() {
    using namespace aws;
    const std::string services =
        service<ecs::Names>("ecs", "ecs", ecs::service_info, ecs::operations) + ",\n" +
        service<autoscaling::Names>("application-autoscaling", "autoscaling", autoscaling::service_info,
                                    autoscaling::operations) +
        ",\n" + service<elbv2::Names>("elbv2", "elbv2", elbv2::service_info, elbv2::operations) + ",\n" +
        service<cloudwatch::Names>("cloudwatch", "cloudwatch", cloudwatch::service_info, cloudwatch::operations) +
        ",\n" + service<sts::Names>("sts", "sts", sts::service_info, sts::operations) + ",\n" +
        service<dynamodb::Names>("dynamodb", "dynamodb", dynamodb::service_info, dynamodb::operations) + ",\n" +
        service<sns::Names>("sns", "sns", sns::service_info, sns::operations) + ",\n" +
        service<ecr::Names>("ecr", "ecr", ecr::service_info, ecr::operations);
    const std::string values =
        defaults<autoscaling::DescribeScalableTargetsRequest, autoscaling::Names>("application-autoscaling",
                                                                                  autoscaling::operations) +
        ",\n" +
        defaults<autoscaling::RegisterScalableTargetRequest, autoscaling::Names>("application-autoscaling",
                                                                                 autoscaling::operations) +
        ",\n" +
        defaults<autoscaling::DeregisterScalableTargetRequest, autoscaling::Names>("application-autoscaling",
                                                                                   autoscaling::operations) +
        ",\n" + defaults<cloudwatch::DescribeAlarmsRequest, cloudwatch::Names>("cloudwatch", cloudwatch::operations);
    std::puts((R"({"services":[)" + services + R"(],"defaults":[)" + values + "]}").c_str());
    return 0;
}
