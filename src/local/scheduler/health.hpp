// What "healthy" means to the scheduler (ECS behaviour B2, D3, D4).
#pragma once

#include "local/scheduler/scheduler.hpp"

#include <map>
#include <string>
#include <string_view>
#include <unordered_map>

namespace ecsr::local {

enum class Verdict {
    Good,    // counts towards minimumHealthyPercent
    Waiting, // neither counted nor replaced: starting, or unhealthy within the grace period
    Bad,     // to be replaced
};

struct Judgement {
    Verdict verdict = Verdict::Waiting;
    Instant changes_at = Instant::max(); // when time alone makes it another one
};

// The targets of a service's groups by their names, so that judging n tasks needs no search each.
class TargetIndex {
public:
    TargetIndex(const State& state, const std::vector<Task*>& tasks);
    // Null when it is not registered. Valid until the groups change.
    const Target* find(const TargetRegistration& registration) const;

private:
    struct Name {
        std::string_view id;
        int port;
        bool operator==(const Name&) const = default;
    };
    struct Hash {
        std::size_t operator()(const Name& name) const;
    };
    std::map<std::string_view, std::unordered_map<Name, const Target*, Hash>> groups_;
};

struct HealthRules {
    Millis healthy_after{40'000};
    Seconds grace_period{0};
    bool expects_targets = false; // the deployment has load balancers
};

// Of a task whose desired status is RUNNING.
Judgement judge(const Task& task, const TargetIndex& targets, const HealthRules& rules, Instant now);

struct UnhealthyTexts {
    std::string stopped_reason; // ECS behaviour C3
    std::string event;          // ECS behaviour C1, without the service
};
// Of a task judged Bad; container checks before targets.
UnhealthyTexts unhealthy_texts(const Task& task, const TargetIndex& targets);

} // namespace ecsr::local
