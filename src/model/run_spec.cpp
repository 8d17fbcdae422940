#include "model/run_spec.hpp"

#include "base/text.hpp"

#include <algorithm>

namespace ecsr {

namespace {

template <typename Enum, std::size_t N>
Result<Enum> parse_enum(std::string_view text, const std::pair<const char*, Enum> (&names)[N]) {
    std::vector<std::string> allowed;
    for (const auto& [name, value] : names) {
        if (text == name) { return value; }
        allowed.emplace_back(name);
    }
    return fail(ErrorKind::Usage, "\"" + std::string(text) + "\" is not one of " + join(allowed, ", "));
}

} // namespace

int Amount::of(int desired_count) const {
    if (!percent || value == 0) { return value; }
    return std::max(1, (desired_count * value + 99) / 100);
}

const char* to_string(Strategy strategy) {
    return strategy == Strategy::Rolling ? "rolling" : "force-deployment";
}

const char* to_string(Drain drain) {
    switch (drain) {
    case Drain::Auto: return "auto";
    case Drain::ScaleIn: return "scale-in";
    case Drain::StopTask: return "stop-task";
    }
    return "auto";
}

const char* to_string(Order order) {
    switch (order) {
    case Order::Oldest: return "oldest";
    case Order::Newest: return "newest";
    case Order::Az: return "az";
    case Order::Random: return "random";
    }
    return "oldest";
}

const char* to_string(OnError on_error) {
    return on_error == OnError::Restore ? "restore" : "pause";
}

std::string to_string(const Amount& amount) {
    return std::to_string(amount.value) + (amount.percent ? "%" : "");
}

Result<Strategy> parse_strategy(std::string_view text) {
    return parse_enum<Strategy>(text,
                                {{"rolling", Strategy::Rolling}, {"force-deployment", Strategy::ForceDeployment}});
}

Result<Drain> parse_drain(std::string_view text) {
    return parse_enum<Drain>(text,
                             {{"auto", Drain::Auto}, {"scale-in", Drain::ScaleIn}, {"stop-task", Drain::StopTask}});
}

Result<Order> parse_order(std::string_view text) {
    return parse_enum<Order>(
        text, {{"oldest", Order::Oldest}, {"newest", Order::Newest}, {"az", Order::Az}, {"random", Order::Random}});
}

Result<OnError> parse_on_error(std::string_view text) {
    return parse_enum<OnError>(text, {{"restore", OnError::Restore}, {"pause", OnError::Pause}});
}

Result<Amount> parse_amount(std::string_view text) {
    const bool percent = text.ends_with('%');
    const auto number = parse_integer(percent ? text.substr(0, text.size() - 1) : text);
    const std::int64_t highest = percent ? 100 : 5000;
    if (!number || *number < 0 || *number > highest) {
        return fail(ErrorKind::Usage,
                    "\"" + std::string(text) + "\" is not a number of tasks (0 to 5000) or a percentage (0% to 100%)");
    }
    return Amount{static_cast<int>(*number), percent};
}

} // namespace ecsr
