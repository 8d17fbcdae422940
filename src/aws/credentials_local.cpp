// Sources that need no network: flags, environment, files, helper processes.
#include "aws/credentials_json.hpp"
#include "aws/credentials_sources.hpp"
#include "aws/process.hpp"

#include <fmt/format.h>
#include <utility>

namespace ecsr::aws {

namespace {

constexpr Millis process_timeout{60'000};

class FixedSource : public CredentialsSource {
public:
    FixedSource(std::string name, Result<Lookup> answer) : name_(std::move(name)), answer_(std::move(answer)) {}

    std::string name() const override { return name_; }
    Result<Lookup> look_up(const std::stop_token&) override { return answer_; }

private:
    const std::string name_;
    const Result<Lookup> answer_;
};

class EnvironmentSource : public CredentialsSource {
public:
    explicit EnvironmentSource(const Environment& environment) : environment_(environment) {}

    std::string name() const override { return "environment"; }

    Result<Lookup> look_up(const std::stop_token&) override {
        const auto id = environment_.non_empty("AWS_ACCESS_KEY_ID");
        const auto secret = environment_.non_empty("AWS_SECRET_ACCESS_KEY");
        if (!id) { return Lookup{std::nullopt, "AWS_ACCESS_KEY_ID is not set"}; }
        if (!secret) {
            return fail(ErrorKind::Credentials, "AWS_ACCESS_KEY_ID is set, but AWS_SECRET_ACCESS_KEY is not");
        }
        auto token = environment_.non_empty("AWS_SESSION_TOKEN");
        if (!token) { token = environment_.non_empty("AWS_SECURITY_TOKEN"); }
        Credentials credentials{{*id, *secret, token.value_or("")}, std::nullopt};
        if (const auto expiry = environment_.non_empty("AWS_CREDENTIAL_EXPIRATION")) {
            const auto at = parse_rfc3339(*expiry);
            if (!at) { return fail(ErrorKind::Credentials, "AWS_CREDENTIAL_EXPIRATION: " + at.error().message); }
            credentials.expires_at = *at;
        }
        return Lookup{std::move(credentials), ""};
    }

private:
    const Environment& environment_;
};

class ProcessSource : public CredentialsSource {
public:
    ProcessSource(const CredentialsContext& context, std::string name, std::string command)
        : context_(context), name_(std::move(name)), command_(std::move(command)) {}

    std::string name() const override { return name_; }

    Result<Lookup> look_up(const std::stop_token& stop) override {
        const auto argv = split_command_line(command_);
        if (!argv) { return fail(ErrorKind::Credentials, argv.error().message); }
        const auto output = context_.environment.run(*argv, process_timeout, stop);
        if (!output) {
            const bool stopped = output.error().kind == ErrorKind::Interrupted;
            return fail(stopped ? ErrorKind::Interrupted : ErrorKind::Credentials, output.error().message);
        }
        const auto object = parse_object(*output, argv->front());
        if (!object) { return std::unexpected(object.error()); }
        const auto* version = object->if_contains("Version");
        if (version == nullptr || !version->is_int64() || version->get_int64() != 1) {
            return fail(ErrorKind::Credentials, fmt::format("{} did not give \"Version\": 1", argv->front()));
        }
        auto credentials = read_credentials(*object, "SessionToken", argv->front());
        if (!credentials) { return std::unexpected(std::move(credentials.error())); }
        return Lookup{*std::move(credentials), ""};
    }

private:
    const CredentialsContext& context_;
    const std::string name_;
    const std::string command_;
};

} // namespace

SourcePtr make_fixed_source(std::string name, Credentials credentials) {
    return std::make_unique<FixedSource>(std::move(name), Lookup{std::move(credentials), ""});
}

SourcePtr make_absent_source(std::string name, std::string because) {
    return std::make_unique<FixedSource>(std::move(name), Lookup{std::nullopt, std::move(because)});
}

SourcePtr make_broken_source(std::string name, Error error) {
    return std::make_unique<FixedSource>(std::move(name), std::unexpected(std::move(error)));
}

SourcePtr make_environment_source(const CredentialsContext& context) {
    return std::make_unique<EnvironmentSource>(context.environment);
}

SourcePtr make_keys_source(std::string name, const ConfigSection* section) {
    if (section == nullptr) { return make_absent_source(std::move(name), "no such profile"); }
    const auto id = section->get("aws_access_key_id");
    const auto secret = section->get("aws_secret_access_key");
    if (!id) { return make_absent_source(std::move(name), "no aws_access_key_id"); }
    if (!secret) {
        return make_broken_source(
            std::move(name),
            {ErrorKind::Credentials, "there is aws_access_key_id, but no aws_secret_access_key", "", 0, false});
    }
    auto token = section->get("aws_session_token");
    if (!token) { token = section->get("aws_security_token"); }
    return make_fixed_source(std::move(name), {{*id, *secret, token.value_or("")}, std::nullopt});
}

SourcePtr make_process_source(const CredentialsContext& context, std::string name, const ConfigSection* section) {
    const auto command = section != nullptr ? section->get("credential_process") : std::nullopt;
    if (!command) { return make_absent_source(std::move(name), "not set"); }
    return std::make_unique<ProcessSource>(context, std::move(name), *command);
}

} // namespace ecsr::aws
