// What is wrong with a configuration file: every problem, each with its line.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ecsr::config {

struct Problem {
    int line = 0;      // from 1
    std::string field; // "services[2].batch"; empty: the file as a whole
    std::string text;  // what is wrong, and what is allowed
};

class Problems {
public:
    void add(int line, std::string field, std::string text);
    // In the order of the lines.
    std::vector<Problem> take();
    std::size_t count() const { return found_.size(); }
    // Whether there is one of `field` or of what is in it.
    bool any_in(std::string_view field) const;

private:
    std::vector<Problem> found_;
};

// "recycler.yaml:12: services[2].batch: \"0\" is too small; allowed: ..."
std::string describe(const std::string& file, const Problem& problem);

} // namespace ecsr::config
