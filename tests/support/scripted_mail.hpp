// A MailTransport that answers from a script and remembers what it was asked.
#pragma once

#include "base/mail.hpp"

#include <deque>
#include <mutex>
#include <utility>
#include <vector>

namespace ecsr::testing {

// Takes a mail when the script has no further answer. Thread-safe.
class ScriptedMail : public MailTransport {
public:
    ScriptedMail& then(Error error) {
        const std::lock_guard lock(mutex_);
        answers_.push_back(std::unexpected(std::move(error)));
        return *this;
    }

    Result<MailReceipt> send(const MailServer& /*server*/, const MailMessage& message, std::stop_token stop) override {
        const std::lock_guard lock(mutex_);
        if (stop.stop_requested()) { return fail(ErrorKind::Interrupted, "interrupted"); }
        sent_.push_back(message);
        if (answers_.empty()) { return MailReceipt{}; }
        auto answer = std::move(answers_.front());
        answers_.pop_front();
        return answer;
    }

    std::vector<MailMessage> sent() const {
        const std::lock_guard lock(mutex_);
        return sent_;
    }

private:
    mutable std::mutex mutex_;
    std::deque<Result<MailReceipt>> answers_;
    std::vector<MailMessage> sent_;
};

} // namespace ecsr::testing
