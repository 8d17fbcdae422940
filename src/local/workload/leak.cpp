#include "local/workload/leak.hpp"

#include <algorithm>

namespace ecsr::local {

namespace {

constexpr std::uint64_t block_size = 64U << 10U; // below malloc's threshold for mapping: small leaks share pages

} // namespace

void Leak::grow(std::uint64_t bytes) {
    const std::lock_guard lock(mutex_);
    while (bytes > 0) {
        const std::uint64_t used = size_ % block_size;
        if (used == 0) { blocks_.push_back(std::make_unique_for_overwrite<std::byte[]>(block_size)); }
        const std::uint64_t part = std::min(bytes, block_size - used);
        std::fill_n(blocks_.back().get() + used, part, std::byte{0x5a});
        size_ += part;
        bytes -= part;
    }
}

std::uint64_t Leak::size() const {
    const std::lock_guard lock(mutex_);
    return size_;
}

std::uint64_t LeakPace::due(Instant now) {
    const auto elapsed = static_cast<std::uint64_t>(std::max<std::int64_t>((now - start_).count(), 0));
    const std::uint64_t target = elapsed / 1000 * bytes_per_second_ + elapsed % 1000 * bytes_per_second_ / 1000;
    const std::uint64_t due = target > leaked_ ? target - leaked_ : 0; // a clock that is set back takes nothing back
    leaked_ += due;
    return due;
}

} // namespace ecsr::local
