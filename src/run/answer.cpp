#include "run/answer.hpp"

#include "base/text.hpp"

#include <fmt/format.h>

namespace ecsr::run {

Result<Answer> parse_answer(std::string_view line) {
    const std::string word = to_lower(trim(line));
    if (word.empty() || word == "y" || word == "yes") { return Answer{true, Millis(0)}; }
    if (word == "n" || word == "no") { return Answer{false, Millis(0)}; }
    if (const auto wait = parse_duration(word)) { return Answer{true, *wait}; }
    return fail(ErrorKind::Usage, fmt::format("'{}' is no answer: y, n, or how long to wait (30s, 5m)", trim(line)));
}

} // namespace ecsr::run
