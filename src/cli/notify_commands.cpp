#include "cli/notify_commands.hpp"

#include "model/notification.hpp"

#include <utility>

namespace ecsr::cli {

OptionSpec older_input_option(std::string_view group) {
    return {.flag = "config",
            .kind = ValueKind::Path,
            .value_name = "FILE",
            .help = "input.json with AWS credentials, a mail server and who gets a mail; flags win over it",
            .group = group};
}

CommandSpec notify_test_command(const std::vector<OptionSpec>& shared) {
    std::vector<std::string_view> events;
    for (const NotificationEvent event : all_notification_events()) { events.emplace_back(to_string(event)); }
    std::vector<OptionSpec> options{
        {.flag = "event",
         .kind = ValueKind::Choice,
         .value_name = "EVENT",
         .help = "What the message tells; it goes to every channel, whatever events that asks for",
         .group = "The message",
         .fallback = "finished",
         .choices = std::move(events)}};
    options.insert(options.end(), shared.begin(), shared.end());
    options[1].required = true; // --config
    options[1].help = "recycler.yaml, or input.json: who is told, and how";
    return {
        .name = "notify test",
        .summary = "Send a test notification to every channel of a configuration",
        .description = "Sends one message by every channel that the configuration names, tries once, and says which "
                       "channel took it. Exits 1 if one did not.",
        .options = std::move(options),
        .examples = {"ecs-recycler notify test --config recycler.yaml",
                     "ecs-recycler notify test --config input.json --event failed"},
    };
}

} // namespace ecsr::cli
