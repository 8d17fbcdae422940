#include "base/log.hpp"

#include <boost/json.hpp>
#include <mutex>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

namespace ecsr {

namespace {

LogFormat& format() {
    static LogFormat value = LogFormat::Text;
    return value;
}

std::mutex context_mutex;

LogFields& context() {
    static LogFields fields;
    return fields;
}

spdlog::logger& logger() {
    static const auto instance = [] {
        auto made = spdlog::stderr_color_mt("ecs-recycler");
        made->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %^%l%$ %v", spdlog::pattern_time_type::utc);
        return made;
    }();
    return *instance;
}

spdlog::level::level_enum to_spdlog(LogLevel level) {
    switch (level) {
    case LogLevel::Debug: return spdlog::level::debug;
    case LogLevel::Info: return spdlog::level::info;
    case LogLevel::Warning: return spdlog::level::warn;
    case LogLevel::Error: return spdlog::level::err;
    case LogLevel::Off: return spdlog::level::off;
    }
    return spdlog::level::info;
}

std::string as_text(std::string_view message, const LogFields& fields) {
    std::string line(message);
    for (const auto& [key, value] : fields) { line.append(" ").append(key).append("=").append(value); }
    return line;
}

std::string as_json_members(std::string_view message, const LogFields& fields) {
    boost::json::object object{{"message", boost::json::string_view(message.data(), message.size())}};
    for (const auto& [key, value] : fields) { object[key] = value; }
    const std::string text = boost::json::serialize(object);
    return text.substr(1, text.size() - 2);
}

} // namespace

void configure_log(LogLevel level, LogFormat wanted) {
    format() = wanted;
    logger().set_level(to_spdlog(level));
    if (wanted == LogFormat::Json) {
        logger().set_pattern(R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v})", spdlog::pattern_time_type::utc);
    }
}

void set_log_context(LogFields fields) {
    const std::lock_guard lock(context_mutex);
    context() = std::move(fields);
}

void log(LogLevel level, std::string_view message, const LogFields& fields) {
    const auto wanted = to_spdlog(level);
    if (!logger().should_log(wanted)) { return; }
    LogFields all;
    {
        const std::lock_guard lock(context_mutex);
        all = context();
    }
    all.insert(all.end(), fields.begin(), fields.end());
    const std::string line = format() == LogFormat::Json ? as_json_members(message, all) : as_text(message, all);
    logger().log(wanted, "{}", line);
}

} // namespace ecsr
