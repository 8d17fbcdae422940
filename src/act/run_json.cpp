#include "act/run_json.hpp"

#include "act/run_described.hpp"
#include "base/json_mapper.hpp"

#include <fmt/format.h>

namespace ecsr::act {

// Raised when an older program would misread what a newer one wrote.
constexpr int run_format_version = 1;

// As it is read; run_to_json() writes the same without copying the run.
struct RunDocument {
    int version = run_format_version;
    recycle::Run run;
};
struct RunVersion {
    int version = 0;
};
BOOST_DESCRIBE_STRUCT(RunDocument, (), (version, run))
BOOST_DESCRIBE_STRUCT(RunVersion, (), (version))

// About as much as the text will need: a run of many tasks is written often, and nearly all of it are task ARNs.
static std::size_t expected_size(const recycle::Run& run) {
    constexpr std::size_t frame = 4'096;
    constexpr std::size_t arn = 110;
    return frame +
           arn * (run.remaining.size() + run.batch.size() + run.fresh.size() + run.taken_as_replacement.size() +
                  2 * run.skipped.size() + 4 * run.replaced.size()) +
           (arn + 40) * (run.protected_by_us.size() + run.protection_told.size() + run.healthy_since.size());
}

std::string run_to_json(const recycle::Run& run) {
    std::string text;
    text.reserve(expected_size(run));
    text += fmt::format(R"({{"version":{},"run":)", run_format_version);
    json::append_json<json::SnakeCase>(text, run);
    text += '}';
    return text;
}

Result<recycle::Run> run_from_json(std::string_view text) {
    const auto version = json::from_json<json::SnakeCase, RunVersion>(text, ErrorKind::Io);
    if (!version) { return std::unexpected(version.error()); }
    if (version->version > run_format_version) {
        return fail(ErrorKind::Io, fmt::format("written by a newer ecs-recycler (run format {}, this one knows {})",
                                               version->version, run_format_version));
    }
    auto document = json::from_json<json::SnakeCase, RunDocument>(text, ErrorKind::Io);
    if (!document) { return std::unexpected(document.error()); }
    if (version->version < 1 || document->run.id.empty()) { return fail(ErrorKind::Io, "$: this is no run"); }
    return std::move(document->run);
}

std::string calls_to_json(const aws::CallCounts& calls) {
    return json::to_json<json::SnakeCase>(calls);
}

Result<aws::CallCounts> calls_from_json(std::string_view text) {
    return json::from_json<json::SnakeCase, aws::CallCounts>(text, ErrorKind::Io);
}

std::string facts_to_json(const std::map<std::string, std::string>& facts) {
    return json::to_json<json::SnakeCase>(facts);
}

Result<std::map<std::string, std::string>> facts_from_json(std::string_view text) {
    return json::from_json<json::SnakeCase, std::map<std::string, std::string>>(text, ErrorKind::Io);
}

} // namespace ecsr::act
