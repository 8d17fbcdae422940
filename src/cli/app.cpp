#include "cli/app.hpp"

#include "base/log.hpp"
#include "cli/commands.hpp"
#include "cli/help.hpp"
#include "cli/local_time.hpp"
#include "tell/error_json.hpp"

#include <fmt/ostream.h>
#include <map>
#include <utility>

namespace ecsr::cli {

namespace {

using Body = int (*)(const Invocation&, World&);

int man(const Invocation&, World& world) {
    world.console.out << man_page();
    return 0;
}

int completion(const Invocation& invocation, World& world) {
    world.console.out << completion_script(invocation.positional(0));
    return 0;
}

const std::map<std::string_view, Body>& bodies() {
    static const std::map<std::string_view, Body> table{
        {"recycle", recycle},
        {"status", status},
        {"schedule next", schedule_next},
        {"runs list", runs_list},
        {"runs show", runs_show},
        {"runs resume", runs_resume},
        {"runs abort", runs_abort},
        {"config check", config_check},
        {"serve", serve},
        {"notify test", notify_test},
        {"iam-policy", iam_policy},
        {"local up", local_up},
        {"local status", local_status},
        {"local events", local_events},
        {"local logs", local_logs},
        {"local snapshot save", local_snapshot_save},
        {"local snapshot load", local_snapshot_load},
        {"local import", local_import},
        {"local env", local_env},
        {"local advance", local_advance},
        {"local fault add", local_fault_add},
        {"local fault list", local_fault_list},
        {"local fault clear", local_fault_clear},
        {"demo", demo},
        {"man", man},
        {"completion", completion},
        {"workload", workload},
    };
    return table;
}

void set_up_log(const Invocation& invocation) {
    static const std::map<std::string_view, LogLevel> levels{{"debug", LogLevel::Debug},
                                                             {"info", LogLevel::Info},
                                                             {"warning", LogLevel::Warning},
                                                             {"error", LogLevel::Error},
                                                             {"off", LogLevel::Off}};
    LogLevel level = levels.at(invocation.text("log-level"));
    if (invocation.is_set("quiet") && level < LogLevel::Warning) { level = LogLevel::Warning; }
    configure_log(level, invocation.text("log-format") == "json" ? LogFormat::Json : LogFormat::Text);
}

// For a command line that could not be read: whether its reader expects a document all the same.
bool asks_for_json(const std::vector<std::string>& arguments, const World& world) {
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const bool next = arguments[i] == "--output" && i + 1 < arguments.size() && arguments[i + 1] == "json";
        if (next || arguments[i] == "--output=json") { return true; }
    }
    return world.environment.non_empty("ECS_RECYCLER_OUTPUT") == "json";
}

} // namespace

std::string program_version() {
    return ECSR_VERSION;
}

int run(const std::vector<std::string>& arguments, World& world) {
    auto line = parse_command_line(arguments, world.environment.get);
    if (!line.parsed) {
        fmt::print(world.console.err, "{}: {}\n", line.prefix, line.parsed.error().message);
        if (asks_for_json(arguments, world)) { world.console.out << tell::error_json(line.parsed.error()) << "\n"; }
        return 2;
    }
    if (std::holds_alternative<VersionWanted>(*line.parsed)) {
        fmt::print(world.console.out, "ecs-recycler {}\n", program_version());
        return 0;
    }
    if (const auto* help = std::get_if<HelpWanted>(&*line.parsed)) {
        world.console.out << (help->command != nullptr ? command_help(*help->command)
                              : help->group != nullptr ? group_help(*help->group)
                                                       : program_help());
        return 0;
    }
    const auto& invocation = std::get<Invocation>(*line.parsed);
    set_up_log(invocation);
    const auto body = bodies().at(invocation.command().name);
    const auto local_time = LocalTime::find(invocation, world);
    return local_time == nullptr ? body(invocation, world) : body(invocation, local_time->world());
}

} // namespace ecsr::cli
