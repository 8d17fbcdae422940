// Which services the rules mean, and what that costs.
#include "config/load.hpp"
#include "config/report.hpp"
#include "serve/discovery.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>
#include <set>

namespace ecsr::serve {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

using Tags = std::map<std::string, std::string>;

// Clusters with services and their tags, behind the Caller port.
class Clusters : public aws::Caller {
public:
    explicit Clusters(std::map<std::string, std::map<std::string, Tags>> services) : services_(std::move(services)) {}

    Result<std::string> call(const aws::ServiceCall& call, std::stop_token) override {
        ++counts_.total;
        ++counts_.by_operation[call.operation];
        const auto body = boost::json::parse(call.body).as_object();
        if (call.operation == "ListClusters") { return list("clusterArns", "cluster/", names(services_)); }
        const std::string cluster(body.at("cluster").as_string());
        if (!services_.contains(cluster)) {
            return std::unexpected(
                Error{ErrorKind::NotFound, "Cluster not found.", "ClusterNotFoundException", 400, false});
        }
        if (call.operation == "ListServices") {
            return list("serviceArns", "service/" + cluster + "/", names(services_.at(cluster)));
        }
        return describe(cluster, body.at("services").as_array());
    }
    aws::CallCounts counts() const override { return counts_; }
    std::string region() const override { return "eu-west-1"; }

private:
    template <class Map>
    static std::vector<std::string> names(const Map& map) {
        std::vector<std::string> keys;
        for (const auto& [key, value] : map) { keys.push_back(key); }
        return keys;
    }

    static std::string list(const char* field, const std::string& prefix, const std::vector<std::string>& found) {
        boost::json::array arns;
        for (const auto& name : found) { arns.emplace_back("arn:aws:ecs:eu-west-1:1:" + prefix + name); }
        return boost::json::serialize(boost::json::object{{field, arns}});
    }

    std::string describe(const std::string& cluster, const boost::json::array& wanted) const {
        boost::json::array found;
        boost::json::array failures;
        EXPECT_LE(wanted.size(), 10U);
        for (const auto& name : wanted) {
            const auto service = services_.at(cluster).find(std::string(name.as_string()));
            const std::string arn =
                fmt::format("arn:aws:ecs:eu-west-1:1:service/{}/{}", cluster, std::string(name.as_string()));
            if (service == services_.at(cluster).end()) {
                failures.push_back({{"arn", arn}, {"reason", "MISSING"}});
                continue;
            }
            boost::json::array tags;
            for (const auto& [key, value] : service->second) { tags.push_back({{"key", key}, {"value", value}}); }
            found.push_back({{"serviceArn", arn},
                             {"serviceName", name},
                             {"clusterArn", "arn:aws:ecs:eu-west-1:1:cluster/" + cluster},
                             {"status", "ACTIVE"},
                             {"desiredCount", 2},
                             {"tags", tags}});
        }
        return boost::json::serialize(boost::json::object{{"services", found}, {"failures", failures}});
    }

    const std::map<std::string, std::map<std::string, Tags>> services_;
    aws::CallCounts counts_;
};

struct Discovering {
    explicit Discovering(const std::string& services, const std::string& account = "default")
        : caller(std::make_shared<Clusters>(std::map<std::string, std::map<std::string, Tags>>{
              {"shop",
               {{"cart", {}},
                {"web-a", {}},
                {"web-b", {{"ecs-recycler:enabled", "false"}}},
                {"old", {{"ecs-recycler:max-age", "6h"}, {"team", "shop"}}}}},
              {"batch", {{"etl", {{"ecs-recycler:enabled", "true"}}}}}})) {
        const std::string yaml = "defaults: {max_age: 1d}\naccounts: [{name: default}, {name: other}]\nservices:\n";
        auto loaded = config::load(yaml + services, {[](const std::string&) { return std::nullopt; }});
        EXPECT_TRUE(loaded.settings) << config::problems_text("r.yaml", loaded.problems);
        Policies policies(std::make_shared<const config::Settings>(std::move(*loaded.settings)));
        config::Account named;
        named.name = account;
        auto found = discover({named, "eu-west-1", caller}, policies, {});
        EXPECT_TRUE(found) << found.error().message;
        for (const Found& each : found->services) {
            names.push_back(each.id.cluster + "/" + each.id.name);
            policy_of[each.id.name] = each.policy;
            EXPECT_EQ(each.key, fmt::format("1/eu-west-1/{}/{}", each.id.cluster, each.id.name));
        }
        warnings = found->warnings;
    }

    std::int64_t calls(const std::string& operation) const {
        const auto counts = caller->counts().by_operation;
        const auto found = counts.find(operation);
        return found == counts.end() ? 0 : found->second;
    }

    std::shared_ptr<Clusters> caller;
    std::vector<std::string> names;
    std::map<std::string, std::shared_ptr<const config::Policy>> policy_of;
    std::vector<std::string> warnings;
};

TEST(Discovery, WhatIsNamedIsDescribedAndNothingIsListed) {
    const Discovering found("  - services: [cart, old]\n    cluster: shop\n");
    EXPECT_THAT(found.names, ElementsAre("shop/cart", "shop/old"));
    EXPECT_EQ(found.caller->counts().total, 1);
}

TEST(Discovery, PatternsAreLookedUpAndTagsCanTakeAServiceOut) {
    const Discovering found("  - service: web-*\n    cluster: shop\n");
    EXPECT_THAT(found.names, ElementsAre("shop/web-a")) << "web-b has ecs-recycler:enabled=false";
    EXPECT_EQ(found.calls("ListServices"), 1);
    EXPECT_EQ(found.calls("ListClusters"), 0);
}

TEST(Discovery, ByTagItFindsServicesInEveryCluster) {
    const Discovering found("  - tags: {\"ecs-recycler:enabled\": \"true\"}\n  - tags: {team: \"sh?p\"}\n");
    EXPECT_THAT(found.names, ElementsAre("batch/etl", "shop/old"));
    EXPECT_EQ(found.policy_of.at("old")->max_age, std::chrono::hours(6)) << "its tag wins";
    EXPECT_EQ(found.policy_of.at("etl")->max_age, std::chrono::hours(24));
    EXPECT_EQ(found.calls("ListClusters"), 1);
}

TEST(Discovery, TheFirstEntryThatPicksAServiceCounts) {
    const Discovering found("  - service: cart\n    cluster: shop\n    enabled: false\n  - cluster: shop\n");
    EXPECT_THAT(found.names, ElementsAre("shop/old", "shop/web-a"));
}

TEST(Discovery, WhatIsNamedAndDoesNotExistIsTold) {
    const Discovering found("  - services: [cart, gone]\n    cluster: shop\n  - cluster: nowhere\n");
    EXPECT_THAT(found.names, ElementsAre("shop/cart"));
    EXPECT_THAT(found.warnings, ElementsAre(HasSubstr("there is no cluster nowhere"),
                                            HasSubstr("there is no service gone in cluster shop")));
}

TEST(Discovery, AnEntryOfAnotherAccountMeansNothingHere) {
    const Discovering found("  - cluster: shop\n    account: default\n", "other");
    EXPECT_THAT(found.names, IsEmpty());
    EXPECT_EQ(found.caller->counts().total, 0);
}

TEST(Discovery, PatternsAreThoseOfShells) {
    EXPECT_TRUE(matches("web-*", "web-"));
    EXPECT_TRUE(matches("*a*b*", "xxaxxbxx"));
    EXPECT_TRUE(matches("w?b", "web"));
    EXPECT_FALSE(matches("web-*", "web"));
    EXPECT_FALSE(matches("w?b", "wb"));
    EXPECT_FALSE(matches("[ab]", "a"));
    EXPECT_TRUE(matches("*", ""));
}

} // namespace
} // namespace ecsr::serve
