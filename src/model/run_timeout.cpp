#include "model/run_timeout.hpp"

#include <fmt/format.h>

namespace ecsr {

Result<Millis> parse_run_timeout(std::string_view text) {
    const auto timeout = parse_duration(text);
    if (!timeout || *timeout >= Millis(1'000)) { return timeout; }
    return fail(ErrorKind::Usage, fmt::format("\"{}\" is too short: at least 1s", text));
}

} // namespace ecsr
