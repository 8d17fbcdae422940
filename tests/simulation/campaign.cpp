#include "tests/simulation/campaign.hpp"

#include <algorithm>
#include <atomic>
#include <fmt/format.h>
#include <iterator>
#include <mutex>
#include <thread>

namespace ecsr::simulation {

namespace {

constexpr const char* marks_of_ci[] = {
    // the network
    "call throttled",
    "call failed with 500",
    "answer lost",
    "read lagged",
    "signature of a wrong clock refused",
    // tasks
    "image pull failed",
    "new task crashed",
    "new task never healthy",
    "new task turned unhealthy",
    "new task slow",
    // others
    "somebody scaled out",
    "somebody scaled in",
    "autoscaler scaled out",
    "autoscaler scaled in",
    "autoscaler was suspended",
    "scaling limits changed",
    "somebody protected a task",
    "somebody removed protection of ours",
    "somebody deployed",
    "somebody deployed a new revision",
    "somebody deleted the service",
    "alarm fired",
    "abort asked",
    "interrupted",
    "second recycler refused",
    "memory of the cluster taken",
    // the machine
    "recycler crashed",
    "power failed, kept nothing",
    "power failed, kept everything",
    "power failed, kept all-but-last",
    "power failed, kept torn-last",
    "power failed, kept last-alone",
    "power failed, kept first-twice",
    "disk full",
    "clock jumped ahead",
    "clock jumped back",
    // the run
    "drain method scale-in",
    "drain method stop-task",
    "phase preflight",
    "phase suspend-scaling",
    "phase surge",
    "phase await-fresh",
    "phase protect-others",
    "phase release-victims",
    "phase lower",
    "phase await-going",
    "phase stop-victims",
    "phase await-replaced",
    "phase between-batches",
    "phase force-deployment",
    "phase await-deployment",
    "phase back-out",
    "phase restore-desired",
    "phase await-surplus-gone",
    "phase restore-protection",
    "phase restore-scaling",
    "phase await-drained",
    "task skipped",
    "no place for a task",
    "run paused",
    "paused run aborted",
    "new run after one that died",
    "run ended done",
    "run ended failed",
    "run ended stopped",
    "run ended timed_out",
    "run ended rolled_back",
    "run of a deleted service ended",
};

class Runs {
public:
    Runs(const CampaignOptions& options, const std::function<void(const std::string&, const Verdict&)>& tell_failure)
        : options_(options), tell_failure_(tell_failure), deadline_(Steady::now() + options.time_limit) {}

    void work() {
        const std::uint64_t scenarios = options_.scenarios.size();
        while (true) {
            const std::uint64_t index = next_++;
            if (index >= scenarios + options_.seeds || Steady::now() >= deadline_) { return; }
            if (index < scenarios) {
                const Scenario& scenario = options_.scenarios[index];
                take("scenario " + scenario.name, simulate(scenario.options));
            } else {
                const std::uint64_t seed = options_.first + index - scenarios;
                take(fmt::format("seed {}", seed), simulate(draw(seed)));
            }
        }
    }

    Campaign result;

private:
    using Steady = std::chrono::steady_clock;

    void take(const std::string& name, const Verdict& verdict) {
        const std::lock_guard guard(mutex_);
        ++result.runs;
        result.calls += verdict.calls;
        result.virtual_time += verdict.virtual_time;
        for (const auto& [mark, count] : verdict.marks) { result.marks[mark] += count; }
        if (verdict.broken.empty()) { return; }
        result.failed.push_back(name + ": " + verdict.broken.front());
        tell_failure_(name, verdict);
    }

    const CampaignOptions& options_;
    const std::function<void(const std::string&, const Verdict&)>& tell_failure_;
    const Steady::time_point deadline_;
    std::atomic<std::uint64_t> next_ = 0;
    std::mutex mutex_; // guards result, and the telling
};

} // namespace

Campaign run_campaign(const CampaignOptions& options,
                      const std::function<void(const std::string&, const Verdict&)>& tell_failure) {
    const auto began = std::chrono::steady_clock::now();
    Runs runs(options, tell_failure);
    {
        std::vector<std::jthread> threads;
        for (unsigned i = 0; i < std::max(1U, options.threads); ++i) {
            threads.emplace_back([&] { runs.work(); });
        }
    }
    runs.result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    return std::move(runs.result);
}

const std::vector<std::string>& expected_marks() {
    static const std::vector<std::string> marks(std::begin(marks_of_ci), std::end(marks_of_ci));
    return marks;
}

std::vector<std::string> missed_marks(const Marks& marks) {
    std::vector<std::string> missed;
    for (const std::string& mark : expected_marks()) {
        if (!marks.contains(mark)) { missed.push_back(mark); }
    }
    return missed;
}

std::string to_text(const Campaign& campaign) {
    std::string text =
        fmt::format("{} runs, {} failed; {:.1f} runs a second; {} API calls, {} virtual hours\n", campaign.runs,
                    campaign.failed.size(), static_cast<double>(campaign.runs) / campaign.seconds, campaign.calls,
                    campaign.virtual_time / std::chrono::hours(1));
    Marks marks = campaign.marks;
    for (const std::string& mark : expected_marks()) { marks.try_emplace(mark, 0); }
    for (const auto& [mark, count] : marks) { text += fmt::format("  {:8} {}\n", count, mark); }
    for (const std::string& failed : campaign.failed) { text += "failed: " + failed + "\n"; }
    return text;
}

} // namespace ecsr::simulation
