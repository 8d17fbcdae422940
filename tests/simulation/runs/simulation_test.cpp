// The simulation itself: it replays, it reads its scenarios, and its checkers see what is broken.
#include "tests/simulation/campaign.hpp"

#include <algorithm>
#include <gtest/gtest.h>

namespace ecsr::simulation {
namespace {

TEST(Seed, ReplaysToTheSameLastRandomNumber) {
    for (std::uint64_t seed = 1; seed <= 12; ++seed) {
        const Verdict once = simulate(draw(seed));
        const Verdict again = simulate(draw(seed));
        EXPECT_EQ(once.last_random, again.last_random) << describe(once.options);
        EXPECT_EQ(once.calls, again.calls);
        EXPECT_EQ(once.virtual_time, again.virtual_time);
        EXPECT_EQ(once.story, again.story);
    }
}

TEST(Seed, DrawsAllOfItsOptions) {
    EXPECT_NE(describe(draw(1)), describe(draw(2)));
    EXPECT_EQ(describe(draw(1)), describe(draw(1)));
}

TEST(Scenario, OverridesWhatItsSeedDraws) {
    const auto scenario = parse_scenario("few", "# Two tasks,\n# no more.\nseed = 7\n\ntasks = 2\ndrain = 1m30s\n"
                                                "strategy = force-deployment\nclock-offset = -2h\nalarm = true\n");
    ASSERT_TRUE(scenario.has_value()) << scenario.error().message;
    EXPECT_EQ(scenario->name, "few");
    EXPECT_EQ(scenario->story, "Two tasks,\nno more.\n");
    Options wanted = draw(7);
    wanted.tasks = 2;
    wanted.drain = Seconds(90);
    wanted.strategy = Strategy::ForceDeployment;
    wanted.clock_offset = -std::chrono::hours(2);
    wanted.alarm = true;
    EXPECT_EQ(to_lines(scenario->options), to_lines(wanted));
}

TEST(Scenario, IsWrittenAsItIsRead) {
    for (std::uint64_t seed = 1; seed <= 50; ++seed) {
        const std::string lines = to_lines(draw(seed));
        const auto read = parse_scenario("again", "# A story.\n" + lines);
        ASSERT_TRUE(read.has_value()) << read.error().message;
        EXPECT_EQ(to_lines(read->options), lines);
    }
}

TEST(Scenario, TellsWhatItCannotRead) {
    const auto refusal = [](const std::string& text) {
        const auto scenario = parse_scenario("bad", text);
        return scenario ? std::string("none") : scenario.error().message;
    };
    EXPECT_EQ(refusal("# story\nseed = 1\ntaks = 3\n"), "bad.scenario:3: there is no option 'taks'");
    EXPECT_EQ(refusal("# story\nseed = 1\ntasks = many\n"), "bad.scenario:3: 'many' is no number from 0 to 100000");
    EXPECT_EQ(refusal("# story\nseed = 1\nalarm = yes\n"), "bad.scenario:3: 'yes' is neither true nor false");
    EXPECT_EQ(refusal("# story\nseed = 1\ntasks 3\n"), "bad.scenario:3: 'tasks 3' is not NAME = VALUE");
    EXPECT_EQ(refusal("seed = 1\n"), "bad.scenario: it needs a seed, and a story in lines that begin with #");
}

TEST(Campaign, NamesTheMarksThatWereMissed) {
    CampaignOptions options;
    options.seeds = 1;
    const Campaign campaign = run_campaign(options, [](const std::string&, const Verdict&) {});
    EXPECT_EQ(campaign.runs, 1);
    const auto missed = missed_marks(campaign.marks);
    ASSERT_FALSE(missed.empty());
    for (const std::string& mark : missed) { EXPECT_FALSE(campaign.marks.contains(mark)); }
    EXPECT_NE(to_text(campaign).find("       0 " + missed.front()), std::string::npos);
}

} // namespace
} // namespace ecsr::simulation
