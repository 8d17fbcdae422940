#include "model/balancing.hpp"

#include <algorithm>
#include <functional>
#include <utility>

namespace ecsr {

namespace {

std::size_t hash_of(std::string_view id, int port) {
    return std::hash<std::string_view>()(id) + static_cast<std::size_t>(port);
}

} // namespace

TargetList::TargetList(std::vector<TargetHealth> targets) : targets_(std::move(targets)) {
    places_.reserve(targets_.size());
    for (std::size_t i = 0; i < targets_.size(); ++i) {
        places_.push_back({hash_of(targets_[i].target_id, targets_[i].port), i});
    }
    std::ranges::sort(places_);
}

void TargetList::push_back(TargetHealth target) {
    const Place place{hash_of(target.target_id, target.port), targets_.size()};
    targets_.push_back(std::move(target));
    places_.insert(std::ranges::upper_bound(places_, place), place);
}

void TargetList::clear() {
    targets_.clear();
    places_.clear();
}

const TargetHealth* TargetList::find(std::string_view group_arn, std::string_view id, int port) const {
    const std::size_t hash = hash_of(id, port);
    auto place = std::ranges::lower_bound(places_, hash, {}, &Place::hash);
    for (; place != places_.end() && place->hash == hash; ++place) {
        const TargetHealth& target = targets_[place->index];
        const bool is_it = target.port == port && target.target_id == id && target.target_group_arn == group_arn;
        if (is_it && target.state != "unused") { return &target; }
    }
    return nullptr;
}

} // namespace ecsr
