// ~/.aws/config and ~/.aws/credentials, as botocore reads them (ECS behaviour H1, H4).
#pragma once

#include "aws/environment.hpp"
#include "base/error.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ecsr::aws {

// One section. Keys are lower case; a key with an empty value and indented lines below it is in `nested`.
struct ConfigSection {
    std::map<std::string, std::string> values;
    std::map<std::string, std::map<std::string, std::string>> nested;

    // The value if it is there and not empty.
    std::optional<std::string> get(const std::string& key) const;
};

// The sections of one file by their whole name ("profile dev", "sso-session corp").
// Error: Usage, as "PATH:LINE: what is wrong"; the line itself is not part of it, because it may hold a secret.
Result<std::map<std::string, ConfigSection>> parse_config_text(std::string_view text, const std::string& path);

struct SharedConfig {
    std::map<std::string, ConfigSection> profiles;    // config, with the keys of the credentials file over them
    std::map<std::string, ConfigSection> credentials; // profiles of the credentials file alone
    std::map<std::string, ConfigSection> sso_sessions;
    std::map<std::string, ConfigSection> services;
    std::string config_path; // where they were looked for, whether they exist or not
    std::string credentials_path;

    // Empty when there is no such profile.
    const ConfigSection* profile(const std::string& name) const;
    std::vector<std::string> profile_names() const;
};

// Reads AWS_CONFIG_FILE (~/.aws/config) and AWS_SHARED_CREDENTIALS_FILE (~/.aws/credentials); a file that does not
// exist is empty. Error: Usage (a file that cannot be read or understood).
Result<SharedConfig> load_shared_config(const Environment& environment);

// The profile in force: `asked` (a flag), AWS_PROFILE, AWS_DEFAULT_PROFILE, else "default". Error: Usage when one is
// named that no file has.
Result<std::string> choose_profile(const Environment& environment, const SharedConfig& config,
                                   const std::optional<std::string>& asked);

} // namespace ecsr::aws
