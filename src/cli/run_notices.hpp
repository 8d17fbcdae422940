// What people are told about a run by mail and the like, as the file of --config says.
#pragma once

#include "cli/command_line.hpp"
#include "cli/world.hpp"
#include "config/older_input.hpp"
#include "notify/notifier.hpp"
#include "notify/run_listener.hpp"

#include <memory>
#include <string>

namespace ecsr::cli {

// A notifier that tells in real time (World::outside). SNS is called with the credentials of flags and `older`.
// `invocation` and `world` must outlive it. Errors: see Notifier::create.
Result<std::unique_ptr<notify::Notifier>> make_notifier(NotificationSettings settings, const config::OlderInput& older,
                                                        const Invocation& invocation, World& world);

// Of one run. Without channels it does nothing.
class RunNotices {
public:
    static Result<RunNotices> make(const config::OlderInput& older, const Invocation& invocation, World& world,
                                   run::Listener& next, const std::string& region);

    // What the runner talks to.
    run::Listener& listener() { return listener_ ? *listener_ : *next_; }

    // Tells the end and waits, for half a minute at most, until everything is sent; an interrupt ends the waiting. What
    // was not sent is in the log, and changes nothing else.
    void tell_end(const RunSpec& spec, const Result<act::RunRecord>& result);

private:
    RunNotices(run::Listener& next, World& world) : next_(&next), world_(&world) {}

    run::Listener* next_;
    World* world_;
    std::unique_ptr<notify::Notifier> notifier_;
    std::unique_ptr<notify::RunListener> listener_; // uses notifier_
};

} // namespace ecsr::cli
