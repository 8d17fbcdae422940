// One line at the bottom of a terminal that is redrawn; nothing where there is no terminal.
#pragma once

#include "cli/world.hpp"

#include <cstddef>
#include <string>

namespace ecsr::cli {

struct StatusStyle {
    bool live = false; // there is a line to redraw
    bool colour = false;
    int columns = 80;
};

// live: a terminal that can move its cursor, and not --quiet; colour: live without NO_COLOR.
StatusStyle status_style(const World& world, bool quiet);

class StatusLine {
public:
    StatusLine(std::ostream& err, StatusStyle style) : err_(err), style_(style) {}
    StatusLine(const StatusLine&) = delete;
    StatusLine& operator=(const StatusLine&) = delete;
    ~StatusLine() { clear(); }

    // Cut to the terminal's width; its first `coloured` bytes stand out.
    void draw(std::string text, std::size_t coloured);
    // Takes the line away, so that something else can be written.
    void clear();

private:
    std::ostream& err_;
    const StatusStyle style_;
    bool drawn_ = false;
};

// "[####----]": `done` of `total`.
std::string progress_gauge(std::size_t done, std::size_t total);

} // namespace ecsr::cli
