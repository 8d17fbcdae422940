// Sources that ask a metadata service over plain HTTP: containers (ECS, EKS) and EC2 instances (ECS behaviour H2).
#include "aws/credentials_json.hpp"
#include "aws/credentials_sources.hpp"
#include "base/text.hpp"
#include "base/url.hpp"

#include <fmt/format.h>
#include <utility>

namespace ecsr::aws {

namespace {

constexpr std::string_view container_host = "http://169.254.170.2";
constexpr Millis container_timeout{2'000};
constexpr int container_attempts = 3;
constexpr Millis pause_between_attempts{1'000};
constexpr std::string_view token_seconds = "21600";

// Only these may be asked over plain HTTP: anybody else could read the credentials on the way.
bool is_trusted_over_http(const Url& url) {
    return url.is_loopback() || url.host == "169.254.170.2" || url.host == "169.254.170.23" ||
           url.host == "[fd00:ec2::23]";
}

class ContainerSource : public CredentialsSource {
public:
    explicit ContainerSource(const CredentialsContext& context) : context_(context) {}

    std::string name() const override { return "container"; }

    Result<Lookup> look_up(const std::stop_token& stop) override {
        const auto relative = context_.environment.non_empty("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
        const auto full = context_.environment.non_empty("AWS_CONTAINER_CREDENTIALS_FULL_URI");
        if (!relative && !full) { return Lookup{std::nullopt, "AWS_CONTAINER_CREDENTIALS_*_URI is not set"}; }
        const std::string url = relative ? std::string(container_host) + *relative : *full;
        if (auto good = check(url); !good) { return std::unexpected(std::move(good.error())); }

        HttpRequest request{"GET", url, {{"Accept", "application/json"}}, ""};
        auto authorization = read_authorization();
        if (!authorization) { return std::unexpected(std::move(authorization.error())); }
        if (!authorization->empty()) { request.headers.emplace_back("Authorization", *authorization); }

        auto body = fetch(request, stop);
        if (!body) { return std::unexpected(std::move(body.error())); }
        const auto object = parse_object(*body, "the container's credentials endpoint");
        if (!object) { return std::unexpected(object.error()); }
        auto credentials = read_credentials(*object, "Token", "the container's credentials endpoint");
        if (!credentials) { return std::unexpected(std::move(credentials.error())); }
        return Lookup{*std::move(credentials), ""};
    }

private:
    Status check(const std::string& text) const {
        const auto url = parse_url(text);
        if (!url) { return fail(ErrorKind::Credentials, url.error().message); }
        if (url->scheme == "https" || is_trusted_over_http(*url)) { return {}; }
        return fail(ErrorKind::Credentials,
                    fmt::format("AWS_CONTAINER_CREDENTIALS_FULL_URI: {} may not be asked over http; https, loopback, "
                                "169.254.170.2, 169.254.170.23 and fd00:ec2::23 may",
                                url->host));
    }

    Result<std::string> read_authorization() const {
        std::string value = context_.environment.get("AWS_CONTAINER_AUTHORIZATION_TOKEN").value_or("");
        if (const auto file = context_.environment.non_empty("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE")) {
            const auto content = context_.environment.read_file(*file);
            if (!content) { return fail(ErrorKind::Credentials, content.error().message); }
            value = trim(*content);
        }
        if (value.find_first_of("\r\n") != std::string::npos) {
            return fail(ErrorKind::Credentials, "the container's authorization token has a line break");
        }
        return value;
    }

    Result<std::string> fetch(const HttpRequest& request, const std::stop_token& stop) const {
        TransportOptions options;
        options.timeout = container_timeout;
        options.bypass_proxy = true;
        Clock& clock = context_.engine.clock();
        std::string problem;
        for (int attempt = 1; attempt <= container_attempts; ++attempt) {
            if (attempt > 1 && !clock.sleep_until(clock.now() + pause_between_attempts, stop)) { break; }
            auto response = context_.engine.transport().send(request, options, stop);
            if (response && response->status == 200) { return std::move(response->body); }
            problem = response ? fmt::format("HTTP {}", response->status) : response.error().message;
        }
        if (stop.stop_requested()) { return fail(ErrorKind::Interrupted, "interrupted"); }
        return fail(ErrorKind::Credentials, problem);
    }

    const CredentialsContext& context_;
};

struct InstanceSettings {
    std::string base_url; // without a final slash
    Millis timeout{1'000};
    int attempts = 1;
    bool version_1_allowed = true;
};

class InstanceSource : public CredentialsSource {
public:
    InstanceSource(const CredentialsContext& context, InstanceSettings settings)
        : context_(context), settings_(std::move(settings)) {}

    std::string name() const override { return "EC2 metadata"; }

    Result<Lookup> look_up(const std::stop_token& stop) override {
        auto token = fetch_token(stop);
        if (!token) { return absent_or_interrupted(token.error()); }
        if (token->empty() && !settings_.version_1_allowed) {
            return fail(ErrorKind::Credentials, "version 2 gave no token and version 1 is disabled");
        }
        const auto roles = get("/latest/meta-data/iam/security-credentials/", *token, stop);
        if (!roles) { return absent_or_interrupted(roles.error()); }
        if (roles->status != 200 || trim(roles->body).empty()) {
            return Lookup{std::nullopt, fmt::format("the instance has no role: HTTP {}", roles->status)};
        }
        const std::string role = split(trim(roles->body), '\n').front();
        const auto answer = get("/latest/meta-data/iam/security-credentials/" + std::string(trim(role)), *token, stop);
        if (!answer) { return absent_or_interrupted(answer.error()); }
        return read(*answer);
    }

private:
    // Nobody listening is the usual case off EC2, and no error.
    static Result<Lookup> absent_or_interrupted(const Error& error) {
        if (error.kind == ErrorKind::Interrupted) { return std::unexpected(error); }
        return Lookup{std::nullopt, error.message};
    }

    // The token, or "" where the service only knows version 1.
    Result<std::string> fetch_token(const std::stop_token& stop) const {
        const HttpRequest request{"PUT",
                                  settings_.base_url + "/latest/api/token",
                                  {{"x-aws-ec2-metadata-token-ttl-seconds", std::string(token_seconds)}},
                                  ""};
        auto response = send(request, stop);
        if (!response) {
            // A hop limit of 1 swallows the answer to a container; version 1 may still work.
            const auto& error = response.error();
            if (error.kind == ErrorKind::Timeout && error.request_may_have_been_executed) { return ""; }
            return std::unexpected(error);
        }
        if (response->status == 200) { return std::string(trim(response->body)); }
        const bool only_version_1 = response->status == 403 || response->status == 404 || response->status == 405;
        if (only_version_1) { return ""; }
        return fail(ErrorKind::Credentials, fmt::format("no token: HTTP {}", response->status));
    }

    Result<HttpResponse> get(const std::string& path, const std::string& token, const std::stop_token& stop) const {
        HttpRequest request{"GET", settings_.base_url + path, {}, ""};
        if (!token.empty()) { request.headers.emplace_back("x-aws-ec2-metadata-token", token); }
        return send(request, stop);
    }

    Result<HttpResponse> send(const HttpRequest& request, const std::stop_token& stop) const {
        TransportOptions options;
        options.timeout = settings_.timeout;
        options.bypass_proxy = true;
        auto response = context_.engine.transport().send(request, options, stop);
        for (int attempt = 2; attempt <= settings_.attempts; ++attempt) {
            const bool retry = response ? response->status >= 500 : response.error().kind != ErrorKind::Interrupted;
            if (!retry) { break; }
            response = context_.engine.transport().send(request, options, stop);
        }
        return response;
    }

    static Result<Lookup> read(const HttpResponse& answer) {
        if (answer.status != 200) { return fail(ErrorKind::Credentials, fmt::format("HTTP {}", answer.status)); }
        const auto object = parse_object(answer.body, "the metadata service");
        if (!object) { return std::unexpected(object.error()); }
        const std::string code = text_of(*object, "Code");
        if (!code.empty() && code != "Success") {
            return fail(ErrorKind::Credentials, fmt::format("{}: {}", code, text_of(*object, "Message")));
        }
        auto credentials = read_credentials(*object, "Token", "the metadata service");
        if (!credentials) { return std::unexpected(std::move(credentials.error())); }
        return Lookup{*std::move(credentials), ""};
    }

    const CredentialsContext& context_;
    const InstanceSettings settings_;
};

// A setting from the environment, else from the profile.
std::optional<std::string> setting(const Environment& environment, const ConfigSection* profile,
                                   const std::string& variable, const std::string& key) {
    if (auto value = environment.non_empty(variable)) { return value; }
    return profile != nullptr ? profile->get(key) : std::nullopt;
}

std::string instance_base_url(const Environment& environment, const ConfigSection* profile) {
    auto url = setting(environment, profile, "AWS_EC2_METADATA_SERVICE_ENDPOINT", "ec2_metadata_service_endpoint");
    if (!url) {
        const auto mode = setting(environment, profile, "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE",
                                  "ec2_metadata_service_endpoint_mode");
        const bool version_6 = mode && equals_ignoring_case(*mode, "IPv6");
        url = version_6 ? "http://[fd00:ec2::254]" : "http://169.254.169.254";
    }
    while (url->ends_with('/')) { url->pop_back(); }
    return *url;
}

// A small whole number of a metadata setting, or `usual` when it is not set or not such a number.
int small_number(const Environment& environment, const ConfigSection* profile, const std::string& variable,
                 const std::string& key, int usual) {
    const auto text = setting(environment, profile, variable, key);
    const auto number = text ? parse_integer(*text) : Result<std::int64_t>(usual);
    return number && *number >= 1 && *number <= 60 ? static_cast<int>(*number) : usual;
}

} // namespace

SourcePtr make_container_source(const CredentialsContext& context) {
    return std::make_unique<ContainerSource>(context);
}

SourcePtr make_instance_source(const CredentialsContext& context, const ConfigSection* profile) {
    const Environment& environment = context.environment;
    if (environment.is_true("AWS_EC2_METADATA_DISABLED")) {
        return make_absent_source("EC2 metadata", "disabled by AWS_EC2_METADATA_DISABLED");
    }
    InstanceSettings settings;
    settings.base_url = instance_base_url(environment, profile);
    settings.timeout =
        Seconds(small_number(environment, profile, "AWS_METADATA_SERVICE_TIMEOUT", "metadata_service_timeout", 1));
    settings.attempts =
        small_number(environment, profile, "AWS_METADATA_SERVICE_NUM_ATTEMPTS", "metadata_service_num_attempts", 1);
    const auto disabled = setting(environment, profile, "AWS_EC2_METADATA_V1_DISABLED", "ec2_metadata_v1_disabled");
    settings.version_1_allowed = !disabled || !equals_ignoring_case(*disabled, "true");
    return std::make_unique<InstanceSource>(context, std::move(settings));
}

} // namespace ecsr::aws
