#include "act/watch_memory.hpp"
#include "aws/session.hpp"
#include "base/log.hpp"
#include "cli/app.hpp"
#include "cli/commands.hpp"
#include "cli/configuration.hpp"
#include "cli/failure.hpp"
#include "cli/parts.hpp"
#include "cli/port_file.hpp"
#include "config/report.hpp"
#include "serve/daemon.hpp"

#include <filesystem>
#include <fmt/ostream.h>

namespace ecsr::cli {

namespace {

constexpr std::uint16_t default_port = 9464;
constexpr std::size_t request_limit = 64U << 10U; // bytes

// Error: Usage, after every problem was told on a line of its own.
Result<serve::SharedSettings> read_settings(const std::string& file, World& world) {
    auto loaded = load_configuration(file, world);
    if (!loaded) { return std::unexpected(loaded.error()); }
    if (loaded->settings) { return std::make_shared<const config::Settings>(std::move(*loaded->settings)); }
    for (const auto& problem : loaded->problems) { log(LogLevel::Error, config::describe(file, problem)); }
    return fail(ErrorKind::Usage, fmt::format("{} has {} {}", file, loaded->problems.size(),
                                              loaded->problems.size() == 1 ? "problem" : "problems"));
}

// Where runs and fires are remembered. A daemon that changes nothing leaves no file behind either.
Result<std::string> journal_file(const Invocation& invocation, const config::Settings& settings, bool read_only,
                                 const World& world) {
    const auto url = invocation.has("journal") ? invocation.optional_text("journal") : settings.journal;
    const auto path =
        url ? act::journal_path(*url)
            : act::default_journal_path(world.environment.non_empty("XDG_STATE_HOME"), world.environment.home);
    std::error_code unreadable;
    if (path && read_only && !std::filesystem::exists(*path, unreadable)) { return ":memory:"; }
    return path;
}

// What the account says wins over the flags, and these over the environment.
serve::MakeCaller caller_maker(const Invocation& invocation, World& world) {
    return [&invocation, &world](const config::Account& account,
                                 const std::string& region) -> Result<std::shared_ptr<aws::Caller>> {
        const auto given = [&](const std::optional<std::string>& own, std::string_view flag) {
            return own ? own : invocation.optional_text(flag);
        };
        aws::SessionOptions options;
        options.profile = given(account.profile, "profile");
        options.region = given(region.empty() ? std::nullopt : std::optional(region), "region");
        options.endpoint_url = given(account.endpoint_url, "endpoint-url");
        options.role_arn = given(account.role_arn, "role-arn");
        options.external_id = account.role_arn ? account.external_id : invocation.optional_text("external-id");
        auto session =
            aws::Session::create(world.transport, world.clock, Random(world.seed), world.environment, options);
        if (!session) { return std::unexpected(std::move(session).error()); }
        return std::shared_ptr<aws::Caller>(*std::move(session));
    };
}

auto notifier_maker(const Invocation& invocation, World& world) {
    return [&invocation, &world](NotificationSettings settings) -> Result<std::shared_ptr<notify::Notifier>> {
        for (MailSettings& mail : settings.mails) {
            if (mail.server.ca_file.empty()) {
                mail.server.ca_file = world.environment.non_empty("SSL_CERT_FILE").value_or("");
            }
        }
        auto notifier = notify::Notifier::create(
            std::move(settings),
            {.transport = world.outside.transport,
             .mail = world.outside.mail,
             .clock = world.outside.clock,
             .random = Random(world.seed),
             .make_caller = [&](const std::string& region) { return make_session(invocation, world, {}, region); },
             .read_file = world.environment.read_file});
        if (!notifier) { return std::unexpected(std::move(notifier).error()); }
        return std::shared_ptr<notify::Notifier>(*std::move(notifier));
    };
}

class HangupHandler {
public:
    HangupHandler(const World& world, std::function<void()> handler) : on_hangup_(world.on_hangup) {
        if (on_hangup_) { on_hangup_(std::move(handler)); }
    }
    ~HangupHandler() {
        if (on_hangup_) { on_hangup_({}); }
    }
    HangupHandler(const HangupHandler&) = delete;
    HangupHandler& operator=(const HangupHandler&) = delete;

private:
    const std::function<void(std::function<void()>)> on_hangup_;
};

Result<std::unique_ptr<HttpServer>> start_http(serve::Daemon& daemon, const Invocation& invocation,
                                               const config::Settings& settings, World& world) {
    const auto port = invocation.has("port") ? static_cast<std::uint16_t>(invocation.number("port"))
                                             : settings.http_port.value_or(default_port);
    HttpServerOptions options;
    options.port = port;
    options.body_limit = request_limit;
    return world.start_server(options, [&daemon](const HttpRequest& request) { return daemon.answer(request); });
}

} // namespace

int serve(const Invocation& invocation, World& world) {
    const std::string file = invocation.text("config");
    const auto settings = read_settings(file, world);
    if (!settings) { return report_failure(settings.error(), invocation, world); }
    const bool read_only = invocation.is_set("read-only");
    const auto path = journal_file(invocation, **settings, read_only || (*settings)->read_only, world);
    if (!path) { return report_failure(path.error(), invocation, world); }
    const auto journal = act::open_journal(*path);
    if (!journal) { return report_failure(journal.error(), invocation, world); }
    const auto memory = act::open_watch_memory(*path);
    if (!memory) { return report_failure(memory.error(), invocation, world); }

    serve::Daemon daemon({.clock = world.clock,
                          .journal = **journal,
                          .memory = **memory,
                          .make_caller = caller_maker(invocation, world),
                          .reload = [&] { return read_settings(file, world); },
                          .random = Random(world.seed),
                          .who = world.holder,
                          .process = world.process,
                          .version = program_version(),
                          .interrupts = {world.interrupts.end_in_order, world.interrupts.leave_now},
                          .make_notifier = notifier_maker(invocation, world),
                          .read_only = read_only});
    PortFile port_file;
    if (auto reserved = port_file.reserve(invocation.optional_text("port-file")); !reserved) {
        return report_failure(reserved.error(), invocation, world);
    }
    const auto server = start_http(daemon, invocation, **settings, world);
    if (!server) { return report_failure(server.error(), invocation, world); }
    if (auto written = port_file.write((*server)->port()); !written) {
        return report_failure(written.error(), invocation, world);
    }
    log(LogLevel::Info, fmt::format("Serving {}{}; http://127.0.0.1:{}/metrics", file,
                                    read_only || (*settings)->read_only ? " read-only" : "", (*server)->port()));
    const HangupHandler on_hangup(world, [&daemon] { daemon.request_reload(); });
    const auto ended = daemon.run(*settings);
    return ended ? 0 : report_failure(ended.error(), invocation, world);
}

} // namespace ecsr::cli
