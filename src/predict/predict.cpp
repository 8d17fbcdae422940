#include "predict/predict.hpp"

#include "aws/session.hpp"
#include "local/virtual/virtual_transport.hpp"
#include "predict/learned.hpp"
#include "predict/risks.hpp"
#include "predict/run_memory.hpp"
#include "predict/stage.hpp"
#include "run/runner.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>
#include <limits>
#include <map>
#include <utility>

namespace ecsr::predict {

namespace {

struct SimulatedRun {
    Millis duration{0};
    int lowest_healthy = 0;
    int extra_tasks = 0;
    std::int64_t api_calls = 0;
    recycle::Ending ending;
};

// Of long runs only the first batches are simulated; the others go like the last ones of them. The engine learns while
// it works: with stop-task its first looks come late until it has seen some twenty batches.
struct Cut {
    int batches = 12; // simulated
    int settling = 4; // of these, not yet like the others
};

std::optional<Cut> cut_of(const RunSpec& spec, const recycle::Plan& plan) {
    if (spec.strategy != Strategy::Rolling || plan.tasks.empty()) { return std::nullopt; }
    const Cut cut = plan.drain == Drain::StopTask ? Cut{.batches = 36, .settling = 20} : Cut{};
    const bool worth_it = plan.tasks.back().batch > cut.batches + cut.batches / 2;
    return worth_it ? std::optional(cut) : std::nullopt;
}

// When each batch was gone, and what it had cost until then.
class Timeline : public run::Listener {
public:
    Timeline(Clock& clock, const aws::Caller& caller) : clock_(clock), caller_(caller) {}

    void on_task_replaced(const recycle::Run&, const recycle::Replacement& replacement) override {
        gone_[replacement.batch] = {clock_.now(), caller_.counts().total};
    }

    // Adds the batches up to `batches`.
    void extend(SimulatedRun& run, const Cut& cut, int batches) const {
        if (static_cast<int>(gone_.size()) <= cut.settling) { return; }
        const auto& [first, from] = *std::next(gone_.begin(), cut.settling - 1);
        const auto& [last, to] = *gone_.rbegin();
        const int more = batches - last;
        run.duration += (to.at - from.at) * more / (last - first);
        run.api_calls += (to.calls - from.calls) * more / (last - first);
    }

private:
    struct Mark {
        Instant at{};
        std::int64_t calls = 0;
    };
    Clock& clock_;
    const aws::Caller& caller_;
    std::map<int, Mark> gone_;
};

// Ends a simulation when its real time is up, or when the user wants no more of it.
class Deadline {
public:
    Deadline(Clock& clock, Millis patience, std::stop_token stop)
        : clock_(clock), end_(clock.now() + patience), asked_(std::move(stop)) {}

    void check() {
        if (asked_.stop_requested() || clock_.now() >= end_) { over_.request_stop(); }
    }
    bool is_over() const { return over_.stop_requested(); }
    // Is there time for another run, when `done` have been simulated since `since`?
    bool allows_another(Instant since, int done) const { return clock_.now() + (clock_.now() - since) / done < end_; }
    std::stop_token token() const { return over_.get_token(); }

private:
    Clock& clock_;
    const Instant end_;
    const std::stop_token asked_;
    std::stop_source over_;
};

// What the recycler cannot know, as it looks now and then only.
struct Counts {
    int most_tasks = 0; // draining ones take room too
    int fewest_healthy = std::numeric_limits<int>::max();

    Instant next{};

    // Counting is dear where there are many tasks: then it is done less often.
    void take(const local::State& state, Instant now) {
        if (now < next) { return; }
        next = now + std::max(Millis(100), Millis(20) * static_cast<int>(state.tasks.size()));
        int tasks = 0;
        for (const auto& [id, task] : state.tasks) { tasks += task.last_status != local::TaskStatus::Stopped ? 1 : 0; }
        most_tasks = std::max(most_tasks, tasks);
        fewest_healthy = std::min(fewest_healthy, healthy_tasks(state));
    }
};

Result<std::unique_ptr<aws::Session>> make_session(local::VirtualTransport& transport, Clock& clock, Random random) {
    aws::SessionOptions options;
    options.region = "us-east-1";
    options.endpoint_url = "http://local.test";
    options.access_key_id = "local";
    options.secret_access_key = "local";
    return aws::Session::create(transport, clock, random, aws::empty_environment(), options);
}

// The same run on the staged service: its tasks have other names.
RunSpec staged_spec(RunSpec spec, const Stage& stage, const Snapshot& snapshot, const recycle::Plan& plan) {
    spec.cluster = stage.cluster;
    spec.service = stage.service;
    spec.older_than.reset();
    spec.tasks.clear();
    spec.ask = false;
    std::size_t selected = plan.tasks.size() + plan.skipped.size();
    if (const auto cut = cut_of(spec, plan)) {
        selected = static_cast<std::size_t>(cut->batches * plan.batch) + plan.skipped.size();
    }
    if (selected < live_tasks(snapshot).size()) {
        const auto count = static_cast<std::ptrdiff_t>(std::min(selected, stage.tasks.size()));
        spec.tasks.assign(stage.tasks.begin(), stage.tasks.begin() + count);
    }
    return spec;
}

// As many protected tasks as there are, among those that the run would take and among the others.
Status protect_as_observed(Stage& stage, const Snapshot& snapshot, const recycle::Plan& plan, Instant now) {
    std::vector<std::string> guarded;
    std::chrono::minutes longest{1};
    std::size_t selected = 0;
    std::size_t others = plan.tasks.size() + plan.skipped.size();
    for (const auto& [arn, protection] : snapshot.protection) {
        if (!protection.enabled) { continue; }
        const auto is_it = [&name = arn](const auto& each) { return each.task_arn == name; };
        const bool taken = std::ranges::any_of(plan.tasks, is_it) || std::ranges::any_of(plan.skipped, is_it);
        const std::size_t place = taken ? selected++ : others++;
        if (place < stage.tasks.size()) { guarded.push_back(stage.tasks[place]); }
        if (protection.expires_at) {
            longest = std::max(longest, std::chrono::ceil<std::chrono::minutes>(*protection.expires_at - now));
        }
    }
    return protect(stage, guarded, std::min(longest, std::chrono::minutes(2880)));
}

// A run with stop-task that leaves old tasks behind protects them at its end, so that the surplus is what goes. One
// that replaces every task does not.
std::int64_t guards_of_the_cut(const aws::CallCounts& calls, const recycle::Plan& plan) {
    const auto guards = calls.by_operation.find("UpdateTaskProtection");
    return plan.drain == Drain::StopTask && guards != calls.by_operation.end() ? guards->second : 0;
}

Result<SimulatedRun> simulate(const RunSpec& spec, const Snapshot& snapshot, const recycle::Plan& plan,
                              const Learned& learned, Millis answer_time, std::uint64_t seed, Instant now,
                              Deadline& deadline) {
    auto stage = set_stage(snapshot, learned, seed, now);
    if (!stage) { return std::unexpected(std::move(stage).error()); }
    if (auto guarded = protect_as_observed(*stage, snapshot, plan, now); !guarded) {
        return std::unexpected(std::move(guarded).error());
    }
    local::VirtualEcs& ecs = *stage->ecs;
    Counts counts;
    ecs.watch([&](Instant) {
        counts.take(ecs.state(), ecs.now());
        deadline.check();
    });
    local::VirtualTransport transport(ecs, {answer_time / 2, answer_time * 3 / 2}, Random(seed + 2));
    const auto session = make_session(transport, ecs, Random(seed + 3));
    if (!session) { return std::unexpected(session.error()); }
    RunMemory memory;
    Timeline timeline(ecs, **session);
    run::Runner runner({.caller = **session,
                        .clock = ecs,
                        .journal = memory,
                        .listener = timeline,
                        .random = Random(seed + 4),
                        .who = "plan",
                        .interrupts = {.end_in_order = {}, .leave_now = deadline.token()},
                        .ask = {},
                        .ask_unfinished = {}});
    const auto record = runner.start(staged_spec(spec, *stage, snapshot, plan), false);
    if (!record) { return std::unexpected(record.error()); }
    const recycle::Run& run = record->run;
    SimulatedRun simulated{.duration = run.ended_at.value_or(ecs.now()) - run.started_at,
                           .lowest_healthy = counts.fewest_healthy,
                           .extra_tasks = std::max(0, counts.most_tasks - plan.desired_count),
                           .api_calls = record->calls.total,
                           .ending = run.ending.value_or(recycle::Ending{})};
    const auto cut = cut_of(spec, plan);
    if (cut && simulated.ending.outcome == recycle::Outcome::Done) {
        timeline.extend(simulated, *cut, plan.tasks.back().batch);
        simulated.api_calls -= guards_of_the_cut(record->calls, plan);
    }
    return simulated;
}

Prediction summary(std::vector<SimulatedRun> runs) {
    std::ranges::sort(runs, {}, &SimulatedRun::duration);
    const SimulatedRun& typical = runs[runs.size() / 2];
    Prediction prediction{.duration = typical.duration,
                          .shortest = runs.front().duration,
                          .longest = runs.back().duration,
                          .lowest_healthy = typical.lowest_healthy,
                          .extra_tasks = 0,
                          .api_calls = typical.api_calls,
                          .simulated_runs = static_cast<int>(runs.size())};
    for (const SimulatedRun& run : runs) {
        prediction.lowest_healthy = std::min(prediction.lowest_healthy, run.lowest_healthy);
        prediction.extra_tasks = std::max(prediction.extra_tasks, run.extra_tasks);
    }
    return prediction;
}

} // namespace

Look learning_look(const RunSpec&) {
    Look look;
    look.recently_stopped = true;
    return look;
}

Forecast predict(const RunSpec& spec, const Snapshot& snapshot, const recycle::Plan& plan,
                 const PredictOptions& options, Clock& clock, Instant now, std::stop_token stop) {
    Forecast forecast;
    if (!plan.refusals.empty()) {
        forecast.not_predicted = "the run would be refused";
        return forecast;
    }
    const Learned learned = learn(snapshot);
    forecast.risks = risks(spec, snapshot, plan, learned, now);
    const Instant began = clock.now();
    Deadline deadline(clock, options.patience, std::move(stop));
    std::vector<SimulatedRun> runs;
    for (int i = 0; i < options.runs; ++i) {
        if (!runs.empty() && !deadline.allows_another(began, i)) { break; }
        auto run = simulate(spec, snapshot, plan, learned, options.answer_time,
                            options.seed + static_cast<std::uint64_t>(i) * 16, now, deadline);
        if (!run && deadline.is_over()) { break; }
        if (!run) {
            forecast.not_predicted = run.error().message;
            return forecast;
        }
        runs.push_back(std::move(*run));
    }
    if (runs.empty()) {
        forecast.not_predicted =
            fmt::format("simulating the run takes longer than {}", format_duration(options.patience));
        return forecast;
    }
    const auto unfinished = std::ranges::find_if(
        runs, [](const SimulatedRun& run) { return run.ending.outcome != recycle::Outcome::Done; });
    if (unfinished != runs.end()) {
        forecast.risks.insert(forecast.risks.begin(),
                              fmt::format("as observed the run would not get done: {}: {}",
                                          recycle::to_string(unfinished->ending.outcome), unfinished->ending.reason));
    }
    forecast.predicted = summary(std::move(runs));
    return forecast;
}

} // namespace ecsr::predict
