// Settings of a workload from environment variables; collects everything that is wrong with them.
#pragma once

#include "base/time.hpp"
#include "local/workload/workload.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ecsr::local {

class SettingsReader {
public:
    explicit SettingsReader(const EnvironmentGetter& environment) : environment_(environment) {}

    std::string text(std::string_view name, std::string standard);
    // A whole number in [low, high].
    std::int64_t number(std::string_view name, std::int64_t standard, std::int64_t low, std::int64_t high);
    // Seconds, with a fraction or without, up to a week. Nothing when the variable is not set.
    std::optional<Millis> seconds(std::string_view name);
    // "1" or "true"; "0", "false" or nothing.
    bool flag(std::string_view name);

    // What is wrong, in one line; empty when nothing is.
    std::string problems() const;

private:
    std::optional<std::string> value(std::string_view name) const;
    void complain(std::string_view name, std::string_view value, std::string_view allowed);

    const EnvironmentGetter& environment_;
    std::vector<std::string> problems_;
};

} // namespace ecsr::local
