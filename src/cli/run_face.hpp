// How a run meets the person at the terminal; shared by recycle, runs resume, runs abort and demo.
#pragma once

#include "act/journal.hpp"
#include "cli/command_line.hpp"
#include "cli/progress.hpp"
#include "cli/world.hpp"
#include "run/runner.hpp"

#include <string>

namespace ecsr::cli {

// What to do about an unfinished run, where nobody is to be asked.
enum class UnfinishedPolicy { Resume, Ask, Refuse };

// The runner's parts: progress on standard error, questions at the terminal, the world's clock and interrupts.
// `listener` is told how the run goes: the progress itself, or what hands on to it. All arguments must outlive the
// runner.
run::RunnerParts runner_parts(aws::Caller& caller, act::Journal& journal, Progress& progress, run::Listener& listener,
                              World& world, UnfinishedPolicy policy);

// Prints the end of a run (summary or JSON document; why it did not succeed as the last line of standard error) and
// returns the exit code.
int report_run(const act::RunRecord& record, const Invocation& invocation, World& world);

// Says what a first Ctrl-C does, at the moment when it is pressed.
class InterruptNotice {
public:
    explicit InterruptNotice(const World& world);

private:
    std::stop_callback<void (*)()> on_interrupt_;
};

} // namespace ecsr::cli
