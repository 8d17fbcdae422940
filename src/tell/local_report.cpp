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

BOOST_DESCRIBE_STRUCT(LocalImportFacts, (),
                      (original, cluster, service, task_definition, original_task_definition, desired_count, urls,
                       scaling_min, scaling_max, start_seconds, health_seconds, ignores_sigterm, not_copied))

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

std::string local_import_text(const LocalImportFacts& facts) {
    std::string text = fmt::format("Imported {}/{} from {}\n", facts.cluster, facts.service, facts.original);
    const auto line = [&](std::string_view name, const std::string& value) {
        text += fmt::format("  {:<16}{}\n", name, value);
    };
    line("task definition",
         fmt::format("{}, from {}", short_id(facts.task_definition), short_id(facts.original_task_definition)));
    line("desired count", std::to_string(facts.desired_count));
    for (const auto& url : facts.urls) { line("load balancer", url); }
    if (facts.scaling_min) {
        line("scaling", fmt::format("{} to {} tasks", *facts.scaling_min, facts.scaling_max.value_or(0)));
    }
    const auto duration = [](double seconds) {
        return format_duration(Millis(static_cast<std::int64_t>(seconds * 1'000)));
    };
    if (facts.start_seconds) { line("starts in", duration(*facts.start_seconds)); }
    if (facts.health_seconds) { line("healthy after", duration(*facts.health_seconds)); }
    if (facts.ignores_sigterm) { line("stops", "when it is killed"); }
    if (!facts.not_copied.empty()) { text += "Not copied:\n"; }
    for (const auto& what : facts.not_copied) { text += fmt::format("  - {}\n", what); }
    return text;
}

std::string local_import_json(const LocalImportFacts& facts) {
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
