// Small pure functions on text.
#pragma once

#include "base/error.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ecsr {

std::string_view trim(std::string_view text);
std::vector<std::string> split(std::string_view text, char separator);
std::string join(const std::vector<std::string>& parts, std::string_view separator);
std::string to_lower(std::string_view text);
bool equals_ignoring_case(std::string_view a, std::string_view b);
bool contains_ignoring_case(std::string_view text, std::string_view part);

// RFC 3986: everything but A-Z a-z 0-9 - _ . ~ and the characters in `keep` becomes %XX.
std::string percent_encode(std::string_view text, std::string_view keep = "");
// "+" becomes a space when `plus_is_space` (form bodies). Bad escapes stay as they are.
std::string percent_decode(std::string_view text, bool plus_is_space);

// A whole decimal number, nothing else around it. Error: Usage.
Result<std::int64_t> parse_integer(std::string_view text);

// "1.5 MiB", "64 MiB", "812 KiB".
std::string format_bytes(std::uint64_t bytes);

// What follows the last '/', or the whole text: "arn:...:task/c/abc" -> "abc".
std::string_view short_id(std::string_view arn);

// The candidate nearest to `word` by edit distance, or empty when none is near enough to be a typing error.
std::string nearest(std::string_view word, const std::vector<std::string>& candidates);

} // namespace ecsr
