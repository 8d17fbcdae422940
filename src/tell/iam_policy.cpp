#include "tell/iam_policy.hpp"

#include "base/json_mapper.hpp"

#include <boost/describe.hpp>
#include <fmt/format.h>
#include <map>
#include <set>

namespace ecsr::tell {

namespace {

struct PolicyStatement {
    std::string sid;
    std::string effect = "Allow";
    std::vector<std::string> action;
    std::vector<std::string> resource;
    std::map<std::string, std::map<std::string, std::string>> condition;
};
BOOST_DESCRIBE_STRUCT(PolicyStatement, (), (sid, effect, action, resource, condition))

struct PolicyDocument {
    std::string version = "2012-10-17"; // of the language, not of the document
    std::vector<PolicyStatement> statement;
};
BOOST_DESCRIBE_STRUCT(PolicyDocument, (), (version, statement))

std::string arn(const PolicyScope& scope, std::string_view service, std::string_view rest) {
    return fmt::format("arn:{}:{}:{}:{}:{}", scope.partition, service, scope.region, scope.account, rest);
}

std::string_view sid_of(Reach reach) {
    switch (reach) {
    case Reach::Everything: return "Read";
    case Reach::Service: return "Service";
    case Reach::TasksOfCluster: return "Tasks";
    case Reach::ListOfCluster: return "List";
    case Reach::ContainerInstancesOfCluster: return "ContainerInstances";
    case Reach::ScalableTargets: return "Autoscaling";
    case Reach::Images: return "Images";
    case Reach::Table: return "Runs";
    case Reach::Topics: return "Tell";
    case Reach::Function: return "GoOnInAnotherInvocation";
    case Reach::FunctionLog: return "Log";
    }
    return {};
}

std::vector<std::string> resources_of(Reach reach, const PolicyScope& scope) {
    const auto in_cluster = [&](std::string_view kind, std::string_view name) {
        return arn(scope, "ecs", fmt::format("{}/{}/{}", kind, scope.cluster, name));
    };
    switch (reach) {
    case Reach::Service: return {in_cluster("service", scope.service)};
    case Reach::TasksOfCluster: return {in_cluster("task", "*")};
    case Reach::ContainerInstancesOfCluster: return {in_cluster("container-instance", "*")};
    case Reach::ScalableTargets: return {arn(scope, "application-autoscaling", "scalable-target/*")};
    case Reach::Images: return {fmt::format("arn:{}:ecr:{}:*:repository/*", scope.partition, scope.region)};
    case Reach::Table: return {arn(scope, "dynamodb", "table/" + scope.table)};
    case Reach::Topics: return scope.topics;
    case Reach::Function: return {arn(scope, "lambda", "function:" + scope.function)};
    case Reach::FunctionLog: return {arn(scope, "logs", fmt::format("log-group:/aws/lambda/{}:*", scope.function))};
    case Reach::Everything:
    case Reach::ListOfCluster: break;
    }
    return {"*"};
}

std::map<std::string, std::map<std::string, std::string>> condition_of(Reach reach, const PolicyScope& scope) {
    if (reach == Reach::ListOfCluster) {
        return {{"ArnLike", {{"ecs:cluster", arn(scope, "ecs", "cluster/" + scope.cluster)}}}};
    }
    if (reach == Reach::ScalableTargets) {
        return {{"StringEquals", {{"application-autoscaling:service-namespace", "ecs"}}}};
    }
    return {};
}

} // namespace

std::string iam_policy_json(std::span<const Feature> features, const PolicyScope& scope) {
    std::map<Reach, std::set<std::string>> allowed;
    for (const Feature feature : features) {
        for (const auto& permission : permissions_of(feature)) { allowed[permission.reach].emplace(permission.action); }
    }
    PolicyDocument document;
    for (const auto& [reach, actions] : allowed) {
        PolicyStatement statement;
        statement.sid = sid_of(reach);
        statement.action.assign(actions.begin(), actions.end());
        statement.resource = resources_of(reach, scope);
        statement.condition = condition_of(reach, scope);
        document.statement.push_back(std::move(statement));
    }
    return json::to_json<json::PascalCase>(document, 2);
}

} // namespace ecsr::tell
