// A notification as the HTTP request of a webhook, signed where there is a key.
#pragma once

#include "base/http.hpp"
#include "model/notification_settings.hpp"

#include <string>

namespace ecsr::notify {

// POST with Content-Type: application/json; charset=utf-8, the user's headers, and
//   X-Ecs-Recycler-Event: failed
//   X-Ecs-Recycler-Delivery: `id`, the same at every attempt, so that a receiver can drop repetitions
//   X-Ecs-Recycler-Signature: t=SECONDS,v1=HEX    where there is a key
// SECONDS is the time of the attempt since the epoch. HEX is HMAC-SHA256 with the key over "SECONDS.BODY", the body
// byte by byte as it was received. A receiver computes it anew, compares in constant time, and refuses an old time
// (replay).
HttpRequest webhook_request(const WebhookSettings& settings, const Notification& notification, const std::string& id,
                            Instant now);

} // namespace ecsr::notify
