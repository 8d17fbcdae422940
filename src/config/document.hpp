// A YAML document as a tree with line numbers, environment references filled in. Internal to config/.
#pragma once

#include "config/problem.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ecsr::config {

// The value of an environment variable; nothing when it is not set.
using Variables = std::function<std::optional<std::string>(const std::string& name)>;

struct Entry;

struct Node {
    enum class Kind { Empty, Scalar, List, Mapping };
    Kind kind = Kind::Empty;
    int line = 0;               // from 1
    std::string text;           // scalar: its value
    bool broken = false;        // scalar: a reference in it could not be filled, which was told
    std::string as_written;     // scalar: with its references, so that messages never show what a variable holds
    std::vector<Node> items;    // list
    std::vector<Entry> entries; // mapping, in the order of the file
};

struct Entry {
    std::string key;
    int line = 0;
    Node value;
};

// Reads the one document of `text`. References in scalars, "${NAME}" and "${NAME:-default}", are replaced ("$$" is a
// dollar sign). Problems are added: bad YAML (nothing is returned then), a key that is given twice, a variable that is
// not set.
std::optional<Node> parse_document(std::string_view text, const Variables& variables, Problems& problems);

} // namespace ecsr::config
