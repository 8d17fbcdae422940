// The documents of the Docker Engine API, written and read. Internal to local/engine. Errors: Remote.
#pragma once

#include "local/engine/engine_api.hpp"

namespace ecsr::local {

std::string create_body(const EngineContainer& container);
std::string exec_body(const std::vector<std::string>& command);

Result<std::string> read_text(const std::string& text, std::string_view name);
// The member "error" of one line of progress.
std::optional<std::string> read_problem(const std::string& line);
Result<std::string> read_version(const std::string& text);
Result<std::vector<std::string>> read_image_names(const std::string& text);
Result<EngineState> read_state(const std::string& text);
Result<ProbeResult> read_exec(const std::string& text);
Result<std::uint64_t> read_memory_usage(const std::string& text);
Result<Micros> read_cpu_time(const std::string& text);
Result<std::vector<ListedContainer>> read_list(const std::string& text);

} // namespace ecsr::local
