#include "judge/schedule/clock_rule.hpp"

#include <algorithm>
#include <array>

namespace ecsr::schedule {

namespace {

using std::chrono::local_days;
using std::chrono::local_seconds;
using std::chrono::sys_seconds;
using std::chrono::year;
using Change = ClockRule::Change;

// Reads along the text; a failure stays a failure.
class Reader {
public:
    explicit Reader(std::string_view text) : rest_(text) {}

    bool ok() const { return ok_; }
    bool at_end() const { return rest_.empty(); }

    bool take(char c) {
        if (rest_.empty() || rest_.front() != c) { return false; }
        rest_.remove_prefix(1);
        return true;
    }

    void need(char c) { ok_ = take(c) && ok_; }

    int number() {
        std::size_t digits = 0;
        int value = 0;
        while (digits < rest_.size() && digits < 4 && rest_[digits] >= '0' && rest_[digits] <= '9') {
            value = value * 10 + (rest_[digits++] - '0');
        }
        ok_ = ok_ && digits > 0;
        rest_.remove_prefix(digits);
        return value;
    }

    // "CET" or "<+0330>".
    void name() {
        const bool quoted = take('<');
        const auto end = quoted ? rest_.find('>') : rest_.find_first_of("+-,0123456789");
        const auto length = std::min(end, rest_.size());
        ok_ = ok_ && length >= 3;
        rest_.remove_prefix(length);
        if (quoted) { need('>'); }
    }

    // "[+-]hh[:mm[:ss]]".
    Seconds time() {
        const bool negative = take('-');
        if (!negative) { take('+'); }
        Seconds value = std::chrono::hours(number());
        if (take(':')) { value += std::chrono::minutes(number()); }
        if (take(':')) { value += Seconds(number()); }
        return negative ? -value : value;
    }

    Change change() {
        Change change;
        if (take('M')) {
            change.month = number();
            need('.');
            change.week = number();
            need('.');
            change.day = number();
            ok_ = ok_ && change.month >= 1 && change.month <= 12 && change.week >= 1 && change.week <= 5 &&
                  change.day <= 6;
        } else {
            change.kind = take('J') ? Change::Kind::DayWithoutLeap : Change::Kind::DayWithLeap;
            change.day = number();
        }
        if (take('/')) { change.time = time(); }
        return change;
    }

private:
    std::string_view rest_;
    bool ok_ = true;
};

local_days date_of(const Change& change, year in) {
    const local_days new_year{in / 1 / 1};
    if (change.kind == Change::Kind::DayWithLeap) { return new_year + std::chrono::days(change.day); }
    if (change.kind == Change::Kind::DayWithoutLeap) {
        const int leap_day = in.is_leap() && change.day >= 60 ? 1 : 0;
        return new_year + std::chrono::days(change.day - 1 + leap_day);
    }
    const auto month = in / std::chrono::month(static_cast<unsigned>(change.month));
    const std::chrono::weekday day(static_cast<unsigned>(change.day));
    if (change.week == 5) { return local_days{month / day[std::chrono::last]}; }
    return local_days{month / day[static_cast<unsigned>(change.week)]};
}

sys_seconds moment_of(const Change& change, year in, Seconds offset_before) {
    const local_seconds on_the_clock = date_of(change, in) + change.time;
    return sys_seconds((on_the_clock - offset_before).time_since_epoch());
}

} // namespace

std::optional<ClockRule> ClockRule::parse(std::string_view text) {
    Reader reader(text);
    ClockRule rule;
    reader.name();
    rule.standard_ = -reader.time();
    if (!reader.ok() || reader.at_end()) { return std::nullopt; }
    reader.name();
    rule.summer_ = rule.standard_ + std::chrono::hours(1);
    if (!reader.take(',')) {
        rule.summer_ = -reader.time();
        reader.need(',');
    }
    rule.to_summer_ = reader.change();
    reader.need(',');
    rule.to_standard_ = reader.change();
    return reader.ok() && reader.at_end() ? std::optional(rule) : std::nullopt;
}

Piece ClockRule::piece(sys_seconds at) const {
    struct Turn {
        sys_seconds when;
        Seconds offset; // from then on
    };
    const year middle = std::chrono::year_month_day{std::chrono::floor<std::chrono::days>(at)}.year();
    std::array<Turn, 6> turns{};
    std::size_t filled = 0;
    for (year in = middle - std::chrono::years(1); in <= middle + std::chrono::years(1); ++in) {
        turns[filled++] = {moment_of(to_summer_, in, standard_), summer_};
        turns[filled++] = {moment_of(to_standard_, in, summer_), standard_};
    }
    std::ranges::stable_sort(turns, {}, &Turn::when);
    const auto next = std::ranges::upper_bound(turns, at, {}, &Turn::when);
    // A year before and a year after hold two turns each.
    ECSR_ASSERT(next != turns.begin() && next != turns.end());
    return {std::prev(next)->when, next->when, std::prev(next)->offset};
}

} // namespace ecsr::schedule
