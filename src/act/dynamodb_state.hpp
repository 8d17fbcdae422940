// The state of a run as a DynamoDB table takes it: compressed, and cut where one item would not hold it.
#pragma once

#include "base/error.hpp"
#include "judge/recycle/run.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace ecsr::act {

// An item holds 400 KB, a transaction 4 MB; the story is written in the same one.
inline constexpr std::size_t state_piece_bytes = 300'000;
inline constexpr std::size_t state_pieces_most = 10;

// At least one piece, in order. Error Io: more than a table takes; of a run that has changed nothing yet also if it
// would become more on its way, so that nobody finds that out half-way.
Result<std::vector<std::string>> cut_state(const recycle::Run& run);

// What was cut, put together again. Error Io: damaged.
Result<recycle::Run> read_state(std::string_view pieces);

} // namespace ecsr::act
