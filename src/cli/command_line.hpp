// What the user typed, checked against the option table.
#pragma once

#include "base/error.hpp"
#include "base/time.hpp"
#include "cli/option_table.hpp"
#include "model/run_spec.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace ecsr::cli {

using Variables = std::function<std::optional<std::string>(const std::string& name)>;

// One command with its checked values: flags win over variables, variables over the table's defaults.
//
// Asking for an option that the table does not give this command is a bug (assertion). The typed getters require that
// the table declares the option with that kind of value.
class Invocation {
public:
    // Adds what the variables say and checks every value. Error: Usage, with the flag or the variable named.
    static Result<Invocation> make(const CommandSpec& command, std::map<std::string, std::vector<std::string>> flags,
                                   std::vector<std::string> positionals, const Variables& variables);

    const CommandSpec& command() const { return *command_; }
    const std::string& positional(std::size_t index) const { return positionals_.at(index); }
    std::vector<std::string> positionals_from(std::size_t index) const;

    bool has(std::string_view flag) const;         // given by flag or variable
    bool is_typed(std::string_view flag) const;    // given by flag
    bool is_set(std::string_view flag) const;      // switch
    std::string text(std::string_view flag) const; // the value, else the default, else ""
    std::optional<std::string> optional_text(std::string_view flag) const;
    std::vector<std::string> list(std::string_view flag) const;
    std::optional<Millis> optional_duration(std::string_view flag) const;
    Millis duration(std::string_view flag) const; // requires a default in the table
    std::optional<Amount> optional_amount(std::string_view flag) const;
    Amount amount(std::string_view flag) const; // requires a default in the table
    std::int64_t number(std::string_view flag) const;

private:
    const CommandSpec* command_ = nullptr;
    std::map<std::string, std::vector<std::string>> values_;
    std::set<std::string, std::less<>> typed_;
    std::vector<std::string> positionals_;
};

struct HelpWanted {
    const CommandSpec* command = nullptr; // null: of the group, or of the whole program
    const CommandGroup* group = nullptr;  // "runs"
};
struct VersionWanted {};

struct CommandLine {
    std::string prefix; // "ecs-recycler recycle": what an error message starts with
    Result<std::variant<Invocation, HelpWanted, VersionWanted>> parsed;
};

// `arguments` without the program's name. Errors: Usage, one line without the prefix.
CommandLine parse_command_line(const std::vector<std::string>& arguments, const Variables& variables);

} // namespace ecsr::cli
