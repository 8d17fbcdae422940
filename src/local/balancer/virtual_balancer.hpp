// Target health on virtual time: health checks at the group's interval, answered by whoever plays the targets. Moves no
// requests.
#pragma once

#include "local/state/outside.hpp"

#include <cstddef>
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

    struct Checks {
        Millis first_after{1'000};     // the registration of a target
        bool end_with_success = false; // for targets that stay healthy: what will not change is not checked
    };

    explicit VirtualBalancer(Serves serves) : VirtualBalancer(std::move(serves), Checks{}) {}
    VirtualBalancer(Serves serves, Checks checks) : serves_(std::move(serves)), checks_(checks) {}

    // After the first check a target is checked at the group's interval. One success makes a new target healthy;
    // afterwards the thresholds count (ECS behaviour D2).
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
        int in_a_row = 0;      // results that speak against the verdict
        std::size_t round = 0; // the apply() that named it last
    };
    using Targets = std::map<Name, Checked, std::less<>>;

    // One entry for each target that is checked. At the same time they are checked in the order of their names.
    struct Due {
        Instant at;
        std::size_t rank;
        Targets::value_type* target;

        bool operator>(const Due& other) const { return std::tie(at, rank) > std::tie(other.at, other.rank); }
    };

    void take_in(const TargetGroup& group, const Target& target, Instant now);
    void check(const Name& name, Checked& target, Instant now);

    Serves serves_;
    const Checks checks_;
    Targets targets_;
    std::vector<Due> due_;        // a heap, the earliest in front
    std::set<std::string> bound_; // listeners
    std::vector<Event> events_;
    std::size_t rounds_ = 0;
};

} // namespace ecsr::local
