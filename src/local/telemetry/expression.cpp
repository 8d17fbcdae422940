#include "local/telemetry/expression.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <fmt/format.h>
#include <functional>
#include <optional>
#include <variant>

namespace ecsr::local {

namespace {

using Value = std::variant<double, TimeSeries, std::vector<TimeSeries>>;
using Outcome = Result<Value>;

constexpr int deepest = 50;
constexpr std::string_view plain_functions[] = {"SUM",  "AVG",    "MIN", "MAX",  "IF",   "RATE",
                                                "DIFF", "PERIOD", "ABS", "CEIL", "FLOOR"};

std::unexpected<Error> wrong(std::string message) {
    return fail(ErrorKind::Usage, std::move(message));
}

struct Token {
    enum class Kind { Number, Name, Text, Sign, End } kind = Kind::End;
    std::string text;
    double number = 0;
};

bool starts_name(char c) {
    return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_';
}
bool in_name(char c) {
    return starts_name(c) || std::isdigit(static_cast<unsigned char>(c)) != 0;
}

// Where `in` goes on after the token that was read from its beginning.
Result<std::pair<Token, std::size_t>> read_token(std::string_view in) {
    const char c = in.front();
    if (std::isdigit(static_cast<unsigned char>(c)) != 0 || c == '.') {
        Token token{Token::Kind::Number, "", 0};
        const auto [stop, status] = std::from_chars(in.data(), in.data() + in.size(), token.number);
        if (status != std::errc{}) { return wrong(fmt::format("'{}' is no number", in)); }
        return std::pair(token, static_cast<std::size_t>(stop - in.data()));
    }
    if (starts_name(c)) {
        const auto end = static_cast<std::size_t>(std::ranges::find_if_not(in, in_name) - in.begin());
        return std::pair(Token{Token::Kind::Name, std::string(in.substr(0, end)), 0}, end);
    }
    if (c == '"' || c == '\'') {
        const auto end = in.find(c, 1);
        if (end == std::string_view::npos) { return wrong("a text does not end"); }
        return std::pair(Token{Token::Kind::Text, std::string(in.substr(1, end - 1)), 0}, end + 1);
    }
    for (const std::string_view sign : {"<=", ">=", "==", "!=", "&&", "||"}) {
        if (in.starts_with(sign)) { return std::pair(Token{Token::Kind::Sign, std::string(sign), 0}, 2UZ); }
    }
    if (std::string_view("+-*/^()[],<>").contains(c)) {
        return std::pair(Token{Token::Kind::Sign, std::string(1, c), 0}, 1UZ);
    }
    return wrong(fmt::format("'{}' is not understood", c));
}

Result<std::vector<Token>> tokens_of(std::string_view text) {
    std::vector<Token> tokens;
    while (true) {
        while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front())) != 0) { text.remove_prefix(1); }
        if (text.empty()) { break; }
        auto read = read_token(text);
        if (!read) { return std::unexpected(read.error()); }
        text.remove_prefix(read->second);
        tokens.push_back(std::move(read->first));
    }
    tokens.emplace_back();
    return tokens;
}

using Binary = double (*)(double, double);

// Missing on one side is missing in the result; so is what is no number, such as x / 0.
Value combine(const Value& left, const Value& right, Binary apply);

TimeSeries combine_series(const TimeSeries& left, const Value& right, Binary apply, bool swapped) {
    TimeSeries result;
    const auto* number = std::get_if<double>(&right);
    const auto* other = std::get_if<TimeSeries>(&right);
    for (const auto& [at, value] : left) {
        double with = 0;
        if (number != nullptr) {
            with = *number;
        } else if (const auto found = other->find(at); found != other->end()) {
            with = found->second;
        } else {
            continue;
        }
        const double made = swapped ? apply(with, value) : apply(value, with);
        if (std::isfinite(made)) { result.emplace(at, made); }
    }
    return result;
}

Value combine_list(const std::vector<TimeSeries>& list, const Value& other, Binary apply, bool swapped) {
    const auto* others = std::get_if<std::vector<TimeSeries>>(&other);
    std::vector<TimeSeries> result;
    for (std::size_t i = 0; i < list.size() && (others == nullptr || i < others->size()); ++i) {
        result.push_back(combine_series(list[i], others == nullptr ? other : Value((*others)[i]), apply, swapped));
    }
    return result;
}

Value combine(const Value& left, const Value& right, Binary apply) {
    if (const auto* list = std::get_if<std::vector<TimeSeries>>(&left)) {
        return combine_list(*list, right, apply, false);
    }
    if (const auto* list = std::get_if<std::vector<TimeSeries>>(&right)) {
        return combine_list(*list, left, apply, true);
    }
    if (const auto* series = std::get_if<TimeSeries>(&left)) { return combine_series(*series, right, apply, false); }
    if (const auto* series = std::get_if<TimeSeries>(&right)) { return combine_series(*series, left, apply, true); }
    return apply(std::get<double>(left), std::get<double>(right));
}

double reduce(const std::string& function, const std::vector<double>& values) {
    double sum = 0;
    for (const double value : values) { sum += value; }
    if (function == "SUM") { return sum; }
    if (function == "AVG") { return sum / static_cast<double>(values.size()); }
    return function == "MIN" ? std::ranges::min(values) : std::ranges::max(values);
}

// Of a list: at each moment over the series that have a value there. Of one series: over all its moments.
Outcome reduce_values(const std::string& function, const std::vector<Value>& arguments) {
    std::vector<TimeSeries> list;
    if (arguments.size() == 1 && std::holds_alternative<TimeSeries>(arguments[0])) {
        std::vector<double> values;
        for (const auto& [at, value] : std::get<TimeSeries>(arguments[0])) { values.push_back(value); }
        if (values.empty()) { return TimeSeries{}; }
        return reduce(function, values);
    }
    for (const Value& argument : arguments) {
        if (const auto* series = std::get_if<TimeSeries>(&argument)) {
            list.push_back(*series);
        } else if (const auto* more = std::get_if<std::vector<TimeSeries>>(&argument)) {
            list.insert(list.end(), more->begin(), more->end());
        } else {
            return wrong(fmt::format("{} takes time series", function));
        }
    }
    std::map<Instant, std::vector<double>> values;
    for (const auto& series : list) {
        for (const auto& [at, value] : series) { values[at].push_back(value); }
    }
    TimeSeries result;
    for (const auto& [at, at_once] : values) { result.emplace(at, reduce(function, at_once)); }
    return result;
}

Outcome each_series(const Value& value, const std::string& function,
                    const std::function<TimeSeries(const TimeSeries&)>& make) {
    if (const auto* series = std::get_if<TimeSeries>(&value)) { return make(*series); }
    if (const auto* list = std::get_if<std::vector<TimeSeries>>(&value)) {
        std::vector<TimeSeries> made;
        for (const auto& series : *list) { made.push_back(make(series)); }
        return made;
    }
    return wrong(fmt::format("{} takes a time series", function));
}

// The change to the value before; RATE: by second.
TimeSeries difference(const TimeSeries& series, bool by_second) {
    TimeSeries result;
    for (auto at = series.begin(); at != series.end() && std::next(at) != series.end(); ++at) {
        const auto after = std::next(at);
        const double seconds = std::chrono::duration<double>(after->first - at->first).count();
        result.emplace(after->first, (after->second - at->second) / (by_second ? seconds : 1));
    }
    return result;
}

enum class Filling { Number, Repeat, Linear };

TimeSeries filled(const TimeSeries& series, const ExpressionInput& input, Filling filling, double number) {
    TimeSeries result = series;
    for (Instant at = input.start; at < input.end; at += input.period) {
        if (series.contains(at)) { continue; }
        const auto after = series.upper_bound(at);
        if (filling == Filling::Number) {
            result.emplace(at, number);
        } else if (after != series.begin()) {
            const auto before = std::prev(after);
            if (filling == Filling::Repeat || after == series.end()) {
                if (filling == Filling::Repeat) { result.emplace(at, before->second); }
                continue;
            }
            const double share = std::chrono::duration<double>(at - before->first).count() /
                                 std::chrono::duration<double>(after->first - before->first).count();
            result.emplace(at, before->second + share * (after->second - before->second));
        }
    }
    return result;
}

Value chosen(const Value& condition, const Value& yes, const Value& no) {
    const auto value_at = [](const Value& value, Instant at) -> std::optional<double> {
        if (const auto* number = std::get_if<double>(&value)) { return *number; }
        const auto& series = std::get<TimeSeries>(value);
        const auto found = series.find(at);
        return found == series.end() ? std::nullopt : std::optional(found->second);
    };
    if (const auto* number = std::get_if<double>(&condition)) { return *number != 0 ? yes : no; }
    TimeSeries result;
    for (const auto& [at, holds] : std::get<TimeSeries>(condition)) {
        if (const auto value = value_at(holds != 0 ? yes : no, at)) { result.emplace(at, *value); }
    }
    return result;
}

bool is_list(const Value& value) {
    return std::holds_alternative<std::vector<TimeSeries>>(value);
}

// Reads by descent, and evaluates as it reads.
class Reader {
public:
    Reader(std::vector<Token> tokens, const ExpressionInput& input) : tokens_(std::move(tokens)), input_(input) {}

    Outcome read_all() {
        auto value = either();
        if (value && tokens_[at_].kind != Token::Kind::End) { return unexpected_token(); }
        return value;
    }

private:
    std::unexpected<Error> unexpected_token() const {
        const Token& token = tokens_[at_];
        if (token.kind == Token::Kind::End) { return wrong("the expression ends too early"); }
        return wrong(fmt::format("'{}' is not expected there",
                                 token.kind == Token::Kind::Number ? fmt::format("{}", token.number) : token.text));
    }
    bool take(std::string_view sign) {
        const Token& token = tokens_[at_];
        const bool taken = token.text == sign && (token.kind == Token::Kind::Sign || token.kind == Token::Kind::Name);
        at_ += taken ? 1 : 0;
        return taken;
    }

    struct Sign {
        std::string_view text;
        Binary apply;
    };
    // A chain of operators of one rank.
    Outcome chain(std::initializer_list<Sign> signs, Outcome (Reader::*inner)()) {
        auto left = (this->*inner)();
        while (left) {
            const auto sign = std::ranges::find_if(signs, [this](const Sign& each) { return take(each.text); });
            if (sign == signs.end()) { break; }
            auto right = (this->*inner)();
            if (!right) { return right; }
            left = combine(*left, *right, sign->apply);
        }
        return left;
    }
    Outcome either() {
        static constexpr Binary any = [](double a, double b) { return a != 0 || b != 0 ? 1.0 : 0.0; };
        return chain({{"||", any}, {"OR", any}}, &Reader::both);
    }
    Outcome both() {
        static constexpr Binary all = [](double a, double b) { return a != 0 && b != 0 ? 1.0 : 0.0; };
        return chain({{"&&", all}, {"AND", all}}, &Reader::comparison);
    }
    Outcome comparison() {
        return chain({{"<=", [](double a, double b) { return a <= b ? 1.0 : 0.0; }},
                      {">=", [](double a, double b) { return a >= b ? 1.0 : 0.0; }},
                      {"==", [](double a, double b) { return a == b ? 1.0 : 0.0; }},
                      {"!=", [](double a, double b) { return a != b ? 1.0 : 0.0; }},
                      {"<", [](double a, double b) { return a < b ? 1.0 : 0.0; }},
                      {">", [](double a, double b) { return a > b ? 1.0 : 0.0; }}},
                     &Reader::sum);
    }
    Outcome sum() {
        return chain({{"+", [](double a, double b) { return a + b; }}, {"-", [](double a, double b) { return a - b; }}},
                     &Reader::product);
    }
    Outcome product() {
        return chain({{"*", [](double a, double b) { return a * b; }}, {"/", [](double a, double b) { return a / b; }}},
                     &Reader::negation);
    }
    Outcome negation() {
        if (!take("-")) { return power(); }
        if (++depth_ > deepest) { return wrong("the expression is nested too deeply"); }
        auto value = negation();
        --depth_;
        return value ? Outcome(combine(0.0, *value, [](double a, double b) { return a - b; })) : value;
    }
    Outcome power() {
        return chain({{"^", [](double a, double b) { return std::pow(a, b); }}}, &Reader::operand);
    }

    Outcome operand() {
        if (++depth_ > deepest) { return wrong("the expression is nested too deeply"); }
        auto value = nested_operand();
        --depth_;
        return value;
    }
    Outcome nested_operand() {
        const Token token = tokens_[at_];
        if (token.kind == Token::Kind::Number) {
            ++at_;
            return token.number;
        }
        if (take("(")) {
            auto value = either();
            if (value && !take(")")) { return unexpected_token(); }
            return value;
        }
        if (take("[")) { return list(); }
        if (token.kind != Token::Kind::Name) { return unexpected_token(); }
        ++at_;
        if (take("(")) { return call(token.text); }
        const auto found = input_.series.find(token.text);
        if (found == input_.series.end()) { return wrong(fmt::format("there is no metric '{}'", token.text)); }
        return found->second;
    }
    Outcome list() {
        std::vector<TimeSeries> series;
        do {
            auto item = either();
            if (!item) { return item; }
            if (!std::holds_alternative<TimeSeries>(*item)) { return wrong("a list holds time series alone"); }
            series.push_back(std::get<TimeSeries>(std::move(*item)));
        } while (take(","));
        if (!take("]")) { return unexpected_token(); }
        return series;
    }

    Outcome call(const std::string& function) {
        if (function == "METRICS") { return metrics(); }
        if (function == "FILL") { return fill(); }
        if (std::ranges::find(plain_functions, function) == std::end(plain_functions)) { return unknown(function); }
        std::vector<Value> arguments;
        do {
            auto argument = either();
            if (!argument) { return argument; }
            arguments.push_back(std::move(*argument));
        } while (take(","));
        if (!take(")")) { return unexpected_token(); }
        return apply(function, arguments);
    }
    Outcome apply(const std::string& function, const std::vector<Value>& arguments) const {
        if (function == "SUM" || function == "AVG" || function == "MIN" || function == "MAX") {
            return reduce_values(function, arguments);
        }
        if (function == "IF" && (arguments.size() == 2 || arguments.size() == 3)) {
            if (std::ranges::any_of(arguments, is_list)) { return wrong("IF takes time series and numbers, no lists"); }
            return chosen(arguments[0], arguments[1], arguments.size() == 3 ? arguments[2] : Value(TimeSeries{}));
        }
        if (arguments.size() != 1) { return unknown(function); }
        if (function == "RATE" || function == "DIFF") {
            return each_series(arguments[0], function,
                               [&](const TimeSeries& series) { return difference(series, function == "RATE"); });
        }
        if (function == "PERIOD") { return std::chrono::duration<double>(input_.period).count(); }
        static const std::map<std::string, Binary> functions{
            {"ABS", [](double value, double) { return std::abs(value); }},
            {"CEIL", [](double value, double) { return std::ceil(value); }},
            {"FLOOR", [](double value, double) { return std::floor(value); }}};
        const auto found = functions.find(function);
        return found == functions.end() ? Outcome(unknown(function)) : combine(arguments[0], 0.0, found->second);
    }
    static std::unexpected<Error> unknown(const std::string& function) {
        return wrong(fmt::format("{} is not a function here with these arguments; known are SUM, AVG, MIN, MAX, IF, "
                                 "FILL, RATE, DIFF, PERIOD, ABS, CEIL, FLOOR and METRICS",
                                 function));
    }

    Outcome metrics() {
        std::string part;
        if (tokens_[at_].kind == Token::Kind::Text) { part = tokens_[at_++].text; }
        if (!take(")")) { return unexpected_token(); }
        std::vector<TimeSeries> all;
        for (const auto& id : input_.metric_ids) {
            const auto found = input_.series.find(id);
            if (id.contains(part) && found != input_.series.end()) { all.push_back(found->second); }
        }
        return all;
    }
    Outcome fill() {
        auto value = either();
        if (!value) { return value; }
        if (!take(",")) { return unexpected_token(); }
        Filling filling = Filling::Number;
        double number = 0;
        if (take("REPEAT")) {
            filling = Filling::Repeat;
        } else if (take("LINEAR")) {
            filling = Filling::Linear;
        } else {
            const auto with = either();
            if (!with) { return with; }
            if (!std::holds_alternative<double>(*with)) { return wrong("FILL takes a number, REPEAT or LINEAR"); }
            number = std::get<double>(*with);
        }
        if (!take(")")) { return unexpected_token(); }
        return each_series(*value, "FILL",
                           [&](const TimeSeries& series) { return filled(series, input_, filling, number); });
    }

    const std::vector<Token> tokens_;
    const ExpressionInput& input_;
    std::size_t at_ = 0;
    int depth_ = 0;
};

} // namespace

Result<std::vector<std::string>> ids_in(std::string_view expression) {
    const auto tokens = tokens_of(expression);
    if (!tokens) { return std::unexpected(tokens.error()); }
    std::vector<std::string> ids;
    for (std::size_t i = 0; i + 1 < tokens->size(); ++i) {
        const Token& token = (*tokens)[i];
        const bool called = (*tokens)[i + 1].text == "(" && (*tokens)[i + 1].kind == Token::Kind::Sign;
        if (token.kind == Token::Kind::Name && !called &&
            std::islower(static_cast<unsigned char>(token.text[0])) != 0) {
            ids.push_back(token.text);
        }
    }
    return ids;
}

bool uses_metrics_function(std::string_view expression) {
    const auto tokens = tokens_of(expression);
    return tokens && std::ranges::any_of(*tokens, [](const Token& token) {
               return token.kind == Token::Kind::Name && token.text == "METRICS";
           });
}

Result<std::vector<TimeSeries>> evaluate(std::string_view expression, const ExpressionInput& input) {
    auto tokens = tokens_of(expression);
    if (!tokens) { return std::unexpected(tokens.error()); }
    auto value = Reader(std::move(*tokens), input).read_all();
    if (!value) { return std::unexpected(value.error()); }
    if (auto* list = std::get_if<std::vector<TimeSeries>>(&*value)) { return std::move(*list); }
    if (auto* series = std::get_if<TimeSeries>(&*value)) { return std::vector{std::move(*series)}; }
    return wrong("the expression yields a number; it must yield a time series");
}

} // namespace ecsr::local
