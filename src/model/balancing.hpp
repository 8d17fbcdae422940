// Target groups and the health of their targets (ECS behaviour D2).
#pragma once

#include "base/time.hpp"

#include <compare>
#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace ecsr {

struct TargetGroup {
    std::string arn;
    std::string name;
    std::string target_type; // ip | instance | lambda | alb
    Seconds deregistration_delay{300};
    Seconds health_check_interval{30};
    int healthy_threshold = 5;
};

struct TargetHealth {
    std::string target_group_arn;
    std::string target_id; // IP address or instance id
    int port = 0;
    std::string state; // initial | healthy | unhealthy | draining | unused | unavailable | unhealthy.draining
    std::string reason;
    std::string description;
};

// Targets in the order in which they were told, and found by id and port without looking at each: a service of n tasks
// is judged in n steps, not in n times n.
class TargetList {
public:
    TargetList() = default;
    TargetList(std::initializer_list<TargetHealth> targets) : TargetList(std::vector<TargetHealth>(targets)) {}
    explicit TargetList(std::vector<TargetHealth> targets);

    void push_back(TargetHealth target);
    void clear();
    std::size_t size() const { return targets_.size(); }
    const TargetHealth& operator[](std::size_t index) const { return targets_[index]; }
    std::vector<TargetHealth>::const_iterator begin() const { return targets_.begin(); }
    std::vector<TargetHealth>::const_iterator end() const { return targets_.end(); }

    // The target with this id and port in this group, and in use there; null when there is none.
    const TargetHealth* find(std::string_view group_arn, std::string_view id, int port) const;

private:
    struct Place {
        std::size_t hash; // of id and port
        std::size_t index;
        auto operator<=>(const Place&) const = default;
    };

    std::vector<TargetHealth> targets_;
    std::vector<Place> places_; // sorted
};

} // namespace ecsr
