#include "act/dynamodb_state.hpp"

#include "act/run_json.hpp"
#include "base/compression.hpp"

#include <fmt/format.h>

namespace ecsr::act {

namespace {

constexpr std::size_t bytes_most = state_piece_bytes * state_pieces_most;
constexpr std::size_t text_most = 64U << 20U;
// What a task adds when it is replaced: random identifiers, which do not compress, and moments.
constexpr std::size_t bytes_per_replacement = 100;

} // namespace

Result<std::vector<std::string>> cut_state(const recycle::Run& run) {
    const std::string bytes = compress(run_to_json(run));
    const bool untouched = run.restored && run.replaced.empty();
    const std::size_t to_come = untouched ? bytes_per_replacement * recycle::tasks_left(run) : 0;
    if (bytes.size() + to_come > bytes_most) {
        return fail(ErrorKind::Io,
                    fmt::format("run {} of {} tasks {} {} KB there, and {} KB are allowed: replace fewer tasks in one "
                                "run, or keep its journal in a file",
                                run.id, recycle::tasks_left(run) + run.replaced.size(),
                                to_come > 0 ? "would take" : "takes", (bytes.size() + to_come) / 1000,
                                bytes_most / 1000));
    }
    std::vector<std::string> pieces;
    for (std::size_t from = 0; from < bytes.size(); from += state_piece_bytes) {
        pieces.push_back(bytes.substr(from, state_piece_bytes));
    }
    return pieces;
}

Result<recycle::Run> read_state(std::string_view pieces) {
    const auto text = decompress(pieces, text_most);
    if (!text) { return std::unexpected(text.error()); }
    return run_from_json(*text);
}

} // namespace ecsr::act
