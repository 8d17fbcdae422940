// Names and lookups of the state (ECS behaviour A9).
#include "local/state/state.hpp"

#include <gmock/gmock.h>

namespace ecsr::local {
namespace {

using ::testing::MatchesRegex;

State with_revisions(const std::vector<bool>& active) {
    State state;
    for (const bool each : active) {
        TaskDefinition& definition = state.task_definitions["web"].emplace_back();
        definition.family = "web";
        definition.revision = static_cast<int>(state.task_definitions["web"].size());
        definition.active = each;
    }
    return state;
}

TEST(Names, are_those_of_real_arns) {
    const Identity identity{"eu-west-1", "123456789012"};
    EXPECT_EQ(cluster_arn(identity, "c"), "arn:aws:ecs:eu-west-1:123456789012:cluster/c");
    EXPECT_EQ(service_arn(identity, "c", "s"), "arn:aws:ecs:eu-west-1:123456789012:service/c/s");
    EXPECT_EQ(task_arn(identity, "c", "t"), "arn:aws:ecs:eu-west-1:123456789012:task/c/t");
    EXPECT_EQ(container_arn(identity, "c", "t", "u"), "arn:aws:ecs:eu-west-1:123456789012:container/c/t/u");
    EXPECT_EQ(task_definition_arn(identity, "f", 3), "arn:aws:ecs:eu-west-1:123456789012:task-definition/f:3");
    EXPECT_EQ(container_instance_arn(identity, "c", "i"), "arn:aws:ecs:eu-west-1:123456789012:container-instance/c/i");
    EXPECT_EQ(instance_id("0123456789abcdef0123456789abcdef"), "i-0123456789abcdef0");
}

TEST(Names, new_ids_have_the_form_of_real_ones) {
    Random random(3);
    for (int i = 0; i < 50; ++i) {
        EXPECT_THAT(new_deployment_id(random), MatchesRegex("ecs-svc/[0-9]{19}"));
        EXPECT_THAT(new_uuid(random),
                    MatchesRegex("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"));
    }
}

TEST(LoopbackAddress, skips_the_first_network_and_the_ends_of_each) {
    EXPECT_EQ(loopback_address(1), "127.0.1.1");
    EXPECT_EQ(loopback_address(254), "127.0.1.254");
    EXPECT_EQ(loopback_address(255), "127.0.2.1");
    EXPECT_EQ(loopback_address(254 * 255), "127.0.255.254");
    EXPECT_EQ(loopback_address(254 * 255 + 1), "127.1.0.1");
    EXPECT_EQ(loopback_address(16'645'890), "127.255.255.254");
    EXPECT_EQ(loopback_address(16'645'891), "127.0.1.1") << "wraps";
}

TEST(Lookup, finds_a_revision_by_arn_by_name_and_the_newest_active_by_family) {
    const State state = with_revisions({true, true, false});
    ASSERT_NE(find_task_definition(state, "web:2"), nullptr);
    EXPECT_EQ(find_task_definition(state, "web:2")->revision, 2);
    EXPECT_EQ(find_task_definition(state, "arn:aws:ecs:us-east-1:000000000000:task-definition/web:3")->revision, 3);
    EXPECT_EQ(find_task_definition(state, "web")->revision, 2);
}

TEST(Lookup, of_what_is_not_there_finds_nothing) {
    State state = with_revisions({false});
    for (const char* name : {"web", "web:0", "web:2", "web:x", "web:", "other:1", "", ":1"}) {
        EXPECT_EQ(find_task_definition(state, name), nullptr) << name;
    }
    EXPECT_EQ(find_target_group(state, "arn"), nullptr);
    Task standalone;
    EXPECT_EQ(service_of(state, standalone), nullptr);
}

TEST(DeregistrationDelay, is_300_seconds_unless_the_group_says_otherwise) {
    TargetGroup group;
    EXPECT_EQ(deregistration_delay(group), Seconds{300});
    group.attributes["deregistration_delay.timeout_seconds"] = "0";
    EXPECT_EQ(deregistration_delay(group), Seconds{0});
    group.attributes["deregistration_delay.timeout_seconds"] = "3600";
    EXPECT_EQ(deregistration_delay(group), Seconds{3600});
}

TEST(Words, are_those_of_the_api) {
    EXPECT_STREQ(to_string(TaskStatus::Deprovisioning), "DEPROVISIONING");
    EXPECT_STREQ(to_string(TaskStatus::Activating), "ACTIVATING");
    EXPECT_STREQ(to_string(Health::Unknown), "UNKNOWN");
    EXPECT_STREQ(to_string(TargetState::Draining), "draining");
    EXPECT_STREQ(to_string(RolloutState::InProgress), "IN_PROGRESS");
    EXPECT_STREQ(to_string(DeploymentStatus::Primary), "PRIMARY");
    EXPECT_STREQ(to_string(ServiceStatus::Draining), "DRAINING");
}

} // namespace
} // namespace ecsr::local
