// Target health on virtual time: health checks at the group's interval, answered by whoever plays the targets. Moves no
// requests.
#pragma once

#include "local/state/outside.hpp"

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

namespace ecsr::local {

class VirtualBalancer : public Balancer {
public:
    // Does a health check of the target succeed at `now`?
    using Serves = std::function<bool(const std::string& target_id, int port, Instant now)>;

    explicit VirtualBalancer(Serves serves, Millis first_check_after = Millis(1'000))
        : serves_(std::move(serves)), first_check_after_(first_check_after) {}

    // A target is checked first `first_check_after` its registration, then at the group's interval. One success makes a
    // new target healthy; afterwards the thresholds count (ECS behaviour D2).
    void apply(const std::vector<Listener>& listeners, const std::vector<TargetGroup>& groups, Instant now) override;
    std::vector<Event> take_events(Instant now) override;
    Instant next_event_at() override;

private:
    using Name = std::tuple<std::string, std::string, int>; // group, target, port

    struct Checked {
        Instant registered_at{};
        Instant next_check{};
        Millis interval{30'000};
        bool enabled = true;
        int healthy_threshold = 5;
        int unhealthy_threshold = 2;
        std::optional<bool> verdict;
        int in_a_row = 0; // results that speak against the verdict
    };

    void check(const Name& name, Checked& target, Instant now);

    Serves serves_;
    const Millis first_check_after_;
    std::map<Name, Checked> targets_;
    std::set<std::pair<Instant, Name>> due_;
    std::set<std::string> bound_; // listeners
    std::vector<Event> events_;
};

} // namespace ecsr::local
