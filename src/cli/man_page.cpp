#include "cli/help.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>

namespace ecsr::cli {

namespace {

// roff reads a leading dot or quote and every backslash as its own, and a hyphen as something that may be broken.
std::string escaped(std::string_view text) {
    std::string safe;
    for (const char c : text) {
        if (c == '\\') {
            safe += "\\e";
        } else if (c == '-') {
            safe += "\\-";
        } else if ((c == '.' || c == '\'') && (safe.empty() || safe.back() == '\n')) {
            safe += std::string("\\&") + c;
        } else {
            safe += c;
        }
    }
    return safe;
}

std::string option_entry(const OptionSpec& option) {
    std::string text = fmt::format(".TP\n.B {}\n{}.", escaped(option_heading(option)), escaped(option.help));
    if (const auto notes = option_notes(option); !notes.empty()) { text += fmt::format("\n({})", escaped(notes)); }
    return text + "\n";
}

// Told once for all commands that have them.
constexpr std::string_view shared_groups[] = {"AWS", "Output"};

bool is_shared(std::string_view group) {
    return std::ranges::find(shared_groups, group) != std::end(shared_groups);
}

std::string group_entry(const CommandSpec& command, std::string_view group) {
    std::string text = fmt::format(".PP\n.I {}\n", escaped(group));
    for (const auto& option : command.options) {
        if (option.group == group && !option.hidden) { text += option_entry(option); }
    }
    return text;
}

std::string shared_options() {
    std::string text = ".SH COMMON OPTIONS\nCommands that talk to AWS take the AWS options; every command takes the "
                       "output options that make sense for it.\n";
    for (const auto group : shared_groups) {
        const auto has_group = [&](const CommandSpec& command) {
            return std::ranges::any_of(command.options, [&](const auto& option) { return option.group == group; });
        };
        const auto first = std::ranges::find_if(command_table(), has_group);
        if (first != command_table().end()) { text += group_entry(*first, group); }
    }
    return text;
}

std::string command_entry(const CommandSpec& command) {
    std::string heading(command.name);
    for (const auto& positional : command.positionals) { heading += " " + written(positional); }
    std::string text = fmt::format(".SS \"ecs\\-recycler {}\"\n{}.\n", escaped(heading), escaped(command.summary));
    if (!command.description.empty()) { text += fmt::format(".PP\n{}\n", escaped(command.description)); }
    for (const auto group : option_groups(command)) {
        if (!is_shared(group)) { text += group_entry(command, group); }
    }
    return text;
}

std::string examples() {
    std::string text = ".SH EXAMPLES\n";
    for (const auto& command : command_table()) {
        for (const auto example : command.examples) { text += fmt::format(".PP\n.EX\n{}\n.EE\n", escaped(example)); }
    }
    return text;
}

} // namespace

std::string man_page() {
    std::string text = ".TH ECS\\-RECYCLER 1 \"\" \"ecs\\-recycler\" \"User Commands\"\n"
                       ".SH NAME\necs\\-recycler \\- recycle the tasks of leaking Amazon ECS services\n"
                       ".SH SYNOPSIS\n.B ecs\\-recycler\n.I COMMAND\n[\\fIOPTIONS\\fR]\n"
                       ".SH DESCRIPTION\nReplaces the tasks of Amazon ECS services one by one or in batches, without a "
                       "dropped request, and leaves the service exactly as it was found, whatever happens on the way.\n"
                       ".SH COMMANDS\n";
    for (const auto& command : command_table()) {
        if (!command.hidden) { text += command_entry(command); }
    }
    text += shared_options();
    text +=
        ".SH ENVIRONMENT\nEvery option can be given as a variable: \\-\\-max\\-unavailable as "
        "ECS_RECYCLER_MAX_UNAVAILABLE; flags win. The variables of the AWS CLI (AWS_PROFILE, AWS_REGION, "
        "AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID and the others) mean what they mean there. NO_COLOR turns colour off.\n"
        ".SH EXIT STATUS\n";
    for (const auto& [code, meaning] : exit_code_table()) {
        text += fmt::format(".TP\n.B {}\n{}.\n", code, escaped(meaning));
    }
    text += ".SH FILES\n.TP\n.I ~/.local/state/ecs\\-recycler/journal.db\nRuns, each step with its reason.\n";
    return text + examples();
}

} // namespace ecsr::cli
