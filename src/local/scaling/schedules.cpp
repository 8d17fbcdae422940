#include "local/scaling/schedules.hpp"

#include "schedule/schedule.hpp"

namespace ecsr::local {

Result<Instant> next_time(const ScheduledAction& action, Instant after) {
    const schedule::Bounds bounds{action.start, action.end, action.created_at};
    const auto parsed =
        schedule::parse_schedule(action.schedule, action.timezone.empty() ? "UTC" : action.timezone, bounds);
    if (!parsed) { return std::unexpected(parsed.error()); }
    return schedule::next_fire(*parsed, after).value_or(Instant::max());
}

} // namespace ecsr::local
