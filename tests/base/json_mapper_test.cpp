#include "base/json_mapper.hpp"

#include <gtest/gtest.h>
#include <limits>

namespace ecsr {
namespace sample {

enum class Mood { Calm, VeryLoud };
BOOST_DESCRIBE_ENUM(Mood, Calm, VeryLoud)

struct Container {
    std::string name;
    std::optional<int> exit_code;
    bool operator==(const Container&) const = default;
};
BOOST_DESCRIBE_STRUCT(Container, (), (name, exit_code))

struct Task {
    std::string task_arn;
    Instant created_at{};
    std::vector<Container> containers;
    bool operator==(const Task&) const = default;
};
BOOST_DESCRIBE_STRUCT(Task, (), (task_arn, created_at, containers))

struct Answer {
    std::vector<Task> tasks;
    int desired_count = 7;
    double weight = 0.5;
    bool enable_ = true;
    std::map<std::string, std::string> tags;
    std::optional<std::vector<std::string>> subnets;
    std::string private_ipv4_address;
    bool operator==(const Answer&) const = default;
};
BOOST_DESCRIBE_STRUCT(Answer, (), (tasks, desired_count, weight, enable_, tags, subnets, private_ipv4_address))

struct SetCount {
    int to = 0;
    bool operator==(const SetCount&) const = default;
};
BOOST_DESCRIBE_STRUCT(SetCount, (), (to))
struct StopTask {
    std::string task_arn;
    bool operator==(const StopTask&) const = default;
};
BOOST_DESCRIBE_STRUCT(StopTask, (), (task_arn))

struct Journal {
    Mood mood = Mood::Calm;
    Instant started_at{};
    Millis wait{0};
    Seconds delay{0};
    std::set<std::string> listed;
    std::optional<std::variant<SetCount, StopTask>> pending;
    std::uint64_t seed = 0;
    bool operator==(const Journal&) const = default;
};
BOOST_DESCRIBE_STRUCT(Journal, (), (mood, started_at, wait, delay, listed, pending, seed))

struct Forgetful {
    int described = 0;
    bool left_out = false;
};
BOOST_DESCRIBE_STRUCT(Forgetful, (), (described))

struct Shuffled {
    std::string first;
    int second = 0;
};
BOOST_DESCRIBE_STRUCT(Shuffled, (), (second, first))

} // namespace sample

namespace {

using json::CamelCase;
using json::PascalCase;
using json::SnakeCase;
using sample::Answer;
using sample::Journal;
using sample::Mood;

template <class Policy, class T>
std::string error_of(std::string_view text) {
    const auto read = json::from_json<Policy, T>(text);
    return read ? "no error" : read.error().message;
}

TEST(JsonMapper, ReadsNestedStructsFromCamelCase) {
    const auto answer = json::from_json<CamelCase, Answer>(R"({"tasks": [{"taskArn": "t1", "createdAt": 1672909881.161,
        "containers": [{"name": "web", "exitCode": 137}, {"name": "log"}]}], "desiredCount": 3, "weight": 2,
        "enable": false, "tags": {"team": "blue"}, "subnets": ["a"], "privateIpv4Address": "10.0.0.1"})");
    ASSERT_TRUE(answer) << answer.error().message;
    ASSERT_EQ(answer->tasks.size(), 1U);
    EXPECT_EQ(to_rfc3339(answer->tasks[0].created_at), "2023-01-05T09:11:21.161Z");
    EXPECT_EQ(answer->tasks[0].containers[0].exit_code, 137);
    EXPECT_EQ(answer->tasks[0].containers[1].exit_code, std::nullopt);
    EXPECT_EQ(answer->desired_count, 3);
    EXPECT_EQ(answer->weight, 2.0);
    EXPECT_FALSE(answer->enable_);
    EXPECT_EQ(answer->tags.at("team"), "blue");
    EXPECT_EQ(answer->subnets->at(0), "a");
    EXPECT_EQ(answer->private_ipv4_address, "10.0.0.1");
}

TEST(JsonMapper, MissingAndNullMembersKeepTheDefaultAndUnknownOnesAreIgnored) {
    const auto answer = json::from_json<CamelCase, Answer>(
        R"({"desiredCount": null, "tasks": null, "subnets": null, "newIn2030": {}})");
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(*answer, Answer{});
}

TEST(JsonMapper, SaysWhereAValueIsWrong) {
    EXPECT_EQ((error_of<CamelCase, Answer>(R"({"tasks": [{}, {"createdAt": "yesterday"}]})")),
              "$.tasks[1].createdAt: expected number, got string");
    EXPECT_EQ((error_of<CamelCase, Answer>(R"({"tasks": {}})")), "$.tasks: expected array, got object");
    EXPECT_EQ((error_of<CamelCase, Answer>(R"({"tags": {"a": 1}})")), "$.tags.a: expected string, got number");
    EXPECT_EQ((error_of<CamelCase, Answer>(R"({"enable": "true"})")), "$.enable: expected boolean, got string");
    EXPECT_EQ((error_of<CamelCase, Answer>(R"({"desiredCount": true})")),
              "$.desiredCount: expected number, got boolean");
    EXPECT_EQ((error_of<CamelCase, Answer>(R"({"tasks": [null]})")), "$.tasks[0]: expected object, got null");
    EXPECT_EQ((error_of<CamelCase, Answer>("[]")), "$: expected object, got array");
}

TEST(JsonMapper, SaysThatTextIsNotJson) {
    EXPECT_TRUE((error_of<CamelCase, Answer>("<html>")).starts_with("not JSON: "));
    EXPECT_TRUE((error_of<CamelCase, Answer>("")).starts_with("not JSON: "));
    EXPECT_TRUE((error_of<CamelCase, Answer>("{\"tasks\": [")).starts_with("not JSON: "));
}

TEST(JsonMapper, WholeNumbersMustFit) {
    EXPECT_EQ((json::from_json<CamelCase, Answer>(R"({"desiredCount": 3.0})")->desired_count), 3);
    EXPECT_EQ((error_of<CamelCase, Answer>(R"({"desiredCount": 3000000000})")),
              "$.desiredCount: expected a whole number from -2147483648 to 2147483647, got 3000000000");
    EXPECT_TRUE(
        (error_of<CamelCase, Answer>(R"({"desiredCount": 1.5})")).starts_with("$.desiredCount: expected a whole"));
    EXPECT_EQ((error_of<CamelCase, sample::Task>(R"({"createdAt": 1e300})")),
              "$.createdAt: expected seconds since 1970, got a number out of range");
}

TEST(JsonMapper, WireDocumentsLeaveOutWhatIsEmpty) {
    EXPECT_EQ(json::to_json<CamelCase>(Answer{}), R"({"desiredCount":7,"weight":0.5,"enable":true})");
    Answer answer;
    answer.subnets.emplace();
    EXPECT_EQ(json::to_json<PascalCase>(answer), R"({"DesiredCount":7,"Weight":0.5,"Enable":true,"Subnets":[]})");
}

TEST(JsonMapper, WireTimesAreEpochSeconds) {
    sample::Task task;
    task.created_at = *parse_rfc3339("2023-01-05T09:11:21.161Z");
    EXPECT_EQ(json::to_json<CamelCase>(task), R"({"createdAt":1672909881.161})");
    task.created_at = *parse_rfc3339("2023-11-14T22:13:20Z");
    EXPECT_EQ(json::to_json<CamelCase>(task), R"({"createdAt":1700000000})");
}

Journal full_journal() {
    Journal journal;
    journal.mood = Mood::VeryLoud;
    journal.started_at = *parse_rfc3339("2026-01-02T03:04:05.678Z");
    journal.wait = Millis(5'400'000);
    journal.delay = Seconds(30);
    journal.listed = {"b", "a"};
    journal.pending = sample::StopTask{"t1"};
    journal.seed = std::numeric_limits<std::uint64_t>::max();
    return journal;
}

TEST(JsonMapper, OurDocumentsAreReadable) {
    EXPECT_EQ(json::to_json<SnakeCase>(full_journal()),
              R"({"mood":"very_loud","started_at":"2026-01-02T03:04:05.678Z","wait":"1h30m","delay":"30s",)"
              R"("listed":["a","b"],"pending":{"stop_task":{"task_arn":"t1"}},"seed":18446744073709551615})");
    EXPECT_EQ(json::to_json<SnakeCase>(Journal{}),
              R"({"mood":"calm","started_at":"1970-01-01T00:00:00Z","wait":"0s","delay":"0s","listed":[],"seed":0})");
}

TEST(JsonMapper, WhatIsWrittenReadsBackTheSame) {
    const Journal journal = full_journal();
    const auto read = json::from_json<SnakeCase, Journal>(json::to_json<SnakeCase>(journal, 2));
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(*read, journal);

    Answer answer;
    answer.tasks.push_back({"t", *parse_rfc3339("2026-01-02T03:04:05.678Z"), {{"web", 1}, {"log", {}}}});
    answer.tags["ключ \"x\"\n"] = "\\ \t \x01";
    const auto again = json::from_json<CamelCase, Answer>(json::to_json<CamelCase>(answer));
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(*again, answer);
}

TEST(JsonMapper, RefusesWhatOurDocumentsCannotMean) {
    EXPECT_EQ((error_of<SnakeCase, Journal>(R"({"mood": "loud"})")),
              "$.mood: expected one of calm, very_loud, got \"loud\"");
    EXPECT_EQ((error_of<SnakeCase, Journal>(R"({"pending": {"reboot": {}}})")),
              "$.pending.reboot: unknown alternative \"reboot\"");
    EXPECT_EQ((error_of<SnakeCase, Journal>(R"({"pending": {"set_count": {"to": "x"}}})")),
              "$.pending.set_count.to: expected number, got string");
    EXPECT_EQ((error_of<SnakeCase, Journal>(R"({"wait": 30})")), "$.wait: expected duration, got number");
    EXPECT_TRUE((error_of<SnakeCase, Journal>(R"({"wait": "soon"})")).starts_with("$.wait: "));
    EXPECT_TRUE((error_of<SnakeCase, Journal>(R"({"started_at": "soon"})")).starts_with("$.started_at: "));
    EXPECT_EQ((error_of<SnakeCase, Journal>(R"({"listed": [1]})")), "$.listed[0]: expected string, got number");
}

TEST(JsonMapper, ErrorsHaveTheKindThatIsAskedFor) {
    EXPECT_EQ((json::from_json<SnakeCase, Journal>("{", ErrorKind::Io).error().kind), ErrorKind::Io);
    EXPECT_EQ((json::from_json<SnakeCase, Journal>("[]", ErrorKind::Io).error().kind), ErrorKind::Io);
}

TEST(JsonMapper, IndentsForPeople) {
    Answer answer;
    answer.tags["a"] = "b";
    answer.subnets.emplace();
    EXPECT_EQ(json::to_json<CamelCase>(answer, 2),
              "{\n  \"desiredCount\": 7,\n  \"weight\": 0.5,\n  \"enable\": true,\n"
              "  \"tags\": {\n    \"a\": \"b\"\n  },\n  \"subnets\": []\n}");
}

TEST(JsonMapper, AForgottenOrShuffledMemberIsSeenByTheCompiler) {
    static_assert(described::is_complete<Journal>);
    static_assert(described::is_complete<Answer>);
    static_assert(!described::is_complete<sample::Forgetful>);
    static_assert(!described::is_complete<sample::Shuffled>);
}

TEST(JsonText, NumbersAreWrittenShortest) {
    EXPECT_EQ(json::number(0.1), "0.1");
    EXPECT_EQ(json::number(3), "3");
    EXPECT_EQ(json::number(-0.25), "-0.25");
    EXPECT_EQ(json::number(1763640000.5), "1763640000.5");
    EXPECT_EQ(json::number(1e300), "1e+300");
    EXPECT_EQ(json::number(1e-9), "1e-09");
    EXPECT_EQ(json::number(std::numeric_limits<double>::infinity()), "null");
    EXPECT_EQ(json::number(std::numeric_limits<double>::quiet_NaN()), "null");
}

TEST(JsonText, BytesThatAreNotUtf8BecomeTheReplacementCharacter) {
    EXPECT_EQ(json::quote("a\xFF"
                          "b"),
              "\"a\xEF\xBF\xBD"
              "b\"");
    EXPECT_EQ(json::quote("\xC0\x80"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\"");     // over-long form
    EXPECT_EQ(json::quote("\xED\xA0\x80").find("\xED"), std::string::npos); // surrogate
    EXPECT_EQ(json::quote("\xE2\x82"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\"");     // cut off
    EXPECT_EQ(json::quote("\xF0\x9F\x98\x80 \xE2\x82\xAC \xC3\xA9"), "\"\xF0\x9F\x98\x80 \xE2\x82\xAC \xC3\xA9\"");
}

TEST(JsonNames, AreConvertedBetweenConventions) {
    EXPECT_EQ(json::to_camel_case("health_check_grace_period_seconds"), "healthCheckGracePeriodSeconds");
    EXPECT_EQ(json::to_camel_case("awsvpc_configuration"), "awsvpcConfiguration");
    EXPECT_EQ(json::to_pascal_case("resource_id"), "ResourceId");
    EXPECT_EQ(json::to_snake_case("TimedOut"), "timed_out");
    EXPECT_EQ(SnakeCase::member("default_"), "default");
}

} // namespace
} // namespace ecsr
