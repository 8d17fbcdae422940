#include "base/error.hpp"
#include "base/text.hpp"
#include "cli/help.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace ecsr::cli {

namespace {

std::string words(const std::vector<std::string_view>& parts) {
    return join(std::vector<std::string>(parts.begin(), parts.end()), " ");
}

std::string flags_of(const CommandSpec& command) {
    std::vector<std::string> flags;
    for (const auto& option : command.options) {
        if (!option.hidden) { flags.push_back(fmt::format("--{}", option.flag)); }
    }
    return join(flags, " ");
}

std::string bash_values() {
    std::string text;
    std::vector<std::string_view> seen;
    for (const auto& command : command_table()) {
        for (const auto& option : command.options) {
            if (std::ranges::find(seen, option.flag) != seen.end()) { continue; }
            seen.push_back(option.flag);
            if (option.kind == ValueKind::Path) {
                text += fmt::format("    --{}) COMPREPLY=($(compgen -f -- \"$word\")); return ;;\n", option.flag);
            } else if (!option.choices.empty()) {
                text += fmt::format("    --{}) COMPREPLY=($(compgen -W \"{}\" -- \"$word\")); return ;;\n", option.flag,
                                    words(option.choices));
            } else if (option.kind != ValueKind::Switch && !option.hidden) {
                text += fmt::format("    --{}) return ;;\n", option.flag);
            }
        }
    }
    return text;
}

std::string bash_completion() {
    std::string text = "_ecs_recycler() {\n  local word=\"${COMP_WORDS[COMP_CWORD]}\" "
                       "previous=\"${COMP_WORDS[COMP_CWORD-1]}\" command=\"${COMP_WORDS[1]}\" offer=\"\"\n"
                       "  case \"$previous\" in\n" +
                       bash_values() + "  esac\n";
    for (const auto& group : command_groups()) {
        const auto place = std::ranges::count(group.name, ' ') + 2;
        text += fmt::format(
            "  if [ \"$command\" = \"{0}\" ] && [ \"$COMP_CWORD\" -ge {2} ]; then\n"
            "    if [ \"$COMP_CWORD\" -eq {2} ]; then COMPREPLY=($(compgen -W \"{1}\" -- \"$word\")); return; fi\n"
            "    command=\"{0} ${{COMP_WORDS[{2}]}}\"\n  fi\n",
            group.name, join(next_words(group.name), " "), place);
    }
    text += fmt::format("  if [ \"$COMP_CWORD\" -eq 1 ]; then offer=\"{} --help --version\"; fi\n"
                        "  [ \"$COMP_CWORD\" -gt 1 ] && case \"$command\" in\n",
                        join(next_words(""), " "));
    for (const auto& command : command_table()) {
        if (command.hidden) { continue; }
        std::string offer = flags_of(command);
        for (const auto& positional : command.positionals) {
            if (!positional.choices.empty()) { offer = fmt::format("{} {}", words(positional.choices), offer); }
        }
        text += fmt::format("    \"{}\") offer=\"{}\" ;;\n", command.name, offer);
    }
    return text + "  esac\n  COMPREPLY=($(compgen -W \"$offer\" -- \"$word\"))\n}\n"
                  "complete -F _ecs_recycler ecs-recycler\n";
}

std::string in_single_quotes(std::string_view text) {
    std::string quoted = "'";
    for (const char c : text) { quoted += c == '\'' ? std::string("'\\''") : std::string(1, c); }
    return quoted + "'";
}

// zsh's _arguments reads brackets and colons inside a description as its own.
std::string zsh_text(std::string_view text) {
    std::string safe;
    for (const char c : text) {
        if (c == '[' || c == ']' || c == ':' || c == '\\') { safe += '\\'; }
        safe += c;
    }
    return safe;
}

std::string zsh_option(const OptionSpec& option) {
    std::string spec = fmt::format("{}--{}[{}]", option.repeatable ? "*" : "", option.flag, zsh_text(option.help));
    if (option.kind != ValueKind::Switch) {
        const std::string action = option.kind == ValueKind::Path ? "_files"
                                   : option.choices.empty()       ? " "
                                                                  : fmt::format("({})", words(option.choices));
        spec += fmt::format(":{}:{}", zsh_text(option.value_name), action);
    }
    return in_single_quotes(spec);
}

std::string zsh_completion() {
    std::string text = fmt::format("#compdef ecs-recycler\n_ecs_recycler() {{\n"
                                   "  local command=\"${{words[2]}}\"\n"
                                   "  if (( CURRENT == 2 )); then compadd -- {} --help --version; return; fi\n",
                                   join(next_words(""), " "));
    for (const auto& group : command_groups()) {
        text += fmt::format("  if [[ $command == \"{0}\" ]]; then\n"
                            "    if (( CURRENT == 3 )); then compadd -- {1}; return; fi\n"
                            "    command=\"{0} ${{words[3]}}\"\n"
                            "    words=(\"${{words[1]}}\" \"${{(@)words[3,-1]}}\"); (( CURRENT-- ))\n  fi\n",
                            group.name, join(next_words(group.name), " "));
    }
    text += "  words=(\"${words[1]}\" \"${(@)words[3,-1]}\"); (( CURRENT-- ))\n  case \"$command\" in\n";
    for (const auto& command : command_table()) {
        if (command.hidden) { continue; }
        text += fmt::format("    \"{}\") _arguments -s", command.name);
        int place = 1;
        for (const auto& positional : command.positionals) {
            const std::string action =
                positional.choices.empty() ? " " : fmt::format("({})", words(positional.choices));
            text += fmt::format(" \\\n      '{}{}:{}:{}'", place++, positional.optional ? ":" : "", positional.name,
                                action);
        }
        for (const auto& option : command.options) {
            if (!option.hidden) { text += " \\\n      " + zsh_option(option); }
        }
        text += " ;;\n";
    }
    return text + "  esac\n}\ncompdef _ecs_recycler ecs-recycler\n";
}

std::string fish_seen(std::string_view command_words) {
    std::vector<std::string> conditions;
    for (const auto& word : split(command_words, ' ')) {
        conditions.push_back(fmt::format("__fish_seen_subcommand_from {}", word));
    }
    return join(conditions, "; and ");
}

std::string fish_condition(const CommandSpec& command) {
    return in_single_quotes(fish_seen(command.name));
}

std::string fish_option(const CommandSpec& command, const OptionSpec& option) {
    std::string line = fmt::format("complete -c ecs-recycler -n {} -l {} -d {}", fish_condition(command), option.flag,
                                   in_single_quotes(option.help));
    if (option.letter != '\0') { line += fmt::format(" -s {}", option.letter); }
    if (option.kind == ValueKind::Path) { return line + " -r -F\n"; }
    if (option.kind != ValueKind::Switch) { line += " -x"; }
    if (!option.choices.empty()) { line += fmt::format(" -a {}", in_single_quotes(words(option.choices))); }
    return line + "\n";
}

std::string fish_completion() {
    std::string text = fmt::format("complete -c ecs-recycler -f\n"
                                   "complete -c ecs-recycler -n __fish_use_subcommand -a '{}'\n",
                                   join(next_words(""), " "));
    for (const auto& group : command_groups()) {
        const std::string seconds = join(next_words(group.name), " ");
        text += fmt::format("complete -c ecs-recycler -n '{}; and not __fish_seen_subcommand_from {}' -a '{}'\n",
                            fish_seen(group.name), seconds, seconds);
    }
    for (const auto& command : command_table()) {
        if (command.hidden) { continue; }
        for (const auto& positional : command.positionals) {
            if (positional.choices.empty()) { continue; }
            text += fmt::format("complete -c ecs-recycler -n {} -a {}\n", fish_condition(command),
                                in_single_quotes(words(positional.choices)));
        }
        for (const auto& option : command.options) {
            if (!option.hidden) { text += fish_option(command, option); }
        }
    }
    return text;
}

} // namespace

std::string completion_script(std::string_view shell) {
    if (shell == "bash") { return bash_completion(); }
    if (shell == "zsh") { return zsh_completion(); }
    ECSR_ASSERT(shell == "fish");
    return fish_completion();
}

} // namespace ecsr::cli
