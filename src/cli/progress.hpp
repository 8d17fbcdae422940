// Tells people how a run goes: log lines, and on a terminal one status line that is redrawn.
#pragma once

#include "base/clock.hpp"
#include "base/log.hpp"
#include "cli/world.hpp"
#include "run/listener.hpp"

#include <string>

namespace ecsr::cli {

struct ProgressStyle {
    bool live = false; // a status line
    bool colour = false;
    int columns = 80;
};

// live: a terminal that can move its cursor, and not --quiet; colour: live without NO_COLOR.
ProgressStyle progress_style(const World& world, bool quiet);

class Progress : public run::Listener {
public:
    Progress(std::ostream& err, Clock& clock, ProgressStyle style) : err_(err), clock_(clock), style_(style) {}
    ~Progress() override { clear(); }

    void on_started(const recycle::Run& run) override;
    void on_note(const recycle::Run& run, const recycle::Note& note) override;
    void on_change(const recycle::Run& run, const recycle::Perform& perform) override;
    void on_task_replaced(const recycle::Run& run, const recycle::Replacement& replacement) override;
    void on_wait(const recycle::Run& run, const recycle::Wait& wait, const Snapshot& snapshot) override;
    void on_trouble(const recycle::Run& run, const Error& error) override;
    void on_finished(const recycle::Run& run) override;

    // Takes the status line away, so that something else can be written.
    void clear();

private:
    void tell(LogLevel level, const std::string& line);
    void draw(const std::string& status);

    std::ostream& err_;
    Clock& clock_;
    const ProgressStyle style_;
    bool drawn_ = false;
    std::string last_reason_;
};

// "[####------] 1/3  waiting for ...  12s": cut to `columns`.
std::string status_line(const recycle::Run& run, const std::string& doing, Instant now, int columns);

} // namespace ecsr::cli
