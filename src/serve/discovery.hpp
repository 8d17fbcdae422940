// Finds the services that the rules mean, in one account and region. Reads only.
#pragma once

#include "config/settings.hpp"
#include "serve/places.hpp"
#include "serve/roster.hpp"

#include <map>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <vector>

namespace ecsr::serve {

// The policies of one configuration, shared by the services that have the same. Thread-safe.
class Policies {
public:
    explicit Policies(std::shared_ptr<const config::Settings> settings) : settings_(std::move(settings)) {}

    const config::Settings& settings() const { return *settings_; }
    // Of a service that this rule picks and that has these tags. Error: Usage, as config::with_tags.
    Result<std::shared_ptr<const config::Policy>> of(std::size_t rule, const std::map<std::string, std::string>& tags);

private:
    const std::shared_ptr<const config::Settings> settings_;
    std::mutex mutex_;
    std::map<std::string, std::shared_ptr<const config::Policy>> made_; // guarded by mutex_
};

struct Discovered {
    std::vector<Found> services;
    std::vector<std::string> warnings; // a service that is named and does not exist, a tag that cannot be understood
};

// Lists clusters and services only where a rule has a pattern or names no service; describes ten services a call, with
// their tags. Errors: those of Caller; what was known before should then stay.
Result<Discovered> discover(const Place& place, Policies& policies, const std::stop_token& stop);

// The creation of the oldest task that the service still wants; nothing when it has none.
Result<std::optional<Instant>> oldest_task(const Place& place, const ServiceId& id, Instant now,
                                           const std::stop_token& stop);

// "*" is any text, "?" any character; everything else stands for itself.
bool matches(std::string_view pattern, std::string_view text);

} // namespace ecsr::serve
