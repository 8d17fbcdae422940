// Every operation of every service with one member after the other of a wrong kind: each request is answered, none with
// a failure of the server. (The Api itself asserts that no handler goes on after a problem that it has not asked for.)
#include "local/api/call.hpp"
#include "tests/local/api/aws_client.hpp"

#include <set>

namespace ecsr::local {
namespace {

using namespace testing;

// A request that has every member which any operation reads, each of the right kind.
json::object full_request(AwsClient& aws) {
    const std::string task = aws.state.tasks.begin()->first;
    json::object request = json::parse(R"({
        "cluster":"c", "clusterName":"c2", "clusters":["c"], "service":"s", "services":["s"], "serviceName":"s",
        "taskDefinition":"app", "desiredCount":1, "include":["TAGS"], "maxResults":5, "launchType":"EC2", "force":true,
        "tags":[{"key":"a","value":"b"}], "tagKeys":["a"], "settings":[{"name":"containerInsights","value":"enabled"}],
        "containerInstances":["x"], "family":"fam", "networkMode":"bridge", "memory":"64", "cpu":"1",
        "containerDefinitions":[{"name":"n","image":"i","memory":64,"cpu":1,"essential":true,"stopTimeout":1,
            "memoryReservation":8,"entryPoint":["e"],"command":["c"],"environment":[{"name":"a","value":"b"}],
            "dockerLabels":{"a":"b"},"portMappings":[{"containerPort":1,"hostPort":2,"protocol":"tcp"}],
            "healthCheck":{"command":["CMD","x"],"interval":5,"timeout":2,"retries":1,"startPeriod":0},"dependsOn":[]}],
        "deploymentConfiguration":{"maximumPercent":200,"minimumHealthyPercent":50,"strategy":"ROLLING",
            "deploymentCircuitBreaker":{"enable":true,"rollback":true},
            "alarms":{"alarmNames":["a"],"enable":true,"rollback":true}},
        "deploymentController":{"type":"ECS"}, "healthCheckGracePeriodSeconds":0, "placementConstraints":[],
        "availabilityZoneRebalancing":"ENABLED", "schedulingStrategy":"REPLICA", "forceNewDeployment":false,
        "propagateTags":"NONE", "enableExecuteCommand":false, "protectionEnabled":true, "expiresInMinutes":5,
        "desiredStatus":"RUNNING", "familyPrefix":"a", "status":"ACTIVE", "sort":"ASC", "reason":"r",
        "loadBalancers":[],
        "ServiceNamespace":"ecs", "ResourceId":"service/c/s", "ResourceIds":["service/c/s"], "MinCapacity":1,
        "MaxCapacity":2,
        "ScalableDimension":"ecs:service:DesiredCount",
        "SuspendedState":{"DynamicScalingInSuspended":true}, "MaxResults":5,
        "Name":"name", "Names":["name"], "Protocol":"HTTP", "Port":80, "TargetType":"ip", "Scheme":"internal",
        "HealthCheckIntervalSeconds":30, "HealthCheckPath":"/", "Matcher":{"HttpCode":"200"}, "HealthCheckEnabled":true,
        "Attributes":[{"Key":"a","Value":"b"}], "Tags":[{"Key":"a","Value":"b"}], "TagKeys":["a"], "Subnets":["a"],
        "Targets":[{"Id":"127.0.0.1","Port":1}], "DefaultActions":[{"Type":"forward","TargetGroupArn":"x",
            "ForwardConfig":{"TargetGroups":[{"TargetGroupArn":"x"}]}}], "PageSize":5,
        "AlarmName":"a", "AlarmNames":["a"], "MetricName":"m", "Namespace":"n", "Period":60, "EvaluationPeriods":1,
        "Threshold":1.5, "ComparisonOperator":"GreaterThanThreshold", "Dimensions":[{"Name":"a","Value":"b"}],
        "StateValue":"OK", "StateReason":"r", "MaxRecords":5, "AlarmActions":["a"], "ActionsEnabled":true,
        "RoleArn":"arn:aws:iam::1:role/r", "RoleSessionName":"me", "DurationSeconds":900})")
                               .as_object();
    request["task"] = task;
    request["tasks"] = json::array{json::value(task)};
    request["resourceArn"] = ecs_arns + "cluster/c";
    const std::string group = aws.state.target_groups.begin()->first;
    request["TargetGroupArn"] = group;
    request["TargetGroupArns"] = json::array{json::value(group)};
    request["ResourceArns"] = json::array{json::value(group)};
    request["LoadBalancerArn"] = aws.state.load_balancers.begin()->first;
    request["ListenerArn"] = aws.state.listeners.begin()->first;
    return request;
}

const json::array& odd_values() {
    static const json::array values =
        json::parse(R"([null, true, -1, 2.5, 1e300, "x", [], [1], [{}], {}, {"name":1}])").as_array();
    return values;
}

void make_world(AwsClient& aws) {
    aws.make_service();
    aws.let_the_scheduler_act();
    const auto group = aws.make_target_group("g");
    aws.make_listener(aws.make_load_balancer("b"), group, 80);
}

// Every place in `value`, deepest last: calls `visit` with a copy of `root` in which that place is `odd`.
template <typename Visit>
void replace_everywhere(const json::value& root, const json::value& at, const std::string& pointer,
                        const json::value& odd, const Visit& visit) {
    const auto descend = [&](const std::string& key, const json::value& child) {
        const std::string place = pointer + "/" + key;
        json::value copy = root;
        copy.at_pointer(place) = odd;
        visit(copy, place);
        replace_everywhere(root, child, place, odd, visit);
    };
    if (const auto* object = at.if_object()) {
        for (const auto& [key, child] : *object) { descend(std::string(key), child); }
    } else if (const auto* array = at.if_array()) {
        for (std::size_t i = 0; i < array->size(); ++i) { descend(std::to_string(i), (*array)[i]); }
    }
}

class EveryJsonOperation : public ::testing::TestWithParam<std::string> {};

TEST_P(EveryJsonOperation, AnswersToMembersOfTheWrongKind) {
    AwsClient aws;
    make_world(aws);
    const State start = aws.state;
    const json::value request = full_request(aws);
    for (const auto& odd : odd_values()) {
        replace_everywhere(request, request, "", odd, [&](const json::value& body, const std::string& place) {
            if (aws.last_change != Change::Nothing) { aws.state = start; }
            const auto response = aws.post_json(GetParam(), json::serialize(body));
            ASSERT_LT(response.status, 500) << place << " " << odd;
            json::error_code error;
            const auto answer = json::parse(response.body, error);
            ASSERT_TRUE(!error && answer.is_object()) << response.body;
            ASSERT_EQ(aws.last_change == Change::Nothing || response.status == 200, true) << place << " " << odd;
        });
    }
}

std::vector<std::string> json_operations() {
    std::vector<std::string> targets;
    for (const auto& service : wire::services()) {
        for (const auto& group : service.operations) {
            for (const auto& operation : group) {
                if (service.target_prefix.empty()) { continue; }
                targets.push_back(std::string(service.target_prefix) + "." + std::string(operation.name));
            }
        }
    }
    return targets;
}

std::string name_of(const ::testing::TestParamInfo<std::string>& info) {
    std::string name = info.param;
    name[name.find('.')] = '_';
    return name;
}

INSTANTIATE_TEST_SUITE_P(Json, EveryJsonOperation, ::testing::ValuesIn(json_operations()), name_of);

// The same members flattened into a form, one left out or spoilt at a time.
void flatten(const json::value& value, const std::string& name,
             std::vector<std::pair<std::string, std::string>>& fields) {
    if (const auto* object = value.if_object()) {
        for (const auto& [key, child] : *object) {
            flatten(child, name.empty() ? std::string(key) : name + "." + std::string(key), fields);
        }
    } else if (const auto* array = value.if_array()) {
        for (std::size_t i = 0; i < array->size(); ++i) {
            flatten((*array)[i], name + ".member." + std::to_string(i + 1), fields);
        }
    } else if (const auto* plain = value.if_string()) {
        fields.emplace_back(name, std::string(*plain));
    } else {
        fields.emplace_back(name, json::serialize(value));
    }
}

TEST(EveryQueryOperation, AnswersToSpoiltFields) {
    AwsClient aws;
    make_world(aws);
    const State start = aws.state;
    std::vector<std::pair<std::string, std::string>> fields;
    flatten(full_request(aws), "", fields);
    for (const auto& service : wire::services()) {
        if (service.query_version.empty()) { continue; }
        for (const auto& group : service.operations) {
            for (const auto& operation : group) {
                for (std::size_t spoilt = 0; spoilt < fields.size(); ++spoilt) {
                    const char* odd = spoilt % 2 == 0 ? "" : "%C3%A4";
                    std::string form = "Action=" + std::string(operation.name);
                    for (std::size_t i = 0; i < fields.size(); ++i) {
                        form += "&" + fields[i].first + "=" + (i == spoilt ? odd : fields[i].second);
                    }
                    if (aws.last_change != Change::Nothing) { aws.state = start; }
                    const auto response = aws.query_raw(service.signing_name, form);
                    pugi::xml_document document;
                    ASSERT_LT(response.status, 500) << fields[spoilt].first << "=" << odd;
                    ASSERT_TRUE(document.load_string(response.body.c_str())) << response.body;
                }
            }
        }
    }
}

} // namespace
} // namespace ecsr::local
