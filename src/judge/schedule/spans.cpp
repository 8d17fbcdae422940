#include "judge/schedule/spans.hpp"

#include <algorithm>

namespace ecsr::schedule {

Spans::Spans(std::vector<Span> spans) {
    std::erase_if(spans, [](const Span& span) { return span.end <= span.begin; });
    if (spans.empty()) { return; }
    std::ranges::stable_sort(spans, {}, &Span::begin);
    std::vector<Entry> sorted;
    sorted.reserve(spans.size());
    for (auto& span : spans) {
        const std::size_t index = sorted.size();
        std::size_t longest = index;
        if (index > 0 && sorted[sorted.back().longest].span.end >= span.end) { longest = sorted.back().longest; }
        sorted.push_back({std::move(span), longest});
    }
    sorted_ = std::make_shared<const std::vector<Entry>>(std::move(sorted));
}

Spans Spans::together(const std::vector<Spans>& several) {
    if (several.size() == 1) { return several.front(); }
    std::vector<Span> all;
    for (const auto& spans : several) {
        if (!spans.sorted_) { continue; }
        for (const auto& entry : *spans.sorted_) { all.push_back(entry.span); }
    }
    return Spans(std::move(all));
}

const Span* Spans::at(Instant at) const {
    if (!sorted_) { return nullptr; }
    const auto begin_of = [](const Entry& entry) { return entry.span.begin; };
    const auto next = std::ranges::upper_bound(*sorted_, at, {}, begin_of);
    if (next == sorted_->begin()) { return nullptr; }
    const Span& found = (*sorted_)[std::prev(next)->longest].span;
    return found.end > at ? &found : nullptr;
}

const Span* Spans::after(Instant at) const {
    if (!sorted_) { return nullptr; }
    const auto begin_of = [](const Entry& entry) { return entry.span.begin; };
    const auto next = std::ranges::upper_bound(*sorted_, at, {}, begin_of);
    return next == sorted_->end() ? nullptr : &next->span;
}

} // namespace ecsr::schedule
