#include "cli/run_spec_options.hpp"

#include "base/text.hpp"
#include "cli/service_place.hpp"

namespace ecsr::cli {

namespace {

// The table allows nothing that these functions refuse.
template <typename T>
T checked(Result<T> result) {
    ECSR_ASSERT(result.has_value());
    return *result;
}

Status check_force_deployment(const RunSpec& spec) {
    std::vector<std::string> given;
    const RunSpec defaults;
    if (!spec.tasks.empty()) { given.emplace_back("--task"); }
    if (spec.older_than) { given.emplace_back("--older-than"); }
    if (spec.drain != defaults.drain) { given.emplace_back("--drain"); }
    if (spec.batch != defaults.batch) { given.emplace_back("--batch"); }
    if (spec.surge) { given.emplace_back("--surge"); }
    if (spec.max_unavailable != defaults.max_unavailable) { given.emplace_back("--max-unavailable"); }
    if (spec.order != defaults.order) { given.emplace_back("--order"); }
    if (given.empty()) { return {}; }
    return fail(ErrorKind::Usage, join(given, ", ") + ": not with --strategy force-deployment, in which ECS replaces "
                                                      "every task; allowed with --strategy rolling");
}

} // namespace

Status check_together(const RunSpec& spec) {
    return spec.strategy == Strategy::ForceDeployment ? check_force_deployment(spec) : Status{};
}

Result<RunSpec> run_spec(const Invocation& invocation, std::uint64_t seed) {
    auto place = service_place(invocation);
    if (!place) { return std::unexpected(std::move(place).error()); }
    RunSpec spec;
    spec.cluster = std::move(place->cluster);
    spec.service = std::move(place->service);
    spec.strategy = checked(parse_strategy(invocation.text("strategy")));
    spec.drain = checked(parse_drain(invocation.text("drain")));
    spec.batch = invocation.amount("batch");
    spec.surge = invocation.optional_amount("surge");
    spec.max_unavailable = invocation.amount("max-unavailable");
    spec.wait = invocation.duration("wait");
    spec.order = checked(parse_order(invocation.text("order")));
    spec.older_than = invocation.optional_duration("older-than");
    spec.tasks = invocation.list("task");
    spec.healthy_for = invocation.optional_duration("healthy-for");
    spec.alarms = invocation.list("alarm");
    spec.timeout = invocation.duration("timeout");
    spec.on_error = checked(parse_on_error(invocation.text("on-error")));
    spec.ask = invocation.is_set("ask");
    spec.wait_for_protection = invocation.is_set("wait-for-protection");
    spec.reason = invocation.text("reason");
    spec.seed = invocation.has("seed") ? static_cast<std::uint64_t>(invocation.number("seed")) : seed;
    return spec;
}

} // namespace ecsr::cli
