// Every place that credentials may come from; the inside of make_credentials_chain.
#pragma once

#include "aws/config_file.hpp"
#include "aws/credentials.hpp"
#include "aws/environment.hpp"

#include <memory>
#include <optional>
#include <string>

namespace ecsr::aws {

using SourcePtr = std::unique_ptr<CredentialsSource>;

// What the sources work with; outlives them.
struct CredentialsContext {
    CallEngine& engine;
    const Environment& environment;
    const SharedConfig& config;
};

struct RoleSettings {
    std::string role_arn;
    std::string session_name; // empty: one is made up
    std::optional<std::string> external_id;
    Seconds duration{3600};
};

// Credentials that are known already.
SourcePtr make_fixed_source(std::string name, Credentials credentials);
// A place that is not set up.
SourcePtr make_absent_source(std::string name, std::string because);
// A place that is set up wrongly.
SourcePtr make_broken_source(std::string name, Error error);

SourcePtr make_environment_source(const CredentialsContext& context);

// aws_access_key_id and its companions in one section (null: there is no such section).
SourcePtr make_keys_source(std::string name, const ConfigSection* section);

SourcePtr make_process_source(const CredentialsContext& context, std::string name, const ConfigSection* section);

// AssumeRole with the credentials of `source`.
SourcePtr make_role_source(const CredentialsContext& context, std::string name, RoleSettings settings,
                           SourcePtr source);

// AssumeRoleWithWebIdentity; the token file is read at every look-up.
SourcePtr make_web_identity_source(const CredentialsContext& context, std::string name, RoleSettings settings,
                                   std::string token_file);

// The token that `aws sso login` left in ~/.aws/sso/cache, exchanged for the credentials of a role.
SourcePtr make_sso_source(const CredentialsContext& context, std::string name, const std::string& profile,
                          const ConfigSection* section);

// ECS and EKS: AWS_CONTAINER_CREDENTIALS_RELATIVE_URI or _FULL_URI.
SourcePtr make_container_source(const CredentialsContext& context);

// EC2: instance metadata service, version 2 before 1.
SourcePtr make_instance_source(const CredentialsContext& context, const ConfigSection* profile);

} // namespace ecsr::aws
