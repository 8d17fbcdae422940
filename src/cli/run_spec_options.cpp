#include "cli/run_spec_options.hpp"

namespace ecsr::cli {

namespace {

// The table allows nothing that these functions refuse.
template <typename T>
T checked(Result<T> result) {
    ECSR_ASSERT(result.has_value());
    return *result;
}

} // namespace

RunSpec run_spec(const Invocation& invocation, std::uint64_t seed) {
    RunSpec spec;
    spec.cluster = invocation.text("cluster");
    spec.service = invocation.text("service");
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
