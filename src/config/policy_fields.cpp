#include "base/text.hpp"
#include "config/run_fields.hpp"
#include "config/sections.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace ecsr::config {

namespace {

constexpr Millis shortest_age{1'000};

Result<MissedFires> parse_missed_fires(std::string_view text) {
    for (const auto choice : {MissedFires::Skip, MissedFires::CatchUp}) {
        if (text == to_string(choice)) { return choice; }
    }
    return fail(ErrorKind::Usage, fmt::format("\"{}\" is not one of skip, catch_up", text));
}

// "none" takes a default away.
void read_max_age(Policy& policy, const Node& node, const Scope& scope) {
    const auto text = read_text(node, scope);
    if (!text) { return; }
    if (*text == "none") {
        policy.max_age.reset();
        return;
    }
    const auto age = read_parsed(node, scope, parse_duration);
    if (age && *age < shortest_age) {
        scope.problem(node, fmt::format("\"{}\" is too short; allowed: 1s or more, or none", *text));
    } else {
        set(policy.max_age, age);
    }
}

std::vector<std::string> not_with_force_deployment(const RunSpec& spec) {
    const RunSpec defaults;
    std::vector<std::string> given;
    if (spec.older_than) { given.emplace_back("older_than"); }
    if (spec.drain != defaults.drain) { given.emplace_back("drain"); }
    if (spec.batch != defaults.batch) { given.emplace_back("batch"); }
    if (spec.surge) { given.emplace_back("surge"); }
    if (spec.max_unavailable != defaults.max_unavailable) { given.emplace_back("max_unavailable"); }
    if (spec.order != defaults.order) { given.emplace_back("order"); }
    return given;
}

// "none" takes a default away.
void read_policy_schedule(Policy& policy, const Node& node, const Scope& scope) {
    if (node.kind == Node::Kind::Scalar && node.text == "none") {
        policy.schedule_texts.reset();
    } else {
        set(policy.schedule_texts, read_schedule(node, scope));
    }
}

template <auto list>
void read_spans(Policy& policy, const Node& node, const Scope& scope) {
    const auto texts = read_texts(node, scope);
    if (!texts) { return; }
    policy.*list = *texts;
    schedule::WindowTexts alone;
    (list == &Policy::window_texts ? alone.windows : alone.blackouts) = *texts;
    if (const auto parsed = schedule::parse_windows(alone); !parsed) { scope.problem(node, parsed.error().message); }
}

} // namespace

const char* to_string(MissedFires missed_fires) {
    return missed_fires == MissedFires::Skip ? "skip" : "catch_up";
}

const Fields<Policy>& policy_fields() {
    static const Fields<Policy> fields = [] {
        Fields<Policy> made{
            {"enabled", boolean<&Policy::enabled>},
            {"schedule", read_policy_schedule},
            {"timezone", parsed<&Policy::timezone, parse_zone>},
            {"windows", read_spans<&Policy::window_texts>},
            {"blackouts", read_spans<&Policy::blackout_texts>},
            {"holidays", texts<&Policy::holiday_files>},
            {"max_age", read_max_age},
            {"missed_fires", parsed<&Policy::missed_fires, parse_missed_fires>},
        };
        for (const auto& field : run_fields()) {
            made.push_back({field.key, [&field](Policy& policy, const Node& node, const Scope& scope) {
                                field.read(policy.run, node, scope);
                            }});
        }
        return made;
    }();
    return fields;
}

void check_rule(const Rule& rule, const Node& node, const Scope& scope) {
    const Policy& policy = rule.policy;
    if (!policy.enabled) { return; }
    const bool by_tag =
        std::ranges::any_of(rule.selection.tags, [](const auto& tag) { return tag.first.starts_with(tag_prefix); });
    if (!policy.max_age && !policy.schedule_texts && !by_tag) {
        scope.problem(node.line, "nothing says when to recycle; give schedule, max_age, or enabled: false");
    }
    const auto given = not_with_force_deployment(policy.run);
    if (policy.run.strategy == Strategy::ForceDeployment && !given.empty()) {
        scope.problem(node.line, fmt::format("{}: not with strategy force-deployment, in which ECS replaces every "
                                             "task; allowed with strategy rolling",
                                             join(given, ", ")));
    }
    if (policy.run.strategy == Strategy::Rolling && !policy.run.surge.value_or(Amount{1, false}).value &&
        !policy.run.max_unavailable.value) {
        scope.problem(node.line, "surge 0 and max_unavailable 0 leave no room to replace a task; raise one of them");
    }
}

} // namespace ecsr::config
