#include "base/text.hpp"
#include "cli/command_line.hpp"

#include <fmt/format.h>
#include <span>

namespace ecsr::cli {

namespace {

constexpr std::string_view yes_words[] = {"1", "true", "yes", "on"};
constexpr std::string_view no_words[] = {"0", "false", "no", "off"};

bool is_one_of(std::string_view text, std::span<const std::string_view> words) {
    for (const auto word : words) {
        if (equals_ignoring_case(text, word)) { return true; }
    }
    return false;
}

// The values that a variable stands for; empty when it says nothing.
Result<std::vector<std::string>> read_variable(const OptionSpec& option, const std::string& text) {
    if (text.empty()) { return std::vector<std::string>{}; }
    if (option.kind == ValueKind::Switch) {
        if (is_one_of(text, yes_words)) { return std::vector<std::string>{"true"}; }
        if (is_one_of(text, no_words)) { return std::vector<std::string>{}; }
        return fail(ErrorKind::Usage, fmt::format("\"{}\" is not one of true, false, yes, no, on, off, 1, 0", text));
    }
    if (!option.repeatable) { return std::vector<std::string>{text}; }
    std::vector<std::string> values;
    for (const auto& part : split(text, ',')) { values.emplace_back(trim(part)); }
    return values;
}

Status check_all(const OptionSpec& option, const std::vector<std::string>& values) {
    for (const auto& value : values) {
        if (auto checked = check_value(option, value); !checked) { return checked; }
    }
    return {};
}

// `values` if all are allowed; `origin` is the flag or the variable they came from.
Result<std::vector<std::string>> allowed(const OptionSpec& option, Result<std::vector<std::string>> values,
                                         const std::string& origin) {
    const Status checked = values ? check_all(option, *values) : Status(std::unexpected(values.error()));
    if (!checked) { return fail(ErrorKind::Usage, fmt::format("{} {}", origin, checked.error().message)); }
    return values;
}

// What stands for `option`: nothing, or the values of the flag or of the variable.
Result<std::vector<std::string>>
settle(const OptionSpec& option, std::map<std::string, std::vector<std::string>>& flags, const Variables& variables) {
    if (const auto given = flags.find(std::string(option.flag)); given != flags.end()) {
        return allowed(option, std::move(given->second), fmt::format("--{}", option.flag));
    }
    if (option.flag == "help") { return std::vector<std::string>{}; }
    const std::string name = environment_name(option.flag);
    return allowed(option, read_variable(option, variables(name).value_or("")), name);
}

} // namespace

Result<Invocation> Invocation::make(const CommandSpec& command, std::map<std::string, std::vector<std::string>> flags,
                                    std::vector<std::string> positionals, const Variables& variables) {
    Invocation invocation;
    invocation.command_ = &command;
    invocation.positionals_ = std::move(positionals);
    for (const auto& [flag, values] : flags) { invocation.typed_.insert(flag); }
    for (const auto& option : command.options) {
        auto values = settle(option, flags, variables);
        if (!values) { return std::unexpected(values.error()); }
        if (!values->empty()) {
            invocation.values_.emplace(option.flag, std::move(*values));
        } else if (option.required) {
            return fail(ErrorKind::Usage, fmt::format("--{} {} is missing (or {} in the environment)", option.flag,
                                                      option.value_name, environment_name(option.flag)));
        }
    }
    return invocation;
}

std::vector<std::string> Invocation::positionals_from(std::size_t index) const {
    ECSR_ASSERT(index <= positionals_.size());
    return {positionals_.begin() + static_cast<std::ptrdiff_t>(index), positionals_.end()};
}

bool Invocation::has(std::string_view flag) const {
    ECSR_ASSERT(find_option(*command_, flag) != nullptr);
    return values_.contains(std::string(flag));
}

bool Invocation::is_typed(std::string_view flag) const {
    ECSR_ASSERT(find_option(*command_, flag) != nullptr);
    return typed_.contains(flag);
}

bool Invocation::is_set(std::string_view flag) const {
    return has(flag);
}

std::optional<std::string> Invocation::optional_text(std::string_view flag) const {
    const auto* option = find_option(*command_, flag);
    ECSR_ASSERT(option != nullptr);
    if (const auto found = values_.find(std::string(flag)); found != values_.end()) { return found->second.back(); }
    if (!option->fallback.empty()) { return std::string(option->fallback); }
    return std::nullopt;
}

std::string Invocation::text(std::string_view flag) const {
    return optional_text(flag).value_or("");
}

std::vector<std::string> Invocation::list(std::string_view flag) const {
    ECSR_ASSERT(find_option(*command_, flag) != nullptr);
    const auto found = values_.find(std::string(flag));
    return found == values_.end() ? std::vector<std::string>{} : found->second;
}

std::optional<Millis> Invocation::optional_duration(std::string_view flag) const {
    return optional_text(flag).transform([](const std::string& text) {
        const auto span = parse_duration(text);
        ECSR_ASSERT(span.has_value());
        return *span;
    });
}

Millis Invocation::duration(std::string_view flag) const {
    const auto span = optional_duration(flag);
    ECSR_ASSERT(span.has_value());
    return *span;
}

std::optional<Amount> Invocation::optional_amount(std::string_view flag) const {
    return optional_text(flag).transform([](const std::string& text) {
        const auto amount = parse_amount(text);
        ECSR_ASSERT(amount.has_value());
        return *amount;
    });
}

Amount Invocation::amount(std::string_view flag) const {
    const auto amount = optional_amount(flag);
    ECSR_ASSERT(amount.has_value());
    return *amount;
}

std::int64_t Invocation::number(std::string_view flag) const {
    const auto text_value = optional_text(flag);
    ECSR_ASSERT(text_value.has_value());
    const auto number = parse_integer(*text_value);
    ECSR_ASSERT(number.has_value());
    return *number;
}

} // namespace ecsr::cli
