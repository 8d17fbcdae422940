// The order in which credentials are looked for (ECS behaviour H1).
#pragma once

#include "aws/credentials_sources.hpp"

#include <optional>
#include <string>

namespace ecsr::aws {

struct ChainOptions {
    std::optional<Credentials> explicit_credentials; // from flags: used instead of every place
    std::string profile = "default";
    bool profile_asked = false;       // named by a flag: the environment's keys are then not looked at
    std::optional<RoleSettings> role; // from flags: assumed with what is found
};

// Environment; the profile's role; web identity; SSO; keys in the credentials file; credential_process; keys in the
// config file; container; EC2 metadata. Reads configuration, does no I/O. A role that is set up wrongly is told at the
// look-up.
SourcePtr make_credentials_chain(const CredentialsContext& context, const ChainOptions& options);

} // namespace ecsr::aws
