#include "cli/runs_commands.hpp"

namespace ecsr::cli {

namespace {

using enum ValueKind;
using Options = std::vector<OptionSpec>;

constexpr std::string_view the_run = "The run";

Options operator+(Options left, const Options& right) {
    left.insert(left.end(), right.begin(), right.end());
    return left;
}

} // namespace

std::vector<CommandSpec> runs_commands(const std::vector<OptionSpec>& reading, const std::vector<OptionSpec>& working) {
    const PositionalSpec id{.name = "ID", .help = "The run, as \"runs list\" names it"};
    return {
        {.name = "runs list",
         .summary = "List the runs of the journal, newest first",
         .options = Options{{.flag = "limit",
                             .kind = Number,
                             .value_name = "N",
                             .help = "At most this many runs",
                             .group = the_run,
                             .fallback = "20",
                             .least = 1,
                             .most = 10'000}} +
                    reading},
        {.name = "runs show",
         .summary = "Show one run: each step with the reason for it",
         .positionals = {id},
         .options = reading},
        {.name = "runs resume",
         .summary = "Finish a run that was interrupted, paused or killed",
         .description = "It goes on with the time that it has left; when that is over, it gets its --timeout anew.",
         .positionals = {id},
         .options = Options{{.flag = "timeout",
                             .kind = Duration,
                             .value_name = "TIME",
                             .help = "The time it may take from now on, instead of what it has left",
                             .group = the_run,
                             .least = 1}} +
                    working},
        {.name = "runs abort",
         .summary = "End a run at the edge of its batch and put everything back",
         .description =
             "Where the run is being worked on, its worker is asked to stop. Where it is not, it is taken over "
             "and everything is put back from here.",
         .positionals = {id},
         .options = Options{{.flag = "reason",
                             .kind = Text,
                             .value_name = "TEXT",
                             .help = "Why; kept with the run",
                             .group = the_run,
                             .fallback = "aborted by the user"}} +
                    working},
    };
}

} // namespace ecsr::cli
