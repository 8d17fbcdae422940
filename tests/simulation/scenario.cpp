#include "tests/simulation/scenario.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <sstream>

namespace ecsr::simulation {

namespace {

constexpr const char* ending = ".scenario";

std::string text_of(std::uint64_t value) {
    return std::to_string(value);
}
std::string text_of(int value) {
    return std::to_string(value);
}
std::string text_of(bool value) {
    return value ? "true" : "false";
}
std::string text_of(Millis value) {
    return value < Millis(0) ? "-" + format_duration(-value) : format_duration(value);
}
std::string text_of(Strategy value) {
    return to_string(value);
}
std::string text_of(Drain value) {
    return to_string(value);
}
std::string text_of(Order value) {
    return to_string(value);
}

template <class T>
Status take(T& value, Result<T> parsed) {
    if (!parsed) { return std::unexpected(parsed.error()); }
    value = *parsed;
    return {};
}

Status read(std::uint64_t& value, const std::string& text) {
    const auto number = parse_integer(text);
    if (!number || *number < 0) { return fail(ErrorKind::Usage, "'" + text + "' is no number from 0 on"); }
    value = static_cast<std::uint64_t>(*number);
    return {};
}
Status read(int& value, const std::string& text) {
    const auto number = parse_integer(text);
    if (!number || *number < 0 || *number > 100'000) {
        return fail(ErrorKind::Usage, "'" + text + "' is no number from 0 to 100000");
    }
    value = static_cast<int>(*number);
    return {};
}
Status read(bool& value, const std::string& text) {
    if (text != "true" && text != "false") {
        return fail(ErrorKind::Usage, "'" + text + "' is neither true nor false");
    }
    value = text == "true";
    return {};
}
Status read(Millis& value, const std::string& text) {
    const bool back = text.starts_with('-');
    if (auto done = take(value, parse_duration(back ? text.substr(1) : text)); !done) { return done; }
    if (back) { value = -value; }
    return {};
}
Status read(Strategy& value, const std::string& text) {
    return take(value, parse_strategy(text));
}
Status read(Drain& value, const std::string& text) {
    return take(value, parse_drain(text));
}
Status read(Order& value, const std::string& text) {
    return take(value, parse_order(text));
}

Status set(Options& options, const std::string& name, const std::string& text) {
    Status done = fail(ErrorKind::Usage, "there is no option '" + name + "'");
    for_each_option(options, [&](const char* each, auto& value) {
        if (name == each) { done = read(value, text); }
    });
    return done;
}

struct Line {
    std::size_t number = 0;
    std::string name, value;
};

} // namespace

Result<Scenario> parse_scenario(const std::string& name, std::string_view text) {
    Scenario scenario{name, {}, {}};
    std::vector<Line> lines;
    std::size_t number = 0;
    for (const std::string& raw : split(text, '\n')) {
        ++number;
        const std::string line(trim(raw));
        if (line.empty()) { continue; }
        if (line.starts_with('#')) {
            scenario.story += std::string(trim(line.substr(1))) + "\n";
            continue;
        }
        const auto sign = line.find('=');
        if (sign == std::string::npos) {
            return fail(ErrorKind::Usage, fmt::format("{}{}:{}: '{}' is not NAME = VALUE", name, ending, number, line));
        }
        lines.push_back({number, std::string(trim(line.substr(0, sign))), std::string(trim(line.substr(sign + 1)))});
    }
    const auto seed = std::ranges::find(lines, "seed", &Line::name);
    if (seed == lines.end() || scenario.story.empty()) {
        return fail(ErrorKind::Usage,
                    fmt::format("{}{}: it needs a seed, and a story in lines that begin with #", name, ending));
    }
    if (auto done = set(scenario.options, "seed", seed->value); !done) { return std::unexpected(done.error()); }
    scenario.options = draw(scenario.options.seed);
    for (const Line& line : lines) {
        if (auto done = set(scenario.options, line.name, line.value); !done) {
            return fail(ErrorKind::Usage, fmt::format("{}{}:{}: {}", name, ending, line.number, done.error().message));
        }
    }
    return scenario;
}

Result<Scenario> read_scenario(const std::string& path) {
    std::ifstream file(path);
    std::ostringstream text;
    text << file.rdbuf();
    if (!file) { return fail(ErrorKind::Usage, path + ": cannot be read"); }
    return parse_scenario(std::filesystem::path(path).stem().string(), text.str());
}

Result<std::vector<Scenario>> read_scenarios(const std::string& folder) {
    std::vector<std::string> paths;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
        if (entry.path().extension() == ending) { paths.push_back(entry.path().string()); }
    }
    if (error) { return fail(ErrorKind::Usage, folder + ": " + error.message()); }
    std::ranges::sort(paths);
    std::vector<Scenario> scenarios;
    for (const std::string& path : paths) {
        auto scenario = read_scenario(path);
        if (!scenario) { return std::unexpected(scenario.error()); }
        scenarios.push_back(std::move(*scenario));
    }
    return scenarios;
}

std::string to_lines(const Options& options) {
    std::string text;
    for_each_option(
        options, [&](const char* name, const auto& value) { text += fmt::format("{} = {}\n", name, text_of(value)); });
    return text;
}

std::string describe(const Options& options) {
    std::string text;
    for_each_option(options, [&](const char* name, const auto& value) {
        text += fmt::format("{}{}={}", text.empty() ? "" : " ", name, text_of(value));
    });
    return text;
}

} // namespace ecsr::simulation
