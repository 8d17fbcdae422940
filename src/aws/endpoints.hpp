// Where a service is reached: region, partition, and the settings that override the host.
#pragma once

#include "aws/call.hpp"
#include "aws/config_file.hpp"
#include "aws/environment.hpp"
#include "base/error.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace ecsr::aws {

// `asked` (a flag), AWS_REGION, AWS_DEFAULT_REGION, the profile's `region`; in this order (ECS behaviour H3). `profile`
// may be null. Error: Usage (none is set, or it cannot be the name of a region).
Result<std::string> resolve_region(const std::optional<std::string>& asked, const Environment& environment,
                                   const ConfigSection* profile);

// "aws", "aws-cn", "aws-us-gov", ...; an unknown region belongs to "aws".
std::string_view partition_of(std::string_view region);

// Order of the settings (ECS behaviour H4): the user's URL; AWS_ENDPOINT_URL_<SERVICE>; AWS_ENDPOINT_URL; the service's
// block in the profile's `services` section; the profile's endpoint_url; the service's own host. A setting to ignore
// configured URLs leaves only the first and the last.
class Endpoints {
public:
    // `profile` may be null. Errors: Usage (the user's URL is none, or the profile names a services section that does
    // not exist).
    static Result<Endpoints> create(const std::optional<std::string>& asked_url, const std::string& region,
                                    const Environment& environment, const SharedConfig& config,
                                    const ConfigSection* profile);

    const std::string& region() const { return region_; }

    // The same settings for another region and without the user's URL: for services that are sent a bearer token, which
    // must not go to whatever the user points the other services at.
    Endpoints for_bearer_tokens(const std::string& region) const;

    // The base URL, without a final slash. FIPS and dual stack choose among the service's own hosts; a URL that is set
    // wins over them, as in botocore. Error: Usage (the setting in force has a bad URL); the message names the setting.
    Result<std::string> url_of(const ServiceInfo& service) const;

    // region(), but for the global STS host.
    std::string signing_region(const ServiceInfo& service) const;

private:
    struct Setting {
        std::string url;
        std::string origin; // "AWS_ENDPOINT_URL", "endpoint_url of the profile"
    };

    std::optional<Setting> setting_for(const ServiceInfo& service) const;
    std::string own_url(const ServiceInfo& service) const;
    bool uses_global_sts(const ServiceInfo& service) const;

    std::string region_;
    std::optional<std::string> asked_url_;
    Environment environment_;
    std::optional<ConfigSection> profile_;
    ConfigSection services_;
    bool ignore_configured_ = false;
    bool fips_ = false;
    bool dual_stack_ = false;
    bool legacy_sts_ = false;
};

} // namespace ecsr::aws
