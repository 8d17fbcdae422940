#include "notify/webhook_request.hpp"

#include "sigv4/sigv4.hpp"
#include "tell/webhook_body.hpp"

#include <fmt/format.h>

namespace ecsr::notify {

HttpRequest webhook_request(const WebhookSettings& settings, const Notification& notification, const std::string& id,
                            Instant now) {
    HttpRequest request;
    request.method = "POST";
    request.url = settings.url.reveal();
    request.body = tell::webhook_body(settings, notification);
    request.headers = {{"Content-Type", "application/json; charset=utf-8"},
                       {"User-Agent", "ecs-recycler"},
                       {"X-Ecs-Recycler-Event", to_string(notification.event)},
                       {"X-Ecs-Recycler-Delivery", id}};
    for (const auto& [name, value] : settings.headers) { request.headers.emplace_back(name, value.reveal()); }
    if (!settings.hmac_key.empty()) {
        const auto seconds = std::chrono::floor<Seconds>(now).time_since_epoch().count();
        const std::string signature =
            hmac_sha256_hex(settings.hmac_key.reveal(), fmt::format("{}.{}", seconds, request.body));
        request.headers.emplace_back("X-Ecs-Recycler-Signature", fmt::format("t={},v1={}", seconds, signature));
    }
    return request;
}

} // namespace ecsr::notify
