#include "local/logs/json_filter.hpp"

#include "base/text.hpp"
#include "local/logs/wildcard.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <cctype>
#include <cerrno>
#include <cstdlib>
#include <fmt/format.h>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace ecsr::local {

namespace {

namespace json = boost::json;

using Test = std::function<bool(const json::value& event)>;
using Step = std::variant<std::string, std::size_t>;

constexpr int deepest_nesting = 32;

// Where a selector points to; null when the event has no such member.
const json::value* find(const json::value& event, const std::vector<Step>& path) {
    const json::value* at = &event;
    for (const Step& step : path) {
        if (const auto* name = std::get_if<std::string>(&step)) {
            const auto* object = at->if_object();
            at = object == nullptr ? nullptr : object->if_contains(*name);
        } else {
            const auto* array = at->if_array();
            const std::size_t index = std::get<std::size_t>(step);
            at = array == nullptr || index >= array->size() ? nullptr : &(*array)[index];
        }
        if (at == nullptr) { return nullptr; }
    }
    return at;
}

std::optional<double> to_number(const std::string& text) {
    if (text.empty()) { return std::nullopt; }
    char* end = nullptr;
    errno = 0;
    const double number = std::strtod(text.c_str(), &end);
    const bool whole = end == text.c_str() + text.size() && errno == 0;
    return whole ? std::optional(number) : std::nullopt;
}

bool compare(const std::string& comparison, double left, double right) {
    if (comparison == "=") { return left == right; }
    if (comparison == "!=") { return left != right; }
    if (comparison == "<") { return left < right; }
    if (comparison == "<=") { return left <= right; }
    return comparison == ">" ? left > right : left >= right;
}

// A number that was not quoted is compared as one.
bool holds(const json::value& member, const std::string& comparison, const std::string& wanted, bool is_quoted) {
    const auto number = is_quoted ? std::nullopt : to_number(wanted);
    if (number && member.is_number()) { return compare(comparison, member.to_number<double>(), *number); }
    if (comparison != "=" && comparison != "!=") { return false; }
    const auto* text = member.if_string();
    const std::string shown = text != nullptr ? std::string(text->data(), text->size()) : json::serialize(member);
    return matches_wildcards(wanted, shown) == (comparison == "=");
}

class Parser {
public:
    explicit Parser(std::string_view text) : rest_(text) {}

    Result<Test> parse() {
        take("{");
        Test test = any_of();
        if (!take("}") && problem_.empty()) { note("\"}\" is expected"); }
        if (!trim(rest_).empty()) { note("nothing may follow \"}\""); }
        if (!problem_.empty()) { return fail(ErrorKind::Usage, problem_); }
        return test;
    }

private:
    void note(const std::string& problem) {
        if (problem_.empty()) { problem_ = fmt::format("{} at: {}", problem, trim(rest_)); }
    }

    bool take(std::string_view token) {
        rest_ = trim(rest_);
        if (!rest_.starts_with(token)) { return false; }
        rest_.remove_prefix(token.size());
        return true;
    }

    bool take_word(std::string_view word) {
        rest_ = trim(rest_);
        if (!equals_ignoring_case(rest_.substr(0, word.size()), word)) { return false; }
        const auto after = rest_.substr(std::min(word.size(), rest_.size()));
        if (!after.empty() && std::isalnum(static_cast<unsigned char>(after.front())) != 0) { return false; }
        rest_ = after;
        return true;
    }

    Test any_of() {
        Test left = all_of();
        while (problem_.empty() && take("||")) {
            left = [one = std::move(left), other = all_of()](const json::value& event) {
                return one(event) || other(event);
            };
        }
        return left;
    }

    Test all_of() {
        Test left = single();
        while (problem_.empty() && take("&&")) {
            left = [one = std::move(left), other = single()](const json::value& event) {
                return one(event) && other(event);
            };
        }
        return left;
    }

    Test single() {
        const auto never = [](const json::value&) { return false; };
        if (take("(")) {
            if (++depth_ > deepest_nesting) {
                note("too many parentheses");
                return never;
            }
            Test inner = any_of();
            if (!take(")")) { note("\")\" is expected"); }
            --depth_;
            return inner;
        }
        if (!take("$")) {
            note("a selector ($.name) is expected");
            return never;
        }
        std::vector<Step> path = selector();
        return problem_.empty() ? condition(std::move(path)) : never;
    }

    std::vector<Step> selector() {
        std::vector<Step> path;
        while (problem_.empty() && !rest_.empty() && (rest_.front() == '.' || rest_.front() == '[')) {
            const bool is_index = rest_.front() == '[';
            rest_.remove_prefix(1);
            if (is_index) {
                read_in_brackets(path);
            } else {
                path.emplace_back(name());
            }
        }
        if (path.empty()) { note("a selector names a member, as in $.name"); }
        return path;
    }

    std::string name() {
        std::string read;
        const auto belongs = [](char c) {
            return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-' || c == '@' || c == '/';
        };
        for (; !rest_.empty() && belongs(rest_.front()); rest_.remove_prefix(1)) { read += rest_.front(); }
        if (read.empty()) { note("a name is expected"); }
        return read;
    }

    // [0], ['name'] or ["name"]
    void read_in_brackets(std::vector<Step>& path) {
        const auto end = rest_.find(']');
        std::string_view inside = trim(rest_.substr(0, end));
        if (end == std::string_view::npos || inside.empty()) { return note("\"[\" is not closed"); }
        rest_.remove_prefix(end + 1);
        if (inside.size() > 2 && (inside.front() == '\'' || inside.front() == '"')) {
            path.emplace_back(std::string(inside.substr(1, inside.size() - 2)));
            return;
        }
        const auto index = parse_integer(inside);
        if (!index || *index < 0) { return note("a place in a list is a whole number"); }
        path.emplace_back(static_cast<std::size_t>(*index));
    }

    Test condition(std::vector<Step> path) {
        if (take_word("NOT")) {
            if (!take_word("EXISTS")) { note("EXISTS is expected"); }
            return [path](const json::value& event) { return find(event, path) == nullptr; };
        }
        if (take_word("EXISTS")) {
            return [path](const json::value& event) { return find(event, path) != nullptr; };
        }
        if (take_word("IS")) { return is_literal(std::move(path)); }
        for (const char* comparison : {"!=", "<=", ">=", "=", "<", ">"}) {
            if (take(comparison)) { return comparison_with(std::move(path), comparison); }
        }
        note("one of = != < <= > >= IS, EXISTS, NOT EXISTS is expected");
        return {};
    }

    Test is_literal(std::vector<Step> path) {
        for (const auto& [word, literal] :
             {std::pair<const char*, json::value>{"NULL", nullptr}, std::pair<const char*, json::value>{"TRUE", true},
              std::pair<const char*, json::value>{"FALSE", false}}) {
            if (!take_word(word)) { continue; }
            return [path = std::move(path), wanted = literal](const json::value& event) {
                const auto* member = find(event, path);
                return member != nullptr && *member == wanted;
            };
        }
        note("NULL, TRUE or FALSE is expected");
        return {};
    }

    Test comparison_with(std::vector<Step> path, std::string comparison) {
        bool is_quoted = false;
        std::string wanted = value(is_quoted);
        return [path = std::move(path), comparison = std::move(comparison), wanted = std::move(wanted),
                is_quoted](const json::value& event) {
            const auto* member = find(event, path);
            return member != nullptr && holds(*member, comparison, wanted, is_quoted);
        };
    }

    std::string value(bool& is_quoted) {
        rest_ = trim(rest_);
        std::string read;
        is_quoted = rest_.starts_with('"');
        if (is_quoted) {
            for (rest_.remove_prefix(1); !rest_.empty() && rest_.front() != '"'; rest_.remove_prefix(1)) {
                if (rest_.front() == '\\' && rest_.size() > 1) { rest_.remove_prefix(1); }
                read += rest_.front();
            }
            if (!take("\"")) { note("a quotation mark is not closed"); }
            return read;
        }
        const auto ends = [](char c) {
            return std::isspace(static_cast<unsigned char>(c)) != 0 || c == ')' || c == '}' || c == '&' || c == '|';
        };
        for (; !rest_.empty() && !ends(rest_.front()); rest_.remove_prefix(1)) { read += rest_.front(); }
        if (read.empty()) { note("a value is expected"); }
        return read;
    }

    std::string_view rest_;
    std::string problem_;
    int depth_ = 0;
};

} // namespace

Result<std::function<bool(std::string_view message)>> parse_json_filter(std::string_view text) {
    auto test = Parser(text).parse();
    if (!test) { return std::unexpected(std::move(test).error()); }
    return [found = std::move(*test)](std::string_view message) {
        const std::string_view object = trim(message);
        if (!object.starts_with('{')) { return false; }
        json::error_code error;
        const json::value event = json::parse({object.data(), object.size()}, error);
        return !error && found(event);
    };
}

} // namespace ecsr::local
