// Sends requests to the Api as AWS clients write them, and reads the answers. For the tests of this room.
#pragma once

#include "local/api/api.hpp"
#include "local/scheduler/scheduler.hpp"
#include "tests/support/manual_clock.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>
#include <pugixml.hpp>
#include <string>
#include <string_view>
#include <utility>

namespace ecsr::local::testing {

namespace json = boost::json;

inline const std::string ecs_arns = "arn:aws:ecs:us-east-1:000000000000:";

class AwsClient {
public:
    State state;
    Instant now = ecsr::testing::fixed_epoch;
    Change last_change = Change::Nothing;
    std::map<std::string, std::uint64_t> memory = {{"app", 1'000}, {"side", 24}};

    HttpResponse send(const HttpRequest& request) {
        Answer answer = api_.handle(request, state, now);
        last_change = answer.change;
        return std::move(answer.response);
    }

    static HttpHeaders headers(std::string_view service) {
        return {{"Authorization", "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260102/us-east-1/" + std::string(service) +
                                      "/aws4_request, SignedHeaders=host, Signature=0"}};
    }

    HttpResponse post_json(const std::string& target, const std::string& body, const char* version = "1.1",
                           HttpHeaders more = {}) {
        HttpRequest request{"POST", "/", {{"X-Amz-Target", target}}, body};
        request.headers.emplace_back("Content-Type", std::string("application/x-amz-json-") + version);
        request.headers.insert(request.headers.end(), more.begin(), more.end());
        return send(request);
    }

    HttpResponse ecs_raw(const std::string& operation, const std::string& body) {
        return post_json("AmazonEC2ContainerServiceV20141113." + operation, body);
    }

    HttpResponse query_raw(std::string_view service, const std::string& form) {
        HttpRequest request{"POST", "/", headers(service), form};
        request.headers.emplace_back("Content-Type", "application/x-www-form-urlencoded; charset=utf-8");
        return send(request);
    }

    // The answer of a call that must succeed.
    json::object ecs(const std::string& operation, const std::string& body) { return good(ecs_raw(operation, body)); }
    json::object scaling(const std::string& operation, const std::string& body) {
        return good(post_json("AnyScaleFrontendService." + operation, body));
    }

    // "Code: message" of a call that must be refused.
    std::string ecs_refusal(const std::string& operation, const std::string& body) {
        return refusal(ecs_raw(operation, body));
    }
    std::string scaling_refusal(const std::string& operation, const std::string& body) {
        return refusal(post_json("AnyScaleFrontendService." + operation, body));
    }

    // The text at `path` ("CreateTargetGroupResult/TargetGroups/member/TargetGroupArn") of a call that must succeed.
    std::string elb(const std::string& form, const std::string& path) {
        const HttpResponse response = query_raw("elasticloadbalancing", form + "&Version=2015-12-01");
        EXPECT_EQ(response.status, 200) << response.body;
        return text_at(response, path);
    }
    std::string elb_refusal(const std::string& form) {
        const HttpResponse response = query_raw("elasticloadbalancing", form + "&Version=2015-12-01");
        EXPECT_GE(response.status, 400) << response.body;
        return text_at(response, "Error/Code") + ": " + text_at(response, "Error/Message");
    }

    static std::string text_at(const HttpResponse& response, const std::string& path) {
        pugi::xml_document document;
        EXPECT_TRUE(document.load_string(response.body.c_str())) << response.body;
        return document.document_element().first_element_by_path(path.c_str()).text().as_string();
    }

    static json::object good(const HttpResponse& response) {
        EXPECT_EQ(response.status, 200) << response.body;
        return json::parse(response.body).as_object();
    }
    static std::string refusal(const HttpResponse& response) {
        EXPECT_GE(response.status, 400) << response.body;
        const auto body = json::parse(response.body).as_object();
        return std::string(body.at("__type").as_string()) + ": " + std::string(body.at("message").as_string());
    }

    // A cluster "c" and a task definition "app:1" (bridge, port 8080).
    void make_cluster() {
        ecs("CreateCluster", R"({"clusterName":"c"})");
        ecs("RegisterTaskDefinition", R"({"family":"app","containerDefinitions":[{"name":"app","image":"i","memory":64,
            "command":["run"],"portMappings":[{"containerPort":8080}]}]})");
    }
    // The same and a service "s" of it.
    void make_service(int count = 1) {
        make_cluster();
        ecs("CreateService",
            R"({"cluster":"c","serviceName":"s","taskDefinition":"app","desiredCount":)" + std::to_string(count) + "}");
    }
    // Tasks that the scheduler has started, without a runtime: they stay before RUNNING.
    void let_the_scheduler_act() {
        now += Seconds(5);
        scheduler_.advance(state, now);
        now += Seconds(5);
        scheduler_.advance(state, now);
    }
    std::string make_target_group(const std::string& name, const std::string& more = "") {
        return elb("Action=CreateTargetGroup&Name=" + name + "&Protocol=HTTP&Port=80&TargetType=ip" + more,
                   "CreateTargetGroupResult/TargetGroups/member/TargetGroupArn");
    }
    std::string make_load_balancer(const std::string& name) {
        return elb("Action=CreateLoadBalancer&Name=" + name,
                   "CreateLoadBalancerResult/LoadBalancers/member/LoadBalancerArn");
    }
    std::string make_listener(const std::string& load_balancer, const std::string& group, int port) {
        return elb("Action=CreateListener&Protocol=HTTP&Port=" + std::to_string(port) +
                       "&LoadBalancerArn=" + load_balancer +
                       "&DefaultActions.member.1.Type=forward&DefaultActions.member.1.TargetGroupArn=" + group,
                   "CreateListenerResult/Listeners/member/ListenerArn");
    }

private:
    Scheduler scheduler_{SchedulerOptions{}};
    Api api_{[this](const std::string&) { return memory; }};
};

inline std::string text(const json::value& value) {
    return std::string(value.as_string());
}

} // namespace ecsr::local::testing
