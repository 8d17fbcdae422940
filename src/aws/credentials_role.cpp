// Sources that ask STS: AssumeRole and AssumeRoleWithWebIdentity (ECS behaviour H2).
#include "aws/credentials_sources.hpp"
#include "base/text.hpp"

#include <fmt/format.h>
#include <pugixml.hpp>
#include <utility>
#include <vector>

namespace ecsr::aws {

namespace {

const ServiceInfo& sts() {
    static const ServiceInfo info{"sts", "sts", "STS", "sts", Protocol::Query, "", "2011-06-15"};
    return info;
}

std::string form(const std::vector<std::pair<std::string, std::string>>& parameters) {
    std::vector<std::string> items;
    items.reserve(parameters.size());
    for (const auto& [key, value] : parameters) { items.push_back(fmt::format("{}={}", key, percent_encode(value))); }
    return join(items, "&");
}

// <AssumeRoleResponse><AssumeRoleResult><Credentials>...
Result<Credentials> read_sts_answer(const std::string& body) {
    pugi::xml_document document;
    document.load_buffer(body.data(), body.size());
    const auto result = document.document_element().find_child(
        [](const pugi::xml_node& child) { return std::string_view(child.name()).ends_with("Result"); });
    const auto found = result.child("Credentials");
    Credentials credentials;
    credentials.key = {found.child_value("AccessKeyId"), found.child_value("SecretAccessKey"),
                       found.child_value("SessionToken")};
    const auto expiry = parse_rfc3339(found.child_value("Expiration"));
    if (credentials.key.access_key_id.empty() || credentials.key.secret_access_key.empty() || !expiry) {
        return fail(ErrorKind::Credentials, "STS gave an answer without complete credentials");
    }
    credentials.expires_at = *expiry;
    return credentials;
}

// Parameters that both operations have.
std::vector<std::pair<std::string, std::string>> role_parameters(const RoleSettings& settings, Instant now) {
    const std::string session_name =
        settings.session_name.empty()
            ? fmt::format("ecs-recycler-{}", std::chrono::floor<Seconds>(now).time_since_epoch().count())
            : settings.session_name;
    return {{"RoleArn", settings.role_arn},
            {"RoleSessionName", session_name},
            {"DurationSeconds", std::to_string(settings.duration.count())}};
}

Result<Lookup> to_lookup(Result<std::string> answer) {
    if (!answer) { return std::unexpected(std::move(answer.error())); }
    auto credentials = read_sts_answer(*answer);
    if (!credentials) { return std::unexpected(std::move(credentials.error())); }
    return Lookup{*std::move(credentials), ""};
}

class RoleSource : public CredentialsSource {
public:
    RoleSource(const CredentialsContext& context, std::string name, RoleSettings settings, SourcePtr source)
        : context_(context), name_(std::move(name)), settings_(std::move(settings)),
          source_(std::move(source), context.engine.clock()) {}

    std::string name() const override { return name_; }

    Result<Lookup> look_up(const std::stop_token& stop) override {
        auto parameters = role_parameters(settings_, context_.engine.clock().now());
        if (settings_.external_id) { parameters.emplace_back("ExternalId", *settings_.external_id); }
        return to_lookup(context_.engine.call({&sts(), "AssumeRole", form(parameters), Repeat::Safe}, &source_, stop));
    }

private:
    const CredentialsContext& context_;
    const std::string name_;
    const RoleSettings settings_;
    CredentialsCache source_;
};

class WebIdentitySource : public CredentialsSource {
public:
    WebIdentitySource(const CredentialsContext& context, std::string name, RoleSettings settings,
                      std::string token_file)
        : context_(context), name_(std::move(name)), settings_(std::move(settings)),
          token_file_(std::move(token_file)) {}

    std::string name() const override { return name_; }

    Result<Lookup> look_up(const std::stop_token& stop) override {
        const auto token = context_.environment.read_file(token_file_);
        if (!token) { return fail(ErrorKind::Credentials, token.error().message); }
        auto parameters = role_parameters(settings_, context_.engine.clock().now());
        parameters.emplace_back("WebIdentityToken", trim(*token));
        return to_lookup(
            context_.engine.call({&sts(), "AssumeRoleWithWebIdentity", form(parameters), Repeat::Safe}, nullptr, stop));
    }

private:
    const CredentialsContext& context_;
    const std::string name_;
    const RoleSettings settings_;
    const std::string token_file_;
};

} // namespace

SourcePtr make_role_source(const CredentialsContext& context, std::string name, RoleSettings settings,
                           SourcePtr source) {
    return std::make_unique<RoleSource>(context, std::move(name), std::move(settings), std::move(source));
}

SourcePtr make_web_identity_source(const CredentialsContext& context, std::string name, RoleSettings settings,
                                   std::string token_file) {
    return std::make_unique<WebIdentitySource>(context, std::move(name), std::move(settings), std::move(token_file));
}

} // namespace ecsr::aws
