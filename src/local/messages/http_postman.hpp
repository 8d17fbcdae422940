// The Postman over a Transport: a few threads of its own, each with one exchange at a time.
#pragma once

#include "base/transport.hpp"
#include "local/messages/postman.hpp"

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>

namespace ecsr::local {

class HttpPostman : public Postman {
public:
    // `notify` is called on a thread of its own when an outcome is there; both must outlive it.
    HttpPostman(Transport& transport, std::function<void()> notify);
    // Ends what is under way; letters that were not sent are dropped.
    ~HttpPostman() override;
    HttpPostman(const HttpPostman&) = delete;
    HttpPostman& operator=(const HttpPostman&) = delete;

    void send(std::uint64_t letter, const HttpRequest& request) override;
    std::vector<LetterOutcome> take_outcomes() override;

private:
    void loop(const std::stop_token& stop);

    Transport& transport_;
    const std::function<void()> notify_;

    std::mutex mutex_; // guards what follows
    std::condition_variable_any has_letters_;
    std::deque<std::pair<std::uint64_t, HttpRequest>> letters_;
    std::vector<LetterOutcome> outcomes_;

    std::vector<std::jthread> threads_; // last: they use all of the above
};

} // namespace ecsr::local
