// Filter patterns of CloudWatch Logs: which log events FilterLogEvents tells.
//
//   ERROR "exact phrase" -noise        every term but the excluded ones
//   ?ERROR ?WARN                       any of them; beside other terms they count for nothing, as with AWS
//   { $.level = "err*" && ($.ms > 100 || $.user[0].id IS NULL) }     events that are JSON objects
//
// Terms are case-sensitive and may stand anywhere in the message. Selectors: $.name, $.name[0]. Operators: = != < <= >
// >= IS NULL, IS TRUE, IS FALSE, NOT EXISTS, EXISTS; "*" in a text stands for anything. A comparison with a member that
// is not there is false. Patterns with %regular expressions% or [columns] are refused.
#pragma once

#include "base/error.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace ecsr::local {

class FilterPattern {
public:
    // Empty: everything matches. Error: Usage, with what is wrong.
    static Result<FilterPattern> parse(std::string_view text);

    bool matches(std::string_view message) const { return test_(message); }

private:
    using Test = std::function<bool(std::string_view message)>;
    explicit FilterPattern(Test test) : test_(std::move(test)) {}
    Test test_;
};

} // namespace ecsr::local
