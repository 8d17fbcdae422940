#include "serve/daemon.hpp"

#include "base/log.hpp"
#include "base/text.hpp"
#include "serve/discovery.hpp"
#include "serve/figures.hpp"
#include "serve/mailbox.hpp"
#include "serve/workers.hpp"

#include <algorithm>
#include <atomic>
#include <fmt/format.h>
#include <mutex>
#include <thread>
#include <utility>
#include <variant>

namespace ecsr::serve {

namespace {

constexpr int look_threads = 4;
constexpr Millis longest_sleep{15'000};      // of the driving thread: it shows that it is alive
constexpr Millis soon_again{30'000};         // after services could not be listed
constexpr Millis last_messages{20'000};      // that channels get to send what is queued
constexpr Millis silence_is_illness{60'000}; // at /healthz

struct Swept {
    std::size_t configuration = 0; // which it belongs to
    std::string account;
    std::string region;
    Result<Discovered> result;
};
struct Looked {
    ServiceId id;
    Result<std::optional<Instant>> oldest;
};
struct ReloadAsked {};
using Message = std::variant<Swept, Looked, TurnOver, ReloadAsked>;

HttpResponse plain(int status, std::string body) {
    return {status, {{"Content-Type", "text/plain; charset=utf-8"}}, std::move(body)};
}

} // namespace

struct Daemon::Parts : DaemonParts {
    explicit Parts(DaemonParts parts) : DaemonParts(std::move(parts)) {}

    Status begin(SharedSettings initial);
    Status recall();
    void drive();
    Result<std::shared_ptr<notify::Notifier>> notifier_for(const config::Settings& fresh) const;
    void apply(SharedSettings fresh, std::vector<Place> fresh_places, std::shared_ptr<notify::Notifier> fresh_notifier);

    void take(Swept message);
    void take(const Looked& message);
    void take(const TurnOver& message);
    void take(const ReloadAsked& message);

    void begin_sweeps(Instant now);
    void act_on(std::vector<Command> commands);
    void act_on(const StartRun& command);
    void act_on(const LookAt& command);
    void act_on(const FirePassed& command);
    void begin_drain(Instant now);
    void remember();
    Instant next_wake(Instant now);

    const Place* place_of(const std::string& account, const std::string& region) const;
    bool changes_nothing() const { return read_only || settings->read_only; }
    HttpResponse readiness();

    Mailbox<Message> mailbox;
    SharedSettings settings;
    std::shared_ptr<notify::Notifier> notifier; // null: nobody is told
    std::shared_ptr<Policies> policies;
    std::size_t configuration = 0;
    std::map<std::pair<std::string, std::string>, Instant> sweep_at; // by account and region
    std::set<std::string> told_warnings;
    std::map<ServiceId, std::jthread> turns;
    std::optional<Instant> drain_deadline;
    std::stop_source end_runs; // in order
    std::stop_source leave_runs;

    std::mutex mutex; // guards what follows
    std::vector<Place> places;
    Roster roster{RosterLimits{}};
    Figures figures;
    bool draining = false;
    std::atomic<Instant::rep> beat_at{0}; // of the driving thread, milliseconds since 1970

    std::unique_ptr<Workers> workers; // last: gone first
};

Daemon::Daemon(DaemonParts parts) : parts_(std::make_unique<Parts>(std::move(parts))) {}
Daemon::~Daemon() = default;

Status Daemon::run(SharedSettings settings) {
    if (auto begun = parts_->begin(std::move(settings)); !begun) { return begun; }
    const std::stop_callback drain(parts_->interrupts.end_in_order, [this] { parts_->mailbox.wake(); });
    const std::stop_callback leave(parts_->interrupts.leave_now, [this] { parts_->leave_runs.request_stop(); });
    parts_->drive();
    return {};
}

void Daemon::request_reload() {
    parts_->mailbox.post(ReloadAsked{});
}

// ---- the driving thread ----

Status Daemon::Parts::begin(SharedSettings initial) {
    auto made = make_places(*initial, {}, make_caller);
    if (!made) { return std::unexpected(std::move(made).error()); }
    auto telling = notifier_for(*initial);
    if (!telling) { return std::unexpected(std::move(telling).error()); }
    apply(std::move(initial), std::move(*made), std::move(*telling));
    workers = std::make_unique<Workers>(look_threads);
    return recall();
}

Status Daemon::Parts::recall() {
    auto watches = memory.recall();
    if (!watches) { return std::unexpected(watches.error()); }
    roster.recall(std::move(*watches));
    const auto ids = memory.unfinished_runs();
    if (!ids) { return std::unexpected(ids.error()); }
    const Instant now = clock.now();
    for (const std::string& id : *ids) {
        const auto record = journal.load(id);
        if (!record) { return std::unexpected(record.error()); }
        if (record->run.spec.started_by.empty() || record->run.paused) { continue; }
        const bool held = act::is_held(record->holder, now);
        roster.recall_unfinished(record->service_key, id, held ? record->holder->expires_at : now);
    }
    return {};
}

Result<std::shared_ptr<notify::Notifier>> Daemon::Parts::notifier_for(const config::Settings& fresh) const {
    if (fresh.notifications.empty()) { return nullptr; }
    return make_notifier(fresh.notifications);
}

void Daemon::Parts::apply(SharedSettings fresh, std::vector<Place> fresh_places,
                          std::shared_ptr<notify::Notifier> fresh_notifier) {
    if (notifier) { notifier->drain(last_messages); }
    notifier = std::move(fresh_notifier);
    const std::lock_guard lock(mutex);
    settings = std::move(fresh);
    policies = std::make_shared<Policies>(settings);
    ++configuration;
    places = std::move(fresh_places);
    roster.set_limits({settings->max_parallel, settings->stagger});
    sweep_at.clear();
    std::set<std::pair<std::string, std::string>> kept;
    for (const Place& place : places) {
        sweep_at[{place.account.name, place.region}] = {};
        kept.insert({place.account.name, place.region});
    }
    roster.forget_all_but(kept);
    std::erase_if(figures.discoveries, [&](const auto& entry) { return !kept.contains(entry.first); });
    figures.last_reload_successful = true;
    figures.last_reload_success_at = clock.now();
    if (configuration == 1) { figures.started_at = figures.last_reload_success_at; }
    told_warnings.clear();
}

void Daemon::Parts::drive() {
    while (true) {
        for (Message& message : mailbox.take()) {
            std::visit([this](auto& each) { take(std::move(each)); }, message);
        }
        const Instant now = clock.now();
        beat_at = now.time_since_epoch().count();
        if (interrupts.end_in_order.stop_requested()) { begin_drain(now); }
        if (draining && turns.empty()) { break; }
        if (drain_deadline && now >= *drain_deadline) { leave_runs.request_stop(); }
        if (!draining) { begin_sweeps(now); }
        std::vector<Command> commands;
        {
            const std::lock_guard lock(mutex);
            commands = roster.advance(now);
        }
        remember();
        act_on(std::move(commands));
        mailbox.wait(clock, next_wake(clock.now()));
    }
    remember();
    workers.reset();
    if (notifier) { notifier->drain(last_messages, interrupts.leave_now); }
    log(LogLevel::Info, "Ended");
}

Instant Daemon::Parts::next_wake(Instant now) {
    Instant wake = now + longest_sleep;
    {
        const std::lock_guard lock(mutex);
        wake = std::min(wake, roster.next_wake());
    }
    if (!draining) {
        for (const auto& [place, at] : sweep_at) { wake = std::min(wake, at); }
    }
    return drain_deadline && !leave_runs.stop_requested() ? std::min(wake, *drain_deadline) : wake;
}

void Daemon::Parts::begin_drain(Instant now) {
    if (draining) { return; }
    {
        const std::lock_guard lock(mutex);
        draining = true;
        roster.drain();
    }
    drain_deadline = now + settings->drain_timeout;
    end_runs.request_stop();
    log(LogLevel::Info, turns.empty() ? std::string("Ending")
                                      : fmt::format("Ending: {} runs end at the edge of their batch, within {}",
                                                    turns.size(), format_duration(settings->drain_timeout)));
}

// A fire that is not remembered may be kept once more after a restart; that is better than not to keep it.
void Daemon::Parts::remember() {
    std::vector<act::Watch> changes;
    {
        const std::lock_guard lock(mutex);
        changes = roster.take_changes();
    }
    if (changes_nothing()) { return; }
    if (const auto written = memory.remember(changes); !written) { log(LogLevel::Error, written.error().message); }
}

// ---- messages ----

void Daemon::Parts::take(Swept message) {
    if (message.configuration != configuration) { return; }
    const std::lock_guard lock(mutex);
    auto& discovery = figures.discoveries[{message.account, message.region}];
    if (!message.result) {
        if (message.result.error().kind == ErrorKind::Interrupted) { return; }
        ++discovery.failures;
        sweep_at[{message.account, message.region}] = clock.now() + std::min(settings->poll.services, soon_again);
        discovery.last_error = message.result.error().message;
        log(LogLevel::Warning, "Services cannot be listed: " + discovery.last_error,
            {{"account", message.account}, {"region", message.region}});
        return;
    }
    if (!discovery.last_success_at) {
        const auto count = message.result->services.size();
        log(LogLevel::Info, fmt::format("Watching {} {}", count, count == 1 ? "service" : "services"),
            {{"account", message.account}, {"region", message.region}});
    }
    discovery.last_success_at = clock.now();
    discovery.last_error.clear();
    for (const std::string& warning : message.result->warnings) {
        if (told_warnings.insert(warning).second) { log(LogLevel::Warning, warning); }
    }
    roster.found(message.account, message.region, std::move(message.result->services), clock.now());
}

void Daemon::Parts::take(const Looked& message) {
    const std::lock_guard lock(mutex);
    if (message.oldest) {
        roster.tasks_seen(message.id, *message.oldest, clock.now());
        return;
    }
    roster.look_failed(message.id, clock.now());
    if (message.oldest.error().kind == ErrorKind::Interrupted) { return; }
    log(LogLevel::Warning, message.oldest.error().message, {{"service", to_string(message.id)}});
}

void Daemon::Parts::take(const TurnOver& message) {
    turns.erase(message.id); // joins: it has nothing left to do
    const std::lock_guard lock(mutex);
    figures.count_run(to_string(message.trigger), message.outcome, message.ended_at - message.began_at,
                      message.recycled);
    roster.run_ended(message.id, message.trigger, message.how, message.left_unfinished, message.began_at,
                     message.ended_at);
}

void Daemon::Parts::take(const ReloadAsked& /*message*/) {
    if (draining) { return; }
    const auto refuse = [&](const Error& error) {
        log(LogLevel::Error, "The configuration stays as it was: " + error.message);
        const std::lock_guard lock(mutex);
        figures.last_reload_successful = false;
    };
    auto fresh = reload();
    if (!fresh) { return refuse(fresh.error()); }
    auto made = make_places(**fresh, places, make_caller);
    if (!made) { return refuse(made.error()); }
    auto telling = notifier_for(**fresh);
    if (!telling) { return refuse(telling.error()); }
    if ((*fresh)->http_port != settings->http_port || (*fresh)->journal != settings->journal) {
        log(LogLevel::Warning, "http and journal count after a restart");
    }
    apply(std::move(*fresh), std::move(*made), std::move(*telling));
    log(LogLevel::Info, "The configuration was read anew");
}

// ---- work ----

void Daemon::Parts::begin_sweeps(Instant now) {
    for (const Place& place : places) {
        Instant& at = sweep_at[{place.account.name, place.region}];
        if (now < at) { continue; }
        at = now + settings->poll.services;
        workers->add([this, place, shared = policies, number = configuration](const std::stop_token& stop) {
            mailbox.post(Swept{number, place.account.name, place.region, discover(place, *shared, stop)});
        });
    }
}

void Daemon::Parts::act_on(std::vector<Command> commands) {
    for (const Command& command : commands) {
        std::visit([this](const auto& each) { act_on(each); }, command);
    }
}

void Daemon::Parts::act_on(const StartRun& command) {
    const Place place = *place_of(command.id.account, command.id.region);
    TurnParts parts{.clock = clock,
                    .journal = journal,
                    .random = Random(random.next()),
                    .who = who,
                    .process = process,
                    .interrupts = {end_runs.get_token(), leave_runs.get_token(), "the daemon was told to stop"},
                    .notifier = notifier,
                    .read_only = changes_nothing()};
    turns.insert_or_assign(
        command.id, std::jthread([this, command, place, parts] { mailbox.post(take_turn(command, place, parts)); }));
}

void Daemon::Parts::act_on(const LookAt& command) {
    const Place place = *place_of(command.id.account, command.id.region);
    workers->add([this, place, id = command.id](const std::stop_token& stop) {
        mailbox.post(Looked{id, oldest_task(place, id, clock.now(), stop)});
    });
}

void Daemon::Parts::act_on(const FirePassed& command) {
    const std::string earlier =
        command.passed.count > 1 ? fmt::format(" and {} before it", command.passed.count - 1) : "";
    const std::string text = fmt::format("The scheduled time {}{} is let pass: {}", to_rfc3339(command.passed.fire),
                                         earlier, command.passed.why);
    log(LogLevel::Info, text, {{"service", to_string(command.id)}});
    {
        const std::lock_guard lock(mutex);
        figures.fires_passed += static_cast<std::int64_t>(command.passed.count);
    }
    if (!notifier || changes_nothing()) { return; }
    Notification notification;
    notification.event = NotificationEvent::Skipped;
    notification.at = clock.now();
    notification.cluster = command.id.cluster;
    notification.service = command.id.name;
    notification.region = command.id.region;
    notification.reason = text;
    notifier->notify(notification);
}

const Place* Daemon::Parts::place_of(const std::string& account, const std::string& region) const {
    const auto found = std::ranges::find_if(
        places, [&](const Place& place) { return place.account.name == account && place.region == region; });
    ECSR_ASSERT(found != places.end());
    return &*found;
}

// ---- HTTP ----

HttpResponse Daemon::Parts::readiness() {
    const std::lock_guard lock(mutex);
    if (draining) { return plain(503, "ending\n"); }
    for (const Place& place : places) {
        const auto found = figures.discoveries.find({place.account.name, place.region});
        if (found != figures.discoveries.end() && found->second.last_success_at) { continue; }
        const std::string why = found == figures.discoveries.end() || found->second.last_error.empty()
                                    ? "not yet"
                                    : found->second.last_error;
        return plain(503, fmt::format("services of account {} in {} are not known: {}\n", place.account.name,
                                      place.region, why));
    }
    return places.empty() ? plain(503, "starting\n") : plain(200, "ready\n");
}

HttpResponse Daemon::answer(const HttpRequest& request) {
    Parts& parts = *parts_;
    if (request.method != "GET") { return plain(405, "allowed: GET\n"); }
    const std::string path = request.url.substr(0, request.url.find('?'));
    if (path == "/healthz") {
        const Instant beat{Millis(parts.beat_at.load())};
        const bool well = parts.clock.now() - beat < silence_is_illness;
        return well ? plain(200, "ok\n") : plain(503, "the daemon has not moved since " + to_rfc3339(beat) + "\n");
    }
    if (path == "/readyz") { return parts.readiness(); }
    if (path == "/metrics") {
        const std::lock_guard lock(parts.mutex);
        std::string text =
            metrics_text({parts.figures, parts.roster, parts.places,
                          parts.read_only || (parts.settings && parts.settings->read_only), parts.version});
        return {200, {{"Content-Type", "text/plain; version=0.0.4; charset=utf-8"}}, std::move(text)};
    }
    return plain(404, "allowed: /healthz, /readyz, /metrics\n");
}

} // namespace ecsr::serve
