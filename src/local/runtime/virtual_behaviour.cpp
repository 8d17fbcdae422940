#include "local/runtime/virtual_behaviour.hpp"

#include "base/random.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <limits>
#include <utility>

namespace ecsr::local {

namespace {

constexpr std::string_view prefix = "local.ecs/";
constexpr int highest_exit_code = 255;
constexpr Millis noise_period{1000};
constexpr Millis cpu_noise_period{60'000};
constexpr int highest_cpu_percent = 1'000;
constexpr Millis longest = Millis::max() / 4;

double milliseconds(Millis span) {
    return static_cast<double>(span.count());
}

Millis next_multiple(Millis age, Millis period) {
    return (age / period + 1) * period;
}

std::unexpected<Error> wrong(std::string_view text, const char* allowed) {
    return fail(ErrorKind::Usage, fmt::format("'{}' is not {}", text, allowed));
}

Result<double> parse_share(std::string_view text, int highest = 100) {
    const auto percent = parse_integer(text.substr(0, text.size() - std::min<std::size_t>(1, text.size())));
    if (!text.ends_with('%') || !percent || *percent < 0 || *percent > highest) {
        return fail(ErrorKind::Usage, fmt::format("'{}' is not a share from 0% to {}%", text, highest));
    }
    return static_cast<double>(*percent) / 100.0;
}

// "s" is one second, "5m" five minutes.
Result<Millis> parse_positive_time(std::string_view text) {
    const bool bare_unit = !text.empty() && text.find_first_of("0123456789") == std::string_view::npos;
    const auto span = parse_duration(bare_unit ? "1" + std::string(text) : std::string(text));
    if (!span || *span <= Millis(0)) { return wrong(text, "a time above 0, such as s, 30s or 5m"); }
    return *span;
}

// The words behind the first one.
template <typename Curve>
Status parse_profile(const std::vector<std::string>& words, const char* allowed, Curve& curve) {
    if (words.size() == 1) { return {}; }
    if (words.size() != 3) { return wrong(join(words, " "), allowed); }
    if (words[1] == "noise") {
        curve.profile = CurveProfile::Noise;
        const auto share = parse_share(words[2]);
        if (!share) { return std::unexpected(share.error()); }
        curve.noise = *share;
        return {};
    }
    if (words[1] != "saw-tooth" && words[1] != "step") { return wrong(words[1], "noise, saw-tooth or step"); }
    curve.profile = words[1] == "step" ? CurveProfile::Step : CurveProfile::SawTooth;
    const auto period = parse_positive_time(words[2]);
    if (!period) { return std::unexpected(period.error()); }
    curve.period = *period;
    return {};
}

Status parse_growth(std::string_view text, MemoryCurve& curve) {
    const auto words = split(trim(text), ' ');
    const auto slash = words[0].find('/');
    if (slash == std::string::npos) { return wrong(text, "bytes per time, such as 1MiB/s"); }
    const auto bytes = parse_bytes(std::string_view(words[0]).substr(0, slash));
    if (!bytes) { return std::unexpected(bytes.error()); }
    const auto time = parse_positive_time(std::string_view(words[0]).substr(slash + 1));
    if (!time) { return std::unexpected(time.error()); }
    curve.bytes_per_ms = static_cast<double>(*bytes) / milliseconds(*time);
    return parse_profile(words, "BYTES/TIME [noise P% | saw-tooth TIME | step TIME]", curve);
}

Status parse_cpu(std::string_view text, CpuCurve& curve) {
    const auto words = split(trim(text), ' ');
    const auto share = parse_share(words[0], highest_cpu_percent);
    if (!share) { return std::unexpected(share.error()); }
    curve.share = *share;
    return parse_profile(words, "SHARE% [noise P% | saw-tooth TIME | step TIME]", curve);
}

Status parse_time(std::string_view text, Millis& into) {
    const auto span = parse_duration(text);
    if (!span) { return std::unexpected(span.error()); }
    into = *span;
    return {};
}

Status parse_exit(std::string_view text, std::optional<ContainerExit>& into) {
    const auto at = text.find('@');
    const auto code = parse_integer(text.substr(0, at));
    if (at == std::string_view::npos || !code || *code < 0 || *code > highest_exit_code) {
        return wrong(text, "CODE@TIME, such as 1@90s, with a code from 0 to 255");
    }
    ContainerExit exit{static_cast<int>(*code), {}};
    if (auto time = parse_time(text.substr(at + 1), exit.after); !time) { return time; }
    into = exit;
    return {};
}

Status parse_image_pull(std::string_view text, Behaviour& behaviour) {
    constexpr std::string_view failure = "fail:";
    if (!text.starts_with(failure)) { return parse_time(text, behaviour.image_pull); }
    const auto reason = trim(text.substr(failure.size()));
    behaviour.image_pull_failure = reason.empty() ? "pull failed" : std::string(reason);
    return {};
}

Status apply(std::string_view name, std::string_view value, Behaviour& into) {
    if (name == "startup") { return parse_time(value, into.startup); }
    if (name == "health-after") { return parse_time(value, into.health_after); }
    if (name == "unhealthy-after") { return parse_time(value, into.unhealthy_after.emplace()); }
    if (name == "exit") { return parse_exit(value, into.exit); }
    if (name == "memory-growth") { return parse_growth(value, into.memory); }
    if (name == "cpu") { return parse_cpu(value, into.cpu); }
    if (name == "image-pull") { return parse_image_pull(value, into); }
    if (name == "memory-base") {
        const auto bytes = parse_bytes(value);
        if (!bytes) { return std::unexpected(bytes.error()); }
        into.memory.base = *bytes;
        return {};
    }
    if (name == "ignore-sigterm") {
        if (value != "true" && value != "false") { return wrong(value, "true or false"); }
        into.ignore_sigterm = value == "true";
        return {};
    }
    return fail(ErrorKind::Usage,
                "unknown; known are startup, health-after, unhealthy-after, exit, memory-base, memory-growth, "
                "cpu, ignore-sigterm and image-pull");
}

} // namespace

Result<std::uint64_t> parse_bytes(std::string_view text) {
    constexpr std::array<std::pair<std::string_view, std::int64_t>, 4> units{
        {{"KiB", 1LL << 10U}, {"MiB", 1LL << 20U}, {"GiB", 1LL << 30U}, {"B", 1}}};
    for (const auto& [unit, size] : units) {
        if (!text.ends_with(unit)) { continue; }
        const auto count = parse_integer(text.substr(0, text.size() - unit.size()));
        if (!count || *count < 0 || *count > std::numeric_limits<std::int64_t>::max() / size) { break; }
        return static_cast<std::uint64_t>(*count * size);
    }
    return wrong(text, "a number of bytes with B, KiB, MiB or GiB");
}

Result<Behaviour> parse_behaviour(const std::map<std::string, std::string>& docker_labels) {
    Behaviour behaviour;
    for (const auto& [label, value] : docker_labels) {
        if (!label.starts_with(prefix)) { continue; }
        const auto applied = apply(std::string_view(label).substr(prefix.size()), value, behaviour);
        if (!applied) {
            return fail(ErrorKind::Usage, fmt::format("dockerLabels {}={}: {}", label, value, applied.error().message));
        }
    }
    if (!docker_labels.contains("local.ecs/health-after")) { behaviour.health_after = behaviour.startup; }
    return behaviour;
}

std::uint64_t MemoryCurve::at(Millis age, std::uint64_t seed) const {
    const double start = static_cast<double>(base);
    double bytes = start + bytes_per_ms * milliseconds(age);
    switch (profile) {
    case CurveProfile::Line: break;
    case CurveProfile::Noise: {
        const auto second = static_cast<std::uint64_t>(age / noise_period);
        bytes *= 1 + noise * (2 * Random(seed + second).unit() - 1);
        break;
    }
    case CurveProfile::SawTooth: bytes += bytes_per_ms * milliseconds(age % period); break;
    case CurveProfile::Step: bytes = start + bytes_per_ms * milliseconds(age / period * period); break;
    }
    return static_cast<std::uint64_t>(std::max(0.0, bytes));
}

Millis CpuCurve::used_until(Millis age, std::uint64_t seed) const {
    const double span = milliseconds(age);
    double used = span;
    switch (profile) {
    case CurveProfile::Line: break;
    case CurveProfile::Noise: {
        // Each minute gets the difference of two draws, so that the sum needs no look at the minutes before.
        const auto drawn = [&](std::int64_t minute) {
            return minute == 0 ? 0.0 : Random(seed + static_cast<std::uint64_t>(minute)).unit() - 0.5;
        };
        const std::int64_t whole = age / cpu_noise_period;
        const double part = milliseconds(age % cpu_noise_period) / milliseconds(cpu_noise_period);
        used += noise * milliseconds(cpu_noise_period) * (drawn(whole) * (1 - part) + drawn(whole + 1) * part);
        break;
    }
    case CurveProfile::SawTooth: {
        const double rest = milliseconds(age % period);
        used = (span - rest) / 2 + rest * rest / (2 * milliseconds(period));
        break;
    }
    case CurveProfile::Step: used = std::max(0.0, span - milliseconds(period)); break;
    }
    return Millis(static_cast<std::int64_t>(std::max(0.0, share * used)));
}

Millis MemoryCurve::below_until(Millis age, std::uint64_t room) const {
    const double highest = static_cast<double>(room) / (1 + noise);
    const bool grows = bytes_per_ms > 0;
    if (!grows && (profile != CurveProfile::Noise || static_cast<double>(base) <= highest)) { return Millis::max(); }
    if (profile == CurveProfile::Step) { return next_multiple(age, period); }
    const double start = static_cast<double>(base);
    const double now = start + bytes_per_ms * milliseconds(age) +
                       (profile == CurveProfile::SawTooth ? bytes_per_ms * milliseconds(age % period) : 0.0);
    if (now > highest && profile == CurveProfile::Noise) { return next_multiple(age, noise_period); }
    const double slope = profile == CurveProfile::SawTooth ? 2 * bytes_per_ms : bytes_per_ms;
    const double span = std::floor(std::max(0.0, highest - now) / slope) + 1;
    return span > milliseconds(longest - age) ? Millis::max() : age + Millis(static_cast<std::int64_t>(span));
}

} // namespace ecsr::local
