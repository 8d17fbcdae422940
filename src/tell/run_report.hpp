// Runs as the journal knows them, for people and for machines.
#pragma once

#include "act/journal.hpp"
#include "base/time.hpp"

#include <string>
#include <vector>

namespace ecsr::tell {

// "done", "failed", "stopped", "timed_out", "rolled_back" of a run that has ended; else "running" (a process holds it),
// "paused" or "unfinished".
std::string run_state(const act::RunRecord& record, Instant now);

// The end of a run in a few lines.
std::string run_text(const act::RunRecord& record, Instant now);
// One document: run_id, outcome, reason, cluster, service, strategy, drain, cutoff, tasks, tasks_recycled,
// lowest_healthy, desired_before, desired_after, restored, api_calls, started_at, finished_at, duration_seconds,
// skipped.
std::string run_json(const act::RunRecord& record, Instant now);

// Newest first, as the journal lists them.
std::string runs_text(const std::vector<act::RunRecord>& records, Instant now);
std::string runs_json(const std::vector<act::RunRecord>& records, Instant now);

// One run with its whole story: each step with its reason and the facts it rests on.
std::string story_text(const act::RunRecord& record, const std::vector<act::Entry>& entries, Instant now);
std::string story_json(const act::RunRecord& record, const std::vector<act::Entry>& entries, Instant now);

} // namespace ecsr::tell
