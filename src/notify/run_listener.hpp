// Listens to a run and tells people when it starts and how it ended.
#pragma once

#include "act/journal.hpp"
#include "base/clock.hpp"
#include "notify/notifier.hpp"
#include "run/listener.hpp"

#include <string>
#include <utility>

namespace ecsr::notify {

// Hands every call on to `next`. All references must outlive it. For one run after another, on one thread.
class RunListener : public run::Listener {
public:
    RunListener(run::Listener& next, Notifier& notifier, Clock& clock, std::string region)
        : next_(next), notifier_(notifier), clock_(clock), region_(std::move(region)) {}

    // What Runner::start or resume returned.
    void tell_end(const RunSpec& spec, const Result<act::RunRecord>& result);

    void on_settling(const std::string& what) override;
    void on_started(const recycle::Run& run) override;
    void on_note(const recycle::Run& run, const recycle::Note& note) override;
    void on_phase(const recycle::Run& run, const Snapshot& snapshot) override;
    void on_change(const recycle::Run& run, const recycle::Perform& perform) override;
    void on_task_replaced(const recycle::Run& run, const recycle::Replacement& replacement) override;
    void on_wait(const recycle::Run& run, const recycle::Wait& wait, const Snapshot& snapshot) override;
    void on_trouble(const recycle::Run& run, const Error& error) override;
    void on_finished(const recycle::Run& run) override;

private:
    run::Listener& next_;
    Notifier& notifier_;
    Clock& clock_;
    const std::string region_;
    std::string told_run_; // id of the run whose start was told
};

} // namespace ecsr::notify
