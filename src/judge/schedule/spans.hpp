// Spans of time in which nothing may run, each with the reason to tell people.
#pragma once

#include "base/time.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace ecsr::schedule {

struct Span {
    Instant begin;
    Instant end; // not part of it
    std::string why;
};

// Sorted spans, which may overlap. A copy shares them: the same holidays stand in many configurations.
class Spans {
public:
    Spans() = default;
    explicit Spans(std::vector<Span> spans);
    // Those of all of them. One that stands alone is shared.
    static Spans together(const std::vector<Spans>& several);

    // One of those that hold `at`, the one that ends last; null: none.
    const Span* at(Instant at) const;
    // The first that begins after `at`; null: none.
    const Span* after(Instant at) const;
    bool empty() const { return !sorted_; }
    std::size_t size() const { return sorted_ ? sorted_->size() : 0; }

private:
    struct Entry {
        Span span;
        std::size_t longest; // index of the one up to here that ends last
    };
    std::shared_ptr<const std::vector<Entry>> sorted_; // null: none
};

} // namespace ecsr::schedule
