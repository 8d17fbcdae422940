// The workloads `web` and `leaky-web`.
#pragma once

#include "local/workload/settings.hpp"
#include "local/workload/workload.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace ecsr::local {

struct WebSettings {
    std::string host;
    int port = 0;
    std::string task_id;
    Millis startup{0};                     // before it listens
    Millis response{0};                    // for each answer to /
    int health_status = 200;               // of /health
    std::optional<Millis> unhealthy_after; // since it listens: /health answers 503
    Millis shutdown{0};                    // between SIGTERM and the exit
    std::uint64_t leak_per_second = 0;     // bytes
    std::uint64_t leak_per_request = 0;    // bytes, for each answer to /
};

// The leak settings are read when `leaks`. Problems are the reader's.
WebSettings read_web_settings(SettingsReader& reader, bool leaks);

// The exit code: 0 after SIGTERM, 1 when it cannot listen.
int run_web(const WebSettings& settings, const WorkloadContext& context);

} // namespace ecsr::local
