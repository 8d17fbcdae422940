// What is kept, and where the output of tasks goes (ECS behaviour A10, C3, C4).
#include "local/logs/log_store.hpp"
#include "local/logs/streams_of_tasks.hpp"
#include "local/logs/wildcard.hpp"
#include "tests/support/manual_clock.hpp"

#include <gtest/gtest.h>

namespace ecsr::local {
namespace {

using namespace std::chrono_literals;

const Instant now = ecsr::testing::fixed_epoch;

std::vector<std::string> messages(const State& state, const LogGroup& group, const std::string& stream) {
    std::vector<std::string> found;
    for (const auto& event : log_events(state, group, stream)) { found.push_back(event.message); }
    return found;
}

TEST(LogStore, EventsAreKeptInTheOrderOfTheirTimes) {
    State state;
    LogGroup& group = create_log_group(state, "g", now);
    LogStream& stream = need_log_stream(group, "s", now);
    append_log(state, group, stream, {{now, "b"}, {now + 2s, "d"}}, now);
    append_log(state, group, stream, {{now - 1s, "a"}, {now, "c"}}, now);
    EXPECT_EQ(messages(state, group, "s"), (std::vector<std::string>{"a", "b", "c", "d"}));
}

TEST(LogStore, TheOldestStreamsLoseEventsWhenThereIsTooMuch) {
    State state;
    LogGroup& group = create_log_group(state, "g", now);
    const std::string megabyte(1U << 20U, 'x');
    append_log(state, group, need_log_stream(group, "old", now), {{now, "1"}, {now, megabyte}}, now);
    for (int i = 0; i < 70; ++i) {
        append_log(state, group, need_log_stream(group, "new", now), {{now, megabyte}}, now);
    }
    EXPECT_LE(state.logs.events->bytes, bytes_of_logs_kept);
    EXPECT_GT(state.logs.events->bytes, bytes_of_logs_kept / 2);
    EXPECT_TRUE(messages(state, group, "old").empty());
    EXPECT_FALSE(messages(state, group, "new").empty());
    delete_log_group(state, "g");
    EXPECT_EQ(state.logs.events->bytes, 0U);
}

TEST(LogStore, RetentionHidesWhatIsTooOld) {
    LogGroup group;
    EXPECT_EQ(oldest_log_time(group, now), Instant::min());
    group.retention_days = 3;
    EXPECT_EQ(oldest_log_time(group, now), now - 72h);
}

TaskLaunch launch_with(LogConfiguration log) {
    TaskLaunch launch;
    launch.task_id = "t1";
    ContainerDefinition plain;
    plain.name = "plain";
    ContainerDefinition container;
    container.name = "web";
    container.log = std::move(log);
    launch.containers = {plain, container};
    return launch;
}

TEST(StreamsOfTasks, AreNamedByPrefixContainerAndTask) {
    State state;
    LogGroup& group = create_log_group(state, "g", now);
    TaskLaunch launch = launch_with({"g", "shop", false, ""});
    EXPECT_FALSE(prepare_log_streams(state, launch, false, now));
    EXPECT_EQ(launch.containers[1].log->stream, "shop/web/t1");
    EXPECT_TRUE(group.streams.contains("shop/web/t1"));
    take_in_output(state, {"g", "shop/web/t1", {"one", "", "two"}}, now + 1s);
    EXPECT_EQ(messages(state, group, "shop/web/t1"), (std::vector<std::string>{"one", "two"}));
    EXPECT_EQ(log_events(state, group, "shop/web/t1").front().at, now + 1s);
}

TEST(StreamsOfTasks, AGroupThatIsNotThereKeepsTheTaskFromStarting) {
    State state;
    TaskLaunch launch = launch_with({"nowhere", "p", false, ""});
    const auto on_fargate = prepare_log_streams(state, launch, true, now);
    ASSERT_TRUE(on_fargate);
    EXPECT_EQ(on_fargate->container, "web");
    EXPECT_EQ(on_fargate->reason,
              "ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: "
              "failed to create Cloudwatch log stream: ResourceNotFoundException: The specified log group does not "
              "exist. : exit status 1");
    EXPECT_EQ(prepare_log_streams(state, launch, false, now)->reason,
              "CannotStartContainerError: Error response from daemon: failed to initialize logging driver: failed to "
              "create Cloudwatch log stream: ResourceNotFoundException: The specified log group does not exist.");
    launch.containers[1].log->creates_group = true;
    EXPECT_FALSE(prepare_log_streams(state, launch, true, now));
    EXPECT_NE(find_log_group(state, "nowhere"), nullptr);
}

TEST(StreamsOfTasks, OutputOfAGroupThatIsGoneIsLost) {
    State state;
    take_in_output(state, {"gone", "s", {"x"}}, now);
    EXPECT_EQ(state.logs.events->bytes, 0U);
}

TEST(Wildcards, StandForAnyText) {
    EXPECT_TRUE(matches_wildcards("*", ""));
    EXPECT_TRUE(matches_wildcards("a*c*e", "abcde"));
    EXPECT_TRUE(matches_wildcards("a*", "a"));
    EXPECT_FALSE(matches_wildcards("a*c", "ab"));
    EXPECT_FALSE(matches_wildcards("", "a"));
    EXPECT_TRUE(matches_wildcards("*ab", "aab"));
    EXPECT_TRUE(matches_wildcards(R"(a\*b)", "a*b"));
    EXPECT_FALSE(matches_wildcards(R"(a\*b)", "axb"));
    EXPECT_FALSE(matches_wildcards("*a*a*a*a*a*a*a*a*a*a*b", std::string(5000, 'a')));
}

} // namespace
} // namespace ecsr::local
