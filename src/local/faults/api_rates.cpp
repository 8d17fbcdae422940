#include "local/faults/api_rates.hpp"

#include <algorithm>
#include <vector>

namespace ecsr::local {

namespace {

struct Bucket {
    std::string_view name;
    double burst;
    double per_second;
    std::vector<std::string_view> operations;
};

const std::vector<Bucket>& buckets() {
    static const std::vector<Bucket> table = {
        {"cluster modify",
         20,
         1,
         {"CreateCluster", "DeleteCluster", "UpdateCluster", "UpdateClusterSettings", "PutClusterCapacityProviders"}},
        {"cluster read", 50, 20, {"DescribeClusters", "ListClusters"}},
        {"task definition modify", 20, 1, {"RegisterTaskDefinition", "DeregisterTaskDefinition"}},
        {"task definition read",
         50,
         20,
         {"DescribeTaskDefinition", "ListTaskDefinitions", "ListTaskDefinitionFamilies"}},
        {"task definition delete", 5, 1, {"DeleteTaskDefinitions"}},
        {"capacity provider modify",
         10,
         1,
         {"CreateCapacityProvider", "UpdateCapacityProvider", "DeleteCapacityProvider"}},
        {"capacity provider read", 50, 20, {"DescribeCapacityProviders"}},
        {"tag modify", 20, 10, {"TagResource", "UntagResource"}},
        {"tag read", 50, 20, {"ListTagsForResource"}},
        {"account setting modify", 10, 1, {"PutAccountSetting", "PutAccountSettingDefault", "DeleteAccountSetting"}},
        {"account setting read", 50, 20, {"ListAccountSettings"}},
        {"cluster resource modify",
         100,
         40,
         {"RunTask", "StartTask", "StopTask", "UpdateContainerInstancesState", "ExecuteCommand", "PutAttributes",
          "DeleteAttributes"}},
        {"cluster resource read",
         100,
         20,
         {"DescribeTasks", "ListTasks", "DescribeContainerInstances", "ListContainerInstances", "ListAttributes"}},
        {"service modify", 50, 5, {"CreateService", "UpdateService", "DeleteService"}},
        {"service read", 100, 20, {"DescribeServices", "ListServices"}},
        {"service deployment",
         50,
         20,
         {"DescribeServiceDeployments", "ListServiceDeployments", "StopServiceDeployment",
          "ContinueServiceDeployment"}},
        {"service revision read", 50, 20, {"DescribeServiceRevisions"}},
        {"task protection", 200, 80, {"GetTaskProtection", "UpdateTaskProtection"}},
        {"namespace read", 10, 1, {"ListServicesByNamespace"}},
        {"task set modify",
         100,
         40,
         {"CreateTaskSet", "UpdateTaskSet", "DeleteTaskSet", "UpdateServicePrimaryTaskSet"}},
    };
    return table;
}

const Bucket* bucket_of(std::string_view operation) {
    const auto holds = [&](const Bucket& bucket) { return std::ranges::count(bucket.operations, operation) > 0; };
    const auto found = std::ranges::find_if(buckets(), holds);
    return found == buckets().end() ? nullptr : &*found;
}

} // namespace

bool ApiRates::take(std::string_view ecs_operation, Instant now) {
    const Bucket* bucket = bucket_of(ecs_operation);
    if (bucket == nullptr) { return true; }
    Level& level = levels_.try_emplace(bucket->name, Level{bucket->burst, now}).first->second;
    const double seconds = static_cast<double>((now - level.at).count()) / 1'000;
    level.tokens = std::min(bucket->burst, level.tokens + std::max(0.0, seconds) * bucket->per_second);
    level.at = now;
    if (level.tokens < 1) { return false; }
    level.tokens -= 1;
    return true;
}

} // namespace ecsr::local
