#include "base/text.hpp"
#include "schedule/cron.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <span>
#include <string>

namespace ecsr::schedule {

namespace {

constexpr std::array<std::string_view, 12> month_names{"JAN", "FEB", "MAR", "APR", "MAY", "JUN",
                                                       "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};
constexpr std::array<std::string_view, 7> day_names{"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"};

struct Field {
    std::string_view name;
    int low;
    int high;
    std::span<const std::string_view> names; // of the values from `low` on; empty: numbers only
    std::string_view allowed;
};

constexpr Field minute{"minute", 0, 59, {}, "0-59 with , - * /"};
constexpr Field hour{"hour", 0, 23, {}, "0-23 with , - * /"};
constexpr Field day_of_month{"day-of-month", 1, 31, {}, "1-31 with , - * ? / and L, LW, 15W"};
constexpr Field month{"month", 1, 12, month_names, "1-12 or JAN-DEC with , - * /"};
constexpr Field day_of_week{"day-of-week", 1, 7, day_names, "1-7 or SUN-SAT with , - * ? / and L, 5L, 3#2"};
constexpr Field year{"year", first_year, last_year, {}, "1970-2199 with , - * /"};

// An Error without the text of the whole field; parse_field puts it in front.
std::unexpected<Error> wrong(std::string what) {
    return fail(ErrorKind::Usage, std::move(what));
}

bool is_number(std::string_view text) {
    return !text.empty() && text.size() <= 4 &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

int to_number(std::string_view text) {
    int number = 0;
    for (const char c : text) { number = number * 10 + (c - '0'); }
    return number;
}

Result<int> parse_value(const Field& field, std::string_view text) {
    for (std::size_t i = 0; i < field.names.size(); ++i) {
        if (equals_ignoring_case(text, field.names[i])) { return field.low + static_cast<int>(i); }
    }
    if (text.empty()) { return wrong("a value is missing"); }
    if (!is_number(text)) { return wrong(fmt::format("\"{}\" is no value of it", text)); }
    const int value = to_number(text);
    if (value < field.low || value > field.high) {
        return wrong(fmt::format("{} is not in {}-{}", text, field.low, field.high));
    }
    return value;
}

struct Range {
    int from;
    int to; // below `from`: goes on past the field's end to its beginning (FRI-MON)
};

// What stands before the slash, or the whole item.
Result<Range> parse_range(const Field& field, std::string_view text, bool has_step) {
    if (text == "*") { return Range{field.low, field.high}; }
    const auto dash = text.find('-');
    const auto from = parse_value(field, text.substr(0, dash));
    if (!from) { return std::unexpected(from.error()); }
    if (dash == std::string_view::npos) { return Range{*from, has_step ? field.high : *from}; }
    const auto to = parse_value(field, text.substr(dash + 1));
    if (!to) { return std::unexpected(to.error()); }
    if (*to < *from && &field == &year) { return wrong(fmt::format("{} runs backwards", text)); }
    return Range{*from, *to};
}

template <std::size_t N>
Status add_values(const Field& field, std::string_view item, int offset, std::bitset<N>& values) {
    const auto slash = item.find('/');
    const bool has_step = slash != std::string_view::npos;
    const auto range = parse_range(field, item.substr(0, slash), has_step);
    if (!range) { return std::unexpected(range.error()); }
    int step = 1;
    if (has_step) {
        const auto text = item.substr(slash + 1);
        step = is_number(text) ? to_number(text) : 0;
        if (step == 0) { return wrong(fmt::format("\"{}\" after / is no whole number above 0", text)); }
    }
    const int size = field.high - field.low + 1;
    const int length = range->to - range->from + (range->to < range->from ? size : 0);
    for (int done = 0; done <= length; done += step) {
        const int value = field.low + (range->from - field.low + done) % size;
        values.set(static_cast<std::size_t>(value - offset));
    }
    return {};
}

template <class Add>
Status add_items(std::string_view text, Add add) {
    const auto items = split(text, ',');
    for (const auto& item : items) {
        if (item == "*" && items.size() > 1) { return wrong("* stands alone"); }
        if (auto added = add(std::string_view(item), items.size()); !added) { return added; }
    }
    return {};
}

// Runs `parse` on the field's text; what it finds wrong is told with the field, its text and what it allows.
template <class Parse>
Status parse_field(const Field& field, std::string_view text, Parse parse) {
    if (Status parsed = parse(text); !parsed) {
        return fail(ErrorKind::Usage,
                    fmt::format("{} \"{}\": {}; allowed: {}", field.name, text, parsed.error().message, field.allowed));
    }
    return {};
}

template <std::size_t N>
Status parse_numbers(const Field& field, std::string_view text, int offset, std::bitset<N>& values) {
    return parse_field(field, text, [&](std::string_view whole) {
        return add_items(whole,
                         [&](std::string_view item, std::size_t) { return add_values(field, item, offset, values); });
    });
}

Status add_day_of_month(std::string_view item, DayRule& rule) {
    if (equals_ignoring_case(item, "L")) {
        rule.last_day = true;
    } else if (equals_ignoring_case(item, "LW")) {
        rule.last_weekday = true;
    } else if (item.ends_with('W') || item.ends_with('w')) {
        const auto day = parse_value(day_of_month, item.substr(0, item.size() - 1));
        if (!day) { return std::unexpected(day.error()); }
        rule.nearest_weekday.set(static_cast<std::size_t>(*day));
    } else {
        return add_values(day_of_month, item, 0, rule.days);
    }
    return {};
}

Status set_nth(std::string_view item, std::size_t items, DayRule& rule) {
    if (items > 1) { return wrong("an expression with # stands alone"); }
    const auto hash = item.find('#');
    const auto day = parse_value(day_of_week, item.substr(0, hash));
    if (!day) { return std::unexpected(day.error()); }
    const auto nth = item.substr(hash + 1);
    if (!is_number(nth) || to_number(nth) < 1 || to_number(nth) > 5) {
        return wrong(fmt::format("\"{}\" after # is not in 1-5", nth));
    }
    rule.nth_day = *day;
    rule.nth = to_number(nth);
    return {};
}

Status add_day_of_week(std::string_view item, std::size_t items, DayRule& rule) {
    if (item.contains('#')) { return set_nth(item, items, rule); }
    if (equals_ignoring_case(item, "L")) {
        rule.of_week.set(7); // the last day of the week
        return {};
    }
    if (item.ends_with('L') || item.ends_with('l')) {
        const auto day = parse_value(day_of_week, item.substr(0, item.size() - 1));
        if (!day) { return std::unexpected(day.error()); }
        rule.last_of_week.set(static_cast<std::size_t>(*day));
        return {};
    }
    return add_values(day_of_week, item, 0, rule.of_week);
}

Status parse_days(std::string_view of_month, std::string_view of_week, DayRule& rule) {
    if ((of_month == "?") == (of_week == "?")) {
        return fail(ErrorKind::Usage,
                    fmt::format("day-of-month \"{}\" and day-of-week \"{}\": exactly one of them must "
                                "be ?",
                                of_month, of_week));
    }
    if (of_week == "?") {
        return parse_field(day_of_month, of_month, [&](std::string_view text) {
            return add_items(text, [&](std::string_view item, std::size_t) { return add_day_of_month(item, rule); });
        });
    }
    return parse_field(day_of_week, of_week, [&](std::string_view text) {
        return add_items(text,
                         [&](std::string_view item, std::size_t items) { return add_day_of_week(item, items, rule); });
    });
}

std::vector<std::string> words_of(std::string_view text) {
    std::vector<std::string> words;
    std::string word;
    for (const char c : text) {
        if (c != ' ' && c != '\t') {
            word += c;
        } else if (!word.empty()) {
            words.push_back(std::move(word));
            word.clear();
        }
    }
    if (!word.empty()) { words.push_back(std::move(word)); }
    return words;
}

} // namespace

Result<Cron> parse_cron(std::string_view fields) {
    const auto words = words_of(fields);
    if (words.size() != 6) {
        return wrong(fmt::format("cron has {} field{} where 6 are needed: minute hour day-of-month month day-of-week "
                                 "year",
                                 words.size(), words.size() == 1 ? "" : "s"));
    }
    Cron cron;
    for (const Status& parsed :
         {parse_numbers(minute, words[0], 0, cron.minutes), parse_numbers(hour, words[1], 0, cron.hours),
          parse_days(words[2], words[4], cron.days), parse_numbers(month, words[3], 0, cron.months),
          parse_numbers(year, words[5], first_year, cron.years)}) {
        if (!parsed) { return std::unexpected(parsed.error()); }
    }
    return cron;
}

} // namespace ecsr::schedule
