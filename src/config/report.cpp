#include "config/report.hpp"

#include "base/json_mapper.hpp"
#include "base/text.hpp"

#include <fmt/format.h>
#include <iterator>

namespace ecsr::config {

namespace {

std::string or_all(const std::vector<std::string>& names, const char* all) {
    return names.empty() ? all : join(names, ", ");
}

std::string which(const Selection& selection) {
    std::string text = selection.services.empty()
                           ? std::string("every service")
                           : fmt::format("{} {}", selection.services.size() == 1 ? "service" : "services",
                                         join(selection.services, ", "));
    text += fmt::format(" of cluster {}", join(selection.clusters, ", "));
    std::vector<std::string> tags;
    for (const auto& [key, value] : selection.tags) { tags.push_back(fmt::format("{}={}", key, value)); }
    if (!tags.empty()) { text += fmt::format(" tagged {}", join(tags, ", ")); }
    if (!selection.accounts.empty()) { text += fmt::format(" in {}", join(selection.accounts, ", ")); }
    if (!selection.regions.empty()) { text += fmt::format(" in {}", join(selection.regions, ", ")); }
    return text;
}

std::string when(const Policy& policy) {
    if (!policy.enabled) { return "left alone"; }
    std::vector<std::string> parts;
    if (policy.schedule) { parts.push_back(policy.schedule->text); }
    if (policy.max_age) { parts.push_back(fmt::format("tasks older than {}", format_duration(*policy.max_age))); }
    if (parts.empty()) { parts.emplace_back("as its tags say"); }
    std::string text = join(parts, "; ");
    if (!policy.window_texts.empty()) { text += ", within " + join(policy.window_texts, ", "); }
    if (!policy.blackout_texts.empty()) { text += ", not in " + join(policy.blackout_texts, ", "); }
    if (!policy.holiday_files.empty()) { text += ", not on holidays of " + join(policy.holiday_files, ", "); }
    return text;
}

std::string how(const RunSpec& run) {
    if (run.strategy == Strategy::ForceDeployment) { return "force-deployment"; }
    return fmt::format("rolling, {} at a time", to_string(run.batch));
}

std::string account_text(const Account& account) {
    std::string text = account.name;
    if (account.role_arn) { text += fmt::format(" by role {}", *account.role_arn); }
    return fmt::format("{} in {}", text, or_all(account.regions, "the region of the environment"));
}

} // namespace

std::string problems_text(const std::string& file, const std::vector<Problem>& problems) {
    std::string text;
    for (const Problem& problem : problems) { text += describe(file, problem) + "\n"; }
    return text;
}

std::string settings_text(const std::string& file, const Settings& settings) {
    std::string text = fmt::format("{} is fine. It watches:\n", file);
    for (const Rule& rule : settings.rules) {
        text += fmt::format("  {}: {}", which(rule.selection), when(rule.policy));
        text += rule.policy.enabled ? fmt::format(" ({})\n", how(rule.policy.run)) : "\n";
    }
    for (const Account& account : settings.accounts) { text += fmt::format("Account {}.\n", account_text(account)); }
    text += fmt::format("At most {} {} at a time{}{}.\n", settings.max_parallel,
                        settings.max_parallel == 1 ? "run" : "runs",
                        settings.stagger > Millis(0) ? ", begun " + format_duration(settings.stagger) + " apart" : "",
                        settings.read_only ? "; read-only: nothing is changed" : "");
    return text;
}

// ---- JSON ----

struct CheckedProblem {
    int line = 0;
    std::string field;
    std::string text;
};
BOOST_DESCRIBE_STRUCT(CheckedProblem, (), (line, field, text))

struct CheckedRule {
    int line = 0;
    std::vector<std::string> accounts;
    std::vector<std::string> regions;
    std::vector<std::string> clusters;
    std::vector<std::string> services;
    std::map<std::string, std::string> tags;
    bool enabled = true;
    std::optional<std::string> schedule;
    std::vector<std::string> windows;
    std::vector<std::string> blackouts;
    std::vector<std::string> holidays;
    std::optional<Millis> max_age;
    std::string missed_fires;
    std::string strategy;
    std::string batch;
};
BOOST_DESCRIBE_STRUCT(CheckedRule, (),
                      (line, accounts, regions, clusters, services, tags, enabled, schedule, windows, blackouts,
                       holidays, max_age, missed_fires, strategy, batch))

struct CheckDocument {
    std::string file;
    bool ok = true;
    std::vector<CheckedProblem> problems;
    std::vector<CheckedRule> watches;
    std::optional<int> max_parallel;
    std::optional<bool> read_only;
};
BOOST_DESCRIBE_STRUCT(CheckDocument, (), (file, ok, problems, watches, max_parallel, read_only))

namespace {

CheckedRule checked(const Rule& rule) {
    const Selection& selection = rule.selection;
    const Policy& policy = rule.policy;
    return {rule.line,
            selection.accounts,
            selection.regions,
            selection.clusters,
            selection.services,
            selection.tags,
            policy.enabled,
            policy.schedule ? std::optional(policy.schedule->text) : std::nullopt,
            policy.window_texts,
            policy.blackout_texts,
            policy.holiday_files,
            policy.max_age,
            to_string(policy.missed_fires),
            to_string(policy.run.strategy),
            to_string(policy.run.batch)};
}

} // namespace

std::string check_json(const std::string& file, const Loaded& loaded) {
    CheckDocument document{file, loaded.problems.empty(), {}, {}, {}, {}};
    for (const Problem& problem : loaded.problems) {
        document.problems.push_back({problem.line, problem.field, problem.text});
    }
    if (loaded.settings) {
        for (const Rule& rule : loaded.settings->rules) { document.watches.push_back(checked(rule)); }
        document.max_parallel = loaded.settings->max_parallel;
        document.read_only = loaded.settings->read_only;
    }
    return json::to_json<json::SnakeCase>(document, 2);
}

} // namespace ecsr::config
