#include "imports/definition.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

namespace ecsr::imports {
namespace {

namespace json = boost::json;

// ECS behaviour A7: what DescribeTaskDefinition answers holds members that RegisterTaskDefinition does not take.
const std::string definition = R"({"taskDefinition": {
  "taskDefinitionArn": "arn:aws:ecs:eu-west-1:1:task-definition/web:7", "family": "web", "revision": 7,
  "status": "ACTIVE", "registeredBy": "arn:aws:iam::1:user/ann", "requiresAttributes": [{"name": "x"}],
  "networkMode": "awsvpc", "cpu": "256", "memory": "512", "requiresCompatibilities": ["FARGATE"],
  "containerDefinitions": [
    {"name": "app", "image": "shop:7", "command": ["serve"], "environment": [{"name": "URL", "value": "v-e-r-y"}],
     "secrets": [{"name": "KEY", "valueFrom": "arn:s-e-c-r-e-t"}], "dockerLabels": {"team": "shop"},
     "healthCheck": {"command": ["CMD", "curl"], "interval": 10}, "ulimits": [{"name": "nofile", "softLimit": 9}],
     "logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": "g"},
                          "secretOptions": [{"name": "n", "valueFrom": "arn:s-e-c-r-e-t"}]}},
    {"name": "proxy", "image": "ecs-recycler/web", "environmentFiles": [{"type": "s3", "value": "arn:f"}],
     "repositoryCredentials": {"credentialsParameter": "arn:s-e-c-r-e-t"}}]}})";

const std::string service = R"({"services": [{
  "serviceArn": "arn", "serviceName": "web", "status": "ACTIVE", "desiredCount": 9, "runningCount": 9,
  "taskDefinition": "arn:td", "launchType": "FARGATE", "schedulingStrategy": "REPLICA",
  "loadBalancers": [{"targetGroupArn": "group-a", "containerName": "app", "containerPort": 80},
                    {"loadBalancerName": "classic", "containerName": "app", "containerPort": 80}],
  "deploymentConfiguration": {"strategy": "BLUE_GREEN", "maximumPercent": 120, "bakeTimeInMinutes": 5,
                              "alarms": {"alarmNames": ["errors"], "enable": true, "rollback": true}},
  "serviceRegistries": [{"registryArn": "r"}],
  "tags": [{"key": "aws:cloudformation:stack-name", "value": "s"}, {"key": "team", "value": "shop"}]}]})";

Choices choices(Runtime runtime) {
    Choices made;
    made.runtime = runtime;
    made.workloads = {"crash", "web"};
    return made;
}

json::value parsed(const Result<Request>& request) {
    EXPECT_TRUE(request.has_value());
    return request ? json::parse(request->body) : json::value();
}

TEST(Definition, CopiesATaskDefinitionButForWhatOnlyAwsSetsAndSecrets) {
    const auto request = task_definition_request(definition, choices(Runtime::Virtual), {{"local.ecs/startup", "3s"}});
    const auto copy = parsed(request);
    EXPECT_EQ(copy.at("family"), "web");
    EXPECT_EQ(copy.at("cpu"), "256");
    for (const auto* member : {"taskDefinitionArn", "revision", "status", "registeredBy", "requiresAttributes"}) {
        EXPECT_FALSE(copy.as_object().contains(member));
    }
    const auto& app = copy.at("containerDefinitions").at(0).as_object();
    EXPECT_EQ(app.at("image"), "shop:7");
    EXPECT_TRUE(app.at("command") == (json::array{"serve"}));
    EXPECT_EQ(app.at("ulimits").as_array().size(), 1);
    EXPECT_TRUE(app.at("dockerLabels") == (json::object{{"team", "shop"}, {"local.ecs/startup", "3s"}}));
    EXPECT_EQ(app.at("logConfiguration").at("logDriver"), "awslogs");
    EXPECT_TRUE(app.at("secrets").at(0) == (json::object{{"name", "KEY"}, {"valueFrom", "masked"}}));
    EXPECT_EQ(request->body.find("s-e-c-r-e-t"), std::string::npos);
    EXPECT_EQ(request->body.find("v-e-r-y"), std::string::npos);
    EXPECT_TRUE(request->left_out ==
                (std::vector<std::string>{"container app: environment: URL (--with-environment copies it)",
                                          "container app: secrets: KEY", "container proxy: environment files",
                                          "container proxy: credentials of the image registry"}));
}

TEST(Definition, CopiesValuesOfEnvironmentVariablesWhenAsked) {
    auto asked = choices(Runtime::Container);
    asked.with_environment = true;
    const auto request = task_definition_request(definition, asked, {});
    EXPECT_EQ(parsed(request).at("containerDefinitions").at(0).at("environment").at(0).at("value"), "v-e-r-y");
    EXPECT_EQ(request->body.find("s-e-c-r-e-t"), std::string::npos);
}

TEST(Definition, TakesBuiltInImagesAloneAsProcessesAndNoCommands) {
    auto asked = choices(Runtime::Process);
    const auto refused = task_definition_request(definition, asked, {});
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().kind, ErrorKind::Usage);
    EXPECT_TRUE(refused.error().message.find("container app has the image shop:7") != std::string::npos);
    EXPECT_TRUE(refused.error().message.find("crash, web") != std::string::npos);

    asked.images = {{"app", "web"}};
    const auto copy = parsed(task_definition_request(definition, asked, {}));
    const auto& app = copy.at("containerDefinitions").at(0).as_object();
    EXPECT_EQ(app.at("image"), "ecs-recycler/web");
    EXPECT_FALSE(app.contains("command"));
    EXPECT_TRUE(app.at("healthCheck").at("command") == (json::array{"CMD-SHELL", "exit 0"}));
    EXPECT_EQ(app.at("healthCheck").at("interval"), 10);
    EXPECT_EQ(copy.at("containerDefinitions").at(1).at("image"), "ecs-recycler/web");

    asked.images = {{"app", "shop:7"}};
    EXPECT_FALSE(task_definition_request(definition, asked, {}).has_value());
    asked.images = {{"app", "web"}, {"ap", "web"}};
    const auto unknown = task_definition_request(definition, asked, {});
    ASSERT_FALSE(unknown.has_value());
    EXPECT_EQ(unknown.error().message, "--image ap=web: the task definition has no container ap; it has app, proxy");
}

TEST(Definition, CopiesAServiceWithTheDeploymentConfigurationThatALocalEcsKnows) {
    auto asked = choices(Runtime::Virtual);
    asked.desired_count = 2;
    const auto request = service_request(service, "shop", "web:1", asked, {{"group-a", "group-b"}});
    const auto copy = parsed(request);
    EXPECT_EQ(copy.at("cluster"), "shop");
    EXPECT_EQ(copy.at("desiredCount"), 2);
    EXPECT_EQ(copy.at("taskDefinition"), "web:1");
    EXPECT_TRUE(copy.at("deploymentConfiguration") == (json::object{{"maximumPercent", 120}}));
    EXPECT_TRUE(
        copy.at("loadBalancers") ==
        (json::array{json::object{{"containerName", "app"}, {"containerPort", 80}, {"targetGroupArn", "group-b"}}}));
    EXPECT_TRUE(copy.at("tags") == (json::array{json::object{{"key", "team"}, {"value", "shop"}}}));
    EXPECT_FALSE(copy.as_object().contains("runningCount"));
    EXPECT_TRUE(request->left_out ==
                (std::vector<std::string>{"deployment strategy BLUE_GREEN: the copy has ROLLING",
                                          "deployment alarms: errors", "load balancer classic", "service discovery"}));
}

TEST(Definition, RefusesAServiceWithoutATaskDefinitionOfItsOwn) {
    const auto refused =
        service_request(R"({"services": [{"serviceName": "web"}]})", "shop", "", choices(Runtime::Virtual), {});
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().kind, ErrorKind::Usage);
    EXPECT_EQ(service_request("[]", "shop", "", choices(Runtime::Virtual), {}).error().kind, ErrorKind::Remote);
}

} // namespace
} // namespace ecsr::imports
