#include "tell/delivery_report.hpp"

#include "base/json_mapper.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace ecsr::tell {

namespace {

struct DeliveriesDocument {
    std::string event;
    bool ok = true;
    std::vector<DeliveryLine> channels;
};
BOOST_DESCRIBE_STRUCT(DeliveriesDocument, (), (event, ok, channels))

} // namespace

BOOST_DESCRIBE_STRUCT(DeliveryLine, (), (channel, kind, target, ok, error))

std::string deliveries_text(const std::vector<DeliveryLine>& lines) {
    std::string text;
    for (const DeliveryLine& line : lines) {
        const std::string name =
            line.channel == line.kind ? line.kind : fmt::format("{} ({})", line.channel, line.kind);
        text += fmt::format("{:<8}{}  {}{}\n", line.ok ? "ok" : "failed", name, line.target,
                            line.ok ? "" : ": " + line.error);
    }
    return text;
}

std::string deliveries_json(const std::string& event, const std::vector<DeliveryLine>& lines) {
    DeliveriesDocument document{event, std::ranges::all_of(lines, &DeliveryLine::ok), lines};
    return json::to_json<json::SnakeCase>(document, 2);
}

} // namespace ecsr::tell
