// Lists in pages, as AWS cuts them (ECS behaviour A7). Included from .cpp files of local/api alone.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace ecsr::local::wire {

struct Page {
    std::vector<std::string> keys;
    std::string next_token; // empty on the last page
};

// The page of `keys` that `token` (empty: the first) stands for. What is added or removed between two pages neither
// repeats nor hides another key. Nothing when the token was never given out.
std::optional<Page> cut_page(std::vector<std::string> keys, std::size_t page_size, const std::string& token);

} // namespace ecsr::local::wire
