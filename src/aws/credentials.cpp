#include "aws/credentials.hpp"

#include "base/log.hpp"
#include "base/text.hpp"

#include <fmt/format.h>
#include <utility>

namespace ecsr::aws {

namespace {

constexpr Millis wanted_before_expiry = std::chrono::minutes(15);
constexpr Millis urgent_before_expiry = std::chrono::minutes(10);
constexpr Millis pause_after_failure = std::chrono::minutes(1);

} // namespace

CredentialsChain::CredentialsChain(std::vector<std::unique_ptr<CredentialsSource>> places)
    : places_(std::move(places)) {}

std::string CredentialsChain::name() const {
    return found_ != nullptr ? found_->name() : "credentials";
}

Result<Lookup> CredentialsChain::look_up(const std::stop_token& stop) {
    if (found_ != nullptr) { return found_->look_up(stop); }
    std::vector<std::string> looked_at;
    for (const auto& place : places_) {
        auto lookup = place->look_up(stop);
        if (!lookup) { return std::unexpected(std::move(lookup.error()).with_context(place->name())); }
        if (lookup->credentials) {
            found_ = place.get();
            return lookup;
        }
        looked_at.push_back(fmt::format("{} ({})", place->name(), lookup->absent_because));
    }
    return fail(ErrorKind::Credentials, "no credentials found: looked at " + join(looked_at, ", "));
}

CredentialsCache::CredentialsCache(std::unique_ptr<CredentialsSource> source, Clock& clock)
    : clock_(clock), source_(std::move(source)) {}

CredentialsCache::Need CredentialsCache::need(Instant now) const {
    if (!current_) { return Need::Missing; }
    if (!current_->expires_at) { return Need::None; }
    const Millis left = *current_->expires_at - now;
    if (left <= Millis(0)) { return Need::Missing; }
    if (left > wanted_before_expiry || now < next_try_) { return Need::None; }
    return left > urgent_before_expiry ? Need::Wanted : Need::Urgent;
}

Result<Credentials> CredentialsCache::fetch(const std::stop_token& stop) {
    auto lookup = source_->look_up(stop);
    if (!lookup) { return std::unexpected(std::move(lookup.error())); }
    if (!lookup->credentials) {
        return fail(ErrorKind::Credentials,
                    fmt::format("no credentials found: {} ({})", source_->name(), lookup->absent_because));
    }
    const auto& expiry = lookup->credentials->expires_at;
    if (expiry && *expiry <= clock_.now()) {
        return fail(ErrorKind::Credentials,
                    fmt::format("the credentials of {} expired at {}", source_->name(), to_rfc3339(*expiry)));
    }
    return *std::move(lookup->credentials);
}

Result<SigningKey> CredentialsCache::key(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    Need needed = need(clock_.now());
    while (refreshing_ && (needed == Need::Urgent || needed == Need::Missing)) {
        if (!refreshed_.wait(lock, stop, [this] { return !refreshing_; })) {
            return fail(ErrorKind::Interrupted, "interrupted while waiting for credentials");
        }
        needed = need(clock_.now());
    }
    if (needed == Need::None || refreshing_) { return current_->key; }

    refreshing_ = true;
    lock.unlock();
    auto fetched = fetch(stop);
    lock.lock();
    refreshing_ = false;
    refreshed_.notify_all();
    if (fetched) {
        current_ = *std::move(fetched);
        source_name_ = source_->name();
        // Credentials that are handed out shortly before they expire (EC2 does so) are not asked for at every call.
        next_try_ = clock_.now() + pause_after_failure;
        return current_->key;
    }
    next_try_ = clock_.now() + pause_after_failure;
    if (needed == Need::Missing || fetched.error().kind == ErrorKind::Interrupted) {
        return std::unexpected(std::move(fetched.error()));
    }
    log(LogLevel::Warning, "credentials could not be refreshed: " + fetched.error().message);
    return current_->key;
}

bool CredentialsCache::reject(const SigningKey& key) {
    const std::lock_guard lock(mutex_);
    if (current_ && current_->key.access_key_id == key.access_key_id &&
        current_->key.session_token == key.session_token) {
        if (!current_->expires_at) { return false; }
        current_.reset();
    }
    return true;
}

std::string CredentialsCache::source_name() const {
    const std::lock_guard lock(mutex_);
    return source_name_;
}

} // namespace ecsr::aws
