// STS: who the caller is, and made-up credentials of roles (ECS behaviour A11, H2).
#include "local/api/call.hpp"
#include "local/api/ecs_names.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace ecsr::local::wire {

namespace {

ApiResult<json::object> get_caller_identity(Call& call, Input&) {
    json::object object;
    if (const auto* key = call.keys.find(call.access_key); key != nullptr && !key->user_arn.empty()) {
        object["UserId"] = key->user_id;
        object["Account"] = key->account;
        object["Arn"] = key->user_arn;
        return object;
    }
    const auto& account = call.state.identity.account_id;
    object["UserId"] = call.access_key.empty() ? account : call.access_key;
    object["Account"] = account;
    object["Arn"] = fmt::format("arn:aws:iam::{}:root", account);
    return object;
}

bool is_session_name(const std::string& name) {
    const auto allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view("_+=,.@-").find(c) != std::string_view::npos;
    };
    return name.size() >= 2 && name.size() <= 64 && std::ranges::all_of(name, allowed);
}

std::string upper_hex(Random& random, int digits) {
    std::string text = random.hex(digits);
    std::ranges::transform(text, text.begin(), [](char c) { return c >= 'a' ? static_cast<char>(c - 'a' + 'A') : c; });
    return text;
}

// `key`: whose it is; gets what was made up.
json::object make_credentials(Call& call, Seconds lifetime, KnownKey key) {
    const std::string access_key = "ASIA" + upper_hex(call.made_up, 16);
    const std::string secret = call.made_up.hex(40);
    key.secret = Secret(secret);
    key.session_token = call.made_up.hex(64);
    key.expires_at = call.now + lifetime;
    json::object credentials;
    credentials["AccessKeyId"] = access_key;
    credentials["SecretAccessKey"] = secret;
    credentials["SessionToken"] = key.session_token;
    credentials["Expiration"] = call.time(*key.expires_at);
    call.keys.issue(access_key, std::move(key), call.now);
    return credentials;
}

ApiResult<json::object> assume_role(Call& call, Input& input) {
    const std::string role = input.required_text("RoleArn");
    const std::string session = input.required_text("RoleSessionName");
    const Seconds lifetime(input.integer_between("DurationSeconds", 900, 43'200).value_or(3600));
    const auto external_id = input.text("ExternalId");
    if (external_id && (external_id->size() < 2 || external_id->size() > 1224)) {
        input.note_constraint("ExternalId", external_id, "Member must have length from 2 to 1224");
    }
    if (input.good() && !is_session_name(session)) {
        input.note_constraint("RoleSessionName", session,
                              "Member must satisfy regular expression pattern: [\\w+=,.@-]{2,64}");
    }
    const auto arn = parse_arn(role);
    const bool valid = arn && arn->service == "iam" && arn->resource.starts_with("role/");
    if (input.good() && !valid) { input.note({"ValidationError", fmt::format("{} is invalid", role)}); }
    if (!input.good()) { return input.problem(); }
    const std::string name = arn->resource.substr(arn->resource.rfind('/') + 1);
    KnownKey key;
    key.account = arn->account;
    key.user_id = fmt::format("AROA{}:{}", upper_hex(call.made_up, 16), session);
    key.user_arn = fmt::format("arn:aws:sts::{}:assumed-role/{}/{}", arn->account, name, session);
    json::object user;
    user["AssumedRoleId"] = key.user_id;
    user["Arn"] = key.user_arn;
    json::object object;
    object["Credentials"] = make_credentials(call, lifetime, std::move(key));
    object["AssumedRoleUser"] = std::move(user);
    object["PackedPolicySize"] = 0;
    return object;
}

constexpr Operation operations[] = {
    {"GetCallerIdentity", get_caller_identity},
    {"AssumeRole", assume_role},
};

} // namespace

std::span<const Operation> sts_operations() {
    return operations;
}

} // namespace ecsr::local::wire
