// recycler.yaml: what is understood, and every problem with its line.
#include "config/load.hpp"
#include "config/report.hpp"
#include "tests/support/golden.hpp"

#include <boost/json.hpp>
#include <fstream>
#include <gmock/gmock.h>
#include <iterator>
#include <set>

namespace ecsr::config {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

std::optional<std::string> variables(const std::string& name) {
    if (name == "BATCH") { return "3"; }
    if (name == "TOKEN") { return "s3cret"; }
    if (name == "EMPTY") { return ""; }
    if (name == "SMTP_PASSWORD") { return "s3cret"; }
    if (name == "SLACK_URL") { return "https://hooks.slack.com/services/s3cret"; }
    return std::nullopt;
}

std::string read(const std::string& path) {
    std::ifstream file(std::string(ECSR_SOURCE_DIR) + "/" + path);
    EXPECT_TRUE(file) << path;
    return {std::istreambuf_iterator<char>(file), {}};
}

Result<std::string> read_file(const std::string& path) {
    if (path != "holidays.ics") { return fail(ErrorKind::NotFound, path + ": no such file"); }
    return "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//y//EN\r\nBEGIN:VEVENT\r\nUID:1\r\n"
           "DTSTAMP:20260101T000000Z\r\nDTSTART;VALUE=DATE:20260501\r\nSUMMARY:Labour Day\r\nEND:VEVENT\r\n"
           "END:VCALENDAR\r\n";
}

Loaded load_text(const std::string& text) {
    return load(text, {variables, read_file});
}

std::string problems_of(const std::string& text) {
    return problems_text("r.yaml", load_text(text).problems);
}

Settings settings_of(const std::string& text) {
    auto loaded = load_text(text);
    EXPECT_EQ(problems_text("r.yaml", loaded.problems), "");
    return loaded.settings.value_or(Settings{});
}

TEST(Config, ASmallFileWatchesOneServiceWithTheDefaultsOfTheCommandLine) {
    const auto settings = settings_of("services:\n  - service: web\n    max_age: 6h\n");
    ASSERT_EQ(settings.rules.size(), 1U);
    const Rule& rule = settings.rules[0];
    EXPECT_THAT(rule.selection.services, ElementsAre("web"));
    EXPECT_THAT(rule.selection.clusters, ElementsAre("default"));
    EXPECT_EQ(rule.policy.max_age, std::chrono::hours(6));
    EXPECT_EQ(rule.policy.run.batch, RunSpec{}.batch);
    EXPECT_EQ(settings.max_parallel, 1);
    ASSERT_EQ(settings.accounts.size(), 1U);
    EXPECT_EQ(settings.accounts[0].name, "default");
}

TEST(Config, ARuleOverridesTheDefaultsAndNothingElse) {
    const auto settings = settings_of("defaults:\n  max_age: 2d\n  batch: 2\n  alarms: [errors]\n"
                                      "services:\n  - service: a\n  - service: b\n    batch: 25%\n    max_age: 1d\n");
    ASSERT_EQ(settings.rules.size(), 2U);
    EXPECT_EQ(settings.rules[0].policy.run.batch, (Amount{2, false}));
    EXPECT_EQ(settings.rules[1].policy.run.batch, (Amount{25, true}));
    EXPECT_EQ(settings.rules[1].policy.max_age, std::chrono::hours(24));
    EXPECT_THAT(settings.rules[1].policy.run.alarms, ElementsAre("errors"));
}

TEST(Config, ADefaultCanBeTakenAway) {
    EXPECT_THAT(problems_of("defaults:\n  max_age: 2d\nservices:\n  - service: a\n    max_age: none\n"),
                HasSubstr("nothing says when to recycle"));
}

TEST(Config, AScheduleIsAnExpressionANameOrASection) {
    const auto settings = settings_of("schedules:\n  nightly: cron(0 3 ? * MON-FRI *)\nservices:\n"
                                      "  - service: a\n    schedule: nightly\n    timezone: Europe/Berlin\n"
                                      "  - service: b\n    schedule: rate(6 hours)\n"
                                      "  - service: c\n    schedule:\n      expression: rate(1 day)\n"
                                      "      jitter: 10m\n      start: 2026-01-01T00:00:00Z\n");
    EXPECT_EQ(settings.rules.at(0).policy.schedule->text, "cron(0 3 ? * MON-FRI *) Europe/Berlin");
    EXPECT_EQ(settings.rules.at(1).policy.schedule->text, "rate(6 hours) UTC");
    EXPECT_EQ(settings.rules.at(2).policy.schedule->text, "rate(1 day) UTC from 2026-01-01T00:00:00Z");
    EXPECT_EQ(settings.rules.at(2).policy.schedule->jitter, std::chrono::minutes(10));
}

TEST(Config, WindowsOfTheDefaultsAreReadInTheZoneOfTheRule) {
    const auto settings = settings_of("defaults: {windows: 03:00-04:00, max_age: 1d}\nservices:\n"
                                      "  - service: a\n    timezone: Asia/Tokyo\n  - service: b\n");
    const Instant three_in_tokyo = *parse_rfc3339("2026-01-02T03:00:00+09:00");
    EXPECT_TRUE(schedule::is_open(settings.rules.at(0).policy.windows, three_in_tokyo));
    EXPECT_FALSE(schedule::is_open(settings.rules.at(1).policy.windows, three_in_tokyo));
}

TEST(Config, NothingRunsOnTheHolidaysOfACalendar) {
    const auto settings = settings_of("services:\n  - service: a\n    max_age: 1d\n    timezone: Asia/Tokyo\n"
                                      "    holidays: holidays.ics\n");
    const auto& windows = settings.rules.at(0).policy.windows;
    EXPECT_EQ(schedule::why_closed(windows, *parse_rfc3339("2026-05-01T23:59:00+09:00")), "holiday: Labour Day");
    EXPECT_TRUE(schedule::is_open(windows, *parse_rfc3339("2026-05-02T00:00:00+09:00")));
    EXPECT_EQ(problems_of("services:\n  - service: a\n    max_age: 1d\n    holidays: [holidays.ics, gone.ics]\n"),
              "r.yaml:2: services[0]: holidays: gone.ics: no such file\n");
}

TEST(Config, TagsOfAServiceWinOverItsRule) {
    const auto settings = settings_of("schedules:\n  nightly: cron(0 3 ? * MON-FRI *)\n"
                                      "services: [{service: a, max_age: 1d, batch: 2}]\n");
    const Policy& policy = settings.rules.at(0).policy;
    const auto changed = with_tags(
        policy, settings, {{"ecs-recycler:schedule", "nightly"}, {"ecs-recycler:max-age", "none"}, {"team", "x"}});
    ASSERT_TRUE(changed) << changed.error().message;
    EXPECT_EQ(changed->schedule->text, "cron(0 3 ? * MON-FRI *) UTC");
    EXPECT_FALSE(changed->max_age);
    EXPECT_EQ(changed->run.batch, (Amount{2, false}));
    EXPECT_FALSE(with_tags(policy, settings, {{"ecs-recycler:enabled", "false"}})->enabled);
    const auto wrong = with_tags(policy, settings, {{"ecs-recycler:schedule", "weekly"}});
    ASSERT_FALSE(wrong);
    EXPECT_EQ(wrong.error().message, "tag ecs-recycler:schedule: schedule \"weekly\" is neither rate(...), cron(...) "
                                     "or at(...) nor a name of schedules; allowed: nightly");
}

TEST(Config, TheOrderOfTheSectionsDoesNotMatter) {
    const auto settings = settings_of("services:\n  - service: a\n    account: prod\n"
                                      "defaults: {max_age: 1d}\naccounts:\n  - name: prod\n    regions: eu-west-1\n");
    EXPECT_EQ(settings.rules.at(0).policy.max_age, std::chrono::hours(24));
    EXPECT_THAT(settings.accounts.at(0).regions, ElementsAre("eu-west-1"));
}

TEST(Config, ReferencesAreFilledFromTheEnvironment) {
    const auto settings =
        settings_of("services:\n  - service: web-${STAGE:-prod}\n    batch: ${BATCH}\n    max_age: ${EMPTY:-1d}\n"
                    "    reason: costs $$5 or 5$\n");
    const Rule& rule = settings.rules.at(0);
    EXPECT_THAT(rule.selection.services, ElementsAre("web-prod"));
    EXPECT_EQ(rule.policy.run.batch, (Amount{3, false}));
    EXPECT_EQ(rule.policy.max_age, std::chrono::hours(24));
    EXPECT_EQ(rule.policy.run.reason, "costs $5 or 5$");
}

TEST(Config, WhatAVariableHoldsIsNeverShown) {
    const auto told = problems_of("services:\n  - service: a\n    batch: ${TOKEN}\n    max_age: 1d\n");
    EXPECT_THAT(told, HasSubstr("r.yaml:3: services[0].batch: \"${TOKEN}\" is not a number of tasks"));
    EXPECT_THAT(told, Not(HasSubstr("s3cret")));
}

TEST(Config, AnArnOfAServiceNamesItsCluster) {
    const auto settings = settings_of("services:\n  - service: arn:aws:ecs:eu-west-1:123456789012:service/shop/web\n"
                                      "    max_age: 1d\n");
    EXPECT_THAT(settings.rules.at(0).selection.clusters, ElementsAre("shop"));
    EXPECT_THAT(settings.rules.at(0).selection.services, ElementsAre("web"));
}

TEST(Config, TagsPickFromEveryClusterUnlessOneIsNamed) {
    const auto settings = settings_of("defaults: {max_age: 1d}\nservices:\n"
                                      "  - tags: {\"ecs-recycler:enabled\": \"true\"}\n"
                                      "  - tags: {team: shop}\n    cluster: shop\n");
    EXPECT_THAT(settings.rules.at(0).selection.clusters, ElementsAre("*"));
    EXPECT_THAT(settings.rules.at(1).selection.clusters, ElementsAre("shop"));
}

TEST(Config, NotificationsAreCheckedTogetherAndTheirSecretsAreNotTold) {
    const auto told = problems_of("notifications:\n  mails:\n    - host: mail.example.org\n      from: nobody\n"
                                  "      to: [ann@example.org, bob]\n      password: ${TOKEN}\n"
                                  "  webhooks:\n    - url: http://example.org/${TOKEN}\n      events: [failed]\n"
                                  "services:\n  - service: a\n    max_age: 1d\n");
    EXPECT_THAT(told, HasSubstr("r.yaml:4: notifications.mails[0].from: \"nobody\" is not a mail address"));
    EXPECT_THAT(told, HasSubstr("r.yaml:5: notifications.mails[0].to: \"bob\" is not a mail address"));
    EXPECT_THAT(told, HasSubstr("r.yaml:3: notifications.mails[0]: username and password must be given together"));
    EXPECT_THAT(told, HasSubstr("r.yaml:8: notifications.webhooks[0].url: must be https://"));
    const auto both = problems_of("notifications:\n  mails:\n    - host: mail.example.org\n      from: nobody\n"
                                  "      to: ops@example.org\n  webhooks:\n    - url: ${NOT_SET_ANYWHERE}\n");
    EXPECT_THAT(both, HasSubstr("notifications.mails[0].from: \"nobody\" is not a mail address"));
    EXPECT_THAT(both, HasSubstr("NOT_SET_ANYWHERE"));
    EXPECT_THAT(both, Not(HasSubstr("https://"))) << "what follows from a missing variable is told, too";
    EXPECT_THAT(told, Not(HasSubstr("s3cret")));
}

TEST(Config, EveryProblemIsToldWithItsLine) {
    testing::expect_golden("config_problems.txt", problems_of(read("tests/config/problems.yaml")));
}

TEST(Config, WhatIsNotAConfigurationIsTold) {
    EXPECT_THAT(problems_of(""), HasSubstr("r.yaml:1: the file is empty"));
    EXPECT_THAT(problems_of("# nothing\n"), HasSubstr("r.yaml:1: the file is empty"));
    EXPECT_THAT(problems_of("just words\n"), HasSubstr("must be a mapping"));
    EXPECT_THAT(problems_of("services: []\n"), HasSubstr("r.yaml:1: services: is empty"));
    EXPECT_THAT(problems_of("max_parallel: 2\n"), HasSubstr("services: is missing"));
    EXPECT_THAT(problems_of("services:\n  - a\n"), HasSubstr("r.yaml:2: services[0]: must be a mapping"));
    EXPECT_THAT(problems_of("services:\n  - service: [web\nmax_age: 1d\n"), HasSubstr("is not YAML"));
    EXPECT_THAT(problems_of("services:\n  - service: [web\n"), HasSubstr("a list that [ opens is not closed by ]"));
    EXPECT_THAT(problems_of("services:\n\t- service: web\n"),
                HasSubstr(":2: is not YAML: the line is indented by a tab"));
    EXPECT_THAT(problems_of("poll: a: b\n"), HasSubstr("put a text that holds ': ' in quotes"));
    EXPECT_THAT(problems_of("poll: *x\n"), HasSubstr("names no anchor"));
    EXPECT_THAT(problems_of("a: 1\n---\nb: 2\n"), HasSubstr("a second document"));
}

TEST(Config, AliasesCannotBlowItUp) {
    std::string text = "a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n";
    for (int i = 1; i < 10; ++i) {
        text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
        for (int j = 0; j < 10; ++j) { text += "*a" + std::to_string(i - 1) + (j < 9 ? ", " : "]\n"); }
    }
    EXPECT_THAT(problems_of(text), HasSubstr("is too large"));
}

TEST(Config, WhatIsFineIsToldInWordsAndAsADocument) {
    const auto loaded = load_text(read("docs/recycler.yaml"));
    ASSERT_TRUE(loaded.settings) << problems_text("docs/recycler.yaml", loaded.problems);
    testing::expect_golden("config_check.txt", settings_text("recycler.yaml", *loaded.settings));
    testing::expect_golden("config_check.json", check_json("recycler.yaml", loaded) + "\n");
}

std::set<std::string> keys(const boost::json::object& schema) {
    std::set<std::string> found;
    for (const auto& [key, value] : schema.at("properties").as_object()) { found.emplace(key); }
    return found;
}

// "" is the document itself, every other section a definition of its name.
TEST(Config, TheJsonSchemaKnowsTheKeysThatTheParserKnows) {
    const auto schema = boost::json::parse(read("docs/recycler.schema.json")).as_object();
    const auto& definitions = schema.at("definitions").as_object();
    for (const auto& [section, known] : known_keys()) {
        const auto& described = section.empty() ? schema : definitions.at(section).as_object();
        EXPECT_EQ(keys(described), std::set<std::string>(known.begin(), known.end())) << "section " << section;
        EXPECT_EQ(described.at("additionalProperties"), false) << "section " << section;
    }
}

} // namespace
} // namespace ecsr::config
