#include "config/run_fields.hpp"

#include "model/run_timeout.hpp"

#include <fmt/format.h>

namespace ecsr::config {

namespace {

Result<Amount> parse_positive_amount(std::string_view text) {
    const auto amount = parse_amount(text);
    if (!amount || amount->value > 0) { return amount; }
    return fail(ErrorKind::Usage,
                fmt::format("\"{}\" is too small; allowed: 1 or more tasks, or a percentage above 0%", text));
}

} // namespace

const Fields<RunSpec>& run_fields() {
    static const Fields<RunSpec> fields{
        {"strategy", parsed<&RunSpec::strategy, parse_strategy>},
        {"drain", parsed<&RunSpec::drain, parse_drain>},
        {"batch", parsed<&RunSpec::batch, parse_positive_amount>},
        {"surge", parsed<&RunSpec::surge, parse_amount>},
        {"max_unavailable", parsed<&RunSpec::max_unavailable, parse_amount>},
        {"wait", parsed<&RunSpec::wait, parse_duration>},
        {"healthy_for", parsed<&RunSpec::healthy_for, parse_duration>},
        {"order", parsed<&RunSpec::order, parse_order>},
        {"older_than", parsed<&RunSpec::older_than, parse_duration>},
        {"alarms", texts<&RunSpec::alarms>},
        {"timeout", parsed<&RunSpec::timeout, parse_run_timeout>},
        {"on_error", parsed<&RunSpec::on_error, parse_on_error>},
        {"wait_for_protection", boolean<&RunSpec::wait_for_protection>},
        {"reason", text<&RunSpec::reason>},
    };
    return fields;
}

} // namespace ecsr::config
