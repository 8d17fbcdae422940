// Columns for people.
#pragma once

#include "base/time.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace ecsr::tell {

// The first row is the heading; every row has the heading's number of cells. Columns are two blanks apart; nothing
// follows the last cell of a line.
std::string text_table(const std::vector<std::vector<std::string>>& rows);

// "-" for an empty text.
std::string or_dash(std::string_view text);

// RFC 3339 without the fraction.
std::string to_the_second(Instant at);

// How long ago, never negative.
std::string age(Instant from, Instant now);

// "web:3" of "arn:aws:ecs:...:task-definition/web:3".
std::string family_and_revision(std::string_view task_definition_arn);

} // namespace ecsr::tell
