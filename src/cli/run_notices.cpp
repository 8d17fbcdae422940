#include "cli/run_notices.hpp"

#include "cli/parts.hpp"

#include <utility>

namespace ecsr::cli {

namespace {

constexpr Millis patience{30'000};
// After an interrupt people want to leave, but should still hear that the run was left.
constexpr Millis short_patience{5'000};

} // namespace

Result<std::unique_ptr<notify::Notifier>> make_notifier(NotificationSettings settings, const config::OlderInput& older,
                                                        const Invocation& invocation, World& world) {
    notify::trust_by_default(settings, world.environment.non_empty("SSL_CERT_FILE").value_or(""));
    notify::NotifierParts parts{
        .transport = world.outside.transport,
        .mail = world.outside.mail,
        .clock = world.outside.clock,
        .random = Random(world.seed),
        .make_caller = [&invocation, &world,
                        older](const std::string& region) { return make_session(invocation, world, older, region); },
        .read_file = world.environment.read_file,
    };
    return notify::Notifier::create(std::move(settings), std::move(parts));
}

Result<RunNotices> RunNotices::make(const config::OlderInput& older, const Invocation& invocation, World& world,
                                    run::Listener& next, const std::string& region) {
    RunNotices notices(next, world);
    if (older.notifications.empty()) { return notices; }
    auto notifier = make_notifier(older.notifications, older, invocation, world);
    if (!notifier) { return std::unexpected(notifier.error()); }
    notices.notifier_ = *std::move(notifier);
    notices.listener_ = std::make_unique<notify::RunListener>(next, *notices.notifier_, world.clock, region);
    return notices;
}

void RunNotices::tell_end(const RunSpec& spec, const Result<act::RunRecord>& result) {
    if (!notifier_) { return; }
    listener_->tell_end(spec, result);
    const std::stop_token leave = world_->interrupts.leave_now;
    if (leave.stop_requested()) {
        notifier_->drain(short_patience);
    } else {
        notifier_->drain(patience, leave);
    }
}

} // namespace ecsr::cli
