#include "cli/status_line.hpp"

#include <algorithm>
#include <ostream>

namespace ecsr::cli {

namespace {

constexpr std::string_view erase_line = "\r\x1b[2K";
constexpr std::string_view bright = "\x1b[36m";
constexpr std::string_view plain = "\x1b[0m";
constexpr std::size_t gauge_width = 20;

} // namespace

StatusStyle status_style(const World& world, bool quiet) {
    const bool can_move = world.console.err_is_terminal && world.environment.non_empty("TERM").value_or("") != "dumb";
    const bool live = can_move && !quiet;
    return {.live = live, .colour = live && !world.environment.non_empty("NO_COLOR"), .columns = world.console.columns};
}

void StatusLine::clear() {
    if (!drawn_) { return; }
    err_ << erase_line << std::flush;
    drawn_ = false;
}

void StatusLine::draw(std::string text, std::size_t coloured) {
    if (!style_.live) { return; }
    text.resize(std::min(text.size(), static_cast<std::size_t>(std::max(1, style_.columns - 1)))); // a full line wraps
    const std::size_t bright_end = style_.colour ? std::min(text.size(), coloured) : 0;
    err_ << erase_line;
    if (bright_end > 0) { err_ << bright << text.substr(0, bright_end) << plain; }
    err_ << text.substr(bright_end) << std::flush;
    drawn_ = true;
}

std::string progress_gauge(std::size_t done, std::size_t total) {
    const std::size_t filled = std::min(done, total) * gauge_width / std::max<std::size_t>(1, total);
    return "[" + std::string(filled, '#') + std::string(gauge_width - filled, '-') + "]";
}

} // namespace ecsr::cli
