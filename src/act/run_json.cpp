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

std::string run_to_json(const recycle::Run& run) {
    const std::string run_text = json::to_json<json::SnakeCase>(run);
    std::string text = fmt::format(R"({{"version":{},"run":)", run_format_version);
    text.reserve(text.size() + run_text.size() + 1);
    text += run_text;
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
