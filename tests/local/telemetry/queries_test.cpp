// Metric math and the queries that it is part of (ECS behaviour F4).
#include "local/telemetry/queries.hpp"
#include "tests/support/manual_clock.hpp"

#include <gtest/gtest.h>

namespace ecsr::local {
namespace {

const Instant start = std::chrono::floor<std::chrono::minutes>(ecsr::testing::fixed_epoch);

// a: 1 2 3 4, b: 10 - 30 40.
MetricStore filled_store() {
    MetricStore store;
    for (int i = 0; i < 4; ++i) {
        store.put({"App", "a", {}}, "None", start + i * minute, of_value(i + 1), start + 4 * minute);
        if (i == 1) { continue; }
        store.put({"App", "b", {}}, "None", start + i * minute, of_value(10 * (i + 1)), start + 4 * minute);
    }
    return store;
}

MetricQuery metric(const std::string& id) {
    return {.id = id,
            .stat = MetricStat{{"App", id, {}}, minute, "Average", ""},
            .expression = "",
            .label = "",
            .returns_data = false,
            .period = {}};
}

Result<std::vector<QueryAnswer>> ask(const std::string& expression) {
    std::vector<MetricQuery> queries{metric("a"), metric("b")};
    queries.push_back(
        {.id = "e", .stat = {}, .expression = expression, .label = "", .returns_data = true, .period = {}});
    return answer_queries(filled_store(), queries, start, start + 4 * minute);
}

// The values in their order, "1 2"; the problem where there is one; series are divided by "|".
std::string told(const std::string& expression) {
    const auto answers = ask(expression);
    if (!answers) { return answers.error().message; }
    std::string text;
    for (const auto& answer : *answers) {
        if (&answer != &answers->front()) { text += "|"; }
        for (const auto& [at, value] : answer.series) {
            if (!text.empty() && text.back() != '|') { text += " "; }
            text += std::to_string(value).substr(0, std::to_string(value).find('.') + 2);
        }
    }
    return text;
}

TEST(Queries, CalculateWhereBothSidesHaveADatapoint) {
    EXPECT_EQ(told("b / a"), "10.0 10.0 10.0");
    EXPECT_EQ(told("a + 2 * 3"), "7.0 8.0 9.0 10.0");
    EXPECT_EQ(told("-a ^ 2"), "-1.0 -4.0 -9.0 -16.0");
    EXPECT_EQ(told("10 - a"), "9.0 8.0 7.0 6.0");
}

TEST(Queries, DivisionByZeroHasNoValue) {
    EXPECT_EQ(told("b / (a - 3)"), "-5.0 40.0");
}

TEST(Queries, ReduceListsAtEachMoment) {
    EXPECT_EQ(told("SUM([a, b])"), "11.0 2.0 33.0 44.0");
    EXPECT_EQ(told("MAX(METRICS())"), "10.0 2.0 30.0 40.0");
    EXPECT_EQ(told("a / SUM(a)"), "0.1 0.2 0.3 0.4");
    EXPECT_EQ(told("METRICS(\"b\")"), "10.0 30.0 40.0");
    EXPECT_EQ(told("METRICS()"), "1.0 2.0 3.0 4.0|10.0 30.0 40.0");
}

TEST(Queries, FillWhatIsMissing) {
    EXPECT_EQ(told("FILL(b, 0)"), "10.0 0.0 30.0 40.0");
    EXPECT_EQ(told("FILL(b, REPEAT)"), "10.0 10.0 30.0 40.0");
    EXPECT_EQ(told("FILL(b, LINEAR)"), "10.0 20.0 30.0 40.0");
}

TEST(Queries, ChooseAndCompare) {
    EXPECT_EQ(told("IF(a > 2, a, 0)"), "0.0 0.0 3.0 4.0");
    EXPECT_EQ(told("IF(a > 1 AND a < 4, 1, 0)"), "0.0 1.0 1.0 0.0");
    EXPECT_EQ(told("RATE(a) * PERIOD(a)"), "1.0 1.0 1.0");
    EXPECT_EQ(told("DIFF(b)"), "20.0 10.0");
}

TEST(Queries, SayWhatIsWrong) {
    EXPECT_EQ(told("c + 1"), "Error in expression 'e': there is no metric 'c'");
    EXPECT_EQ(told("e + 1"), "Error in expression 'e': it refers to itself");
    EXPECT_EQ(told("SUM(a)"), "Error in expression 'e': the expression yields a number; it must yield a time series");
    EXPECT_EQ(told("(a"), "Error in expression 'e': the expression ends too early");
    EXPECT_EQ(told("a a"), "Error in expression 'e': 'a' is not expected there");
    EXPECT_TRUE(told("SEARCH('x', 'Sum')").contains("is not"));
    EXPECT_TRUE(told(std::string(200, '(') + "a").contains("nested too deeply"));
    EXPECT_TRUE(told(std::string(200, '-') + "a").contains("nested too deeply"));
}

TEST(Queries, IdsAreUnique) {
    EXPECT_FALSE(answer_queries(filled_store(), {metric("a"), metric("a")}, start, start + minute));
}

} // namespace
} // namespace ecsr::local
