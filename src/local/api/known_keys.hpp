// The access keys that the local ECS knows: the one that it tells people to use, and those that AssumeRole has handed
// out. Made-up credentials that open nothing but this plane.
#pragma once

#include "base/secret.hpp"
#include "base/time.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace ecsr::local {

// What `local up` prints as AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.
inline constexpr std::string_view own_access_key = "local";

struct KnownKey {
    Secret secret = {};
    std::string session_token = {};         // empty: signed without one
    std::optional<Instant> expires_at = {}; // nothing: never
    // Of whom it is: what GetCallerIdentity answers.
    std::string account = {};
    std::string user_id = {};
    std::string user_arn = {};
};

// Kept in memory alone: what AssumeRole handed out before a restart is not known any more.
class KnownKeys {
public:
    // Null when nobody was given such a key. One that has expired is known for a day longer, so that its user is told
    // what is wrong.
    const KnownKey* find(std::string_view access_key) const;
    // The key of an assumed role.
    void issue(std::string access_key, KnownKey key, Instant now);

private:
    std::map<std::string, KnownKey, std::less<>> issued_;
};

} // namespace ecsr::local
