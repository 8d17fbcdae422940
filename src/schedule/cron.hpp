// The six fields of cron(...), as sets. Parsed and stepped through by the functions of schedule.hpp.
#pragma once

#include "base/error.hpp"

#include <bitset>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace ecsr::schedule {

inline constexpr int first_year = 1970;
inline constexpr int last_year = 2199;

// Which days of a month. Days are numbered 1-31, days of the week 1 (Sunday) to 7 (Saturday) as EventBridge does.
struct DayRule {
    std::bitset<32> days{};            // of the month
    std::bitset<32> nearest_weekday{}; // 15W: the day of Monday to Friday nearest to the 15th, in the same month
    bool last_day = false;             // L
    bool last_weekday = false;         // LW: the last day of the month that is one of Monday to Friday
    std::bitset<8> of_week{};          // each such day of the week
    std::bitset<8> last_of_week{};     // 5L: the last Thursday
    int nth_day = 0;                   // 3#2, the second Tuesday: nth_day 3, nth 2; 0: none
    int nth = 0;
};

struct Cron {
    std::bitset<60> minutes;
    std::bitset<24> hours;
    DayRule days;
    std::bitset<13> months;                        // 1-12
    std::bitset<last_year - first_year + 1> years; // 0 is 1970
};

// The six fields, separated by blanks. Error: Usage; begins with the field's name.
Result<Cron> parse_cron(std::string_view fields);

// The days of that month that the rule takes, by number.
std::bitset<32> days_of(const DayRule& rule, std::chrono::year_month month);

// The first minute at or after `from` that the expression takes, on its wall clock.
std::optional<std::chrono::local_time<std::chrono::minutes>>
next_match(const Cron& cron, std::chrono::local_time<std::chrono::minutes> from);

} // namespace ecsr::schedule
