// Sources that ask STS: AssumeRole and AssumeRoleWithWebIdentity (ECS behaviour H2).
#include "aws/credentials_sources.hpp"
#include "aws/sts/client.hpp"
#include "base/text.hpp"

#include <fmt/format.h>
#include <utility>

namespace ecsr::aws {

namespace {

// The calls of one source: signed with the keys of another one, or with none.
class EngineCaller : public Caller {
public:
    EngineCaller(CallEngine& engine, KeySupplier* keys) : engine_(engine), keys_(keys) {}

    Result<std::string> call(const ServiceCall& call, std::stop_token stop) override {
        return engine_.call(call, keys_, stop);
    }
    CallCounts counts() const override { return engine_.counts(); }
    std::string region() const override { return engine_.endpoints().region(); }

private:
    CallEngine& engine_;
    KeySupplier* keys_;
};

// Parameters that both operations have.
template <class Request>
Request role_request(const RoleSettings& settings, Instant now) {
    Request request;
    request.role_arn = settings.role_arn;
    request.role_session_name =
        settings.session_name.empty()
            ? fmt::format("ecs-recycler-{}", std::chrono::floor<Seconds>(now).time_since_epoch().count())
            : settings.session_name;
    request.duration_seconds = static_cast<int>(settings.duration.count());
    return request;
}

template <class Answer>
Result<Lookup> to_lookup(Result<Answer> answer) {
    if (!answer) { return std::unexpected(std::move(answer.error())); }
    const sts::Credentials& found = answer->credentials;
    if (found.access_key_id.empty() || found.secret_access_key.empty() || found.expiration == Instant{}) {
        return fail(ErrorKind::Credentials, "STS gave an answer without complete credentials");
    }
    return Lookup{Credentials{{found.access_key_id, found.secret_access_key, found.session_token}, found.expiration},
                  ""};
}

class RoleSource : public CredentialsSource {
public:
    RoleSource(const CredentialsContext& context, std::string name, RoleSettings settings, SourcePtr source)
        : context_(context), name_(std::move(name)), settings_(std::move(settings)),
          source_(std::move(source), context.engine.clock()) {}

    std::string name() const override { return name_; }

    Result<Lookup> look_up(const std::stop_token& stop) override {
        auto request = role_request<sts::AssumeRoleRequest>(settings_, context_.engine.clock().now());
        request.external_id = settings_.external_id.value_or("");
        EngineCaller caller(context_.engine, &source_);
        return to_lookup(sts::Client(caller).assume_role(request, stop));
    }

private:
    const CredentialsContext& context_;
    const std::string name_;
    const RoleSettings settings_;
    CredentialsCache source_;
};

class WebIdentitySource : public CredentialsSource {
public:
    WebIdentitySource(const CredentialsContext& context, std::string name, RoleSettings settings,
                      std::string token_file)
        : context_(context), name_(std::move(name)), settings_(std::move(settings)),
          token_file_(std::move(token_file)) {}

    std::string name() const override { return name_; }

    Result<Lookup> look_up(const std::stop_token& stop) override {
        const auto token = context_.environment.read_file(token_file_);
        if (!token) { return fail(ErrorKind::Credentials, token.error().message); }
        auto request = role_request<sts::AssumeRoleWithWebIdentityRequest>(settings_, context_.engine.clock().now());
        request.web_identity_token = trim(*token);
        EngineCaller caller(context_.engine, nullptr);
        return to_lookup(sts::Client(caller).assume_role_with_web_identity(request, stop));
    }

private:
    const CredentialsContext& context_;
    const std::string name_;
    const RoleSettings settings_;
    const std::string token_file_;
};

} // namespace

SourcePtr make_role_source(const CredentialsContext& context, std::string name, RoleSettings settings,
                           SourcePtr source) {
    return std::make_unique<RoleSource>(context, std::move(name), std::move(settings), std::move(source));
}

SourcePtr make_web_identity_source(const CredentialsContext& context, std::string name, RoleSettings settings,
                                   std::string token_file) {
    return std::make_unique<WebIdentitySource>(context, std::move(name), std::move(settings), std::move(token_file));
}

} // namespace ecsr::aws
