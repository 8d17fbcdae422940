// The only file that includes CLI11: it splits the arguments of one command; which commands and options there are, and
// which values are allowed, is the table's business.
#include "cli/command_line.hpp"

#include "base/text.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <fmt/format.h>

namespace ecsr::cli {

namespace {

using Parsed = std::variant<Invocation, HelpWanted, VersionWanted>;

bool is_flag(const std::string& word) {
    return word.size() > 1 && word.front() == '-';
}

// What the CLI11 parser of one command fills.
struct Words {
    std::map<std::string, std::vector<std::string>> values;
    std::map<std::string, bool> switches;
    std::vector<std::string> positionals;
};

std::string cli11_names(const OptionSpec& option) {
    return option.letter == '\0' ? fmt::format("--{}", option.flag)
                                 : fmt::format("-{},--{}", option.letter, option.flag);
}

void declare(CLI::App& app, const CommandSpec& command, Words& words) {
    app.set_help_flag();
    app.allow_extras();
    for (const auto& option : command.options) {
        const std::string flag(option.flag);
        if (option.kind == ValueKind::Switch) {
            app.add_flag(cli11_names(option), words.switches[flag]);
            continue;
        }
        app.add_option(cli11_names(option), words.values[flag])
            ->type_size(1)
            ->expected(1)
            ->take_all()
            ->allow_extra_args(false);
    }
}

std::string unknown_flag(const CommandSpec& command, const std::string& word) {
    const std::string flag = word.substr(0, word.find('='));
    std::vector<std::string> known;
    for (const auto& option : command.options) {
        if (!option.hidden) { known.push_back(fmt::format("--{}", option.flag)); }
    }
    const std::string near = nearest(flag, known);
    return near.empty()
               ? fmt::format("{} is not an option of this command; see ecs-recycler {} --help", flag, command.name)
               : fmt::format("{} is not an option of this command; did you mean {}?", flag, near);
}

Status check_positionals(const CommandSpec& command, const std::vector<std::string>& given) {
    for (const auto& word : given) {
        if (is_flag(word)) { return fail(ErrorKind::Usage, unknown_flag(command, word)); }
    }
    if (given.size() > command.positionals.size()) {
        return fail(ErrorKind::Usage, fmt::format("\"{}\" is one argument too many; see ecs-recycler {} --help",
                                                  given[command.positionals.size()], command.name));
    }
    for (std::size_t i = 0; i < command.positionals.size(); ++i) {
        const auto& spec = command.positionals[i];
        if (i >= given.size() && spec.optional) { break; }
        if (i >= given.size()) {
            return fail(ErrorKind::Usage, fmt::format("{} is missing: {}", spec.name, spec.help));
        }
        const OptionSpec as_option{.flag = spec.name,
                                   .kind = spec.choices.empty() ? spec.kind : ValueKind::Choice,
                                   .help = spec.help,
                                   .choices = spec.choices};
        if (auto checked = check_value(as_option, given[i]); !checked) {
            return fail(ErrorKind::Usage, fmt::format("{} {}", spec.name, checked.error().message));
        }
    }
    return {};
}

// CLI11 says only "NAME: 1 required TEXT missing"; the table knows what the value would be.
std::string missing_value(const CommandSpec& command, const std::string& cli11_message) {
    for (const auto& option : command.options) {
        const bool named = cli11_message.find(fmt::format("--{}:", option.flag)) != std::string::npos;
        if (named && option.kind != ValueKind::Switch) {
            return fmt::format("--{} needs a value: {}", option.flag, option.value_name);
        }
        if (named || cli11_message.starts_with(fmt::format("--{} ", option.flag))) {
            return fmt::format("--{} takes no value", option.flag);
        }
    }
    return cli11_message;
}

const OptionSpec* named_option(const CommandSpec& command, const std::string& word) {
    return word.starts_with("--") ? find_option(command, word.substr(2, word.find('=') - 2)) : nullptr;
}

// An option whose value was left out would take the option behind it for the value: "--service --plan".
Status check_left_out_values(const CommandSpec& command, const std::vector<std::string>& arguments) {
    for (std::size_t i = 0; i + 1 < arguments.size(); ++i) {
        const auto* option = named_option(command, arguments[i]);
        const bool wants_value =
            option != nullptr && option->kind != ValueKind::Switch && arguments[i].find('=') == std::string::npos;
        if (wants_value && named_option(command, arguments[i + 1]) != nullptr) {
            return fail(ErrorKind::Usage, fmt::format("--{} needs a value: {}; {} is an option of its own",
                                                      option->flag, option->value_name, arguments[i + 1]));
        }
    }
    return {};
}

Result<Parsed> with_variables(const CommandSpec& command, std::map<std::string, std::vector<std::string>> flags,
                              std::vector<std::string> positionals, const Variables& variables) {
    auto invocation = Invocation::make(command, std::move(flags), std::move(positionals), variables);
    if (!invocation) { return std::unexpected(invocation.error()); }
    return Parsed(std::move(*invocation));
}

Result<Parsed> parse_arguments(const CommandSpec& command, std::vector<std::string> arguments,
                               const Variables& variables) {
    if (command.takes_the_rest && arguments.size() >= command.positionals.size()) {
        return with_variables(command, {}, std::move(arguments), variables);
    }
    if (auto checked = check_left_out_values(command, arguments); !checked) { return std::unexpected(checked.error()); }
    CLI::App app;
    Words words;
    declare(app, command, words);
    std::ranges::reverse(arguments); // as CLI11 takes them
    try {
        app.parse(std::move(arguments));
    } catch (const CLI::ParseError& error) { return fail(ErrorKind::Usage, missing_value(command, error.what())); }
    if (words.switches["help"]) { return HelpWanted{&command, nullptr}; }
    words.positionals = app.remaining();
    if (auto checked = check_positionals(command, words.positionals); !checked) {
        return std::unexpected(checked.error());
    }
    std::map<std::string, std::vector<std::string>> flags;
    for (const auto& [flag, on] : words.switches) {
        if (on) { flags[flag] = {"true"}; }
    }
    for (auto& [flag, values] : words.values) {
        if (!values.empty()) { flags[flag] = std::move(values); }
    }
    return with_variables(command, std::move(flags), std::move(words.positionals), variables);
}

std::string unknown_command(const std::string& words) {
    std::vector<std::string> names;
    for (const auto& command : command_table()) {
        if (!command.hidden) { names.emplace_back(command.name); }
    }
    const std::string near = nearest(words, names);
    return near.empty() ? fmt::format("\"{}\" is not a command; commands are {}", words, join(names, ", "))
                        : fmt::format("\"{}\" is not a command; did you mean {}?", words, near);
}

const CommandGroup* find_group(const std::string& word) {
    const auto found = std::ranges::find(command_groups(), word, &CommandGroup::name);
    return found == command_groups().end() ? nullptr : &*found;
}

bool asks_for_help(const std::string& word) {
    return word == "--help" || word == "-h";
}

// The command that the first words name; takes them off `arguments`.
Result<const CommandSpec*> take_command(std::vector<std::string>& arguments) {
    if (is_flag(arguments.front())) {
        return fail(ErrorKind::Usage, fmt::format("{} stands before the command; write: ecs-recycler COMMAND {} ...",
                                                  arguments.front(), arguments.front()));
    }
    std::string words = arguments.front();
    std::size_t used = 1;
    const auto is_group = [&] { return std::ranges::count(command_groups(), words, &CommandGroup::name) > 0; };
    while (is_group()) {
        if (used == arguments.size() || is_flag(arguments[used])) {
            return fail(ErrorKind::Usage,
                        fmt::format("{} needs one more word: {}", words, join(next_words(words), ", ")));
        }
        words += " " + arguments[used++];
    }
    const auto* command = find_command(words);
    if (command == nullptr) { return fail(ErrorKind::Usage, unknown_command(words)); }
    arguments.erase(arguments.begin(), arguments.begin() + static_cast<std::ptrdiff_t>(used));
    return command;
}

} // namespace

CommandLine parse_command_line(const std::vector<std::string>& arguments, const Variables& variables) {
    std::vector<std::string> rest = arguments;
    std::string prefix = "ecs-recycler";
    if (!rest.empty() && rest.front() == "help") { // "help recycle" is "recycle --help"
        rest.erase(rest.begin());
        rest.emplace_back("--help");
    }
    const std::string first = rest.empty() ? "" : rest.front();
    if (asks_for_help(first)) { return {prefix, Parsed(HelpWanted{})}; }
    if (first == "--version" || first == "-V") { return {prefix, Parsed(VersionWanted{})}; }
    if (rest.empty()) { return {prefix, fail(ErrorKind::Usage, "a command is missing; see ecs-recycler --help")}; }
    if (asks_for_help(rest.back())) {
        const auto* group = find_group(join({rest.begin(), rest.end() - 1}, " "));
        if (group != nullptr) { return {prefix, Parsed(HelpWanted{nullptr, group})}; }
    }
    const auto command = take_command(rest);
    if (!command) { return {prefix, std::unexpected(command.error())}; }
    prefix += fmt::format(" {}", (*command)->name);
    return {prefix, parse_arguments(**command, std::move(rest), variables)};
}

} // namespace ecsr::cli
