// simulate [--seeds N] [--first N] [--seconds N] [--threads N] [--scenarios FOLDER] [--scenario FILE] [--all-marks]
//
// Simulates so many runs, tells each that breaks an invariant with its options and its story, then runs a second and
// how often each rare branch was taken. --all-marks: each of them must have been. Exit code 1 when anything failed.
#include "base/text.hpp"
#include "tests/simulation/campaign.hpp"

#include <cstdio>
#include <fmt/format.h>
#include <string>
#include <thread>

namespace {

using namespace ecsr;
using namespace ecsr::simulation;

constexpr int failures_told = 5; // in full

struct Arguments {
    CampaignOptions campaign;
    bool all_marks = false;
    bool one_scenario = false; // to be told whatever comes of it
};

Status add_scenarios(CampaignOptions& campaign, const std::string& name, const std::string& value) {
    if (name == "--scenario") {
        auto scenario = read_scenario(value);
        if (!scenario) { return std::unexpected(scenario.error()); }
        campaign.scenarios.push_back(std::move(*scenario));
        return {};
    }
    auto scenarios = read_scenarios(value);
    if (!scenarios) { return std::unexpected(scenarios.error()); }
    campaign.scenarios.insert(campaign.scenarios.end(), scenarios->begin(), scenarios->end());
    return {};
}

Status add(Arguments& arguments, const std::string& name, const std::string& value) {
    CampaignOptions& campaign = arguments.campaign;
    if (name == "--scenario" || name == "--scenarios") {
        arguments.one_scenario = name == "--scenario";
        return add_scenarios(campaign, name, value);
    }
    const auto number = parse_integer(value);
    if (!number || *number < 0) { return fail(ErrorKind::Usage, name + " needs a number from 0 on"); }
    const auto count = static_cast<std::uint64_t>(*number);
    if (name == "--seeds") {
        campaign.seeds = count;
    } else if (name == "--first") {
        campaign.first = count;
    } else if (name == "--threads") {
        campaign.threads = static_cast<unsigned>(count);
    } else if (name == "--seconds") {
        campaign.time_limit = std::chrono::seconds(*number);
    } else {
        return fail(ErrorKind::Usage, "unknown option " + name);
    }
    return {};
}

Result<Arguments> read(const std::vector<std::string>& words) {
    Arguments arguments;
    arguments.campaign.threads = std::max(1U, std::thread::hardware_concurrency());
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (words[i] == "--all-marks") {
            arguments.all_marks = true;
            continue;
        }
        if (i + 1 == words.size()) { return fail(ErrorKind::Usage, words[i] + " needs a value"); }
        if (auto done = add(arguments, words[i], words[i + 1]); !done) { return std::unexpected(done.error()); }
        ++i;
    }
    return arguments;
}

} // namespace

int main(int argc, char** argv) {
    const auto arguments = read(std::vector<std::string>(argv + 1, argv + argc));
    if (!arguments) {
        fmt::print(stderr, "simulate: {}\n", arguments.error().message);
        return 2;
    }
    if (arguments->one_scenario) {
        const Verdict verdict = simulate(arguments->campaign.scenarios.back().options);
        fmt::print("{}", to_text(verdict));
        return verdict.broken.empty() ? 0 : 1;
    }
    int told = 0;
    const Campaign campaign = run_campaign(arguments->campaign, [&](const std::string& name, const Verdict& verdict) {
        if (++told <= failures_told) { fmt::print("{}\n{}\n", name, to_text(verdict)); }
        std::fflush(stdout);
    });
    fmt::print("{}", to_text(campaign));
    const auto missed = arguments->all_marks ? missed_marks(campaign.marks) : std::vector<std::string>{};
    for (const std::string& mark : missed) { fmt::print("never happened: {}\n", mark); }
    return campaign.failed.empty() && missed.empty() ? 0 : 1;
}
