#include "aws/credentials_chain.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <set>
#include <utility>
#include <vector>

namespace ecsr::aws {

namespace {

using Places = std::vector<SourcePtr>;

Error config_error(std::string message) {
    return {ErrorKind::Credentials, std::move(message), "", 0, false};
}

bool has_keys(const ConfigSection& section) {
    return section.get("aws_access_key_id") || section.get("aws_secret_access_key");
}

bool has_role(const ConfigSection& section) {
    return section.get("role_arn") && !section.get("web_identity_token_file");
}

Result<RoleSettings> read_role(const ConfigSection& section) {
    RoleSettings settings;
    settings.role_arn = *section.get("role_arn");
    settings.session_name = section.get("role_session_name").value_or("");
    settings.external_id = section.get("external_id");
    if (section.get("mfa_serial")) {
        return std::unexpected(
            config_error("the role needs a code of an MFA device (mfa_serial), which cannot be asked "
                         "for here; use credential_process or a session of `aws sts get-session-token`"));
    }
    if (const auto text = section.get("duration_seconds")) {
        const auto seconds = parse_integer(*text);
        if (!seconds || *seconds < 900 || *seconds > 43200) {
            return std::unexpected(
                config_error(fmt::format("duration_seconds \"{}\" is not a number from 900 to 43200", *text)));
        }
        settings.duration = Seconds(*seconds);
    }
    return settings;
}

// Builds the sources of profiles; remembers the way through source_profile so that a loop is found.
class ProfileSources {
public:
    explicit ProfileSources(const CredentialsContext& context) : context_(context) {}

    SourcePtr role(const std::string& profile) {
        const ConfigSection* section = context_.config.profile(profile);
        const std::string name = fmt::format("profile {}, role", profile);
        if (section == nullptr || !has_role(*section)) { return make_absent_source(name, "no role_arn"); }
        auto source = assume(profile, *section);
        return source ? *std::move(source) : make_broken_source(name, source.error());
    }

    // The places inside a profile, behind its role.
    Places places(const std::string& profile, bool with_environment) const {
        const ConfigSection* section = context_.config.profile(profile);
        const auto keys = context_.config.credentials.find(profile);
        const ConfigSection* keys_section = keys != context_.config.credentials.end() ? &keys->second : nullptr;
        const auto name = [&](std::string_view what) { return fmt::format("profile {}, {}", profile, what); };
        Places places;
        places.push_back(web_identity(profile, section, with_environment));
        places.push_back(make_sso_source(context_, name("SSO"), profile, section));
        places.push_back(make_keys_source(name("credentials file"), keys_section));
        if (section != nullptr && section->get("login_session")) {
            places.push_back(make_broken_source(
                name("login session"),
                config_error("sessions of `aws login` cannot be read here; set credential_process to "
                             "\"aws configure export-credentials --profile NAME\" in another profile")));
        }
        places.push_back(make_process_source(context_, name("credential_process"), section));
        places.push_back(make_keys_source(name("config file"), section));
        return places;
    }

private:
    SourcePtr web_identity(const std::string& profile, const ConfigSection* section, bool with_environment) const {
        const auto read = [&](const std::string& variable, const std::string& key) -> std::optional<std::string> {
            if (auto value = with_environment ? context_.environment.non_empty(variable) : std::nullopt) {
                return value;
            }
            return section != nullptr ? section->get(key) : std::nullopt;
        };
        const std::string name = "web identity";
        const auto file = read("AWS_WEB_IDENTITY_TOKEN_FILE", "web_identity_token_file");
        if (!file) { return make_absent_source(name, "AWS_WEB_IDENTITY_TOKEN_FILE is not set"); }
        const auto role = read("AWS_ROLE_ARN", "role_arn");
        if (!role) {
            return make_broken_source(
                name, config_error(fmt::format(
                          "there is a token file, but neither AWS_ROLE_ARN nor role_arn of profile {}", profile)));
        }
        RoleSettings settings;
        settings.role_arn = *role;
        settings.session_name = read("AWS_ROLE_SESSION_NAME", "role_session_name").value_or("");
        return make_web_identity_source(context_, fmt::format("{} {}", name, *role), std::move(settings), *file);
    }

    Result<SourcePtr> assume(const std::string& profile, const ConfigSection& section) {
        visited_.insert(profile);
        auto settings = read_role(section);
        if (!settings) { return std::unexpected(std::move(settings.error())); }
        auto source = source_of_role(profile, section);
        if (!source) { return std::unexpected(std::move(source.error())); }
        const std::string name = fmt::format("profile {}, role {}", profile, settings->role_arn);
        return make_role_source(context_, name, *std::move(settings), *std::move(source));
    }

    Result<SourcePtr> source_of_role(const std::string& profile, const ConfigSection& section) {
        const auto source_profile = section.get("source_profile");
        const auto credential_source = section.get("credential_source");
        if (source_profile.has_value() == credential_source.has_value()) {
            return std::unexpected(config_error(source_profile
                                                    ? "it has source_profile and credential_source; remove one"
                                                    : "role_arn needs source_profile or credential_source"));
        }
        if (credential_source) { return named_source(*credential_source); }
        return profile_source(profile, *source_profile);
    }

    Result<SourcePtr> named_source(const std::string& name) const {
        if (equals_ignoring_case(name, "Environment")) { return make_environment_source(context_); }
        if (equals_ignoring_case(name, "EcsContainer")) { return make_container_source(context_); }
        if (equals_ignoring_case(name, "Ec2InstanceMetadata")) { return make_instance_source(context_, nullptr); }
        return std::unexpected(config_error(fmt::format(
            "credential_source \"{}\" is not one of Environment, EcsContainer, Ec2InstanceMetadata", name)));
    }

    Result<SourcePtr> profile_source(const std::string& profile, const std::string& source) {
        const ConfigSection* section = context_.config.profile(source);
        if (section == nullptr) {
            return std::unexpected(config_error(fmt::format("there is no source_profile \"{}\"", source)));
        }
        // A profile may name itself: its own keys then assume its role.
        const bool own_keys = source == profile && has_keys(*section);
        if (visited_.contains(source) && !own_keys) {
            return std::unexpected(config_error(fmt::format("source_profile \"{}\" leads back to itself", source)));
        }
        if (has_keys(*section) || !has_role(*section)) {
            return std::make_unique<CredentialsChain>(places(source, false));
        }
        return assume(source, *section);
    }

    const CredentialsContext& context_;
    std::set<std::string> visited_;
};

} // namespace

SourcePtr make_credentials_chain(const CredentialsContext& context, const ChainOptions& options) {
    Places chain;
    if (options.explicit_credentials) {
        chain.push_back(make_fixed_source("command line", *options.explicit_credentials));
    } else {
        ProfileSources profiles(context);
        if (!options.profile_asked) { chain.push_back(make_environment_source(context)); }
        chain.push_back(profiles.role(options.profile));
        std::ranges::move(profiles.places(options.profile, !options.profile_asked), std::back_inserter(chain));
        chain.push_back(make_container_source(context));
        chain.push_back(make_instance_source(context, context.config.profile(options.profile)));
    }
    auto found = std::make_unique<CredentialsChain>(std::move(chain));
    if (!options.role) { return found; }
    return make_role_source(context, "role " + options.role->role_arn, *options.role, std::move(found));
}

} // namespace ecsr::aws
