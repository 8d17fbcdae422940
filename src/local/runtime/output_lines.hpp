// What a container writes, as lines that wait to be taken.
#pragma once

#include <cstddef>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace ecsr::local {

// Safe from two threads: one that writes, one that takes.
class OutputLines {
public:
    static constexpr std::size_t waiting_limit = 10U << 20U; // bytes; lines beyond are lost, as in mode "non-blocking"
    static constexpr std::size_t longest_line = 256U << 10U; // bytes; a longer one becomes several

    void append(std::string_view bytes);
    // Nothing more comes from this writer: what has no end of line is a line too.
    void end();

    std::vector<std::string> take();
    bool is_empty() const;

private:
    void finish_line();

    mutable std::mutex mutex_; // guards what follows
    std::string line_;         // still without its end
    std::vector<std::string> lines_;
    std::size_t waiting_ = 0; // bytes of `lines_`
};

} // namespace ecsr::local
