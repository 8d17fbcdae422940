#include "base/text.hpp"
#include "judge/recycle/internal.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <string_view>
#include <unordered_set>

namespace ecsr::recycle {

namespace {

constexpr std::size_t described_at_once = 50; // besides the new tasks, of the hundred that one call takes

} // namespace

const Task* find_task(const Context& c, const std::string& arn) {
    const auto found = c.snapshot.tasks.find(arn);
    return found == c.snapshot.tasks.end() ? nullptr : &found->second;
}

std::unordered_set<std::string_view> victims_of(const Run& run) {
    return {run.batch.begin(), run.batch.end()};
}

bool is_new(const Context& c, const Task& task) {
    return is_live(task) && task.created_at >= c.run.cutoff;
}

int healthy_floor(const Run& run) {
    return run.desired_theirs - run.spec.max_unavailable.of(run.desired_theirs);
}

int standing_healthy(Context& c) {
    int count = 0;
    const auto victims = victims_of(c.run);
    for (const Task* task : live_tasks(c.snapshot)) {
        if (victims.contains(task->arn)) { continue; }
        if (!is_healthy(c.snapshot, *task)) {
            c.run.healthy_since.erase(task->arn);
            continue;
        }
        if (is_new(c, *task)) {
            const Instant since = c.run.healthy_since.try_emplace(task->arn, c.now).first->second;
            if (c.now - since < c.run.healthy_for) { continue; }
        }
        ++count;
    }
    return count;
}

int surely_left(const Context& c, int standing) {
    const auto live = live_tasks(c.snapshot);
    const auto victims = victims_of(c.run);
    const auto others =
        static_cast<int>(std::ranges::count_if(live, [&](const Task* task) { return !victims.contains(task->arn); }));
    const int wanted = c.run.desired_theirs + c.run.surge - static_cast<int>(c.run.batch.size());
    return standing - std::max(0, others - wanted);
}

std::vector<const Task*> uncredited_tasks(const Context& c) {
    const std::unordered_set<std::string_view> credited(c.run.taken_as_replacement.begin(),
                                                        c.run.taken_as_replacement.end());
    std::vector<const Task*> found;
    for (const Task* task : live_tasks(c.snapshot)) {
        if (is_new(c, *task) && !credited.contains(task->arn)) { found.push_back(task); }
    }
    return found;
}

void record_replacement(Context& c, const Task& victim) {
    record_replacements(c, {&victim});
}

void record_replacements(Context& c, const std::vector<const Task*>& victims) {
    if (victims.empty()) { return; }
    const auto fresh = uncredited_tasks(c);
    auto next = fresh.begin();
    for (const Task* victim : victims) {
        Replacement replacement;
        replacement.task_arn = victim->arn;
        replacement.batch = c.run.batch_number;
        replacement.began_at = c.run.batch_began_at;
        replacement.stop_ordered_at = victim->stopping_at.value_or(c.now);
        if (is_stopped(*victim)) { replacement.stopped_at = victim->stopped_at.value_or(c.now); }
        if (next != fresh.end()) {
            replacement.replaced_by = (*next)->arn;
            c.run.taken_as_replacement.push_back((*next)->arn);
            ++next;
        }
        c.run.replaced.push_back(std::move(replacement));
    }
}

void note_stopped_tasks(Context& c) {
    for (Replacement& replacement : c.run.replaced) {
        if (replacement.stopped_at) { continue; }
        const Task* task = find_task(c, replacement.task_arn);
        if (task != nullptr && is_stopped(*task)) { replacement.stopped_at = task->stopped_at.value_or(c.now); }
        if (!replacement.stopped_at && c.snapshot.missing.contains(replacement.task_arn)) {
            replacement.stopped_at = c.now;
        }
    }
}

std::vector<std::string> still_draining(const Run& run) {
    std::vector<std::string> arns;
    for (const Replacement& replacement : run.replaced) {
        if (!replacement.stopped_at) { arns.push_back(replacement.task_arn); }
    }
    return arns;
}

Millis deregistration_time(const Context& c) {
    Millis longest{0};
    for (const auto& [arn, group] : c.snapshot.target_groups) {
        longest = std::max(longest, Millis(group.deregistration_delay));
    }
    return longest;
}

std::vector<std::string> likely_drained(const Context& c) {
    std::vector<std::string> arns;
    const Millis drain = deregistration_time(c);
    for (const Replacement& replacement : c.run.replaced) {
        if (arns.size() == described_at_once) { break; }
        if (replacement.stopped_at || replacement.stop_ordered_at + drain > c.now) { continue; }
        arns.push_back(replacement.task_arn);
    }
    return arns;
}

bool protected_by_others(const Context& c, const std::string& arn) {
    const auto found = c.snapshot.protection.find(arn);
    if (found == c.snapshot.protection.end() || !found->second.enabled) { return false; }
    const auto ours = c.run.protected_by_us.find(arn);
    if (ours == c.run.protected_by_us.end()) { return true; }
    // The expiry moves when somebody sets protection again. ECS rounds; where it has not told the expiry that it made
    // of ours, clocks differ too.
    const auto told = c.run.protection_told.find(arn);
    const Instant expected = told == c.run.protection_told.end() ? ours->second : told->second;
    return found->second.expires_at.has_value() && *found->second.expires_at > expected + Millis(90'000);
}

void leave_out_protected(Context& c) {
    std::erase_if(c.run.batch, [&](const std::string& arn) {
        if (!protected_by_others(c, arn)) { return false; }
        c.run.skipped.push_back({arn, "protected from scale-in by somebody else"});
        c.run.protected_by_us.erase(arn);
        c.warn(fmt::format("Skipping task {}: protected from scale-in by somebody else", short_id(arn)));
        return true;
    });
}

std::vector<std::string> first_chunk(std::vector<std::string> arns) {
    if (arns.size() > static_cast<std::size_t>(protection_chunk)) { arns.resize(protection_chunk); }
    return arns;
}

void end_batch(Context& c) {
    if (!c.run.remaining.empty()) { c.run.next_batch_at = c.now + c.run.spec.wait; }
    c.note(fmt::format("Task {} recycled, waiting {}s", c.run.replaced.size(),
                       c.run.remaining.empty() ? 0 : std::chrono::duration_cast<Seconds>(c.run.spec.wait).count()));
    c.enter(Phase::BetweenBatches);
}

std::string task_word(std::size_t count) {
    return fmt::format("{} {}", count, count == 1 ? "task" : "tasks");
}

std::string short_list(const std::vector<std::string>& arns) {
    std::vector<std::string> ids;
    for (std::size_t i = 0; i < arns.size() && i < 3; ++i) { ids.emplace_back(short_id(arns[i]).substr(0, 8)); }
    return join(ids, ", ") + (arns.size() > 3 ? fmt::format(" and {} more", arns.size() - 3) : "");
}

std::string event_hint(const Context& c) {
    static constexpr std::string_view telling[] = {"unable", "failed", "unhealthy", "throttled", "could not"};
    for (const ServiceEvent& event : c.snapshot.service.events) {
        if (event.created_at < c.run.phase_since) { break; }
        for (const auto word : telling) {
            if (contains_ignoring_case(event.message, word)) { return ": ECS says: " + event.message; }
        }
    }
    return {};
}

} // namespace ecsr::recycle
