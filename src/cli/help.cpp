#include "cli/help.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>

namespace ecsr::cli {

namespace {

constexpr std::size_t width = 100;
constexpr std::size_t text_column = 30;

// Breaks at blanks; every line but the first is indented.
std::string wrap(std::string_view text, std::size_t indent) {
    std::string wrapped;
    std::size_t column = indent;
    for (const auto& word : split(text, ' ')) {
        if (column > indent && column + 1 + word.size() > width) {
            wrapped += "\n" + std::string(indent, ' ');
            column = indent;
        } else if (column > indent) {
            wrapped += ' ';
            ++column;
        }
        wrapped += word;
        column += word.size();
    }
    return wrapped;
}

std::string two_columns(const std::string& left, const std::string& right) {
    const std::string start = "  " + left;
    const bool fits = start.size() + 2 <= text_column;
    return start + (fits ? std::string(text_column - start.size(), ' ') : "\n" + std::string(text_column, ' ')) +
           wrap(right, text_column) + "\n";
}

std::string option_lines(const OptionSpec& option) {
    const std::string notes = option_notes(option);
    return two_columns(option_heading(option),
                       notes.empty() ? std::string(option.help) : fmt::format("{} ({})", option.help, notes));
}

std::string exit_codes() {
    std::string text = "\nExit codes:\n";
    for (const auto& [code, meaning] : exit_code_table()) { text += fmt::format("  {}  {}\n", code, meaning); }
    return text;
}

// Of the commands whose names begin so.
std::string command_lines(const std::string& beginning) {
    std::string text;
    for (const auto& command : command_table()) {
        if (command.hidden || !command.name.starts_with(beginning)) { continue; }
        std::string name(command.name);
        for (const auto& positional : command.positionals) { name += " " + written(positional); }
        text += two_columns(name, std::string(command.summary));
    }
    return text;
}

std::string usage(const CommandSpec& command) {
    std::string text = fmt::format("Usage: ecs-recycler {}", command.name);
    for (const auto& positional : command.positionals) { text += " " + written(positional); }
    for (const auto& option : command.options) {
        if (option.required) { text += fmt::format(" --{} {}", option.flag, option.value_name); }
    }
    return text + " [OPTIONS]\n";
}

} // namespace

std::string option_heading(const OptionSpec& option) {
    std::string heading = option.letter == '\0' ? "" : fmt::format("-{}, ", option.letter);
    heading += fmt::format("--{}", option.flag);
    if (option.kind != ValueKind::Switch) { heading += fmt::format(" {}", option.value_name); }
    return heading;
}

std::string option_notes(const OptionSpec& option) {
    std::vector<std::string> notes;
    if (!option.choices.empty()) {
        notes.push_back(join(std::vector<std::string>(option.choices.begin(), option.choices.end()), "|"));
    }
    if (option.repeatable) { notes.emplace_back("may be repeated"); }
    if (option.required) { notes.emplace_back("required"); }
    if (!option.fallback.empty()) { notes.push_back(fmt::format("default: {}", option.fallback)); }
    if (!option.fallback_note.empty()) { notes.push_back(fmt::format("default: {}", option.fallback_note)); }
    return join(notes, "; ");
}

std::vector<std::string_view> option_groups(const CommandSpec& command) {
    std::vector<std::string_view> groups;
    for (const auto& option : command.options) {
        if (!option.hidden && std::ranges::find(groups, option.group) == groups.end()) {
            groups.push_back(option.group);
        }
    }
    return groups;
}

std::string command_help(const CommandSpec& command) {
    std::string text = usage(command) + "\n" + std::string(command.summary) + ".\n";
    if (!command.description.empty()) { text += "\n" + wrap(command.description, 0) + "\n"; }
    if (!command.positionals.empty()) {
        text += "\nArguments:\n";
        for (const auto& positional : command.positionals) {
            text += two_columns(std::string(positional.name), std::string(positional.help));
        }
    }
    for (const auto group : option_groups(command)) {
        text += fmt::format("\n{}:\n", group);
        for (const auto& option : command.options) {
            if (option.group == group && !option.hidden) { text += option_lines(option); }
        }
    }
    if (!command.examples.empty()) { text += "\nExamples:\n"; }
    for (const auto example : command.examples) { text += fmt::format("  {}\n", example); }
    text += "\nEvery option also has a variable, --max-unavailable for one ECS_RECYCLER_MAX_UNAVAILABLE; flags "
            "win.\n";
    return text + exit_codes();
}

std::string group_help(const CommandGroup& group) {
    std::string text =
        fmt::format("Usage: ecs-recycler {} COMMAND [OPTIONS]\n\n{}.\n\nCommands:\n", group.name, group.summary);
    text += command_lines(std::string(group.name) + " ");
    return text + fmt::format("\n\"ecs-recycler {} COMMAND --help\" lists the options of one.\n", group.name);
}

std::string program_help() {
    std::string text = "Usage: ecs-recycler COMMAND [OPTIONS]\n\n"
                       "Recycles the tasks of leaking Amazon ECS services without dropping a request.\n\nCommands:\n";
    text += command_lines("");
    text +=
        "\n  -h, --help                  Print this help and exit; \"ecs-recycler COMMAND --help\" lists the options\n"
        "  -V, --version               Print the version and exit\n";
    return text + exit_codes();
}

} // namespace ecsr::cli
