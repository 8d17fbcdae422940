// Random cron expressions, and what they mean by an evaluation of its own: day by day and minute by minute, with none
// of the code under test.
#pragma once

#include "base/random.hpp"

#include <array>
#include <cctype>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace ecsr::testing {

// ---- the calendar, by other formulas than <chrono> ----

inline bool is_leap(int year) {
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

inline int days_in_month(int year, int month) {
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

// Sakamoto's method; 1 is Sunday.
inline int week_day(int year, int month, int day) {
    static const int shift[] = {0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4};
    const int y = month < 3 ? year - 1 : year;
    return (y + y / 4 - y / 100 + y / 400 + shift[month - 1] + day) % 7 + 1;
}

struct Date {
    int year;
    int month;
    int day;

    void advance() {
        if (++day <= days_in_month(year, month)) { return; }
        day = 1;
        if (++month <= 12) { return; }
        month = 1;
        ++year;
    }
};

// ---- the expression ----

// A set that is quick to ask without optimisation.
class Numbers {
public:
    void insert(int number) { has_[static_cast<std::size_t>(number)] = true; }
    bool has(int number) const { return has_[static_cast<std::size_t>(number)]; }

private:
    std::array<bool, 2300> has_{}; // more than there are years
};

struct Drawn {
    std::string text;
    Numbers minutes, hours, months, years;
    Numbers month_days, week_days, last_week_days;
    std::set<int> nearest_to;
    bool last_day = false;
    bool last_working_day = false;
    int nth_day = 0;
    int nth = 0;

    bool takes(const Date& date) const {
        if (!years.has(date.year) || !months.has(date.month)) { return false; }
        const int of_week = week_day(date.year, date.month, date.day);
        const int last = days_in_month(date.year, date.month);
        if (month_days.has(date.day) || week_days.has(of_week)) { return true; }
        if (last_day && date.day == last) { return true; }
        if (last_working_day && date.day == closest_working_day(date, last, -1)) { return true; }
        if (last_week_days.has(of_week) && date.day + 7 > last) { return true; }
        if (nth_day == of_week && nth > 0 && count_until(date) == nth) { return true; }
        for (const int wanted : nearest_to) {
            if (wanted <= last && closest_working_day(date, wanted, 0) == date.day) { return true; }
        }
        return false;
    }

private:
    // The working day of that month closest to `wanted`; with direction -1 only at or before it.
    static int closest_working_day(const Date& date, int wanted, int direction) {
        const int last = days_in_month(date.year, date.month);
        for (int distance = 0;; ++distance) {
            for (const int day : {wanted - distance, wanted + distance}) {
                if (day < 1 || day > last || (direction < 0 && day > wanted)) { continue; }
                const int of_week = week_day(date.year, date.month, day);
                if (of_week != 1 && of_week != 7) { return day; }
            }
        }
    }

    // The how manieth day of its name in its month it is.
    static int count_until(const Date& date) {
        int count = 0;
        for (int day = date.day; day >= 1; day -= 7) { ++count; }
        return count;
    }
};

class Drawer {
public:
    explicit Drawer(std::uint64_t seed) : random_(seed) {}

    Drawn draw() {
        Drawn drawn;
        const std::string minute = plain(0, 59, {}, drawn.minutes, 25);
        const std::string hour = plain(0, 23, {}, drawn.hours, 25);
        const std::string month = plain(1, 12, months_, drawn.months, 60);
        const std::string year = chance(75) ? every(1970, 2199, drawn.years) : year_list(drawn.years);
        const bool by_month_day = chance(50);
        const std::string days = by_month_day ? month_day_field(drawn) : week_day_field(drawn);
        drawn.text = "cron(" + minute + " " + hour + " " + (by_month_day ? days : "?") + " " + month + " " +
                     (by_month_day ? "?" : days) + " " + year + ")";
        return drawn;
    }

    int between(int low, int high) { return static_cast<int>(random_.between(low, high)); }

private:
    using Names = std::vector<std::string>;

    bool chance(int percent) { return between(1, 100) <= percent; }

    std::string every(int low, int high, Numbers& values) {
        for (int value = low; value <= high; ++value) { values.insert(value); }
        return "*";
    }

    std::string plain(int low, int high, const Names& names, Numbers& values, int percent_every) {
        return chance(percent_every) ? every(low, high, values) : list(low, high, names, values);
    }

    std::string list(int low, int high, const Names& names, Numbers& values) {
        std::string text;
        const int items = chance(60) ? 1 : between(2, 4);
        for (int i = 0; i < items; ++i) { text += (i == 0 ? "" : ",") + item(low, high, names, values); }
        return text;
    }

    std::string item(int low, int high, const Names& names, Numbers& values) {
        const int from = between(low, high);
        const int to = between(low, high);
        const int step = between(1, 20);
        switch (between(0, 4)) {
        case 0: // 5/15
            for (int value = from; value <= high; value += step) { values.insert(value); }
            return word(from, low, names) + "/" + std::to_string(step);
        case 1: // 1-5
            add_range(low, high, from, to, 1, values);
            return word(from, low, names) + "-" + word(to, low, names);
        case 2: // 1-30/7
            add_range(low, high, from, to, step, values);
            return word(from, low, names) + "-" + word(to, low, names) + "/" + std::to_string(step);
        case 3: // */7
            for (int value = low; value <= high; value += step) { values.insert(value); }
            return "*/" + std::to_string(step);
        default: break;
        }
        values.insert(from);
        return word(from, low, names);
    }

    // Near the years that tests ask about, so that they see something.
    std::string year_list(Numbers& values) {
        std::string text;
        for (int items = between(1, 3); items > 0; --items) {
            const int from = between(2024, 2032);
            const int to = between(from, 2032);
            const int step = between(1, 20);
            const bool is_open = chance(30);
            for (int value = from; value <= (is_open ? 2199 : to); value += step) { values.insert(value); }
            text += std::to_string(from) + (is_open ? "" : "-" + std::to_string(to)) + "/" + std::to_string(step) +
                    (items > 1 ? "," : "");
        }
        return text;
    }

    static void add_range(int low, int high, int from, int to, int step, Numbers& values) {
        int counted = 0;
        for (int value = from;; value = value == high ? low : value + 1) {
            if (counted++ % step == 0) { values.insert(value); }
            if (value == to) { return; }
        }
    }

    std::string word(int value, int low, const Names& names) {
        if (!names.empty() && chance(50)) {
            std::string name = names[static_cast<std::size_t>(value - low)];
            if (chance(30)) {
                for (char& c : name) { c = static_cast<char>(std::tolower(c)); }
            }
            return name;
        }
        return (value < 10 && chance(10) ? "0" : "") + std::to_string(value);
    }

    std::string month_day_field(Drawn& drawn) {
        if (chance(25)) { return every(1, 31, drawn.month_days); }
        std::string text;
        const int items = chance(70) ? 1 : between(2, 3);
        for (int i = 0; i < items; ++i) { text += (i == 0 ? "" : ",") + month_day_item(drawn); }
        return text;
    }

    std::string month_day_item(Drawn& drawn) {
        const int kind = between(0, 9);
        if (kind == 0) {
            drawn.last_day = true;
            return "L";
        }
        if (kind == 1) {
            drawn.last_working_day = true;
            return "LW";
        }
        if (kind < 5) {
            const int day = between(1, 31);
            drawn.nearest_to.insert(day);
            return std::to_string(day) + "W";
        }
        return item(1, 31, {}, drawn.month_days);
    }

    std::string week_day_field(Drawn& drawn) {
        if (chance(15)) { return every(1, 7, drawn.week_days); }
        if (chance(25)) {
            drawn.nth_day = between(1, 7);
            drawn.nth = between(1, 5);
            return word(drawn.nth_day, 1, days_) + "#" + std::to_string(drawn.nth);
        }
        std::string text;
        const int items = chance(60) ? 1 : between(2, 3);
        for (int i = 0; i < items; ++i) { text += (i == 0 ? "" : ",") + week_day_item(drawn); }
        return text;
    }

    std::string week_day_item(Drawn& drawn) {
        const int kind = between(0, 9);
        if (kind == 0) {
            drawn.week_days.insert(7);
            return "L";
        }
        if (kind < 4) {
            const int day = between(1, 7);
            drawn.last_week_days.insert(day);
            return word(day, 1, days_) + "L";
        }
        return item(1, 7, days_, drawn.week_days);
    }

    Random random_;
    const Names months_{"JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};
    const Names days_{"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"};
};

} // namespace ecsr::testing
