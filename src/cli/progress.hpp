// Tells people how a run goes: log lines, and on a terminal one status line that is redrawn.
#pragma once

#include "base/clock.hpp"
#include "base/log.hpp"
#include "cli/status_line.hpp"
#include "run/listener.hpp"

#include <string>

namespace ecsr::cli {

class Progress : public run::Listener {
public:
    Progress(StatusLine& line, Clock& clock) : line_(line), clock_(clock) {}

    void on_started(const recycle::Run& run) override;
    void on_note(const recycle::Run& run, const recycle::Note& note) override;
    void on_change(const recycle::Run& run, const recycle::Perform& perform) override;
    void on_task_replaced(const recycle::Run& run, const recycle::Replacement& replacement) override;
    void on_wait(const recycle::Run& run, const recycle::Wait& wait, const Snapshot& snapshot) override;
    void on_trouble(const recycle::Run& run, const Error& error) override;
    void on_finished(const recycle::Run& run) override;

    // Before something else is written to the terminal.
    void clear() { line_.clear(); }

private:
    void tell(LogLevel level, const std::string& text);
    void draw(const recycle::Run& run, const std::string& doing);

    StatusLine& line_;
    Clock& clock_;
    std::string last_reason_;
    Instant told_at_{};
};

} // namespace ecsr::cli
