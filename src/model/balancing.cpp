#include "model/balancing.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace ecsr {

namespace {

using Name = std::pair<std::string_view, int>;

Name name_of(const TargetHealth& target) {
    return {target.target_id, target.port};
}

} // namespace

TargetList::TargetList(std::vector<TargetHealth> targets) : targets_(std::move(targets)), sorted_(targets_.size()) {
    std::iota(sorted_.begin(), sorted_.end(), std::size_t{0});
    std::ranges::stable_sort(sorted_, {}, [this](std::size_t place) { return name_of(targets_[place]); });
}

void TargetList::push_back(TargetHealth target) {
    targets_.push_back(std::move(target));
    const auto after = std::ranges::upper_bound(sorted_, name_of(targets_.back()), {},
                                                [this](std::size_t place) { return name_of(targets_[place]); });
    sorted_.insert(after, targets_.size() - 1);
}

void TargetList::clear() {
    targets_.clear();
    sorted_.clear();
}

std::span<const std::size_t> TargetList::places_of(std::string_view id, int port) const {
    const auto found = std::ranges::equal_range(sorted_, Name{id, port}, {},
                                                [this](std::size_t place) { return name_of(targets_[place]); });
    return {found.begin(), found.end()};
}

} // namespace ecsr
