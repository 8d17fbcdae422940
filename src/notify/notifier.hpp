// Tells people what a run did: a queue and a worker for every channel of the settings, so that neither a run nor
// another channel ever waits for a slow server.
#pragma once

#include "aws/call.hpp"
#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/mail.hpp"
#include "base/random.hpp"
#include "base/transport.hpp"
#include "model/notification_settings.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace ecsr::notify {

// All references must outlive the Notifier; everything is called from several threads.
struct NotifierParts {
    Transport& transport;
    MailTransport& mail;
    Clock& clock;
    Random random; // for message ids and the spread of retries
    // A caller for SNS in `region`; called once a topic, at its first message. Errors are told as the channel's.
    std::function<Result<std::unique_ptr<aws::Caller>>(const std::string& region)> make_caller;
    // The whole file, for attachments. Errors: one line that names it.
    std::function<Result<std::string>(const std::string& path)> read_file;
};

// Mail servers whose settings name no CA file are trusted by `ca_file`, where it is not empty (SSL_CERT_FILE).
void trust_by_default(NotificationSettings& settings, const std::string& ca_file);

// How often and for how long a message is tried. What cannot get better (a refused login, HTTP 404) is not repeated.
struct RetryPolicy {
    int max_attempts = 8;
    Millis first_pause{1'000}; // doubled each time, and spread by up to a half
    Millis longest_pause{60'000};
    Millis give_up_after{15 * 60'000}; // since notify()
};

// What became of one message on one channel.
struct Delivery {
    std::string channel; // name in the settings
    std::string kind;    // "mail", "sns", "slack", "teams", "webhook"
    std::string target;  // who gets it, without secrets: addresses, topic ARN, host of the URL
    Status status;       // the error is one line without secrets
};

class Notifier {
public:
    // Error: Usage: the first problem of check(settings), with its field.
    static Result<std::unique_ptr<Notifier>> create(NotificationSettings settings, NotifierParts parts,
                                                    RetryPolicy policy = {});
    // Gives up what is still queued, and logs it.
    ~Notifier();

    // Queues the message for every channel that wants the event, in the order of the calls. Never blocks for I/O, never
    // fails: a message that finally could not be sent is one warning in the log. A channel that is 1000 messages behind
    // loses its oldest ones (logged). Thread-safe.
    void notify(const Notification& notification);

    // Until everything is sent or given up, at most for `within`, or until `stop`; then gives up the rest and logs it.
    // Returns true if every message since the last drain was sent. notify() may be used again afterwards.
    bool drain(Millis within, const std::stop_token& stop = {});

    // One attempt on every channel, whatever events it wants, one after another; for `notify test`.
    std::vector<Delivery> send_now(const Notification& notification, const std::stop_token& stop);

private:
    struct Parts;
    explicit Notifier(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

} // namespace ecsr::notify
