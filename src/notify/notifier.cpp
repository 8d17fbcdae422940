#include "notify/notifier.hpp"

#include "base/log.hpp"
#include "base/text.hpp"
#include "notify/channel.hpp"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <fmt/format.h>
#include <mutex>
#include <thread>
#include <utility>

namespace ecsr::notify {

namespace {

constexpr std::size_t longest_queue = 1000;

struct Pending {
    Message message;
    Instant give_up_at{};
};

} // namespace

// Everything but the channels' own work is done under one mutex: messages are few.
struct Notifier::Parts {
    struct Worker {
        std::unique_ptr<Channel> channel;
        std::deque<Pending> queue = {};
        bool busy = false;
        std::stop_source give_up = {}; // for the message in hand
        std::jthread thread = {};      // last: ends before what it uses
    };

    Parts(NotificationSettings settings_in, NotifierParts world_in, RetryPolicy policy_in)
        : settings(std::move(settings_in)), world(std::move(world_in)), policy(policy_in),
          secrets(secrets_of(settings)) {}

    void start();
    void enqueue(const Notification& notification);
    void work(Worker& worker, const std::stop_token& stop);
    bool deliver(Channel& channel, const Pending& pending, const std::stop_token& give_up);
    void tell_lost(const Channel& channel, const Message& message, const std::string& why) const;
    Millis pause_after(int attempt);
    bool is_idle() const;
    void give_up_the_rest(const std::string& why);

    const NotificationSettings settings;
    NotifierParts world;
    const RetryPolicy policy;
    const std::vector<std::string> secrets;

    mutable std::mutex mutex; // guards what follows
    std::condition_variable_any queued;
    std::stop_source became_idle; // for drain(), renewed by it
    bool all_sent = true;
    std::vector<std::unique_ptr<Worker>> workers;
};

void Notifier::Parts::start() {
    for (auto& channel : make_channels(settings, world)) {
        workers.push_back(std::make_unique<Worker>(std::move(channel)));
        Worker& worker = *workers.back();
        worker.thread = std::jthread([this, &worker](const std::stop_token& stop) { work(worker, stop); });
    }
}

void Notifier::Parts::enqueue(const Notification& notification) {
    const std::lock_guard lock(mutex);
    Pending pending{{notification, world.random.hex(32)}, world.clock.now() + policy.give_up_after};
    for (const auto& worker : workers) {
        if (!worker->channel->info().events.contains(notification.event)) { continue; }
        if (worker->queue.size() >= longest_queue) {
            tell_lost(*worker->channel, worker->queue.front().message, "too many wait for the channel");
            worker->queue.pop_front();
            all_sent = false;
        }
        worker->queue.push_back(pending);
    }
    queued.notify_all();
}

void Notifier::Parts::work(Worker& worker, const std::stop_token& stop) {
    while (true) {
        std::unique_lock lock(mutex);
        if (!queued.wait(lock, stop, [&] { return !worker.queue.empty(); })) { return; }
        const Pending pending = std::move(worker.queue.front());
        worker.queue.pop_front();
        worker.busy = true;
        worker.give_up = {};
        const std::stop_token give_up = worker.give_up.get_token();
        lock.unlock();
        const bool sent = deliver(*worker.channel, pending, give_up);
        lock.lock();
        worker.busy = false;
        all_sent = all_sent && sent;
        if (is_idle()) { became_idle.request_stop(); }
    }
}

bool Notifier::Parts::deliver(Channel& channel, const Pending& pending, const std::stop_token& give_up) {
    for (int attempt = 1;; ++attempt) {
        const Status sent = channel.send(pending.message, give_up);
        if (sent) { return true; }
        const std::string why = redact(sent.error().message, secrets);
        const Instant next = world.clock.now() + pause_after(attempt);
        const bool last = attempt >= policy.max_attempts || next > pending.give_up_at;
        if (last || give_up.stop_requested() || !is_worth_repeating(sent.error())) {
            tell_lost(channel, pending.message, fmt::format("{} (attempt {})", why, attempt));
            return false;
        }
        log(LogLevel::Debug,
            fmt::format("Notification by {} waits for attempt {}: {}", channel.info().name, attempt + 1, why));
        if (!world.clock.sleep_until(next, give_up)) {
            tell_lost(channel, pending.message, fmt::format("no time is left: {} (attempt {})", why, attempt));
            return false;
        }
    }
}

void Notifier::Parts::tell_lost(const Channel& channel, const Message& message, const std::string& why) const {
    const auto& info = channel.info();
    const std::string by = info.name == info.kind ? info.kind : fmt::format("{} {}", info.kind, info.name);
    log(LogLevel::Warning, fmt::format("The notification \"{}\" did not reach {} ({}): {}",
                                       redact(headline(message.notification), secrets), by, info.target, why));
}

Millis Notifier::Parts::pause_after(int attempt) {
    const std::lock_guard lock(mutex);
    Millis pause = policy.first_pause;
    for (int i = 1; i < attempt && pause < policy.longest_pause; ++i) { pause *= 2; }
    pause = std::min(pause, policy.longest_pause);
    return pause + Millis(world.random.between(0, pause.count() / 2));
}

bool Notifier::Parts::is_idle() const {
    return std::ranges::all_of(workers, [](const auto& worker) { return worker->queue.empty() && !worker->busy; });
}

void Notifier::Parts::give_up_the_rest(const std::string& why) {
    const std::lock_guard lock(mutex);
    for (const auto& worker : workers) {
        for (const Pending& pending : worker->queue) { tell_lost(*worker->channel, pending.message, why); }
        all_sent = all_sent && worker->queue.empty() && !worker->busy;
        worker->queue.clear();
        worker->give_up.request_stop();
    }
}

void trust_by_default(NotificationSettings& settings, const std::string& ca_file) {
    for (MailSettings& mail : settings.mails) {
        if (mail.server.ca_file.empty()) { mail.server.ca_file = ca_file; }
    }
}

Result<std::unique_ptr<Notifier>> Notifier::create(NotificationSettings settings, NotifierParts parts,
                                                   RetryPolicy policy) {
    if (const auto problems = check(settings); !problems.empty()) {
        return fail(ErrorKind::Usage, fmt::format("{}: {}", problems.front().field, problems.front().text));
    }
    auto made = std::make_unique<Parts>(std::move(settings), std::move(parts), policy);
    made->start();
    return std::unique_ptr<Notifier>(new Notifier(std::move(made)));
}

Notifier::Notifier(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Notifier::~Notifier() {
    parts_->give_up_the_rest("the program ends");
    for (const auto& worker : parts_->workers) { worker->thread.request_stop(); }
    for (const auto& worker : parts_->workers) { worker->thread.join(); }
}

void Notifier::notify(const Notification& notification) {
    parts_->enqueue(notification);
}

bool Notifier::drain(Millis within, const std::stop_token& stop) {
    std::stop_source done;
    {
        const std::lock_guard lock(parts_->mutex);
        parts_->became_idle = done;
        if (parts_->is_idle()) { return std::exchange(parts_->all_sent, true); }
    }
    std::stop_source wake;
    const std::stop_callback on_idle(done.get_token(), [&] { wake.request_stop(); });
    const std::stop_callback on_stop(stop, [&] { wake.request_stop(); });
    parts_->world.clock.sleep_until(parts_->world.clock.now() + within, wake.get_token());
    if (!done.stop_requested()) { parts_->give_up_the_rest("no time is left"); }
    const std::lock_guard lock(parts_->mutex);
    return std::exchange(parts_->all_sent, true);
}

std::vector<Delivery> Notifier::send_now(const Notification& notification, const std::stop_token& stop) {
    std::string id;
    {
        const std::lock_guard lock(parts_->mutex);
        id = parts_->world.random.hex(32);
    }
    std::vector<Delivery> deliveries;
    for (const auto& channel : make_channels(parts_->settings, parts_->world)) {
        const auto& info = channel->info();
        Status status = channel->send({notification, id}, stop);
        if (!status) { status.error().message = redact(std::move(status.error().message), parts_->secrets); }
        deliveries.push_back({info.name, info.kind, info.target, std::move(status)});
    }
    return deliveries;
}

} // namespace ecsr::notify
