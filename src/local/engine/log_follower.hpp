// Reads on in what a container writes, by asking the engine again and again for what is new since a second.
#pragma once

#include "base/error.hpp"
#include "local/engine/engine_api.hpp"
#include "local/runtime/output_lines.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace ecsr::local {

// How far the log was read: `seen` of the lines written since that second.
struct LogPlace {
    std::int64_t since = 0; // seconds since the epoch
    std::size_t seen = 0;
};

// `text`: what the engine tells since place.since, every line behind its time and a space. Lines that are new, without
// their times; `place` is moved behind them.
std::vector<std::string> new_lines(const std::string& text, LogPlace& place);

// Safe from several threads.
class LogFollower {
public:
    explicit LogFollower(std::shared_ptr<OutputLines> lines) : lines_(std::move(lines)) {}

    // Of the container with this id, always the same one. Errors: those of EngineApi.
    Status read_on(EngineApi& api, const std::string& id);

private:
    std::mutex mutex_; // guards what follows
    std::shared_ptr<OutputLines> lines_;
    LogPlace place_;
};

} // namespace ecsr::local
