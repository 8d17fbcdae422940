#include "cli/commands.hpp"
#include "cli/failure.hpp"
#include "cli/parts.hpp"
#include "cli/service_place.hpp"
#include "observe/observe.hpp"
#include "tell/status_report.hpp"

#include <ostream>

namespace ecsr::cli {

namespace {

const Look everything{.service = true,
                      .list_tasks = true,
                      .tasks = {},
                      .task_definitions = true,
                      .target_groups = true,
                      .targets = true,
                      .scaling = true,
                      .protection = true,
                      .alarms = {}};

} // namespace

int status(const Invocation& invocation, World& world) {
    const auto place = service_place(invocation);
    if (!place) { return report_failure(place.error(), invocation, world); }
    const auto older = load_older_input(invocation, world);
    if (!older) { return report_failure(older.error(), invocation, world); }
    const auto session = make_session(invocation, world, *older);
    if (!session) { return report_failure(session.error(), invocation, world); }
    Observer observer(**session, place->cluster, place->service);
    Snapshot snapshot;
    const auto looked = observer.look(everything, snapshot, world.clock.now(), world.interrupts.end_in_order);
    if (!looked) { return report_failure(looked.error(), invocation, world); }
    const auto events = static_cast<std::size_t>(invocation.number("events"));
    const Instant now = world.clock.now();
    world.console.out << (wants_json(invocation) ? tell::status_json(snapshot, now, events) + "\n"
                                                 : tell::status_text(snapshot, now, events));
    return 0;
}

} // namespace ecsr::cli
