#include "lambda/event.hpp"
#include "tests/support/manual_clock.hpp"

#include <gtest/gtest.h>
#include <map>

namespace ecsr::lambda {
namespace {

using testing::fixed_epoch;

aws::Environment variables(std::map<std::string, std::string> values) {
    aws::Environment environment = aws::empty_environment();
    environment.get = [values = std::move(values)](const std::string& name) -> std::optional<std::string> {
        const auto found = values.find(name);
        return found == values.end() ? std::nullopt : std::optional(found->second);
    };
    return environment;
}

Settings settings(std::map<std::string, std::string> values = {}) {
    auto read = read_settings(variables(std::move(values)));
    EXPECT_TRUE(read.has_value()) << read.error().message;
    return *read;
}

Event event(std::string_view text, const Settings& from = {}) {
    auto parsed = parse_event(text, from, fixed_epoch);
    EXPECT_TRUE(parsed.has_value()) << parsed.error().message;
    return parsed ? *parsed : Event{};
}

std::string problem(std::string_view text, const Settings& from = {}) {
    const auto parsed = parse_event(text, from, fixed_epoch);
    EXPECT_FALSE(parsed.has_value()) << text;
    return parsed ? "" : parsed.error().message;
}

TEST(LambdaEvent, OfTheOlderRecyclerMeansWhatItMeant) {
    const Event asked =
        event(R"({"cluster_name":"shop","service_name":"web","maintain_service_state":true,"wait_time":45})");
    EXPECT_EQ(asked.kind, EventKind::Recycle);
    EXPECT_EQ(asked.spec.cluster, "shop");
    EXPECT_EQ(asked.spec.service, "web");
    EXPECT_EQ(asked.spec.strategy, Strategy::Rolling);
    EXPECT_EQ(asked.spec.batch, (Amount{1, false}));
    EXPECT_EQ(asked.spec.wait, Seconds(45));
    EXPECT_FALSE(asked.spec.surge.has_value());
    EXPECT_EQ(asked.spec.max_unavailable, (Amount{0, false}));
}

TEST(LambdaEvent, OfTheOlderRecyclerHasItsDefaults) {
    const Event asked = event(R"({"cluster_name":"shop","service_name":"web"})");
    EXPECT_EQ(asked.spec.wait, Seconds(30));
    EXPECT_FALSE(asked.spec.surge.has_value());
    EXPECT_EQ(event(R"({"cluster_name":"c","service_name":"s","wait_time":"7"})").spec.wait, Seconds(7));
}

TEST(LambdaEvent, WithoutMaintainingTheStateReplacesInPlace) {
    const Event asked = event(R"({"cluster_name":"c","service_name":"s","maintain_service_state":false,"batch":2})");
    EXPECT_EQ(asked.spec.surge, (Amount{0, false}));
    EXPECT_EQ(asked.spec.max_unavailable, (Amount{2, false}));
    EXPECT_EQ(event(R"({"cluster_name":"c","service_name":"s","maintain_service_state":"False"})").spec.surge,
              (Amount{0, false}));
}

TEST(LambdaEvent, OfAScheduleTakesTheServiceOfTheEnvironment) {
    const Settings from = settings({{"ECS_CLUSTER_NAME", "shop"}, {"ECS_SERVICE_NAME", "web"}});
    for (const char* text : {"{}", "null", R"({"source":"aws.events","detail-type":"Scheduled Event","detail":{}})"}) {
        const Event asked = event(text, from);
        EXPECT_EQ(asked.kind, EventKind::Scheduled) << text;
        EXPECT_EQ(asked.spec.service, "web");
        EXPECT_EQ(asked.spec.strategy, Strategy::ForceDeployment);
        EXPECT_TRUE(asked.unknown.empty());
    }
    const Settings rolling = settings({{"ECS_CLUSTER_NAME", "shop"},
                                       {"ECS_SERVICE_NAME", "web"},
                                       {"ECS_RECYCLER_STRATEGY", "rolling"},
                                       {"ECS_RECYCLER_BATCH", "25%"},
                                       {"ECS_RECYCLER_WAIT", "2m"},
                                       {"ECS_RECYCLER_ALARM", "a,b"}});
    const Event asked = event("{}", rolling);
    EXPECT_EQ(asked.spec.strategy, Strategy::Rolling);
    EXPECT_EQ(asked.spec.batch, (Amount{25, true}));
    EXPECT_EQ(asked.spec.wait, std::chrono::minutes(2));
    EXPECT_EQ(asked.spec.alarms, (std::vector<std::string>{"a", "b"}));
}

TEST(LambdaEvent, OfAScheduleNeedsBothNames) {
    EXPECT_EQ(problem("{}"), "missing required environment variables: ECS_CLUSTER_NAME, ECS_SERVICE_NAME");
    EXPECT_EQ(problem("{}", settings({{"ECS_CLUSTER_NAME", "shop"}})),
              "missing required environment variables: ECS_SERVICE_NAME");
}

TEST(LambdaEvent, SaysWhichMemberIsWrong) {
    EXPECT_EQ(problem("{"), "event: not JSON: incomplete JSON");
    EXPECT_EQ(problem("[]"), "event: expected object, got array");
    EXPECT_EQ(problem(R"({"cluster_name":"c"})"), "event: service_name is missing");
    EXPECT_EQ(problem(R"({"cluster_name":7,"service_name":"s"})"), "event: cluster_name: expected string, got number");
    EXPECT_EQ(problem(R"({"cluster_name":"c","service_name":"s","wait_time":-1})"),
              "event: wait_time: -1 is not allowed; seconds from 0 to 86400");
    EXPECT_NE(problem(R"({"cluster_name":"c","service_name":"s","strategy":"fast"})").find("event: strategy: "),
              std::string::npos);
    EXPECT_EQ(problem(R"({"cluster_name":"c","service_name":"s","timeout":"0s"})"),
              "event: timeout: \"0s\" is too short: at least 1s");
    EXPECT_NE(problem(R"({"run_id":"x","hop":201})").find("at most 200"), std::string::npos);
}

TEST(LambdaEvent, NamesMembersThatMeanNothing) {
    const Event asked = event(R"({"cluster_name":"c","service_name":"s","wait_tiem":5,"source":"x"})");
    EXPECT_EQ(asked.unknown, std::vector<std::string>{"wait_tiem (did you mean wait_time?)"});
    EXPECT_EQ(event(R"({"cluster_name":"c","service_name":"s","blackout":"2026-12-24"})").unknown,
              std::vector<std::string>{"blackout (did you mean blackouts?)"});
}

TEST(LambdaEvent, GoesOnWithARun) {
    const Event asked = event(continue_run_event("abc", 3));
    EXPECT_EQ(asked.run_id, "abc");
    EXPECT_EQ(asked.hop, 3);
    EXPECT_FALSE(asked.step);
    EXPECT_TRUE(asked.unknown.empty());
}

TEST(LambdaEvent, GoesOnFromACutOffWithTheSameSettings) {
    Event first = event(R"({"cluster_name":"c","service_name":"s","wait_time":5,"maintain_service_state":false,
                            "drain":"stop-task","order":"newest","alarms":["a"],"reason":"leak","healthy_for":"20s"})");
    const auto next = event(continue_cutoff_event(first, fixed_epoch - Seconds(90), fixed_epoch + Seconds(600), 1));
    EXPECT_EQ(next.spec.older_than, Seconds(90));
    EXPECT_EQ(next.spec.timeout, Seconds(600));
    EXPECT_EQ(next.hop, 1);
    EXPECT_TRUE(next.unknown.empty());
    first.spec.older_than = next.spec.older_than;
    first.spec.timeout = next.spec.timeout;
    EXPECT_EQ(next.spec.wait, first.spec.wait);
    EXPECT_EQ(next.spec.surge, first.spec.surge);
    EXPECT_EQ(next.spec.max_unavailable, first.spec.max_unavailable);
    EXPECT_EQ(next.spec.drain, first.spec.drain);
    EXPECT_EQ(next.spec.order, first.spec.order);
    EXPECT_EQ(next.spec.alarms, first.spec.alarms);
    EXPECT_EQ(next.spec.reason, first.spec.reason);
    EXPECT_EQ(next.spec.healthy_for, first.spec.healthy_for);
}

// At fixed_epoch it is Friday, 04:04 in Berlin, and Thursday, 22:04 in New York.
TEST(LambdaWindows, OfTheEnvironmentSayWhenARunMayBegin) {
    const Settings from = settings({{"ECS_RECYCLER_WINDOW", "SAT,SUN 22:00-04:00, FRI 01:00-05:00"},
                                    {"ECS_RECYCLER_BLACKOUT", "2026-12-24,2026-12-31"},
                                    {"ECS_RECYCLER_TIMEZONE", "Europe/Berlin"}});
    const char* text = R"({"cluster_name":"c","service_name":"s"})";
    const Event asked = event(text, from);
    EXPECT_EQ(asked.windows.allowed.size(), 2U);
    EXPECT_EQ(asked.windows.blackouts.size(), 2U);
    EXPECT_EQ(asked.zone.name(), "Europe/Berlin");
    EXPECT_TRUE(schedule::is_open(asked.windows, fixed_epoch));
    EXPECT_FALSE(schedule::is_open(asked.windows, fixed_epoch + std::chrono::hours(5)));
    EXPECT_TRUE(schedule::is_open(event(text).windows, fixed_epoch));
}

TEST(LambdaWindows, OfTheEventWinOverTheEnvironment) {
    const Settings from = settings({{"ECS_RECYCLER_WINDOW", "MON 01:00-05:00"}});
    const std::string names = R"({"cluster_name":"c","service_name":"s",)";
    EXPECT_FALSE(schedule::is_open(event(names + R"("wait_time":1})", from).windows, fixed_epoch));
    EXPECT_TRUE(schedule::is_open(event(names + R"("windows":[]})", from).windows, fixed_epoch));
    const Event asked =
        event(names + R"("windows":"THU 22:00-23:00","blackouts":["2026-01-08"],"timezone":"America/New_York"})", from);
    EXPECT_TRUE(schedule::is_open(asked.windows, fixed_epoch));
    EXPECT_FALSE(schedule::is_open(asked.windows, fixed_epoch + std::chrono::days(7)));
    EXPECT_TRUE(asked.unknown.empty());
}

TEST(LambdaWindows, ThatAreWrongAreNamed) {
    const std::string names = R"({"cluster_name":"c","service_name":"s",)";
    EXPECT_EQ(problem(names + R"("windows":["MOO 01:00-05:00"]})"),
              "event: window \"MOO 01:00-05:00\": day \"MOO\": allowed: SUN-SAT with , -");
    EXPECT_NE(problem(names + R"("timezone":"Europe/Berln"})").find("did you mean Europe/Berlin?"), std::string::npos);
    EXPECT_EQ(problem(names + R"("windows":7})"), "event: windows: expected array, got number");
}

TEST(LambdaSettings, NameTheVariableThatIsWrong) {
    for (const auto& [name, value] : std::map<std::string, std::string>{{"ECS_RECYCLER_STRATEGY", "x"},
                                                                        {"ECS_RECYCLER_BATCH", "x"},
                                                                        {"ECS_RECYCLER_DRAIN", "x"},
                                                                        {"ECS_RECYCLER_WAIT", "5"},
                                                                        {"ECS_RECYCLER_WINDOW", "x"},
                                                                        {"ECS_RECYCLER_BLACKOUT", "x"},
                                                                        {"ECS_RECYCLER_TIMEZONE", "x"},
                                                                        {"ECS_RECYCLER_MARGIN", "x"}}) {
        const auto read = read_settings(variables({{name, value}}));
        ASSERT_FALSE(read.has_value()) << name;
        EXPECT_EQ(read.error().message.find(name), 0U) << read.error().message;
    }
}

} // namespace
} // namespace ecsr::lambda
