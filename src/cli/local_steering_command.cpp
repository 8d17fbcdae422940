// local advance, local fault add, list and clear.
#include "cli/commands.hpp"
#include "cli/failure.hpp"
#include "cli/local_control.hpp"
#include "cli/parts.hpp"
#include "local/plane/control.hpp"
#include "tell/local_report.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <ostream>

namespace ecsr::cli {

namespace {

namespace control = local::control;

constexpr Millis short_answer{10'000};
// One request takes that much, so that each ends soon and Ctrl-C counts between them.
constexpr Millis stride{3'600'000};
constexpr Millis stride_answer{120'000};

Result<control::Clock> advance(LocalControl& ecs, Millis span) {
    control::Clock clock;
    do {
        const Millis next = std::min(span, stride);
        const auto answer = ecs.ask("POST", std::string(control::advance_path),
                                    control::to_json(control::AdvanceRequest{format_duration(next)}), stride_answer);
        if (!answer) { return std::unexpected(answer.error()); }
        const auto reached = control::read_clock(*answer);
        if (!reached) { return std::unexpected(reached.error()); }
        clock = *reached;
        span -= next;
    } while (span > Millis{0});
    return clock;
}

Result<control::Faults> ask_for_faults(LocalControl& ecs, std::string_view method, const std::string& path) {
    const auto answer = ecs.ask(method, path, "", short_answer);
    if (!answer) { return std::unexpected(answer.error()); }
    return control::read_faults(*answer);
}

int tell_faults(const Result<control::Faults>& faults, const Invocation& invocation, World& world) {
    if (!faults) { return report_failure(faults.error(), invocation, world); }
    std::vector<tell::LocalFaultFacts> facts;
    for (const auto& fault : faults->faults) { facts.push_back({fault.id, fault.fault, fault.hits}); }
    world.console.out << (wants_json(invocation) ? tell::local_faults_json(facts) + "\n"
                                                 : tell::local_faults_text(facts));
    return 0;
}

} // namespace

int local_advance(const Invocation& invocation, World& world) {
    const auto span = parse_duration(invocation.positional(0));
    ECSR_ASSERT(span.has_value()); // the table has checked it
    if (*span > control::longest_advance) {
        const auto too_far =
            fail(ErrorKind::Usage, fmt::format("TIME \"{}\" is too far: at most {} at once", invocation.positional(0),
                                               format_duration(control::longest_advance)));
        return report_failure(too_far.error(), invocation, world);
    }
    auto ecs = LocalControl::find(invocation, world);
    if (!ecs) { return report_failure(ecs.error(), invocation, world); }
    const auto clock = advance(*ecs, *span);
    if (!clock) { return report_failure(clock.error(), invocation, world); }
    const tell::LocalTimeFacts facts{clock->now, clock->time_scale, static_cast<double>(span->count()) / 1'000};
    world.console.out << (wants_json(invocation) ? tell::local_time_json(facts) + "\n" : tell::local_time_text(facts));
    return 0;
}

int local_fault_add(const Invocation& invocation, World& world) {
    auto ecs = LocalControl::find(invocation, world);
    if (!ecs) { return report_failure(ecs.error(), invocation, world); }
    const auto answer = ecs->ask("POST", std::string(control::faults_path),
                                 control::to_json(control::FaultRequest{invocation.positional(0)}), short_answer);
    if (!answer) { return report_failure(answer.error(), invocation, world); }
    auto fault = control::read_fault(*answer);
    if (!fault) { return report_failure(fault.error(), invocation, world); }
    control::Faults added;
    added.faults.push_back(std::move(*fault));
    return tell_faults(added, invocation, world);
}

int local_fault_list(const Invocation& invocation, World& world) {
    auto ecs = LocalControl::find(invocation, world);
    if (!ecs) { return report_failure(ecs.error(), invocation, world); }
    return tell_faults(ask_for_faults(*ecs, "GET", std::string(control::faults_path)), invocation, world);
}

int local_fault_clear(const Invocation& invocation, World& world) {
    auto ecs = LocalControl::find(invocation, world);
    if (!ecs) { return report_failure(ecs.error(), invocation, world); }
    std::string path(control::faults_path);
    const auto ids = invocation.positionals_from(0);
    if (!ids.empty()) { path += "/" + ids[0]; }
    return tell_faults(ask_for_faults(*ecs, "DELETE", path), invocation, world);
}

} // namespace ecsr::cli
