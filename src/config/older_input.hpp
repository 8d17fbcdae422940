// The older configuration, input.json, accepted unchanged:
//
//   awsCredentials     {region_name, profile_name, role_arn, access_key, secret_key | secret_access_key, session_token}
//   smtpCredentials    {host, port, username, password, from_email}
//   emailNotification  {email_subject, subject_prefix, to, cc, bcc, attachments}
//
// A value that is null, empty or still in <angle brackets> is not set. to, cc, bcc and attachments are a text (several
// separated by commas) or a list. Other members are ignored: older files hold more than what concerns this program.
#pragma once

#include "aws/session.hpp"
#include "base/error.hpp"
#include "model/notification_settings.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ecsr::config {

struct OlderCredentials {
    std::optional<std::string> region;
    std::optional<std::string> profile;
    std::optional<std::string> role_arn;
    std::optional<std::string> access_key_id;
    Secret secret_access_key;
    Secret session_token;
};

struct OlderInput {
    OlderCredentials credentials;
    NotificationSettings notifications; // one mail channel, or none: nobody is to be told
    std::vector<std::string> warnings;  // a line for each member that is not known
};

// `file` is its name for messages. Error: Usage, one line: "input.json:7: ..." where it is not JSON,
// "input.json:12: smtpCredentials.port: must be ..." where a value is wrong.
Result<OlderInput> parse_older_input(std::string_view text, const std::string& file);

// What flags say wins over the file, and the file over the environment:
//   --profile, or else profile_name: the profile, and no keys of the file;
//   role_arn (or --role-arn): the role, assumed with the keys of the file where it has some, else with what the default
//   chain finds; then keys with their session token; then the default chain.
void apply(const OlderCredentials& credentials, aws::SessionOptions& options);

} // namespace ecsr::config
