#include "tell/run_report.hpp"

#include "base/text.hpp"
#include "tell/run_document_json.hpp"
#include "tell/text_table.hpp"

#include <fmt/format.h>

namespace ecsr::tell {

namespace {

struct RunsDocument {
    std::vector<RunDocument> runs;
};
BOOST_DESCRIBE_STRUCT(RunsDocument, (), (runs))

struct StoryEntry {
    std::int64_t seq = 0;
    Instant at{};
    std::string kind;
    std::string text;
    std::map<std::string, std::string> facts;
};
BOOST_DESCRIBE_STRUCT(StoryEntry, (), (seq, at, kind, text, facts))

struct StoryDocument {
    RunDocument run;
    std::vector<StoryEntry> entries;
};
BOOST_DESCRIBE_STRUCT(StoryDocument, (), (run, entries))

std::string how_long(const RunDocument& run) {
    return format_age(Millis(static_cast<std::int64_t>(run.duration_seconds * 1000)));
}

std::string recycled_tasks(const RunDocument& run) {
    if (run.tasks.empty()) { return ""; }
    std::vector<std::vector<std::string>> rows{{"TASK", "REPLACED BY", "SECONDS"}};
    for (const auto& task : run.tasks) {
        rows.push_back({std::string(short_id(task.task_arn)), or_dash(short_id(task.replaced_by)),
                        task.seconds ? fmt::format("{:.1f}", *task.seconds) : "-"});
    }
    return text_table(rows);
}

std::string calls(const RunCalls& calls) {
    std::vector<std::string> parts;
    parts.reserve(calls.by_operation.size());
    for (const auto& [operation, count] : calls.by_operation) {
        parts.push_back(fmt::format("{} {}", operation, count));
    }
    return parts.empty() ? "0" : fmt::format("{} ({})", calls.total, join(parts, ", "));
}

std::string facts(const std::map<std::string, std::string>& facts) {
    std::string text;
    for (const auto& [name, value] : facts) { text += fmt::format("  {}={}", name, value); }
    return text;
}

} // namespace

std::string run_text(const act::RunRecord& record, Instant now) {
    const auto run = run_document(record, now);
    std::string text = fmt::format("Run {} of {}/{}: {}{}\n", run.run_id, run.cluster, run.service, run.state,
                                   run.reason.empty() ? "" : fmt::format(" ({})", run.reason));
    text += fmt::format("{} recycled, {} left, {} skipped in {}; lowest healthy {}; desired {}{}; {}\n",
                        run.tasks_recycled, run.tasks_left, run.skipped.size(), how_long(run),
                        run.lowest_healthy ? std::to_string(*run.lowest_healthy) : "not measured", run.desired_before,
                        run.desired_after ? fmt::format(" -> {}", *run.desired_after) : "",
                        run.restored ? "everything put back" : "NOT put back");
    text += fmt::format("API calls: {}\n", calls(run.api_calls));
    for (const auto& skipped : run.skipped) {
        text += fmt::format("Skipped {}: {}\n", short_id(skipped.task_arn), skipped.reason);
    }
    return text + recycled_tasks(run);
}

std::string run_json(const act::RunRecord& record, Instant now) {
    return json::to_json<json::SnakeCase>(run_document(record, now), 2);
}

std::string runs_text(const std::vector<act::RunRecord>& records, Instant now) {
    if (records.empty()) { return "No runs.\n"; }
    std::vector<std::vector<std::string>> rows{
        {"RUN", "STATE", "SERVICE", "RECYCLED", "LEFT", "STARTED", "TOOK", "WHY"}};
    for (const auto& record : records) {
        const auto run = run_document(record, now);
        rows.push_back({run.run_id, run.state, fmt::format("{}/{}", run.cluster, run.service),
                        std::to_string(run.tasks_recycled), std::to_string(run.tasks_left),
                        to_the_second(run.started_at), how_long(run), or_dash(run.reason)});
    }
    return text_table(rows);
}

std::string runs_json(const std::vector<act::RunRecord>& records, Instant now) {
    RunsDocument document;
    for (const auto& record : records) { document.runs.push_back(run_document(record, now)); }
    return json::to_json<json::SnakeCase>(document, 2);
}

std::string story_text(const act::RunRecord& record, const std::vector<act::Entry>& entries, Instant now) {
    std::string text = run_text(record, now);
    if (act::is_held(record.holder, now)) {
        text += fmt::format("Held by {} since {}\n", record.holder->who, to_the_second(record.holder->since));
    }
    std::vector<std::vector<std::string>> rows{{"AT", "KIND", "STEP"}};
    for (const auto& entry : entries) {
        rows.push_back({to_rfc3339(entry.at), act::to_string(entry.kind), entry.text + facts(entry.facts)});
    }
    return text + "\n" + text_table(rows);
}

std::string story_json(const act::RunRecord& record, const std::vector<act::Entry>& entries, Instant now) {
    StoryDocument document{run_document(record, now), {}};
    for (const auto& entry : entries) {
        document.entries.push_back({entry.seq, entry.at, act::to_string(entry.kind), entry.text, entry.facts});
    }
    return json::to_json<json::SnakeCase>(document, 2);
}

} // namespace ecsr::tell
