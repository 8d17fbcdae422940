// local status, local events, local logs.
#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/failure.hpp"
#include "cli/local_control.hpp"
#include "cli/local_screen.hpp"
#include "cli/parts.hpp"
#include "local/plane/control.hpp"

#include <algorithm>
#include <fmt/ostream.h>
#include <ostream>
#include <set>

namespace ecsr::cli {

namespace {

namespace control = local::control;

constexpr Millis answer_within{10'000};
constexpr Millis look_every{1'000};
constexpr std::int64_t all_events = 10'000;
constexpr std::string_view clear_screen = "\x1b[H\x1b[2J\x1b[3J";

// False: interrupted.
bool wait_for_next_look(World& world) {
    world.console.out << std::flush;
    return world.clock.sleep_until(world.clock.now() + look_every, world.interrupts.end_in_order);
}

Status refuse_endless_document(const Invocation& invocation, std::string_view flag) {
    if (!invocation.is_set(flag) || !wants_json(invocation)) { return {}; }
    return fail(ErrorKind::Usage,
                fmt::format("--{} goes on for ever, and --output json is one document; leave one out", flag));
}

Result<std::string> ask_overview(LocalControl& ecs, std::int64_t events) {
    return ecs.ask("GET", fmt::format("{}?events={}", control::overview_path, events), "", answer_within);
}

// Those of the command's cluster and service.
std::vector<local::SeenEvent> wanted_events(const local::Overview& overview, const Invocation& invocation) {
    const auto services = invocation.positionals_from(0);
    const auto cluster = invocation.optional_text("cluster");
    std::vector<local::SeenEvent> wanted;
    for (const auto& event : overview.events) {
        const bool of_service = services.empty() || event.service == services[0];
        if (of_service && (!cluster || event.cluster == *cluster)) { wanted.push_back(event); }
    }
    const auto limit = static_cast<std::size_t>(invocation.number("limit"));
    if (wanted.size() > limit) { wanted.erase(wanted.begin(), wanted.end() - static_cast<std::ptrdiff_t>(limit)); }
    return wanted;
}

// Error: NotFound, when no service is what the command names; one that was deleted is known by its events.
Status check_named(const local::Overview& overview, const Invocation& invocation) {
    const auto services = invocation.positionals_from(0);
    const auto cluster = invocation.optional_text("cluster");
    const auto is_named = [&](const auto& told) {
        return (services.empty() || told.service == services[0]) && (!cluster || told.cluster == *cluster);
    };
    if (services.empty() && !cluster) { return {}; }
    if (std::ranges::any_of(overview.services, is_named) || std::ranges::any_of(overview.events, is_named)) {
        return {};
    }
    std::vector<std::string> there;
    there.reserve(overview.services.size());
    for (const auto& service : overview.services) {
        there.push_back(cluster ? service.cluster + "/" + service.service : service.service);
    }
    return fail(ErrorKind::NotFound, fmt::format("there is no service{}{}; services: {}",
                                                 services.empty() ? "" : fmt::format(" \"{}\"", services[0]),
                                                 cluster ? fmt::format(" in the cluster \"{}\"", *cluster) : "",
                                                 there.empty() ? "none" : join(there, ", ")));
}

Result<local::Overview> look(LocalControl& ecs, std::int64_t events) {
    const auto answer = ask_overview(ecs, events);
    if (!answer) { return std::unexpected(answer.error()); }
    return local::read_overview(*answer);
}

Result<local::ServiceLogs> ask_logs(LocalControl& ecs, const Invocation& invocation) {
    const auto answer = ecs.ask("GET",
                                fmt::format("{}?cluster={}&service={}", control::logs_path,
                                            percent_encode(invocation.optional_text("cluster").value_or("")),
                                            percent_encode(invocation.positional(0))),
                                "", answer_within);
    if (!answer) { return std::unexpected(answer.error()); }
    return local::read_logs(*answer);
}

int watch_status(LocalControl& ecs, const Invocation& invocation, World& world) {
    do {
        const auto overview = look(ecs, invocation.number("events"));
        if (!overview) { return report_failure(overview.error(), invocation, world); }
        world.console.out << clear_screen << local_screen(*overview, ecs.url());
    } while (wait_for_next_look(world));
    return 0;
}

} // namespace

int local_status(const Invocation& invocation, World& world) {
    if (auto checked = refuse_endless_document(invocation, "watch"); !checked) {
        return report_failure(checked.error(), invocation, world);
    }
    auto ecs = LocalControl::find(invocation, world);
    if (!ecs) { return report_failure(ecs.error(), invocation, world); }
    if (invocation.is_set("watch")) { return watch_status(*ecs, invocation, world); }
    const auto answer = ask_overview(*ecs, invocation.number("events"));
    if (!answer) { return report_failure(answer.error(), invocation, world); }
    const auto overview = local::read_overview(*answer);
    if (!overview) { return report_failure(overview.error(), invocation, world); }
    world.console.out << (wants_json(invocation) ? *answer : local_screen(*overview, ecs->url()));
    return 0;
}

int local_events(const Invocation& invocation, World& world) {
    if (auto checked = refuse_endless_document(invocation, "follow"); !checked) {
        return report_failure(checked.error(), invocation, world);
    }
    auto ecs = LocalControl::find(invocation, world);
    if (!ecs) { return report_failure(ecs.error(), invocation, world); }
    std::set<std::string> printed;
    do {
        auto overview = look(*ecs, all_events);
        if (!overview) { return report_failure(overview.error(), invocation, world); }
        if (auto named = check_named(*overview, invocation); !named) {
            return report_failure(named.error(), invocation, world);
        }
        auto wanted = wanted_events(*overview, invocation);
        if (wants_json(invocation)) {
            world.console.out << local::events_json(wanted) << "\n";
            return 0;
        }
        for (const auto& event : wanted) {
            if (printed.insert(event.id).second) { world.console.out << event_line(event); }
        }
    } while (invocation.is_set("follow") && wait_for_next_look(world));
    return 0;
}

int local_logs(const Invocation& invocation, World& world) {
    if (auto checked = refuse_endless_document(invocation, "follow"); !checked) {
        return report_failure(checked.error(), invocation, world);
    }
    auto ecs = LocalControl::find(invocation, world);
    if (!ecs) { return report_failure(ecs.error(), invocation, world); }
    const bool follows = invocation.is_set("follow");
    LogPrinter printer(static_cast<std::size_t>(invocation.number("tail")));
    do {
        const auto logs = ask_logs(*ecs, invocation);
        if (!logs) { return report_failure(logs.error(), invocation, world); }
        if (wants_json(invocation)) {
            world.console.out << local::to_json(*logs) << "\n";
            return 0;
        }
        if (logs->logs.empty() && !follows) {
            fmt::print(world.console.err, "ecs-recycler {}: no output of a container of {} is kept here\n",
                       invocation.command().name, invocation.positional(0));
        }
        world.console.out << printer.lines(*logs, !follows);
    } while (follows && wait_for_next_look(world));
    return 0;
}

} // namespace ecsr::cli
