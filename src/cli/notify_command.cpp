#include "cli/commands.hpp"
#include "cli/configuration.hpp"
#include "cli/failure.hpp"
#include "cli/parts.hpp"
#include "cli/run_notices.hpp"
#include "config/problem.hpp"
#include "tell/delivery_report.hpp"
#include "tell/run_notification.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <ostream>
#include <utility>

namespace ecsr::cli {

namespace {

// Who is told, and with which credentials SNS is called: those of an input.json, or those of the flags.
struct Told {
    NotificationSettings settings;
    config::OlderInput older;
};

Result<Told> read_yaml(const std::string& file, const World& world) {
    auto loaded = load_configuration(file, world);
    if (!loaded) { return std::unexpected(loaded.error()); }
    if (!loaded->settings) {
        const std::string more =
            loaded->problems.size() == 1 ? "" : fmt::format(" (all problems: ecs-recycler config check {})", file);
        return fail(ErrorKind::Usage, config::describe(file, loaded->problems.front()) + more);
    }
    return Told{std::move(loaded->settings->notifications), {}};
}

Result<Told> read_told(const Invocation& invocation, World& world) {
    const std::string file = invocation.text("config");
    const bool is_yaml = file.ends_with(".yaml") || file.ends_with(".yml");
    Result<Told> told;
    if (is_yaml) {
        told = read_yaml(file, world);
    } else if (auto older = load_older_input(invocation, world)) {
        told = Told{older->notifications, *older};
    } else {
        told = std::unexpected(older.error());
    }
    if (told && told->settings.empty()) {
        return fail(ErrorKind::Usage, fmt::format("{}: nobody is to be told ({})", file,
                                                  is_yaml ? "notifications" : "emailNotification.to"));
    }
    return told;
}

} // namespace

int notify_test(const Invocation& invocation, World& world) {
    auto wanted = read_told(invocation, world);
    if (!wanted) { return report_failure(wanted.error(), invocation, world); }
    const auto notifier = make_notifier(std::move(wanted->settings), wanted->older, invocation, world);
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
