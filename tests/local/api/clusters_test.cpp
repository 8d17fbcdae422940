#include "tests/local/api/aws_client.hpp"

namespace ecsr::local {
namespace {

using namespace testing;

TEST(Clusters, TheDefaultClusterIsMeantWhenNoneIsNamed) {
    AwsClient aws;
    EXPECT_EQ(aws.ecs_refusal("ListServices", "{}"), "ClusterNotFoundException: Cluster not found.");
    EXPECT_EQ(text(aws.ecs("CreateCluster", "{}").at("cluster").at("clusterName")), "default");
    aws.ecs("ListServices", "{}");
}

TEST(Clusters, NamesAndArnsAreTheSame) {
    AwsClient aws;
    aws.make_cluster();
    aws.ecs("ListServices", R"({"cluster":"arn:aws:ecs:us-east-1:000000000000:cluster/c"})");
}

TEST(Clusters, AnArnOfAnotherRegionOrAccountOrKindNamesNothingHere) {
    AwsClient aws;
    aws.make_cluster();
    for (const char* arn :
         {"arn:aws:ecs:eu-west-1:000000000000:cluster/c", "arn:aws:ecs:us-east-1:111111111111:cluster/c",
          "arn:aws:ecs:us-east-1:000000000000:service/c", "arn:aws:ecs:us-east-1:000000000000:cluster/c/d"}) {
        EXPECT_EQ(aws.ecs_refusal("ListServices", std::string(R"({"cluster":")") + arn + "\"}"),
                  "ClusterNotFoundException: Cluster not found.")
            << arn;
    }
}

TEST(Clusters, CreatingOneTwiceAnswersWithTheFirst) {
    AwsClient aws;
    const auto instance = aws.ecs("CreateCluster", R"({"clusterName":"c","tags":[{"key":"a","value":"b"}]})");
    EXPECT_EQ(aws.ecs("CreateCluster", R"({"clusterName":"c"})"), instance);
}

TEST(Clusters, MembersThatThePlaneDoesNotActOnAreAnsweredBack) {
    AwsClient aws;
    const auto cluster = aws.ecs("CreateCluster", R"({"clusterName":"c","capacityProviders":["FARGATE"],
        "configuration":{"executeCommandConfiguration":{"logging":"DEFAULT"}}})");
    EXPECT_EQ(cluster.at("cluster").at("capacityProviders"), (json::array{"FARGATE"}));
    const auto told = aws.ecs("DescribeClusters", R"({"clusters":["c"]})").at("clusters").at(0);
    EXPECT_EQ(told.at("configuration").at("executeCommandConfiguration").at("logging"), "DEFAULT");
}

TEST(Clusters, ABadNameIsRefused) {
    AwsClient aws;
    EXPECT_TRUE(
        aws.ecs_refusal("CreateCluster", R"({"clusterName":"a b"})").starts_with("InvalidParameterException: "));
    EXPECT_TRUE(aws.ecs_refusal("CreateCluster", R"({"clusterName":""})").starts_with("InvalidParameterException: "));
}

TEST(Clusters, OneThatIsInUseCannotBeDeleted) {
    AwsClient aws;
    aws.make_service();
    EXPECT_EQ(aws.ecs_refusal("DeleteCluster", R"({"cluster":"c"})"),
              "ClusterContainsServicesException: The Cluster cannot be deleted while Services are active.");
    aws.let_the_scheduler_act();
    aws.state.services.clear();
    EXPECT_EQ(aws.ecs_refusal("DeleteCluster", R"({"cluster":"c"})"),
              "ClusterContainsTasksException: The Cluster cannot be deleted while Tasks are active.");
    aws.state.tasks = {};
    aws.ecs("DeleteCluster", R"({"cluster":"c"})");
    EXPECT_EQ(aws.ecs_refusal("DeleteCluster", R"({"cluster":"c"})"), "ClusterNotFoundException: Cluster not found.");
    EXPECT_EQ(aws.ecs("DescribeClusters", R"({"clusters":["c"]})").at("clusters").at(0).at("status"), "INACTIVE");
}

TEST(Clusters, TagsAreToldWhenAskedFor) {
    AwsClient aws;
    aws.ecs("CreateCluster", R"({"clusterName":"c","tags":[{"key":"a","value":"b"}]})");
    const auto without = aws.ecs("DescribeClusters", R"({"clusters":["c"]})").at("clusters").at(0);
    EXPECT_TRUE(without.at("tags").as_array().empty());
    const auto with = aws.ecs("DescribeClusters", R"({"clusters":["c"],"include":["TAGS"]})").at("clusters").at(0);
    EXPECT_EQ(with.at("tags").at(0).at("value"), "b");
}

TEST(ContainerInstances, OneStandsForThisMachineInEachCluster) {
    AwsClient aws;
    aws.make_cluster();
    aws.ecs("CreateCluster", R"({"clusterName":"d"})");
    const auto arns = aws.ecs("ListContainerInstances", R"({"cluster":"c"})").at("containerInstanceArns").as_array();
    ASSERT_EQ(arns.size(), 1U);
    const std::string wanted = R"({"cluster":"c","containerInstances":[")" + text(arns[0]) + R"(","unknown"]})";
    const auto told = aws.ecs("DescribeContainerInstances", wanted);
    EXPECT_TRUE(text(told.at("containerInstances").at(0).at("ec2InstanceId")).starts_with("i-"));
    EXPECT_EQ(told.at("failures").at(0).at("reason"), "MISSING");
    EXPECT_TRUE(aws.ecs("ListContainerInstances", R"({"cluster":"c","status":"DRAINING"})")
                    .at("containerInstanceArns")
                    .as_array()
                    .empty());
}

TEST(Tags, AreMergedRemovedAndLimited) {
    AwsClient aws;
    aws.make_service();
    aws.let_the_scheduler_act();
    const std::string task = ecs_arns + "task/c/" + aws.state.tasks.begin()->first;
    for (const std::string& arn :
         {ecs_arns + "cluster/c", ecs_arns + "service/c/s", ecs_arns + "task-definition/app:1", task}) {
        const std::string resource = R"("resourceArn":")" + arn + "\"";
        aws.ecs("TagResource", "{" + resource + R"(,"tags":[{"key":"a","value":"1"},{"key":"b","value":"2"}]})");
        aws.ecs("UntagResource", "{" + resource + R"(,"tagKeys":["a","never"]})");
        EXPECT_EQ(aws.ecs("ListTagsForResource", "{" + resource + "}").at("tags"),
                  (json::array{{{"key", "b"}, {"value", "2"}}}));
        std::string many;
        for (int i = 0; i < 50; ++i) {
            many += (i == 0 ? "" : ",") + std::string(R"({"key":"k)") + std::to_string(i) + "\"}";
        }
        EXPECT_EQ(aws.ecs_refusal("TagResource", "{" + resource + R"(,"tags":[)" + many + "]}"),
                  "InvalidParameterException: The maximum number of tags for a resource is 50.");
    }
}

TEST(Tags, OfWhatDoesNotExistAreRefused) {
    AwsClient aws;
    aws.make_cluster();
    EXPECT_EQ(
        aws.ecs_refusal("ListTagsForResource", R"({"resourceArn":"arn:aws:ecs:us-east-1:000000000000:service/c/x"})"),
        "InvalidParameterException: The specified resource is not found.");
    EXPECT_EQ(aws.ecs_refusal("UntagResource",
                              R"({"resourceArn":"arn:aws:ecs:us-east-1:000000000000:service/c/x","tagKeys":["k"]})"),
              "ResourceNotFoundException: The specified resource is not found.");
    EXPECT_EQ(
        aws.ecs_refusal("ListTagsForResource", R"({"resourceArn":"arn:aws:ecs:us-east-1:000000000000:task/x/1"})"),
        "ClusterNotFoundException: Cluster not found.");
    aws.ecs("DeleteCluster", R"({"cluster":"c"})");
    EXPECT_EQ(
        aws.ecs_refusal("ListTagsForResource", R"({"resourceArn":"arn:aws:ecs:us-east-1:000000000000:cluster/c"})"),
        "InvalidParameterException: The specified cluster is inactive. Specify an active cluster and try again.");
    EXPECT_EQ(aws.ecs_refusal("ListTagsForResource", R"({"resourceArn":"c"})"),
              "InvalidParameterException: Invalid resource ARN: c");
}

} // namespace
} // namespace ecsr::local
