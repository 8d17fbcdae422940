#include "model/permissions.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <set>

namespace ecsr {

namespace {

constexpr std::array<Permission, 6> read_service{
    {{"ecs:DescribeServices", Reach::Service},
     {"ecs:ListTasks", Reach::ListOfCluster},
     {"ecs:DescribeTasks", Reach::TasksOfCluster},
     {"ecs:DescribeTaskDefinition", Reach::Everything},
     {"ecs:GetTaskProtection", Reach::TasksOfCluster},
     {"application-autoscaling:DescribeScalableTargets", Reach::Everything}}};

template <std::size_t N>
constexpr auto reading_and(const std::array<Permission, N>& more) {
    std::array<Permission, read_service.size() + N> all{};
    std::ranges::copy(read_service, all.begin());
    std::ranges::copy(more, all.begin() + read_service.size());
    return all;
}

constexpr auto scale_in =
    reading_and<2>({{{"ecs:UpdateService", Reach::Service}, {"ecs:UpdateTaskProtection", Reach::TasksOfCluster}}});
// Old tasks that stay are protected while the surge goes.
constexpr auto stop_task = reading_and<3>({{{"ecs:UpdateService", Reach::Service},
                                            {"ecs:UpdateTaskProtection", Reach::TasksOfCluster},
                                            {"ecs:StopTask", Reach::TasksOfCluster}}});
constexpr std::array<Permission, 7> force_deployment{
    {{"ecs:DescribeServices", Reach::Service},
     {"ecs:ListTasks", Reach::ListOfCluster},
     {"ecs:DescribeTasks", Reach::TasksOfCluster},
     {"ecs:DescribeTaskDefinition", Reach::Everything},
     {"application-autoscaling:DescribeScalableTargets", Reach::Everything},
     {"ecs:UpdateService", Reach::Service},
     {"ecr:BatchGetImage", Reach::Images}}};
constexpr std::array<Permission, 3> load_balancer{
    {{"elasticloadbalancing:DescribeTargetGroups", Reach::Everything},
     {"elasticloadbalancing:DescribeTargetGroupAttributes", Reach::Everything},
     {"elasticloadbalancing:DescribeTargetHealth", Reach::Everything}}};
constexpr std::array<Permission, 1> autoscaling{
    {{"application-autoscaling:RegisterScalableTarget", Reach::ScalableTargets}}};
constexpr std::array<Permission, 1> container_instances{
    {{"ecs:DescribeContainerInstances", Reach::ContainerInstancesOfCluster}}};
// IAM narrows it to alarms, but asks for all of them where one is a composite alarm.
constexpr std::array<Permission, 1> alarms{{{"cloudwatch:DescribeAlarms", Reach::Everything}}};
constexpr std::array<Permission, 1> sns{{{"sns:Publish", Reach::Topics}}};
// A transaction needs the right of each write in it.
constexpr std::array<Permission, 5> journal{{{"dynamodb:GetItem", Reach::Table},
                                             {"dynamodb:Query", Reach::Table},
                                             {"dynamodb:PutItem", Reach::Table},
                                             {"dynamodb:UpdateItem", Reach::Table},
                                             {"dynamodb:DeleteItem", Reach::Table}}};
// Lambda itself writes what the function prints, with the function's rights.
constexpr std::array<Permission, 3> lambda{{{"lambda:InvokeFunction", Reach::Function},
                                            {"logs:CreateLogStream", Reach::FunctionLog},
                                            {"logs:PutLogEvents", Reach::FunctionLog}}};
constexpr std::array<Permission, 3> discovery{{{"ecs:ListClusters", Reach::Everything},
                                               {"ecs:ListServices", Reach::ListOfCluster},
                                               {"ecs:DescribeServices", Reach::Service}}};

struct FeatureRow {
    Feature feature;
    std::string_view name;
    std::span<const Permission> permissions;
};

constexpr std::array<FeatureRow, 12> rows{{{Feature::Look, "status", read_service},
                                           {Feature::StopTask, "stop-task", stop_task},
                                           {Feature::ScaleIn, "scale-in", scale_in},
                                           {Feature::ForceDeployment, "force-deployment", force_deployment},
                                           {Feature::LoadBalancer, "load-balancer", load_balancer},
                                           {Feature::Autoscaling, "autoscaling", autoscaling},
                                           {Feature::ContainerInstances, "container-instances", container_instances},
                                           {Feature::Alarms, "alarms", alarms},
                                           {Feature::Sns, "sns", sns},
                                           {Feature::Journal, "journal", journal},
                                           {Feature::Lambda, "lambda", lambda},
                                           {Feature::Discovery, "discovery", discovery}}};

constexpr auto every_feature = [] {
    std::array<Feature, rows.size()> all{};
    std::ranges::transform(rows, all.begin(), &FeatureRow::feature);
    return all;
}();

constexpr std::string_view rolling = "recycle";
constexpr std::array rolling_features{Feature::StopTask, Feature::ScaleIn, Feature::LoadBalancer, Feature::Autoscaling,
                                      Feature::ContainerInstances};

const FeatureRow& row_of(Feature feature) {
    return *std::ranges::find(rows, feature, &FeatureRow::feature);
}

Error unknown_feature(std::string_view name) {
    std::vector<std::string> names{std::string(rolling)};
    for (const auto& row : rows) { names.emplace_back(row.name); }
    return {.kind = ErrorKind::Usage,
            .message = fmt::format("\"{}\" is no feature; there are: {}", name, join(names, ", ")),
            .code = {}};
}

} // namespace

std::span<const Feature> all_features() {
    return every_feature;
}

std::string_view to_string(Feature feature) {
    return row_of(feature).name;
}

std::span<const Permission> permissions_of(Feature feature) {
    return row_of(feature).permissions;
}

Result<std::vector<Feature>> parse_features(std::string_view text) {
    std::set<Feature> asked;
    for (const auto& part : split(text, ',')) {
        const std::string_view name = trim(part);
        if (name == rolling) {
            asked.insert(rolling_features.begin(), rolling_features.end());
            continue;
        }
        const auto* row = std::ranges::find(rows, name, &FeatureRow::name);
        if (row == rows.end()) { return std::unexpected(unknown_feature(name)); }
        asked.insert(row->feature);
    }
    return std::vector<Feature>(asked.begin(), asked.end());
}

std::vector<std::string> actions_of(std::span<const Feature> features) {
    std::set<std::string> actions;
    for (const Feature feature : features) {
        for (const auto& permission : permissions_of(feature)) { actions.emplace(permission.action); }
    }
    return {actions.begin(), actions.end()};
}

} // namespace ecsr
