#include "local/state/json_line.hpp"

#include "base/error.hpp"
#include "base/json_text.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdlib>
#include <fmt/compile.h>
#include <fmt/format.h>
#include <iterator>

namespace ecsr::local {

namespace json = boost::json;

namespace {

class Line {
public:
    explicit Line(Decimals decimals) : decimals_(decimals) {}

    void append(const json::value& value) {
        switch (value.kind()) {
        case json::kind::object: append_object(value.get_object()); break;
        case json::kind::array: append_array(value.get_array()); break;
        case json::kind::string: append_text(value.get_string()); break;
        case json::kind::int64: append_number(value.get_int64()); break;
        case json::kind::uint64: append_number(value.get_uint64()); break;
        case json::kind::bool_: text += value.get_bool() ? "true" : "false"; break;
        case json::kind::null: text += "null"; break;
        case json::kind::double_:
            if (decimals_ == Decimals::OfJava) {
                text += java_decimal(value.get_double());
            } else {
                append_number(value.get_double());
            }
            break;
        }
    }

    std::string text;

private:
    void append_object(const json::object& object) {
        text += '{';
        for (const auto& [name, member] : object) {
            if (text.back() != '{') { text += ','; }
            append_text(name);
            text += ':';
            append(member);
        }
        text += '}';
    }

    void append_array(const json::array& array) {
        text += '[';
        bool first = true;
        for (const auto& item : array) {
            if (!first) { text += ','; }
            first = false;
            append(item);
        }
        text += ']';
    }

    template <typename Number>
    void append_number(Number number) {
        fmt::format_to(std::back_inserter(text), FMT_COMPILE("{}"), number);
    }

    void append_text(std::string_view quoted) { ecsr::json::append_quoted(text, quoted); }

    Decimals decimals_;
};

} // namespace

std::string json_line(const json::value& value, Decimals decimals) {
    constexpr std::size_t usual_size = 4096;
    Line line(decimals);
    line.text.reserve(value.is_structured() ? usual_size : 0);
    line.append(value);
    return std::move(line.text);
}

std::string java_decimal(double value) {
    const double size = std::fabs(value);
    const auto with_point = [](std::string digits) {
        return digits.find('.') == std::string::npos ? digits + ".0" : digits;
    };
    if (size == 0 || (size >= 1e-3 && size < 1e7)) { return with_point(fmt::format("{}", value)); }
    std::array<char, 32> text{};
    const auto [end, error] =
        std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::scientific);
    ECSR_ASSERT(error == std::errc());
    const std::string_view shortest(text.data(), static_cast<std::size_t>(end - text.data())); // "1.5e-04"
    const auto split = shortest.find('e');
    if (split == std::string_view::npos) { return std::string(shortest); } // no finite number
    const int exponent = std::atoi(std::string(shortest.substr(split + 1)).c_str());
    return fmt::format("{}E{}", with_point(std::string(shortest.substr(0, split))), exponent);
}

} // namespace ecsr::local
