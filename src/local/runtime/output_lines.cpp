#include "local/runtime/output_lines.hpp"

#include <algorithm>
#include <utility>

namespace ecsr::local {

void OutputLines::append(std::string_view bytes) {
    const std::lock_guard lock(mutex_);
    while (!bytes.empty()) {
        const std::size_t end = std::min(bytes.find('\n'), bytes.size());
        const std::size_t taken = std::min(end, longest_line - line_.size());
        line_ += bytes.substr(0, taken);
        bytes.remove_prefix(taken);
        const bool ends_here = !bytes.empty() && bytes.front() == '\n';
        if (ends_here) { bytes.remove_prefix(1); }
        if (ends_here || line_.size() == longest_line) { finish_line(); }
    }
}

void OutputLines::end() {
    const std::lock_guard lock(mutex_);
    if (!line_.empty()) { finish_line(); }
}

void OutputLines::finish_line() {
    if (line_.ends_with('\r')) { line_.pop_back(); }
    if (waiting_ + line_.size() <= waiting_limit) {
        waiting_ += line_.size();
        lines_.push_back(std::move(line_));
    }
    line_.clear();
}

std::vector<std::string> OutputLines::take() {
    const std::lock_guard lock(mutex_);
    waiting_ = 0;
    return std::exchange(lines_, {});
}

bool OutputLines::is_empty() const {
    const std::lock_guard lock(mutex_);
    return lines_.empty() && line_.empty();
}

} // namespace ecsr::local
