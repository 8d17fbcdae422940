// What SNS sends to an endpoint (ECS behaviour A11). Internal to this folder.
#pragma once

#include "local/state/state.hpp"

#include <string>

namespace ecsr::local {

// "SubscriptionConfirmation", or "UnsubscribeConfirmation" with a token that brings the subscription back.
HttpRequest confirmation_letter(const State& state, const Subscription& subscription, const std::string& type,
                                const std::string& message_id, Instant now);

// `text`: the one for this subscription's protocol.
HttpRequest notification_letter(const State& state, const Subscription& subscription, const Message& message,
                                const std::string& text);

} // namespace ecsr::local
