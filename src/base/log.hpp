// Log lines to stderr for people or machines. Never pass a secret.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ecsr {

enum class LogLevel { Debug, Info, Warning, Error, Off };
enum class LogFormat { Text, Json };

using LogFields = std::vector<std::pair<std::string, std::string>>;

// Process-wide, set once by main before threads start.
void configure_log(LogLevel level, LogFormat wanted);

// Fields that every line has from now on, in front of its own. Safe from every thread.
void set_log_context(LogFields fields);

// Safe from every thread; one line each.
void log(LogLevel level, std::string_view message, const LogFields& fields = {});

} // namespace ecsr
