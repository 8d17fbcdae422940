// Faults as people write them, and what they do.
#include "local/faults/fault.hpp"
#include "local/faults/faults.hpp"

#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ecsr::local {
namespace {

using ::testing::HasSubstr;

const std::vector<std::string_view> operations{"StopTask", "DescribeTasks", "DescribeServices", "ListTasks"};
constexpr AskedApi ecs{"ecs", false};

Fault parsed(std::string_view text) {
    const auto fault = parse_fault(text, operations);
    if (!fault) { throw std::runtime_error(fault.error().message); }
    return *fault;
}

std::string refusal(std::string_view text) {
    const auto fault = parse_fault(text, operations);
    return fault ? "(accepted)" : fault.error().message;
}

TEST(FaultText, EachKindIsReadAndWrittenBack) {
    EXPECT_EQ(parsed("StopTask:throttle:0.2"), (Fault{"StopTask", FaultKind::Throttle, Millis{0}, 0.2}));
    EXPECT_EQ(parsed("*:500:0.05"), (Fault{"*", FaultKind::ServerError, Millis{0}, 0.05}));
    EXPECT_EQ(parsed("Describe*:503"), (Fault{"Describe*", FaultKind::Unavailable, Millis{0}, 1}));
    EXPECT_EQ(parsed("DescribeTasks:latency:300ms:0.5"),
              (Fault{"DescribeTasks", FaultKind::Latency, Millis{300}, 0.5}));
    EXPECT_EQ(parsed("ListTasks:lost-answer:1"), (Fault{"ListTasks", FaultKind::LostAnswer, Millis{0}, 1}));
    EXPECT_EQ(parsed("web:start-failure:0.3"), (Fault{"web", FaultKind::StartFailure, Millis{0}, 0.3}));
    for (const char* text : {"StopTask:throttle:0.2", "*:500:0.05", "Describe*:503", "DescribeTasks:latency:300ms:0.5",
                             "ListTasks:lost-answer", "web:start-failure:0.3"}) {
        EXPECT_EQ(to_text(parsed(text)), text);
    }
}

TEST(FaultText, WhatIsWrongIsToldWithWhatIsAllowed) {
    for (const char* text : {"", "StopTask", "StopTask:", ":throttle", "StopTask:slow", "StopTask:throttle:0.5:1"}) {
        EXPECT_THAT(refusal(text), HasSubstr("write OPERATION:throttle|500|503|lost-answer[:SHARE]")) << text;
    }
    EXPECT_EQ(refusal("StopTsk:throttle"),
              "\"StopTsk:throttle\" is no fault: the local ECS has no operation \"StopTsk\"; did you mean StopTask?");
    EXPECT_THAT(refusal("Delete*:throttle"), HasSubstr("no operation \"Delete*\""));
    for (const char* share : {"0", "1.5", "-0.1", "half", "nan", "0.5x", "1e-1"}) {
        EXPECT_THAT(refusal(std::string("StopTask:throttle:") + share), HasSubstr("not a number above 0 and up to 1"))
            << share;
    }
    EXPECT_THAT(refusal("StopTask:latency"), HasSubstr("latency needs a time"));
    EXPECT_THAT(refusal("StopTask:latency:300"), HasSubstr("\"300\" is not a duration"));
}

TEST(Faults, HitsWhatTheyAreAimedAtAndNothingElse) {
    Faults faults(Random(1));
    faults.add(parsed("Describe*:throttle"));
    EXPECT_TRUE(faults.draw(ecs, "DescribeTasks").refusal);
    EXPECT_TRUE(faults.draw(ecs, "DescribeServices").refusal);
    EXPECT_FALSE(faults.draw(ecs, "StopTask").refusal);
    EXPECT_EQ(faults.list()[0].hits, 2);
}

TEST(Faults, RefuseInTheWordsOfTheApi) {
    Faults faults(Random(1));
    faults.add(parsed("*:throttle"));
    const auto error = faults.draw(ecs, "StopTask").refusal;
    EXPECT_EQ(error->code, "ThrottlingException");
    EXPECT_EQ(error->message, "Rate exceeded");
    EXPECT_EQ(error->http_status, 400);
    EXPECT_EQ(faults.draw({"elasticloadbalancing", true}, "ListTasks").refusal->code, "Throttling");
    faults.clear_all();
    faults.add(parsed("*:500"));
    EXPECT_EQ(faults.draw(ecs, "StopTask").refusal->code, "ServerException");
    EXPECT_EQ(faults.draw(ecs, "StopTask").refusal->http_status, 500);
}

TEST(Faults, LatenciesAddUpAndTheFirstRefusalCounts) {
    Faults faults(Random(1));
    faults.add(parsed("*:latency:300ms"));
    faults.add(parsed("StopTask:latency:200ms"));
    faults.add(parsed("StopTask:503"));
    faults.add(parsed("StopTask:throttle"));
    const Harm harm = faults.draw(ecs, "StopTask");
    EXPECT_EQ(harm.latency, Millis{500});
    EXPECT_EQ(harm.refusal->http_status, 503);
    EXPECT_FALSE(harm.loses_answer);
}

TEST(Faults, HitTheShareThatWasAskedForAndTheSameOnesForASeed) {
    const auto hits_of = [](std::uint64_t seed) {
        Faults faults{Random(seed)};
        faults.add(parsed("StopTask:lost-answer:0.2"));
        std::string hits;
        for (int i = 0; i < 1'000; ++i) { hits += faults.draw(ecs, "StopTask").loses_answer ? '1' : '0'; }
        return hits;
    };
    const auto count = std::ranges::count(hits_of(7), '1');
    EXPECT_GT(count, 150);
    EXPECT_LT(count, 250);
    EXPECT_EQ(hits_of(7), hits_of(7));
    EXPECT_NE(hits_of(7), hits_of(8));
}

TEST(Faults, AreClearedById) {
    Faults faults(Random(1));
    EXPECT_EQ(faults.add(parsed("*:throttle")), "f1");
    EXPECT_EQ(faults.add(parsed("*:500")), "f2");
    EXPECT_TRUE(faults.clear("f1"));
    EXPECT_FALSE(faults.clear("f1"));
    EXPECT_EQ(faults.draw(ecs, "StopTask").refusal->http_status, 500);
    EXPECT_EQ(faults.add(parsed("*:503")), "f3");
}

TEST(Faults, KeepTasksOfAServiceFromStarting) {
    Faults faults(Random(1));
    faults.add(parsed("web:start-failure"));
    EXPECT_FALSE(faults.draw_start("api"));
    EXPECT_EQ(faults.draw_start("web"),
              "CannotPullContainerError: Error response from daemon: fault f1 of the local ECS");
    EXPECT_FALSE(faults.draw(ecs, "StopTask").refusal);
}

} // namespace
} // namespace ecsr::local
