#include "cli/progress.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <ostream>

namespace ecsr::cli {

namespace {

constexpr std::string_view erase_line = "\r\x1b[2K";
constexpr std::string_view bar_colour = "\x1b[36m";
constexpr std::string_view plain = "\x1b[0m";
constexpr std::size_t bar_width = 20;

std::size_t total_tasks(const recycle::Run& run) {
    return run.replaced.size() + run.batch.size() + run.remaining.size();
}

} // namespace

ProgressStyle progress_style(const World& world, bool quiet) {
    const bool can_move = world.console.err_is_terminal && world.environment.non_empty("TERM").value_or("") != "dumb";
    const bool live = can_move && !quiet;
    return {.live = live, .colour = live && !world.environment.non_empty("NO_COLOR"), .columns = world.console.columns};
}

std::string status_line(const recycle::Run& run, const std::string& doing, Instant now, int columns) {
    const std::size_t total = std::max<std::size_t>(1, total_tasks(run));
    const std::size_t filled = run.replaced.size() * bar_width / total;
    std::string line = fmt::format("[{}{}] {}/{}  {}  {}", std::string(filled, '#'),
                                   std::string(bar_width - filled, '-'), run.replaced.size(), total_tasks(run),
                                   format_age(std::max(Millis{0}, now - run.started_at)), doing);
    const auto limit = static_cast<std::size_t>(std::max(1, columns - 1)); // a full line would wrap
    if (line.size() > limit) { line.resize(limit); }
    return line;
}

void Progress::clear() {
    if (!drawn_) { return; }
    err_ << erase_line << std::flush;
    drawn_ = false;
}

void Progress::draw(const std::string& status) {
    if (!style_.live) { return; }
    err_ << erase_line;
    const std::size_t bar_end = style_.colour ? std::min(status.size(), bar_width + 2) : 0;
    if (bar_end > 0) { err_ << bar_colour << status.substr(0, bar_end) << plain; }
    err_ << status.substr(bar_end) << std::flush;
    drawn_ = true;
}

void Progress::tell(LogLevel level, const std::string& line) {
    clear();
    log(level, line);
}

void Progress::on_started(const recycle::Run& run) {
    tell(LogLevel::Debug, fmt::format("Run {}", run.id));
}

void Progress::on_note(const recycle::Run& /*run*/, const recycle::Note& note) {
    tell(note.warning ? LogLevel::Warning : LogLevel::Info, note.text);
}

void Progress::on_change(const recycle::Run& run, const recycle::Perform& perform) {
    tell(LogLevel::Info, fmt::format("{}: {}", recycle::describe(perform.change), perform.reason));
    draw(status_line(run, recycle::describe(perform.change), clock_.now(), style_.columns));
}

void Progress::on_task_replaced(const recycle::Run& run, const recycle::Replacement& replacement) {
    draw(status_line(run, fmt::format("task {} goes", short_id(replacement.task_arn)), clock_.now(), style_.columns));
}

void Progress::on_wait(const recycle::Run& run, const recycle::Wait& wait, const Snapshot& /*snapshot*/) {
    if (wait.reason != last_reason_) { tell(LogLevel::Debug, fmt::format("Waiting: {}", wait.reason)); }
    last_reason_ = wait.reason;
    draw(status_line(run, wait.reason, clock_.now(), style_.columns));
}

void Progress::on_trouble(const recycle::Run& /*run*/, const Error& error) {
    tell(LogLevel::Warning, error.message);
}

void Progress::on_finished(const recycle::Run& /*run*/) {
    clear();
}

} // namespace ecsr::cli
