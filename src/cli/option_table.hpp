// The one table of commands and options.
//
// Parsing (command_line.hpp), --help, the man page and the shell completions are all made from it, so that none of them
// can know an option that another one does not.
#pragma once

#include "base/error.hpp"

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace ecsr::cli {

enum class ValueKind {
    Switch, // given or not; no value
    Text,
    Choice,   // one of `choices`
    Tasks,    // "3" or "25%"; at least `least`
    Duration, // "30s", "6h"; at least `least` seconds
    Number,   // from `least` to `most`
    Path,
    Url, // http or https
};

struct OptionSpec {
    std::string_view flag; // without the dashes
    ValueKind kind = ValueKind::Switch;
    std::string_view value_name = {};
    std::string_view help;               // one sentence, no full stop
    std::string_view group = {};         // heading in --help and in the man page
    std::string_view fallback = {};      // what counts when neither flag nor variable is given; empty: nothing
    std::string_view fallback_note = {}; // default in words, where it is not one fixed value
    std::vector<std::string_view> choices = {};
    std::int64_t least = 0;
    std::int64_t most = std::numeric_limits<std::int64_t>::max();
    char letter = '\0';      // short form
    bool repeatable = false; // in the variable: separated by commas
    bool required = false;
    bool hidden = false;
};

struct PositionalSpec {
    std::string_view name; // "ID"
    std::string_view help;
    std::vector<std::string_view> choices = {};
    ValueKind kind = ValueKind::Text; // without choices
    bool optional = false;            // the last ones alone
};

struct CommandSpec {
    std::string_view name;    // "recycle", "runs show"
    std::string_view summary; // one line, for the list of commands
    std::string_view description = {};
    std::vector<PositionalSpec> positionals = {};
    std::vector<OptionSpec> options = {};
    std::vector<std::string_view> examples = {};
    bool hidden = false;
    bool takes_the_rest = false; // what follows the positionals is passed on as it stands, also what looks like a flag
};

struct ExitCode {
    int code;
    std::string_view meaning;
};

// In the order in which --help lists them.
const std::vector<CommandSpec>& command_table();
// Words that stand in front of others: "runs", "local", "local fault"; the shorter ones first.
struct CommandGroup {
    std::string_view name;
    std::string_view summary;
};
const std::vector<CommandGroup>& command_groups();
const std::vector<ExitCode>& exit_code_table();

// The words that may follow `words` (empty: that may stand first) in the commands that are not hidden.
std::vector<std::string> next_words(std::string_view words);
// How the usage line writes it: "ID", or "[ID]" where it may be left out.
std::string written(const PositionalSpec& positional);

const CommandSpec* find_command(std::string_view name); // null: there is none
const OptionSpec* find_option(const CommandSpec& command, std::string_view flag);

// "max-unavailable" -> "ECS_RECYCLER_MAX_UNAVAILABLE".
std::string environment_name(std::string_view flag);

// Whether `value` may be given for the option. Error: Usage; begins with the value in quotes and says what is allowed.
Status check_value(const OptionSpec& option, std::string_view value);

} // namespace ecsr::cli
