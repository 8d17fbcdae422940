#include "tell/demo_report.hpp"

#include "base/json_mapper.hpp"
#include "base/text.hpp"

#include <fmt/format.h>

namespace ecsr::tell {

BOOST_DESCRIBE_STRUCT(DemoRecycle, (),
                      (run_id, outcome, reason, tasks_replaced, requests_sent, requests_failed, first_failure,
                       requests_per_second, lowest_healthy, memory_before_bytes, memory_highest_bytes,
                       memory_after_bytes, api_calls, duration_seconds))
BOOST_DESCRIBE_STRUCT(DemoKill, (), (task_arn, exit_code, reason, stopped_at))
BOOST_DESCRIBE_STRUCT(DemoUnrecycled, (),
                      (leak_bytes_per_second, requests_sent, requests_failed, first_failure, lowest_healthy, oom_kills,
                       kills, duration_seconds))
BOOST_DESCRIBE_STRUCT(DemoFacts, (),
                      (tasks, memory_limit_bytes, memory_guard, leak_bytes_per_second, recycle, unrecycled,
                       duration_seconds))

namespace {

std::string line(std::string_view name, const std::string& value) {
    return fmt::format("  {:<17} {}\n", name, value);
}

std::string failures(std::int64_t failed, const std::string& first) {
    return first.empty() ? std::to_string(failed) : fmt::format("{} (the first: {})", failed, first);
}

std::string per_second(std::int64_t bytes) {
    return format_bytes(static_cast<std::uint64_t>(bytes)) + "/s";
}

std::string recycled(const DemoFacts& facts) {
    const auto& recycle = facts.recycle;
    return fmt::format("Recycled under load: {} ({})\n", recycle.outcome, recycle.reason) +
           line("requests sent", fmt::format("{} ({:.0f}/s)", recycle.requests_sent, recycle.requests_per_second)) +
           line("requests failed", failures(recycle.requests_failed, recycle.first_failure)) +
           line("tasks replaced", fmt::format("{} of {}", recycle.tasks_replaced, facts.tasks)) +
           line("lowest healthy", fmt::format("{} of {}", recycle.lowest_healthy, facts.tasks)) +
           line("memory before",
                fmt::format("{} a task; limit {}, leak {}", format_bytes(recycle.memory_before_bytes),
                            format_bytes(facts.memory_limit_bytes), per_second(facts.leak_bytes_per_second))) +
           line("memory after", fmt::format("{} a task; highest ever {}", format_bytes(recycle.memory_after_bytes),
                                            format_bytes(recycle.memory_highest_bytes))) +
           line("API calls", std::to_string(recycle.api_calls)) +
           line("duration", fmt::format("{:.1f} s", recycle.duration_seconds));
}

std::string unrecycled(const DemoUnrecycled& alone, int tasks) {
    std::string text = fmt::format("\nLeft alone: a copy that leaks {}\n", per_second(alone.leak_bytes_per_second)) +
                       line("requests sent", std::to_string(alone.requests_sent)) +
                       line("requests failed", failures(alone.requests_failed, alone.first_failure)) +
                       line("lowest healthy", fmt::format("{} of {}", alone.lowest_healthy, tasks)) +
                       line("OOM kills", std::to_string(alone.oom_kills));
    for (const auto& kill : alone.kills) {
        text += line("", fmt::format("{}: exit {}, {}", short_id(kill.task_arn), kill.exit_code, kill.reason));
    }
    return text + line("duration", fmt::format("{:.1f} s", alone.duration_seconds));
}

} // namespace

std::string demo_text(const DemoFacts& facts) {
    return recycled(facts) + (facts.unrecycled ? unrecycled(*facts.unrecycled, facts.tasks) : "") +
           fmt::format("\nEverything was measured; memory limits by {}, {:.0f} s in all.\n", facts.memory_guard,
                       facts.duration_seconds);
}

std::string demo_json(const DemoFacts& facts) {
    return json::to_json<json::SnakeCase>(facts, 2);
}

} // namespace ecsr::tell
