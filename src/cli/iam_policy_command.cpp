#include "aws/endpoints.hpp"
#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/failure.hpp"
#include "cli/service_place.hpp"
#include "tell/iam_policy.hpp"

#include <algorithm>
#include <cctype>
#include <fmt/format.h>
#include <ostream>
#include <utility>

namespace ecsr::cli {

namespace {

// Error: Usage.
Status take_service_arn(tell::PolicyScope& scope, const std::string& text) {
    auto arn = parse_service_arn(text);
    if (!arn) { return std::unexpected(std::move(arn).error()); }
    scope.partition = std::move(arn->partition);
    scope.region = std::move(arn->region);
    scope.account = std::move(arn->account);
    if (!arn->cluster.empty()) { scope.cluster = std::move(arn->cluster); }
    scope.service = std::move(arn->service);
    return {};
}

Status take_region(tell::PolicyScope& scope, const Invocation& invocation, const World& world) {
    const auto asked = invocation.optional_text("region");
    if (!asked && !world.environment.non_empty("AWS_REGION") && !world.environment.non_empty("AWS_DEFAULT_REGION")) {
        return {};
    }
    const auto region = aws::resolve_region(asked, world.environment, nullptr);
    if (!region) { return std::unexpected(region.error()); }
    scope.region = *region;
    scope.partition = aws::partition_of(*region);
    return {};
}

// What a name in a policy may be: names of AWS, and IAM's wildcards.
Status check_name(std::string_view flag, const std::string& name) {
    const bool good = !name.empty() && std::ranges::all_of(name, [](unsigned char c) {
        return std::isalnum(c) != 0 || std::string_view("-_.*?").find(static_cast<char>(c)) != std::string_view::npos;
    });
    if (good) { return {}; }
    return fail(ErrorKind::Usage,
                fmt::format("--{}: \"{}\" is no name: letters, digits, -, _, . and, for any text, *", flag, name));
}

Status check_account(const std::string& account) {
    const bool digits = std::ranges::all_of(account, [](unsigned char c) { return std::isdigit(c) != 0; });
    if (account == "*" || (digits && account.size() == 12)) { return {}; }
    return fail(ErrorKind::Usage, fmt::format("--account: \"{}\" is no account: 12 digits, or * for any", account));
}

Status check_scope(const tell::PolicyScope& scope, const std::vector<Feature>& features) {
    for (const auto& [flag, name] : {std::pair{"cluster", scope.cluster},
                                     {"service", scope.service},
                                     {"function", scope.function},
                                     {"table", scope.table}}) {
        if (auto good = check_name(flag, name); !good) { return good; }
    }
    if (auto good = check_account(scope.account); !good) { return good; }
    const bool tells = std::ranges::find(features, Feature::Sns) != features.end();
    if (tells && scope.topics.empty()) {
        return fail(ErrorKind::Usage, "--features sns needs --topic, the ARN of the topic");
    }
    for (const auto& topic : scope.topics) {
        if (split(topic, ':').size() != 6 || split(topic, ':')[2] != "sns") {
            return fail(ErrorKind::Usage, fmt::format("--topic: \"{}\" is not the ARN of a topic: "
                                                      "arn:aws:sns:REGION:ACCOUNT:NAME",
                                                      topic));
        }
    }
    return {};
}

Result<tell::PolicyScope> read_scope(const Invocation& invocation, const World& world) {
    tell::PolicyScope scope;
    scope.cluster = short_id(invocation.text("cluster"));
    scope.service = invocation.text("service");
    scope.account = invocation.text("account");
    scope.function = invocation.text("function");
    scope.table = invocation.optional_text("table").value_or(scope.function + "-runs");
    scope.topics = invocation.list("topic");
    const auto placed = scope.service.starts_with("arn:") ? take_service_arn(scope, scope.service)
                                                          : take_region(scope, invocation, world);
    if (!placed) { return std::unexpected(placed.error()); }
    return scope;
}

} // namespace

int iam_policy(const Invocation& invocation, World& world) {
    auto features = parse_features(invocation.text("features"));
    if (!features) { return report_failure(std::move(features.error()).with_context("--features"), invocation, world); }
    const auto scope = read_scope(invocation, world);
    if (!scope) { return report_failure(scope.error(), invocation, world); }
    if (auto good = check_scope(*scope, *features); !good) { return report_failure(good.error(), invocation, world); }
    world.console.out << tell::iam_policy_json(*features, *scope) << "\n";
    return 0;
}

} // namespace ecsr::cli
