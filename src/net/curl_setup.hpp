// What everything over libcurl shares. Internal to net/.
#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

namespace ecsr {

// Before the first transfer; any number of times, from any thread.
void initialise_curl();

// The system's file of trusted certificates, or "" where it is at none of the usual places.
std::string find_system_ca_bundle();

// Drives the one transfer that was added to the multi handle (CURLM*) until it ends or `stop` is requested. Returns its
// CURLcode; empty when it was stopped.
std::optional<int> drive_curl(void* multi, const std::stop_token& stop);

// Without line breaks and the white space around.
std::string one_line(std::string_view text);

} // namespace ecsr
