#include "local/api/paging.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>
#include <utility>

namespace ecsr::local::wire {

namespace {

std::string to_hex(std::string_view text) {
    std::string out;
    for (const char c : text) { fmt::format_to(std::back_inserter(out), "{:02x}", static_cast<unsigned char>(c)); }
    return out;
}

std::optional<std::string> from_hex(std::string_view hex) {
    std::string escaped;
    if (hex.size() % 2 != 0) { return std::nullopt; }
    for (std::size_t i = 0; i < hex.size(); i += 2) { escaped += fmt::format("%{}", hex.substr(i, 2)); }
    auto text = percent_decode(escaped, false);
    return text.size() == hex.size() / 2 ? std::optional(std::move(text)) : std::nullopt;
}

// A token names the last key that was told, and how many were told before the next: that finds the place again also
// when that very key has gone.
std::string make_token(std::size_t told, const std::string& last_key) {
    return to_hex(fmt::format("{}/{}", told, last_key));
}

std::optional<std::size_t> find_start(const std::vector<std::string>& keys, const std::string& token) {
    const auto text = from_hex(token);
    const auto slash = text ? text->find('/') : std::string::npos;
    if (slash == std::string::npos) { return std::nullopt; }
    const auto told = parse_integer(std::string_view(*text).substr(0, slash));
    if (!told || *told < 1) { return std::nullopt; }
    const auto last = std::ranges::find(keys, text->substr(slash + 1));
    if (last != keys.end()) { return static_cast<std::size_t>(last - keys.begin()) + 1; }
    return std::min(keys.size(), static_cast<std::size_t>(*told) - 1);
}

} // namespace

std::optional<Page> cut_page(std::vector<std::string> keys, std::size_t page_size, const std::string& token) {
    const auto start = token.empty() ? std::optional<std::size_t>(0) : find_start(keys, token);
    if (!start) { return std::nullopt; }
    const std::size_t end = std::min(keys.size(), *start + page_size);
    Page page;
    if (end < keys.size()) { page.next_token = make_token(end, keys[end - 1]); }
    keys.resize(end);
    keys.erase(keys.begin(), keys.begin() + static_cast<std::ptrdiff_t>(*start));
    page.keys = std::move(keys);
    return page;
}

} // namespace ecsr::local::wire
