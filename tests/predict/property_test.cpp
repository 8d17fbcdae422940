// Services whose behaviour is drawn from a seed, recycled on virtual time: the run goes as it was predicted.
#include "predict/predict.hpp"
#include "tests/predict/known_service.hpp"
#include "tests/support/manual_clock.hpp"

#include <cmath>
#include <gtest/gtest.h>

namespace ecsr::predict {
namespace {

using testing::describe;
using testing::KnownBehaviour;
using testing::KnownService;
using testing::ManualClock;
using testing::Vouching;

struct Case {
    KnownBehaviour behaviour;
    RunSpec spec;
};

Millis span(Random& random, int low_seconds, int high_seconds) {
    return Seconds(random.between(low_seconds, high_seconds));
}

Case draw(std::uint64_t seed) {
    Random random(seed);
    Case drawn{{.seed = seed}, KnownService::spec()};
    KnownBehaviour& b = drawn.behaviour;
    b.tasks = static_cast<int>(random.between(1, 8));
    b.vouching = static_cast<Vouching>(random.between(0, 2));
    b.image_pull = Millis(random.between(500, 40'000));
    b.listens_after = Millis(random.between(0, 20'000));
    b.check_interval = span(random, 5, 15);
    b.drain = span(random, 0, 60);
    if (random.between(0, 2) == 0) { b.stop = span(random, 2, 20); }
    if (random.between(0, 4) == 0) { drawn.spec.strategy = Strategy::ForceDeployment; }
    if (drawn.spec.strategy == Strategy::Rolling && random.between(0, 2) == 0) {
        drawn.spec.drain = random.between(0, 1) == 0 ? Drain::ScaleIn : Drain::StopTask;
    }
    drawn.spec.batch = Amount{static_cast<int>(random.between(1, (b.tasks + 1) / 2)), false};
    if (random.between(0, 2) == 0) { drawn.spec.wait = span(random, 1, 30); }
    return drawn;
}

struct Compared {
    Forecast forecast;
    double predicted = 0;
    double actual = 0;
    double off() const { return std::abs(predicted / actual - 1); }
    // A deployment is looked at every 10 s: what happens just before a look, or just after, is seen a look apart.
    double allowed(const RunSpec& spec) const {
        return spec.strategy == Strategy::ForceDeployment ? 10.5 / actual : 0.1;
    }
};

double seconds(Millis span) {
    return static_cast<double>(span.count()) / 1000;
}

Compared compare(KnownService& service, const RunSpec& spec, int runs) {
    const Snapshot snapshot = service.observe(spec);
    const Instant now = service.ecs().now();
    ManualClock clock;
    PredictOptions options;
    options.runs = runs;
    options.answer_time = Millis(10);
    const Forecast forecast = predict(spec, snapshot, recycle::plan(spec, snapshot, now), options, clock, now, {});
    EXPECT_TRUE(forecast.predicted) << forecast.not_predicted;
    Compared compared{.forecast = forecast};
    if (forecast.predicted) { compared.predicted = seconds(forecast.predicted->duration); }
    compared.actual = seconds(service.recycle(spec));
    return compared;
}

class Seeds : public ::testing::TestWithParam<std::uint64_t> {};

// How long a container takes to stop is known to nobody before the first one did: that is what the first run teaches.
TEST_P(Seeds, TheSecondRunTakesAsLongAsPredicted) {
    for (std::uint64_t seed = GetParam(); seed < GetParam() + 10; ++seed) {
        const Case drawn = draw(seed);
        KnownService service(drawn.behaviour);
        service.recycle(drawn.spec);
        service.ecs().go_on(std::chrono::minutes(3));
        const Compared second = compare(service, drawn.spec, 3);
        EXPECT_LT(second.off(), second.allowed(drawn.spec))
            << "predicted " << second.predicted << " s, took " << second.actual
            << " s: " << describe(drawn.behaviour, drawn.spec);
    }
}

TEST_P(Seeds, TheFirstRunTakesAsLongAsPredictedWhereTasksStopAtOnce) {
    for (std::uint64_t seed = GetParam(); seed < GetParam() + 10; ++seed) {
        Case drawn = draw(seed);
        drawn.behaviour.stop = Millis(0);
        KnownService service(drawn.behaviour);
        const Compared first = compare(service, drawn.spec, 3);
        EXPECT_LT(first.off(), first.allowed(drawn.spec))
            << "predicted " << first.predicted << " s, took " << first.actual
            << " s: " << describe(drawn.behaviour, drawn.spec);
    }
}

INSTANTIATE_TEST_SUITE_P(From, Seeds, ::testing::Values(1, 11, 21, 31));

// The pace of the looks follows the checks of the targets, which the staged service must tell as they are.
TEST(QuickTasks, BehindQuickChecksTakeAsLongAsPredicted) {
    for (const Millis listens_after : {Millis(0), Millis(4'000), Millis(8'000)}) {
        KnownBehaviour behaviour{.tasks = 3, .image_pull = Millis(1'000), .listens_after = listens_after};
        KnownService service(behaviour);
        const Compared compared = compare(service, KnownService::spec(), 5);
        EXPECT_LT(compared.off(), 0.10) << "predicted " << compared.predicted << " s, took " << compared.actual
                                        << " s: " << describe(behaviour, KnownService::spec());
    }
}

// Long runs are simulated in part.
TEST(LongRuns, TakeAsLongAsPredictedFromTheirFirstBatches) {
    for (const Vouching vouching : {Vouching::TargetGroup, Vouching::HealthCheck}) {
        KnownBehaviour behaviour{.tasks = 60, .vouching = vouching, .image_pull = Seconds(8), .drain = Seconds(20)};
        KnownService service(behaviour);
        const Compared compared = compare(service, KnownService::spec(), 1);
        EXPECT_LT(compared.off(), 0.10) << "predicted " << compared.predicted << " s, took " << compared.actual
                                        << " s: " << describe(behaviour, KnownService::spec());
    }
}

// As fast as ECS itself decides, chance alone moves a run by more than that.
TEST(AsEcsDecides, RunsTakeAboutAsLongAsPredicted) {
    double sum_off = 0;
    constexpr int seeds = 10;
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
        Case drawn = draw(seed);
        drawn.behaviour.tasks += 4;
        drawn.behaviour.pace.decide_low = Seconds(5);
        drawn.behaviour.pace.decide_high = Seconds(20);
        drawn.behaviour.stop = Millis(0);
        KnownService service(drawn.behaviour);
        const Compared compared = compare(service, drawn.spec, 5);
        sum_off += compared.off();
        EXPECT_LT(compared.off(), 0.40) << "predicted " << compared.predicted << " s, took " << compared.actual
                                        << " s: " << describe(drawn.behaviour, drawn.spec);
    }
    EXPECT_LT(sum_off / seeds, 0.10);
}

} // namespace
} // namespace ecsr::predict
