// What became of a test notification on each channel.
#pragma once

#include <string>
#include <vector>

namespace ecsr::tell {

struct DeliveryLine {
    std::string channel = {};
    std::string kind = {};
    std::string target = {};
    bool ok = false;
    std::string error = {}; // empty when it is ok
};

// A line a channel: "ok      mail  ops@example.org", "failed  slack  hooks.example.org: the server answered HTTP 404".
std::string deliveries_text(const std::vector<DeliveryLine>& lines);
// One document: {"event", "ok", "channels": [{"channel", "kind", "target", "ok", "error"}]}.
std::string deliveries_json(const std::string& event, const std::vector<DeliveryLine>& lines);

} // namespace ecsr::tell
