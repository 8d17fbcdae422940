// IAM Identity Center: the token of `aws sso login`, exchanged for the credentials of a role (ECS behaviour H2).
#include "aws/credentials_json.hpp"
#include "aws/credentials_sources.hpp"
#include "base/text.hpp"
#include "sigv4/sigv4.hpp"

#include <array>
#include <fmt/format.h>
#include <utility>

namespace ecsr::aws {

namespace {

constexpr Millis portal_timeout{10'000};

struct SsoSettings {
    std::string profile;
    std::string cache_key; // the session's name, or the start URL of a profile in the older form
    std::string region;
    std::string account_id;
    std::string role_name;
};

const ServiceInfo& portal() {
    static const ServiceInfo info{"awsssoportal", "portal.sso", "SSO", "sso", Protocol::Json11, "", ""};
    return info;
}

class SsoSource : public CredentialsSource {
public:
    SsoSource(const CredentialsContext& context, std::string name, SsoSettings settings)
        : context_(context), name_(std::move(name)), settings_(std::move(settings)) {}

    std::string name() const override { return name_; }

    Result<Lookup> look_up(const std::stop_token& stop) override {
        const auto token = read_token();
        if (!token) { return std::unexpected(token.error()); }
        const auto base = context_.engine.endpoints().for_bearer_tokens(settings_.region).url_of(portal());
        if (!base) { return std::unexpected(base.error()); }
        const HttpRequest request{"GET",
                                  fmt::format("{}/federation/credentials?role_name={}&account_id={}", *base,
                                              percent_encode(settings_.role_name),
                                              percent_encode(settings_.account_id)),
                                  {{"x-amz-sso_bearer_token", *token}},
                                  ""};
        TransportOptions options;
        options.timeout = portal_timeout;
        const auto response = context_.engine.transport().send(request, options, stop);
        if (!response) { return std::unexpected(response.error()); }
        if (response->status == 401) { return std::unexpected(log_in_again("has been refused")); }
        return read_answer(*response);
    }

private:
    Error log_in_again(std::string_view state) const {
        return {ErrorKind::Credentials,
                fmt::format("the SSO token {}; run: aws sso login --profile {}", state, settings_.profile), "", 0,
                false};
    }

    Result<std::string> read_token() const {
        const std::string path =
            fmt::format("{}/.aws/sso/cache/{}.json", context_.environment.home, sha1_hex(settings_.cache_key));
        const auto text = context_.environment.read_file(path);
        if (!text && text.error().kind == ErrorKind::NotFound) { return std::unexpected(log_in_again("is missing")); }
        if (!text) { return fail(ErrorKind::Credentials, text.error().message); }
        const auto object = parse_object(*text, path);
        if (!object) { return std::unexpected(object.error()); }
        std::string token = text_of(*object, "accessToken");
        const auto expires_at = parse_rfc3339(text_of(*object, "expiresAt"));
        if (token.empty() || !expires_at) { return std::unexpected(log_in_again("cannot be read")); }
        if (*expires_at <= context_.engine.clock().now()) {
            return std::unexpected(log_in_again(fmt::format("expired at {}", to_rfc3339(*expires_at))));
        }
        return token;
    }

    static Result<Lookup> read_answer(const HttpResponse& response) {
        const auto object = parse_object(response.body, fmt::format("SSO (HTTP {})", response.status));
        if (!object) { return std::unexpected(object.error()); }
        const auto* found = object->if_contains("roleCredentials");
        if (response.status != 200 || found == nullptr || !found->is_object()) {
            return fail(ErrorKind::Credentials,
                        fmt::format("SSO: HTTP {}: {}", response.status, text_of(*object, "message")));
        }
        const auto& role = found->get_object();
        Credentials credentials{
            {text_of(role, "accessKeyId"), text_of(role, "secretAccessKey"), text_of(role, "sessionToken")}, {}};
        const auto* expiration = role.if_contains("expiration");
        if (credentials.key.access_key_id.empty() || credentials.key.secret_access_key.empty() ||
            expiration == nullptr || !expiration->is_int64()) {
            return fail(ErrorKind::Credentials, "SSO gave an answer without complete credentials");
        }
        credentials.expires_at = Instant(Millis(expiration->get_int64()));
        return Lookup{std::move(credentials), ""};
    }

    const CredentialsContext& context_;
    const std::string name_;
    const SsoSettings settings_;
};

// Keys of the profile and, where it names an sso-session, of that section.
Result<ConfigSection> with_session(const SharedConfig& config, const ConfigSection& profile) {
    ConfigSection merged = profile;
    const auto name = profile.get("sso_session");
    if (!name) { return merged; }
    const auto session = config.sso_sessions.find(*name);
    if (session == config.sso_sessions.end()) {
        return fail(ErrorKind::Credentials,
                    fmt::format("there is no [sso-session {}] in {}", *name, config.config_path));
    }
    for (const auto& [key, value] : session->second.values) {
        const auto [place, added] = merged.values.try_emplace(key, value);
        if (!added && place->second != value) {
            return fail(ErrorKind::Credentials, fmt::format("{} differs between the profile and its sso-session", key));
        }
    }
    return merged;
}

} // namespace

SourcePtr make_sso_source(const CredentialsContext& context, std::string name, const std::string& profile,
                          const ConfigSection* section) {
    const bool meant = section != nullptr && (section->get("sso_role_name") || section->get("sso_account_id"));
    if (!meant) { return make_absent_source(std::move(name), "no sso_role_name"); }
    const auto merged = with_session(context.config, *section);
    if (!merged) { return make_broken_source(std::move(name), merged.error()); }
    for (const std::string key : {"sso_start_url", "sso_region", "sso_account_id", "sso_role_name"}) {
        if (!merged->get(key)) {
            return make_broken_source(std::move(name), {ErrorKind::Credentials, key + " is missing", "", 0, false});
        }
    }
    SsoSettings settings;
    settings.profile = profile;
    settings.cache_key = merged->get("sso_session").value_or(*merged->get("sso_start_url"));
    settings.region = *merged->get("sso_region");
    settings.account_id = *merged->get("sso_account_id");
    settings.role_name = *merged->get("sso_role_name");
    return std::make_unique<SsoSource>(context, std::move(name), std::move(settings));
}

} // namespace ecsr::aws
