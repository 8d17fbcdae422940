#include "local/logs/filter_pattern.hpp"

#include "base/text.hpp"
#include "local/logs/json_filter.hpp"

#include <algorithm>
#include <cctype>
#include <fmt/format.h>
#include <vector>

namespace ecsr::local {

namespace {

struct Terms {
    std::vector<std::string> wanted, any_of, excluded;

    bool match(std::string_view message) const {
        const auto holds = [&](const std::string& term) { return message.find(term) != std::string_view::npos; };
        if (std::ranges::any_of(excluded, holds) || !std::ranges::all_of(wanted, holds)) { return false; }
        // AWS forgets optional terms that stand beside others.
        const bool alone = wanted.empty() && excluded.empty() && !any_of.empty();
        return !alone || std::ranges::any_of(any_of, holds);
    }
};

bool is_plain(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

// The term at the front of `rest`, which it is taken from. Error: Usage.
Result<std::string> take_term(std::string_view& rest) {
    std::string term;
    if (rest.starts_with('"')) {
        std::size_t at = 1;
        for (; at < rest.size() && rest[at] != '"'; ++at) {
            if (rest[at] == '\\' && at + 1 < rest.size()) { ++at; }
            term += rest[at];
        }
        if (at >= rest.size()) { return fail(ErrorKind::Usage, "a quotation mark is not closed"); }
        rest.remove_prefix(at + 1);
    } else {
        while (!rest.empty() && is_plain(rest.front())) {
            term += rest.front();
            rest.remove_prefix(1);
        }
    }
    if (term.empty()) {
        return fail(
            ErrorKind::Usage,
            fmt::format("a term must be put in quotation marks, or have only letters and digits, at: {}", rest));
    }
    if (!rest.empty() && std::isspace(static_cast<unsigned char>(rest.front())) == 0) {
        return fail(ErrorKind::Usage, fmt::format("a blank must follow the term {}", term));
    }
    return term;
}

Result<Terms> parse_terms(std::string_view rest) {
    Terms terms;
    for (rest = trim(rest); !rest.empty(); rest = trim(rest)) {
        std::vector<std::string>* kind = &terms.wanted;
        if (rest.front() == '?' || rest.front() == '-') {
            kind = rest.front() == '?' ? &terms.any_of : &terms.excluded;
            rest.remove_prefix(1);
        }
        auto term = take_term(rest);
        if (!term) { return std::unexpected(std::move(term).error()); }
        kind->push_back(std::move(*term));
    }
    return terms;
}

} // namespace

Result<FilterPattern> FilterPattern::parse(std::string_view text) {
    const std::string_view pattern = trim(text);
    if (pattern.starts_with('[') || pattern.find('%') != std::string_view::npos) {
        return fail(ErrorKind::Usage, "the local ECS has no filter patterns with columns or regular expressions");
    }
    if (pattern.starts_with('{')) {
        auto test = parse_json_filter(pattern);
        if (!test) { return std::unexpected(std::move(test).error()); }
        return FilterPattern(std::move(*test));
    }
    auto terms = parse_terms(pattern);
    if (!terms) { return std::unexpected(std::move(terms).error()); }
    return FilterPattern([found = std::move(*terms)](std::string_view message) { return found.match(message); });
}

} // namespace ecsr::local
