#include "cli/parts.hpp"

#include "act/dynamodb_journal.hpp"
#include "base/log.hpp"
#include "base/random.hpp"
#include "run/fault_injection.hpp"

#include <csignal>
#include <filesystem>

namespace ecsr::cli {

namespace {

// A caller that owns what it hands its calls on to. It dies as `kill -9` would make it: nothing is flushed or put back.
class DyingSession : public aws::Caller {
public:
    DyingSession(std::unique_ptr<aws::Session> session, run::CrashPoint point)
        : session_(std::move(session)), caller_(*session_, point, [] { std::raise(SIGKILL); }) {}

    Result<std::string> call(const aws::ServiceCall& call, std::stop_token stop) override {
        return caller_.call(call, std::move(stop));
    }
    aws::CallCounts counts() const override { return caller_.counts(); }
    std::string region() const override { return caller_.region(); }

private:
    std::unique_ptr<aws::Session> session_;
    run::CrashingCaller caller_;
};

Result<std::string> path_of_journal(const Invocation& invocation, const World& world) {
    const auto url = invocation.optional_text("journal");
    return url ? act::journal_path(*url)
               : act::default_journal_path(world.environment.non_empty("XDG_STATE_HOME"), world.environment.home);
}

std::optional<std::string> given(const Invocation& invocation, std::string_view flag) {
    return find_option(invocation.command(), flag) == nullptr ? std::nullopt : invocation.optional_text(flag);
}

// `region`: in place of that of flags and file, unless it is empty.
Result<std::unique_ptr<aws::Session>> plain_session(const Invocation& invocation, World& world,
                                                    const config::OlderInput& older, const std::string& region,
                                                    std::optional<std::string> endpoint_url, std::uint64_t seed) {
    aws::SessionOptions options;
    options.profile = given(invocation, "profile");
    options.region = given(invocation, "region");
    options.endpoint_url = std::move(endpoint_url);
    options.role_arn = given(invocation, "role-arn");
    options.external_id = given(invocation, "external-id");
    config::apply(older.credentials, options);
    if (!region.empty()) { options.region = region; }
    return aws::Session::create(world.transport, world.clock, Random(seed), world.environment, options);
}

} // namespace

Result<config::OlderInput> load_older_input(const Invocation& invocation, World& world) {
    const auto path = invocation.optional_text("config");
    if (!path) { return config::OlderInput{}; }
    if (path->ends_with(".yaml") || path->ends_with(".yml")) {
        return fail(ErrorKind::Usage, *path + ": this command reads input.json files (JSON)");
    }
    const auto text = world.environment.read_file(*path);
    if (!text) {
        const auto kind = text.error().kind == ErrorKind::NotFound ? ErrorKind::Usage : text.error().kind;
        return fail(kind, "--config: " + text.error().message);
    }
    auto input = config::parse_older_input(*text, *path);
    if (!input) { return input; }
    for (const std::string& warning : input->warnings) { log(LogLevel::Warning, warning); }
    return input;
}

Result<std::unique_ptr<aws::Caller>> make_session(const Invocation& invocation, World& world,
                                                  const config::OlderInput& older, const std::string& region) {
    auto session =
        plain_session(invocation, world, older, region, invocation.optional_text("endpoint-url"), world.seed);
    if (!session) { return std::unexpected(std::move(session).error()); }
    const auto crash_at = world.environment.non_empty("ECS_RECYCLER_CRASH_AT"); // see tests/README.md
    if (!crash_at) { return std::unique_ptr<aws::Caller>(*std::move(session)); }
    const auto point = run::parse_crash_point(*crash_at);
    if (!point) { return std::unexpected(point.error()); }
    return std::make_unique<DyingSession>(*std::move(session), *point);
}

Result<std::unique_ptr<act::Journal>> make_journal(const Invocation& invocation, World& world,
                                                   const config::OlderInput& older) {
    const auto url = invocation.optional_text("journal");
    const auto table = act::journal_table(url.value_or(""));
    if (!table) { return std::unexpected(table.error()); }
    if (*table) {
        // --endpoint-url is the ECS that is worked on; the table is where the environment and the profile say.
        auto session = plain_session(invocation, world, older, "", {}, world.seed + 1);
        if (!session) { return std::unexpected(std::move(session).error()); }
        return std::make_unique<act::DynamodbJournal>(std::move(*session), **table, Random(world.seed + 2));
    }
    const auto path = path_of_journal(invocation, world);
    if (!path) { return std::unexpected(path.error()); }
    return act::open_journal(*path);
}

Result<std::unique_ptr<act::Journal>> existing_journal(const Invocation& invocation, World& world,
                                                       const config::OlderInput& older) {
    if (!has_journal(invocation, world)) {
        const auto path = path_of_journal(invocation, world);
        return fail(ErrorKind::NotFound, "there is no journal " + path.value_or(""));
    }
    return make_journal(invocation, world, older);
}

bool has_journal(const Invocation& invocation, const World& world) {
    const auto table = act::journal_table(invocation.optional_text("journal").value_or(""));
    if (!table || *table) { return true; }
    const auto path = path_of_journal(invocation, world);
    std::error_code unreadable;
    return !path || *path == ":memory:" || std::filesystem::exists(*path, unreadable);
}

bool wants_json(const Invocation& invocation) {
    return find_option(invocation.command(), "output") != nullptr && invocation.text("output") == "json";
}

} // namespace ecsr::cli
