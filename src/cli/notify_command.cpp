#include "cli/commands.hpp"
#include "cli/failure.hpp"
#include "cli/parts.hpp"
#include "cli/run_notices.hpp"
#include "tell/delivery_report.hpp"
#include "tell/run_notification.hpp"

#include <algorithm>
#include <ostream>

namespace ecsr::cli {

int notify_test(const Invocation& invocation, World& world) {
    const auto older = load_older_input(invocation, world);
    if (!older) { return report_failure(older.error(), invocation, world); }
    if (older->notifications.empty()) {
        const Error nobody{ErrorKind::Usage,
                           invocation.text("config") + ": nobody is to be told (emailNotification.to)", "", 0, false};
        return report_failure(nobody, invocation, world);
    }
    const auto notifier = make_notifier(*older, invocation, world);
    if (!notifier) { return report_failure(notifier.error(), invocation, world); }
    const auto event = parse_notification_event(invocation.text("event"));
    ECSR_ASSERT(event.has_value()); // the table allows no other
    std::vector<tell::DeliveryLine> lines;
    const auto told = tell::test_notification(*event, world.clock.now());
    for (const auto& delivery : (*notifier)->send_now(told, world.interrupts.end_in_order)) {
        lines.push_back({delivery.channel, delivery.kind, delivery.target, delivery.status.has_value(),
                         delivery.status ? "" : delivery.status.error().message});
    }
    world.console.out << (wants_json(invocation) ? tell::deliveries_json(to_string(*event), lines) + "\n"
                                                 : tell::deliveries_text(lines));
    return std::ranges::all_of(lines, &tell::DeliveryLine::ok) ? 0 : 1;
}

} // namespace ecsr::cli
