#include "lambda/loop.hpp"

#include "act/dynamodb_journal.hpp"
#include "aws/lambda/client.hpp"
#include "aws/session.hpp"
#include "base/log.hpp"
#include "config/older_input.hpp"
#include "lambda/handler.hpp"

#include <fmt/format.h>
#include <memory>
#include <utility>

namespace ecsr::lambda {

namespace {

// Everything that lives as long as the process.
struct Function {
    Settings settings;
    std::unique_ptr<aws::Session> session; // its calls are those of the runs
    std::unique_ptr<aws::Session> lambda_session;
    std::unique_ptr<act::Journal> journal;
    std::unique_ptr<notify::Notifier> notifier; // null: nobody is to be told
};

Result<config::OlderInput> read_older_input(const aws::Environment& environment) {
    const std::string file = environment.non_empty("LAMBDA_TASK_ROOT").value_or(".") + "/input.json";
    const auto text = environment.read_file(file);
    if (text) { return config::parse_older_input(*text, file); }
    if (text.error().kind == ErrorKind::NotFound) { return config::OlderInput{}; }
    return std::unexpected(text.error());
}

Result<std::unique_ptr<notify::Notifier>> make_notifier(NotificationSettings settings, LoopParts& parts) {
    notify::trust_by_default(settings, parts.environment.non_empty("SSL_CERT_FILE").value_or(""));
    return notify::Notifier::create(std::move(settings),
                                    {.transport = parts.transport,
                                     .mail = parts.mail,
                                     .clock = parts.clock,
                                     .random = Random(parts.seed + 5),
                                     .make_caller = [](const std::string&) -> Result<std::unique_ptr<aws::Caller>> {
                                         return fail(ErrorKind::Usage, "input.json knows no SNS topics");
                                     },
                                     .read_file = parts.environment.read_file});
}

Result<Function> initialise(LoopParts& parts) {
    Function function;
    auto settings = read_settings(parts.environment);
    if (!settings) { return std::unexpected(settings.error()); }
    function.settings = *std::move(settings);
    const auto older = read_older_input(parts.environment);
    if (!older) { return std::unexpected(older.error()); }
    for (const std::string& warning : older->warnings) { log(LogLevel::Warning, warning); }
    aws::SessionOptions options;
    config::apply(older->credentials, options);
    if (!older->notifications.empty()) {
        auto notifier = make_notifier(older->notifications, parts);
        if (!notifier) { return std::unexpected(notifier.error()); }
        function.notifier = std::move(*notifier);
    }
    const auto session = [&](std::uint64_t salt, const aws::SessionOptions& chosen) {
        return aws::Session::create(parts.transport, parts.clock, Random(parts.seed + salt), parts.environment, chosen);
    };
    auto main_session = session(0, options);
    if (!main_session) { return std::unexpected(main_session.error()); }
    function.session = std::move(*main_session);
    auto lambda_session = session(1, {}); // the function itself, whatever account it works on
    if (!lambda_session) { return std::unexpected(lambda_session.error()); }
    function.lambda_session = std::move(*lambda_session);
    if (function.settings.table.empty()) {
        auto journal = act::open_journal(":memory:");
        if (!journal) { return std::unexpected(journal.error()); }
        function.journal = std::move(*journal);
    } else {
        auto table_session = session(2, {});
        if (!table_session) { return std::unexpected(table_session.error()); }
        function.journal = std::make_unique<act::DynamodbJournal>(std::move(*table_session), function.settings.table,
                                                                  Random(parts.seed + 4));
    }
    return function;
}

HandlerParts handler_parts(Function& function, LoopParts& parts, std::uint64_t salt) {
    return {.caller = *function.session,
            .clock = parts.clock,
            .journal = *function.journal,
            .journal_lasts = !function.settings.table.empty(),
            .random = Random(parts.seed + salt),
            .invoke_again =
                [&function](const std::string& event) {
                    aws::lambda::Client client(*function.lambda_session);
                    return client.invoke_async(function.settings.function, event, {});
                },
            .tell_metrics = parts.print,
            .notifier = function.notifier.get()};
}

Status serve_one(RuntimeApi& api, Handler& handler, LoopParts& parts, std::stop_token stop) {
    const auto invocation = api.next(stop);
    if (!invocation) { return std::unexpected(invocation.error()); }
    if (!invocation->trace_id.empty()) { parts.set_variable("_X_AMZN_TRACE_ID", invocation->trace_id); }
    set_log_context({{"request_id", invocation->request_id}});
    const Answer answer = handler.handle(*invocation);
    const Status told = answer ? api.respond(invocation->request_id, *answer, std::move(stop))
                               : api.fail_invocation(invocation->request_id, answer.error(), std::move(stop));
    set_log_context({});
    return told;
}

} // namespace

int run_loop(LoopParts parts, std::stop_token stop) {
    const auto host = parts.environment.non_empty("AWS_LAMBDA_RUNTIME_API");
    if (!host) {
        log(LogLevel::Error, "AWS_LAMBDA_RUNTIME_API is not set: this program is started by AWS Lambda");
        return 1;
    }
    RuntimeApi api(parts.transport, *host);
    auto function = initialise(parts);
    if (!function) {
        log(LogLevel::Error, function.error().message);
        const auto told =
            api.fail_initialisation({"Recycler.BadConfiguration", function.error().message}, std::move(stop));
        if (!told) { log(LogLevel::Error, told.error().message); }
        return 1;
    }
    Handler handler(handler_parts(*function, parts, 3), function->settings);
    while (true) {
        const auto served = serve_one(api, handler, parts, stop);
        if (stop.stop_requested()) { return 0; }
        if (!served) {
            log(LogLevel::Error, served.error().message);
            return 1;
        }
    }
}

} // namespace ecsr::lambda
