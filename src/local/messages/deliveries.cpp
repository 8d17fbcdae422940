#include "local/messages/deliveries.hpp"

#include "local/messages/retries.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace ecsr::local {

namespace {

// Null: the message is forgotten, or the letter is about a subscription.
Delivery* delivery_of(Messaging& messaging, const Letter& letter) {
    const auto message = std::ranges::find(messaging.messages, letter.message_id, &Message::id);
    if (letter.message_id.empty() || message == messaging.messages.end()) { return nullptr; }
    const auto delivery = message->deliveries.find(letter.subscription_arn);
    return delivery == message->deliveries.end() ? nullptr : &delivery->second;
}

bool may_try_again(const LetterOutcome& outcome) {
    return outcome.http_status == 0 || outcome.http_status == 429 || outcome.http_status >= 500;
}

std::string in_words(const LetterOutcome& outcome) {
    return outcome.http_status == 0 ? outcome.problem : fmt::format("HTTP {}", outcome.http_status);
}

// Nothing: no further attempt.
std::optional<Instant> next_attempt(const State& state, const Letter& letter, const LetterOutcome& outcome,
                                    Instant now) {
    const auto subscription = state.messaging.subscriptions.find(letter.subscription_arn);
    if (!may_try_again(outcome) || subscription == state.messaging.subscriptions.end()) { return std::nullopt; }
    const RetryPolicy policy = retry_policy_of(state, subscription->second);
    if (letter.attempts > policy.retries) { return std::nullopt; }
    return now + delay_before_retry(policy, letter.attempts);
}

void note(Delivery* delivery, DeliveryStatus status, int attempts, std::string detail) {
    if (delivery == nullptr) { return; }
    delivery->status = status;
    delivery->attempts = attempts;
    delivery->detail = std::move(detail);
}

} // namespace

void hand_out_letters(State& state, Postman& postman, Instant now) {
    for (auto& [number, letter] : state.messaging.letters) {
        if (letter.under_way || letter.due_at > now) { continue; }
        letter.under_way = true;
        ++letter.attempts;
        postman.send(number, letter.request);
    }
}

void take_in(State& state, const LetterOutcome& outcome, Instant now) {
    const auto found = state.messaging.letters.find(outcome.letter);
    if (found == state.messaging.letters.end()) { return; }
    Letter& letter = found->second;
    Delivery* delivery = delivery_of(state.messaging, letter);
    const bool delivered = outcome.http_status >= 200 && outcome.http_status < 300;
    const auto again = delivered ? std::nullopt : next_attempt(state, letter, outcome, now);
    if (again) {
        letter.under_way = false;
        letter.due_at = *again;
        note(delivery, DeliveryStatus::Waiting, letter.attempts,
             fmt::format("{}; tried again at {}", in_words(outcome), to_rfc3339(*again)));
        return;
    }
    note(delivery, delivered ? DeliveryStatus::Delivered : DeliveryStatus::GaveUp, letter.attempts, in_words(outcome));
    state.messaging.letters.erase(found);
}

Instant next_letter_at(const State& state) {
    Instant earliest = Instant::max();
    for (const auto& [number, letter] : state.messaging.letters) {
        if (!letter.under_way) { earliest = std::min(earliest, letter.due_at); }
    }
    return earliest;
}

} // namespace ecsr::local
