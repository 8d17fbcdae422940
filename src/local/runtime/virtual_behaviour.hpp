// What a container of the virtual runtime does, as its dockerLabels tell. Pure.
//
//   local.ecs/startup          time from its start until it listens on its ports            "5s"
//   local.ecs/health-after     time from its start until its health checks succeed          default: startup
//   local.ecs/unhealthy-after  time from its start from which on all health checks fail     default: never
//   local.ecs/exit             it ends by itself: code@time after its start                 "1@90s"
//   local.ecs/memory-base      bytes in use at its start                                    "64MiB"
//   local.ecs/memory-growth    bytes per time, and how: "1MiB/s", "10MiB/5m",
//                              "1MiB/s noise 5%", "1MiB/s saw-tooth 30s", "1MiB/s step 1m"
//   local.ecs/cpu              processor time, of what it reserves; it may use more: "80%", "80% noise 10%",
//                              "80% saw-tooth 30m" (from 0% up to it in each period), "80% step 10m" (0% before)
//   local.ecs/ignore-sigterm   "true" or "false"
//   local.ecs/image-pull       time that the pull takes, or "fail: text"
#pragma once

#include "base/error.hpp"
#include "base/time.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace ecsr::local {

enum class CurveProfile {
    Line,
    Noise,    // the line, each second drawn anew within `noise` of it
    SawTooth, // twice as fast as the line, back onto it after each `period`
    Step,     // onto the line at the end of each `period`
};

struct MemoryCurve {
    std::uint64_t base = 0;
    double bytes_per_ms = 0;
    CurveProfile profile = CurveProfile::Line;
    double noise = 0;    // share of the line
    Millis period{1000}; // of SawTooth and Step

    // In use when the container is `age` old. `seed` is the container's own.
    std::uint64_t at(Millis age, std::uint64_t seed) const;
    // The age up to which not more than `room` bytes are in use for sure; more than `age`. max() when for ever.
    Millis below_until(Millis age, std::uint64_t room) const;
};

// Processor time, in shares of what the container reserves.
struct CpuCurve {
    double share = 0; // 1: all of it
    CurveProfile profile = CurveProfile::Line;
    double noise = 0;    // share of `share`, drawn for each minute
    Millis period{1000}; // of SawTooth and Step

    // Used up to this age of a container that reserves one processor; never falls. `seed` is the container's own.
    Millis used_until(Millis age, std::uint64_t seed) const;
};

struct ContainerExit {
    int code = 0;
    Millis after{0};
};

struct Behaviour {
    Millis startup{0};
    Millis health_after{0};
    std::optional<Millis> unhealthy_after;
    std::optional<ContainerExit> exit;
    MemoryCurve memory;
    CpuCurve cpu;
    bool ignore_sigterm = false;
    Millis image_pull{0};
    std::string image_pull_failure; // empty: the pull succeeds
};

// Error Usage: one line that names the label, its value and what is allowed. Labels outside local.ecs/ are not looked
// at.
Result<Behaviour> parse_behaviour(const std::map<std::string, std::string>& docker_labels);

// "64MiB", "512KiB", "1GiB", "100B". Error: Usage.
Result<std::uint64_t> parse_bytes(std::string_view text);

} // namespace ecsr::local
