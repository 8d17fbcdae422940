#include "aws/endpoints.hpp"

#include "base/text.hpp"
#include "base/url.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace ecsr::aws {

namespace {

struct Partition {
    std::string_view id;
    std::string_view region_prefix;
    std::string_view dns_suffix;
    std::string_view dual_stack_suffix;
};

// From the partition table that the AWS SDKs share. The first prefix that fits counts, so longer ones come first.
constexpr std::array<Partition, 8> partitions{{
    {"aws-iso-b", "us-isob-", "sc2s.sgov.gov", "api.aws.scloud"},
    {"aws-iso-e", "eu-isoe-", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk"},
    {"aws-iso-f", "us-isof-", "csp.hci.ic.gov", "api.aws.hci.ic.gov"},
    {"aws-iso", "us-iso-", "c2s.ic.gov", "api.aws.ic.gov"},
    {"aws-us-gov", "us-gov-", "amazonaws.com", "api.aws"},
    {"aws-cn", "cn-", "amazonaws.com.cn", "api.amazonwebservices.com.cn"},
    {"aws-eusc", "eusc-", "amazonaws.eu", "api.amazonwebservices.eu"},
    {"aws", "", "amazonaws.com", "api.aws"},
}};

// Services whose usual host in AWS GovCloud is the FIPS one.
struct GovHost {
    std::string_view host;
    bool dual_stack_too;
};
constexpr std::array<GovHost, 6> gov_hosts{{{"application-autoscaling", false},
                                            {"elasticloadbalancing", false},
                                            {"sts", false},
                                            {"logs", false},
                                            {"sns", false},
                                            {"monitoring", true}}};

// The regions for which sts_regional_endpoints=legacy means sts.amazonaws.com.
constexpr std::array<std::string_view, 16> legacy_sts_regions{
    "ap-northeast-1", "ap-south-1", "ap-southeast-1", "ap-southeast-2", "aws-global", "ca-central-1",
    "eu-central-1",   "eu-north-1", "eu-west-1",      "eu-west-2",      "eu-west-3",  "sa-east-1",
    "us-east-1",      "us-east-2",  "us-west-1",      "us-west-2"};

const Partition& partition_entry(std::string_view region) {
    return *std::ranges::find_if(partitions, [&](const auto& p) { return region.starts_with(p.region_prefix); });
}

bool is_host_label(std::string_view text) {
    const bool good =
        std::ranges::all_of(text, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
    return good && !text.empty() && text.size() <= 63 && !text.starts_with('-') && !text.ends_with('-');
}

std::string_view fips_suffix(const Partition& partition, std::string_view host, bool dual_stack) {
    const bool plain = partition.id == "aws-us-gov" && std::ranges::any_of(gov_hosts, [&](const GovHost& entry) {
                           return entry.host == host && (!dual_stack || entry.dual_stack_too);
                       });
    return plain ? "" : "-fips";
}

bool is_true(const std::string& text) {
    return equals_ignoring_case(text, "true");
}

// A switch that the environment or the profile may set; the environment wins.
bool read_switch(const Environment& environment, const ConfigSection* profile, const std::string& variable,
                 const std::string& key) {
    if (const auto value = environment.non_empty(variable)) { return is_true(*value); }
    return profile != nullptr && is_true(profile->get(key).value_or(""));
}

} // namespace

Result<std::string> resolve_region(const std::optional<std::string>& asked, const Environment& environment,
                                   const ConfigSection* profile) {
    auto region = asked;
    if (!region) { region = environment.non_empty("AWS_REGION"); }
    if (!region) { region = environment.non_empty("AWS_DEFAULT_REGION"); }
    if (!region && profile != nullptr) { region = profile->get("region"); }
    if (!region) {
        return fail(ErrorKind::Usage, "no region: pass --region, set AWS_REGION, or set region in the profile");
    }
    if (!is_host_label(*region)) {
        return fail(ErrorKind::Usage, fmt::format("\"{}\" is not a region; a region looks like eu-west-1", *region));
    }
    return *region;
}

std::string_view partition_of(std::string_view region) {
    return partition_entry(region).id;
}

Result<Endpoints> Endpoints::create(const std::optional<std::string>& asked_url, const std::string& region,
                                    const Environment& environment, const SharedConfig& config,
                                    const ConfigSection* profile) {
    Endpoints endpoints;
    endpoints.region_ = region;
    endpoints.asked_url_ = asked_url;
    endpoints.environment_ = environment;
    if (asked_url) {
        if (const auto url = parse_url(*asked_url); !url) {
            return fail(ErrorKind::Usage, "endpoint URL: " + url.error().message);
        }
    }
    if (profile != nullptr) {
        endpoints.profile_ = *profile;
        if (const auto name = profile->get("services")) {
            const auto section = config.services.find(*name);
            if (section == config.services.end()) {
                return fail(ErrorKind::Usage, fmt::format("the profile names the services section \"{}\", which {} "
                                                          "does not have",
                                                          *name, config.config_path));
            }
            endpoints.services_ = section->second;
        }
    }
    endpoints.ignore_configured_ =
        read_switch(environment, profile, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "ignore_configured_endpoint_urls");
    endpoints.fips_ = read_switch(environment, profile, "AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint");
    endpoints.dual_stack_ = read_switch(environment, profile, "AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint");
    auto sts = environment.non_empty("AWS_STS_REGIONAL_ENDPOINTS");
    if (!sts && profile != nullptr) { sts = profile->get("sts_regional_endpoints"); }
    endpoints.legacy_sts_ = sts == "legacy";
    return endpoints;
}

Endpoints Endpoints::for_bearer_tokens(const std::string& region) const {
    Endpoints copy = *this;
    copy.region_ = region;
    copy.asked_url_.reset();
    return copy;
}

std::optional<Endpoints::Setting> Endpoints::setting_for(const ServiceInfo& service) const {
    if (asked_url_) { return Setting{*asked_url_, "endpoint URL"}; }
    if (ignore_configured_) { return std::nullopt; }
    const std::string variable = "AWS_ENDPOINT_URL_" + service.endpoint_env;
    if (auto url = environment_.non_empty(variable)) { return Setting{*std::move(url), variable}; }
    if (auto url = environment_.non_empty("AWS_ENDPOINT_URL")) { return Setting{*std::move(url), "AWS_ENDPOINT_URL"}; }
    if (const auto block = services_.nested.find(service.config_key); block != services_.nested.end()) {
        const auto url = block->second.find("endpoint_url");
        if (url != block->second.end() && !url->second.empty()) {
            return Setting{url->second, fmt::format("endpoint_url of {} in the profile's services", block->first)};
        }
    }
    if (profile_) {
        if (auto url = profile_->get("endpoint_url")) {
            return Setting{*std::move(url), "endpoint_url of the profile"};
        }
    }
    return std::nullopt;
}

bool Endpoints::uses_global_sts(const ServiceInfo& service) const {
    return legacy_sts_ && service.endpoint_host == "sts" && !fips_ && !dual_stack_ && !setting_for(service) &&
           std::ranges::find(legacy_sts_regions, region_) != legacy_sts_regions.end();
}

std::string Endpoints::own_url(const ServiceInfo& service) const {
    if (uses_global_sts(service)) { return "https://sts.amazonaws.com"; }
    const Partition& partition = partition_entry(region_);
    return fmt::format("https://{}{}.{}.{}", service.endpoint_host,
                       fips_ ? fips_suffix(partition, service.endpoint_host, dual_stack_) : "", region_,
                       dual_stack_ ? partition.dual_stack_suffix : partition.dns_suffix);
}

Result<std::string> Endpoints::url_of(const ServiceInfo& service) const {
    const auto setting = setting_for(service);
    if (!setting) { return own_url(service); }
    if (const auto url = parse_url(setting->url); !url) {
        return fail(ErrorKind::Usage, fmt::format("{}: {}", setting->origin, url.error().message));
    }
    std::string url = setting->url;
    while (url.ends_with('/')) { url.pop_back(); }
    return url;
}

std::string Endpoints::signing_region(const ServiceInfo& service) const {
    return uses_global_sts(service) ? "us-east-1" : region_;
}

} // namespace ecsr::aws
