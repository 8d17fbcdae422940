// The two places where JSON text is easy to get wrong: strings and numbers.
#pragma once

#include <string>
#include <string_view>

namespace ecsr::json {

// `text` between double quotes, escaped as RFC 8259 wants it. Bytes that are not UTF-8 become U+FFFD, so that one odd
// file name or process output never spoils a whole document.
std::string quote(std::string_view text);
// The same at the end of `out`.
void append_quoted(std::string& out, std::string_view text);
// What stands between the quotes of quote(text).
std::string inside_quotes(std::string_view text);

// The shortest digits that read back as the same value, without an exponent where people would not write one: "3",
// "0.1", "1763640000.5". JSON has no infinity and no NaN: "null".
std::string number(double value);

} // namespace ecsr::json
