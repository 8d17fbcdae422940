#include "tell/local_report.hpp"

#include "base/json_mapper.hpp"
#include "base/text.hpp"
#include "tell/text_table.hpp"

#include <fmt/format.h>
#include <map>

namespace ecsr::tell {

BOOST_DESCRIBE_STRUCT(LocalEcsFacts, (), (endpoint_url, port, runtime, time_scale, memory_guard, state_folder))
BOOST_DESCRIBE_STRUCT(LocalTimeFacts, (), (now, time_scale, advanced_seconds))
BOOST_DESCRIBE_STRUCT(LocalFaultFacts, (), (id, fault, hits))
BOOST_DESCRIBE_STRUCT(LocalSnapshotFacts, (), (file, bytes))

struct LocalFaultsDocument {
    std::vector<LocalFaultFacts> faults;
};
BOOST_DESCRIBE_STRUCT(LocalFaultsDocument, (), (faults))

std::string local_ecs_text(const LocalEcsFacts& facts, const LocalVariables& variables) {
    const std::string kind = facts.runtime == "virtual"
                                 ? fmt::format("virtual containers; {} s a second", facts.time_scale)
                                 : fmt::format("memory limits: {}", facts.memory_guard);
    std::string text = fmt::format("# Local ECS on {} ({}; state: {}). Ctrl-C ends it.\nexport", facts.endpoint_url,
                                   kind, facts.state_folder.empty() ? "in memory" : facts.state_folder);
    for (const auto& [name, value] : variables) { text += fmt::format(" {}={}", name, value); }
    return text + "\n";
}

std::string local_ecs_json(const LocalEcsFacts& facts) {
    return json::to_json<json::SnakeCase>(facts, 2);
}

std::string local_time_text(const LocalTimeFacts& facts) {
    return fmt::format("It is {} there now.\n", to_rfc3339(facts.now));
}

std::string local_time_json(const LocalTimeFacts& facts) {
    return json::to_json<json::SnakeCase>(facts, 2);
}

std::string local_snapshot_text(const LocalSnapshotFacts& facts) {
    return fmt::format("Saved to {} ({}).\n", facts.file, format_bytes(static_cast<std::uint64_t>(facts.bytes)));
}

std::string local_snapshot_json(const LocalSnapshotFacts& facts) {
    return json::to_json<json::SnakeCase>(facts, 2);
}

std::string local_variables_text(const LocalVariables& variables) {
    // What a profile or a session of before would say otherwise.
    std::string text = "unset AWS_PROFILE AWS_SESSION_TOKEN\n";
    for (const auto& [name, value] : variables) { text += fmt::format("export {}={}\n", name, value); }
    return text;
}

std::string local_variables_json(const LocalVariables& variables) {
    const std::map<std::string, std::string> document(variables.begin(), variables.end());
    return json::to_json<json::SnakeCase>(document, 2);
}

std::string local_faults_text(const std::vector<LocalFaultFacts>& faults) {
    if (faults.empty()) { return "No faults.\n"; }
    std::vector<std::vector<std::string>> rows{{"ID", "FAULT", "HITS"}};
    for (const auto& fault : faults) { rows.push_back({fault.id, fault.fault, std::to_string(fault.hits)}); }
    return text_table(rows);
}

std::string local_faults_json(const std::vector<LocalFaultFacts>& faults) {
    return json::to_json<json::SnakeCase>(LocalFaultsDocument{faults}, 2);
}

} // namespace ecsr::tell
