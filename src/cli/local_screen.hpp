// What people see of a running local ECS. Pure.
#pragma once

#include "local/plane/overview.hpp"

#include <cstddef>
#include <map>
#include <string>
#include <utility>

namespace ecsr::cli {

// One screen. `url`: where it is.
std::string local_screen(const local::Overview& overview, const std::string& url);

// "2026-11-24T15:00:00Z  shop/web  (service web) has reached a steady state."
std::string event_line(const local::SeenEvent& event);

// Turns what the containers have written so far into the lines that were not printed yet.
class LogPrinter {
public:
    // Of what is there at the first look, the last `tail` lines of each container.
    explicit LogPrinter(std::size_t tail) : tail_(tail) {}

    // A line that has no end yet comes with the next call, unless `is_last`.
    std::string lines(const local::ServiceLogs& logs, bool is_last);

private:
    using Key = std::pair<std::string, std::string>; // task, container

    std::size_t tail_;
    bool is_first_ = true;
    std::map<Key, std::string> printed_; // all that is known of each container
};

} // namespace ecsr::cli
