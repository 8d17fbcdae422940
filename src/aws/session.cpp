#include "aws/session.hpp"

#include "aws/call_engine.hpp"
#include "aws/config_file.hpp"
#include "aws/credentials_chain.hpp"
#include "aws/endpoints.hpp"
#include "aws/retry.hpp"

#include <utility>

namespace ecsr::aws {

namespace {

// What the flags say about credentials.
Result<ChainOptions> read_chain_options(const SessionOptions& options, std::string profile) {
    ChainOptions chain;
    chain.profile = std::move(profile);
    chain.profile_asked = options.profile.has_value();
    if (options.access_key_id.has_value() != options.secret_access_key.has_value()) {
        return fail(ErrorKind::Usage, "the access key id and the secret access key must be given together");
    }
    if (options.session_token && !options.access_key_id) {
        return fail(ErrorKind::Usage, "a session token needs an access key id and a secret access key");
    }
    if (options.access_key_id) {
        chain.explicit_credentials = Credentials{
            {*options.access_key_id, *options.secret_access_key, options.session_token.value_or("")}, std::nullopt};
    }
    if (!options.role_arn) {
        const bool lonely = options.external_id || options.role_session_name;
        if (lonely) { return fail(ErrorKind::Usage, "an external id or a role session name needs a role ARN"); }
        return chain;
    }
    if (!options.role_arn->starts_with("arn:")) {
        return fail(ErrorKind::Usage, "\"" + *options.role_arn + "\" is not the ARN of a role");
    }
    RoleSettings role;
    role.role_arn = *options.role_arn;
    role.external_id = options.external_id;
    role.session_name = options.role_session_name.value_or("");
    chain.role = std::move(role);
    return chain;
}

} // namespace

// The order matters: what stands above is used by what stands below.
struct Session::Parts {
    Parts(Transport& transport, Clock& clock, Random random, Environment environment_in, SharedConfig config_in,
          Endpoints endpoints, EngineOptions engine_options, const ChainOptions& chain)
        : environment(std::move(environment_in)), config(std::move(config_in)),
          engine(transport, clock, random, std::move(endpoints), engine_options), context{engine, environment, config},
          credentials(make_credentials_chain(context, chain), clock) {}

    const Environment environment;
    const SharedConfig config;
    CallEngine engine;
    const CredentialsContext context;
    CredentialsCache credentials;
};

Result<std::unique_ptr<Session>> Session::create(Transport& transport, Clock& clock, Random random,
                                                 Environment environment, const SessionOptions& options) {
    auto config = load_shared_config(environment);
    if (!config) { return std::unexpected(std::move(config.error())); }
    auto name = choose_profile(environment, *config, options.profile);
    if (!name) { return std::unexpected(std::move(name.error())); }
    const ConfigSection* profile = config->profile(*name);

    auto chain = read_chain_options(options, *std::move(name));
    if (!chain) { return std::unexpected(std::move(chain.error())); }
    const auto region = resolve_region(options.region, environment, profile);
    if (!region) { return std::unexpected(region.error()); }
    auto endpoints = Endpoints::create(options.endpoint_url, *region, environment, *config, profile);
    if (!endpoints) { return std::unexpected(std::move(endpoints.error())); }
    const auto max_attempts = resolve_max_attempts(options.max_attempts, environment, profile);
    if (!max_attempts) { return std::unexpected(max_attempts.error()); }

    const EngineOptions engine_options{*max_attempts, options.timeout, options.limit_rate};
    return std::unique_ptr<Session>(
        new Session(std::make_unique<Parts>(transport, clock, random, std::move(environment), *std::move(config),
                                            *std::move(endpoints), engine_options, *chain)));
}

Session::Session(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Session::~Session() = default;

Result<std::string> Session::call(const ServiceCall& call, std::stop_token stop) {
    return parts_->engine.call(call, &parts_->credentials, stop);
}

CallCounts Session::counts() const {
    return parts_->engine.counts();
}

std::string Session::region() const {
    return parts_->engine.endpoints().region();
}

Result<std::string> Session::find_credentials(const std::stop_token& stop) {
    const auto key = parts_->credentials.key(stop);
    if (!key) { return std::unexpected(key.error()); }
    return parts_->credentials.source_name();
}

} // namespace ecsr::aws
