// Whole runs against the fake ECS on a manual clock, with a journal in memory, and the laws that must hold after each.
#pragma once

#include "act/journal.hpp"
#include "run/exit_code.hpp"
#include "run/runner.hpp"
#include "tests/support/fake_ecs.hpp"
#include "tests/support/manual_clock.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace ecsr::testing {

class Heard : public run::Listener {
public:
    void on_note(const recycle::Run&, const recycle::Note& note) override { notes.push_back(note.text); }
    void on_phase(const recycle::Run& run, const Snapshot&) override {
        phases.emplace_back(recycle::to_string(run.phase));
    }
    void on_change(const recycle::Run&, const recycle::Perform& perform) override {
        changes.push_back(recycle::describe(perform.change));
    }
    void on_task_replaced(const recycle::Run&, const recycle::Replacement& replacement) override {
        replaced.push_back(replacement.task_arn);
    }
    void on_wait(const recycle::Run& run, const recycle::Wait& wait, const Snapshot&) override {
        if (at_wait) { at_wait(run, wait); }
    }
    void on_trouble(const recycle::Run&, const Error& error) override { troubles.push_back(error.message); }
    void on_finished(const recycle::Run&) override { ++finished; }

    std::function<void(const recycle::Run&, const recycle::Wait&)> at_wait;
    std::vector<std::string> notes;
    std::vector<std::string> phases;
    std::vector<std::string> changes;
    std::vector<std::string> replaced;
    std::vector<std::string> troubles;
    int finished = 0;
};

struct World {
    explicit World(FakeServiceOptions options = {}) : ecs(clock, std::move(options)) {
        auto opened = act::open_journal(":memory:");
        EXPECT_TRUE(opened.has_value());
        journal = std::move(*opened);
        spec.cluster = "prod";
        spec.service = "web";
        for (const FakeTask& task : ecs.tasks()) { old_tasks.push_back(task.arn); }
        desired_before = ecs.desired();
        scaling_before = ecs.scalable_target();
    }

    run::RunnerParts parts() {
        return {.caller = ecs,
                .clock = clock,
                .journal = *journal,
                .listener = heard,
                .random = Random(++seed),
                .who = "ann@example pid " + std::to_string(seed),
                .interrupts = {end_in_order.get_token(), leave_now.get_token()},
                .ask = ask,
                .ask_unfinished = {}};
    }

    Result<act::RunRecord> recycle() { return run::Runner(parts()).start(spec, false); }

    // A process that comes later, when the hold of one that died is over.
    Result<act::RunRecord> resume_later(const std::string& id) {
        ecs.fail_with({});
        clock.advance(std::chrono::seconds(60));
        return run::Runner(parts()).resume(id, false);
    }

    std::string only_run() const {
        const auto records = journal->list(10, "");
        EXPECT_TRUE(records.has_value());
        return records && records->size() == 1 ? records->front().run.id : std::string();
    }

    // Invariant I3: the service is as it would be without us.
    void expect_restored() {
        EXPECT_EQ(ecs.desired(), desired_before);
        EXPECT_EQ(ecs.scalable_target(), scaling_before);
        EXPECT_EQ(ecs.protected_tasks(), protected_by_others);
        ecs.settle(std::chrono::minutes(3));
        EXPECT_EQ(static_cast<int>(ecs.live().size()), desired_before);
        EXPECT_EQ(ecs.healthy(), desired_before);
    }

    // Invariants I1 and I2: never fewer healthy tasks than wanted; no new task was stopped by us while it was needed.
    void expect_unharmed(int floor) {
        EXPECT_GE(ecs.lowest_healthy(), floor);
        for (const FakeTask& task : ecs.tasks()) {
            const bool is_old = std::ranges::find(old_tasks, task.arn) != old_tasks.end();
            EXPECT_TRUE(is_old || !task.by_stop_task) << "new task " << task.arn << " was stopped";
        }
    }

    void expect_all_replaced(const recycle::Run& run) {
        std::set<std::string> once;
        for (const recycle::Replacement& replacement : run.replaced) { once.insert(replacement.task_arn); }
        EXPECT_EQ(once.size(), run.replaced.size()) << "a task was replaced twice";
        int surplus_gone = 0;
        for (const FakeTask& task : ecs.tasks()) {
            const bool is_old = std::ranges::find(old_tasks, task.arn) != old_tasks.end();
            if (is_old) { EXPECT_TRUE(task.stop_ordered_at.has_value()) << task.arn << " was not replaced"; }
            if (!is_old && task.stop_ordered_at) { ++surplus_gone; }
        }
        // With stop-task one surge stands for the whole run; at its end ECS takes as many of the new tasks.
        EXPECT_LE(surplus_gone, run.drain == Drain::StopTask ? run.surge : 0) << "a new task was stopped";
    }

    ManualClock clock;
    FakeEcs ecs;
    std::unique_ptr<act::Journal> journal;
    Heard heard;
    RunSpec spec;
    std::stop_source end_in_order;
    std::stop_source leave_now;
    run::AskUser ask;
    std::uint64_t seed = 7;
    std::vector<std::string> old_tasks;
    int desired_before = 0;
    std::optional<ScalableTarget> scaling_before;
    std::vector<std::string> protected_by_others;
};

} // namespace ecsr::testing
