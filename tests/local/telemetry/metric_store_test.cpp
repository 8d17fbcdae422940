// What is kept of metrics (ECS behaviour F4).
#include "local/telemetry/metric_store.hpp"
#include "tests/support/manual_clock.hpp"

#include <gtest/gtest.h>

namespace ecsr::local {
namespace {

const Instant now = ecsr::testing::fixed_epoch;
const MetricName latency{"App", "Latency", {{"Host", "a"}}};

TEST(MetricStore, ValuesOfAMinuteAreOneDatapoint) {
    MetricStore store;
    store.put(latency, "Milliseconds", now, of_value(10), now);
    store.put(latency, "Milliseconds", now + Millis(1), of_value(30, 3), now);
    const auto points = store.read(latency, "", now - minute, now + minute, Millis(minute));
    ASSERT_EQ(points.size(), 1U);
    EXPECT_EQ(read_statistic(points[0].statistics, "Average"), 25);
    EXPECT_EQ(read_statistic(points[0].statistics, "Sum"), 100);
    EXPECT_EQ(read_statistic(points[0].statistics, "SampleCount"), 4);
    EXPECT_EQ(read_statistic(points[0].statistics, "Minimum"), 10);
    EXPECT_EQ(read_statistic(points[0].statistics, "Maximum"), 30);
    EXPECT_EQ(read_statistic(points[0].statistics, "p25"), 10);
    EXPECT_EQ(read_statistic(points[0].statistics, "p26"), 30);
    EXPECT_EQ(store.unit_of(latency), "Milliseconds");
}

TEST(MetricStore, PeriodsAreCountedFromTheStartAndTheEndIsExcluded) {
    MetricStore store;
    const Instant start = std::chrono::floor<std::chrono::minutes>(now);
    for (int i = 0; i < 10; ++i) { store.put(latency, "None", start + i * minute, of_value(i), now + 9 * minute); }
    const auto points = store.read(latency, "", start, start + 9 * minute, 5 * minute);
    ASSERT_EQ(points.size(), 2U);
    EXPECT_EQ(points[1].at, start + 5 * minute);
    EXPECT_EQ(read_statistic(points[1].statistics, "Maximum"), 8);
}

TEST(MetricStore, UnitsAreToldApartWhereOneIsAskedFor) {
    MetricStore store;
    store.put(latency, "Seconds", now, of_value(1), now);
    store.put(latency, "Count", now, of_value(5), now);
    EXPECT_EQ(store.read(latency, "Count", now - minute, now + minute, minute).at(0).statistics.sum, 5);
    EXPECT_EQ(store.read(latency, "", now - minute, now + minute, minute).at(0).statistics.sum, 6);
}

TEST(MetricStore, ASetWithoutValuesHasNoPercentile) {
    MetricStore store;
    store.put(latency, "None", now, Statistics{4, 10, 1, 4, {}}, now);
    const auto points = store.read(latency, "", now - minute, now + minute, minute);
    EXPECT_FALSE(read_statistic(points.at(0).statistics, "p90"));
    EXPECT_EQ(read_statistic(points.at(0).statistics, "Average"), 2.5);
}

TEST(MetricStore, ForgetsAfterFifteenDays) {
    MetricStore store;
    store.put(latency, "None", now, of_value(1), now);
    store.put(latency, "None", now + retention + minute, of_value(2), now + retention + minute);
    EXPECT_EQ(store.size(), 1U);
    store.put(latency, "None", now, of_value(1), now + retention + minute);
    EXPECT_EQ(store.size(), 1U);
}

TEST(MetricStore, TheOldestGoWhenThereAreTooMany) {
    MetricStore store(5'000);
    const int minutes = 100;
    for (int i = 0; i < minutes; ++i) {
        for (int host = 0; host < 51; ++host) {
            store.put({"App", "M", {{"Host", std::to_string(host)}}}, "None", now + i * minute, of_value(i),
                      now + i * minute);
        }
    }
    EXPECT_LE(store.size(), 5'000U);
    EXPECT_GT(store.size(), 2'500U);
    const MetricName last{"App", "M", {{"Host", "50"}}};
    EXPECT_TRUE(store.read(last, "", now - minute, now + minute, minute).empty());
    EXPECT_FALSE(store.read(last, "", now + (minutes - 1) * minute - minute, now + minutes * minute, minute).empty());
}

} // namespace
} // namespace ecsr::local
