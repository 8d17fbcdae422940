#include "local/logs/wildcard.hpp"

#include <cstddef>

namespace ecsr::local {

bool matches_wildcards(std::string_view pattern, std::string_view text) {
    std::size_t at = 0;
    std::size_t in_text = 0;
    std::size_t after_star = std::string_view::npos; // where the last star has been left
    std::size_t star_text = 0;                       // what it stands for ends here
    while (in_text < text.size() || at < pattern.size()) {
        if (at < pattern.size() && pattern[at] == '*') {
            after_star = ++at;
            star_text = in_text;
            continue;
        }
        const bool escaped =
            at + 1 < pattern.size() && pattern[at] == '\\' && (pattern[at + 1] == '*' || pattern[at + 1] == '\\');
        const std::size_t literal = escaped ? at + 1 : at;
        if (in_text < text.size() && literal < pattern.size() && pattern[literal] == text[in_text]) {
            at = literal + 1;
            ++in_text;
            continue;
        }
        if (after_star == std::string_view::npos || star_text >= text.size()) { return false; }
        in_text = ++star_text;
        at = after_star;
    }
    return true;
}

} // namespace ecsr::local
