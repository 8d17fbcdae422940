// One way to tell people: a mail list, a topic, a webhook. Internal to notify/.
#pragma once

#include "notify/notifier.hpp"

#include <memory>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

namespace ecsr::notify {

// One notification on its way; the same at every attempt, so that servers can tell a repetition.
struct Message {
    Notification notification;
    std::string id; // 32 hexadecimal digits
};

struct ChannelInfo {
    std::string name;
    std::string kind;
    std::string target;
    std::set<NotificationEvent> events;
};

class Channel {
public:
    explicit Channel(ChannelInfo info) : info_(std::move(info)) {}
    virtual ~Channel() = default;

    const ChannelInfo& info() const { return info_; }

    // One attempt. What went wrong for some recipients alone is an error of kind Usage, which is not repeated. Used by
    // one thread at a time.
    virtual Status send(const Message& message, const std::stop_token& stop) = 0;

private:
    const ChannelInfo info_;
};

// In the order mails, topics, webhooks. `settings` and `parts` must outlive the channels.
std::vector<std::unique_ptr<Channel>> make_channels(const NotificationSettings& settings, const NotifierParts& parts);

// Whether another attempt may succeed.
bool is_worth_repeating(const Error& error);

} // namespace ecsr::notify
