// The exact texts of ECS behaviour C1 and C3, row by row: which of them this plane tells, and why it cannot tell the
// others.
#pragma once

#include <string>
#include <vector>

namespace ecsr::local {

struct Row {
    std::string text;        // a regular expression
    std::string not_reached; // why; empty: it is told
};

const std::vector<Row>& service_event_rows(); // C1, after "(service NAME) "
const std::vector<Row>& stop_rows();          // C3, "stopCode: stoppedReason"

} // namespace ecsr::local
