#include "cli/option_table.hpp"

#include "base/text.hpp"
#include "base/time.hpp"
#include "base/url.hpp"
#include "model/run_spec.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace ecsr::cli {

namespace {

Status check_choice(const OptionSpec& option, std::string_view value) {
    if (std::ranges::find(option.choices, value) != option.choices.end()) { return {}; }
    const std::vector<std::string> names(option.choices.begin(), option.choices.end());
    const std::string near = nearest(value, names);
    return fail(ErrorKind::Usage, fmt::format("\"{}\" is not one of {}{}", value, join(names, ", "),
                                              near.empty() ? "" : fmt::format("; did you mean {}?", near)));
}

Status check_tasks(const OptionSpec& option, std::string_view value) {
    const auto amount = parse_amount(value);
    if (!amount) { return std::unexpected(amount.error()); }
    if (amount->value < option.least) {
        return fail(ErrorKind::Usage,
                    fmt::format("\"{}\" is too small; allowed: {} or more tasks, or a percentage above 0%", value,
                                option.least));
    }
    return {};
}

Status check_number(const OptionSpec& option, std::string_view value) {
    const auto number = parse_integer(value);
    if (number && *number >= option.least && *number <= option.most) { return {}; }
    return fail(ErrorKind::Usage,
                fmt::format("\"{}\" is not a whole number from {} to {}", value, option.least, option.most));
}

Status check_text(std::string_view value) {
    return value.empty() ? fail(ErrorKind::Usage, "\"\" is empty; leave the option out instead") : Status{};
}

template <typename T>
Status status_of(const Result<T>& result) {
    return result ? Status{} : std::unexpected(result.error());
}

} // namespace

std::vector<std::string> next_words(std::string_view words) {
    const std::string before = words.empty() ? "" : std::string(words) + " ";
    std::vector<std::string> result;
    for (const auto& command : command_table()) {
        if (command.hidden || !command.name.starts_with(before)) { continue; }
        const auto rest = command.name.substr(before.size());
        const std::string word(rest.substr(0, rest.find(' ')));
        if (std::ranges::find(result, word) == result.end()) { result.push_back(word); }
    }
    return result;
}

std::string written(const PositionalSpec& positional) {
    return positional.optional ? fmt::format("[{}]", positional.name) : std::string(positional.name);
}

const CommandSpec* find_command(std::string_view name) {
    const auto& table = command_table();
    const auto found = std::ranges::find(table, name, &CommandSpec::name);
    return found == table.end() ? nullptr : &*found;
}

const OptionSpec* find_option(const CommandSpec& command, std::string_view flag) {
    const auto found = std::ranges::find(command.options, flag, &OptionSpec::flag);
    return found == command.options.end() ? nullptr : &*found;
}

std::string environment_name(std::string_view flag) {
    std::string name = "ECS_RECYCLER_";
    for (const char c : flag) {
        name += c == '-' ? '_' : (c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c);
    }
    return name;
}

Status check_duration(const OptionSpec& option, std::string_view value) {
    const auto span = parse_duration(value);
    if (!span) { return std::unexpected(span.error()); }
    if (*span >= Seconds(option.least)) { return {}; }
    return fail(ErrorKind::Usage,
                fmt::format("\"{}\" is too short: at least {}", value, format_duration(Seconds(option.least))));
}

Status check_value(const OptionSpec& option, std::string_view value) {
    switch (option.kind) {
    case ValueKind::Switch: return {};
    case ValueKind::Choice: return check_choice(option, value);
    case ValueKind::Tasks: return check_tasks(option, value);
    case ValueKind::Number: return check_number(option, value);
    case ValueKind::Duration: return check_duration(option, value);
    case ValueKind::Url: return status_of(parse_url(value));
    case ValueKind::Text:
    case ValueKind::Path: return check_text(value);
    }
    return {};
}

} // namespace ecsr::cli
