#include "local/api/known_keys.hpp"

#include <utility>

namespace ecsr::local {

namespace {

constexpr Seconds remembered_after_expiry{86'400};

} // namespace

const KnownKey* KnownKeys::find(std::string_view access_key) const {
    static const KnownKey own{.secret = Secret(std::string(own_access_key))};
    if (access_key == own_access_key) { return &own; }
    const auto found = issued_.find(access_key);
    return found == issued_.end() ? nullptr : &found->second;
}

void KnownKeys::issue(std::string access_key, KnownKey key, Instant now) {
    std::erase_if(issued_, [now](const auto& issued) {
        return issued.second.expires_at && *issued.second.expires_at + remembered_after_expiry < now;
    });
    issued_.insert_or_assign(std::move(access_key), std::move(key));
}

} // namespace ecsr::local
