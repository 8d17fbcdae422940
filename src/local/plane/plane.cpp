#include "local/plane/plane.hpp"

#include "base/log.hpp"
#include "local/plane/state_json.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

namespace ecsr::local {

namespace {

constexpr Millis shortest_sleep{1};
constexpr Millis stop_poll{20};

Instant earliest_of(Instant a, Instant b) {
    return std::min(a, b);
}

} // namespace

Result<std::unique_ptr<Plane>> Plane::create(Runtime& runtime, Balancer& balancer, Clock& clock, PlaneOptions options,
                                             State initial) {
    std::optional<StateFolder> folder;
    if (!options.state_folder.empty()) {
        auto opened = StateFolder::open(options.state_folder);
        if (!opened) { return std::unexpected(std::move(opened.error())); }
        folder.emplace(std::move(*opened));
        auto loaded = folder->load();
        if (!loaded) { return std::unexpected(std::move(loaded.error())); }
        if (*loaded) {
            // Where the search for free addresses starts depends on the machine as it is now.
            const auto next_address = initial.next_address;
            initial = std::move(**loaded);
            initial.next_address = next_address;
            lose_tasks(initial, clock.now());
        }
    }
    return std::unique_ptr<Plane>(
        new Plane(runtime, balancer, clock, std::move(options), std::move(initial), std::move(folder)));
}

Plane::Plane(Runtime& runtime, Balancer& balancer, Clock& clock, PlaneOptions options, State state,
             std::optional<StateFolder> folder)
    : runtime_(runtime), balancer_(balancer), clock_(clock), options_(std::move(options)), folder_(std::move(folder)),
      state_(std::move(state)), scheduler_(options_.scheduler),
      api_([this](const std::string& task_id) { return runtime_.memory_usage(task_id); }) {
    apply_balancing(clock_.now());
    if (options_.own_thread) {
        thread_ = std::jthread([this](const std::stop_token& stop) { loop(stop); });
    }
}

Plane::~Plane() {
    if (thread_.joinable()) {
        thread_.request_stop();
        thread_.join();
    }
    if (!shut_down_) { save_when_due(true); }
}

HttpResponse Plane::handle(const HttpRequest& request) {
    Answer answer;
    {
        const std::lock_guard lock(mutex_);
        if (shut_down_) {
            return {503,
                    {{"Content-Type", "application/json"}},
                    R"({"__type":"ServiceUnavailable","message":"The local ECS is shutting down."})"};
        }
        const Instant now = clock_.now();
        answer = api_.handle(request, state_, now);
        if (answer.change == Change::Nothing) { return std::move(answer.response); }
        if (!save_at_) { save_at_ = now + options_.save_delay; }
        if (answer.change == Change::Balancing) { apply_balancing(now); }
        turn_locked(now);
    }
    wake();
    return std::move(answer.response);
}

void Plane::wake() {
    const std::lock_guard lock(wake_mutex_);
    sleep_.request_stop();
}

Instant Plane::turn() {
    ECSR_ASSERT(!options_.own_thread);
    Instant next;
    {
        const std::lock_guard lock(mutex_);
        next = turn_locked(clock_.now());
    }
    save_when_due(false);
    return next;
}

const State& Plane::state() const {
    ECSR_ASSERT(!options_.own_thread);
    return state_;
}

void Plane::loop(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        std::stop_source sleep;
        {
            // From here on a wake() ends the sleep that comes, so that nothing which happens during the turn waits.
            const std::lock_guard lock(wake_mutex_);
            sleep_ = sleep;
        }
        Instant next;
        {
            const std::lock_guard lock(mutex_);
            next = turn_locked(clock_.now());
        }
        save_when_due(false);
        const std::stop_callback end_with_thread(stop, [&sleep] { sleep.request_stop(); });
        clock_.sleep_until(next, sleep.get_token());
    }
}

Instant Plane::turn_locked(Instant now) {
    bool moved = scheduler_.next_wakeup(state_) <= now;
    for (const auto& event : runtime_.take_events(now)) {
        scheduler_.handle(state_, event, now);
        moved = true;
    }
    for (const auto& event : balancer_.take_events(now)) {
        scheduler_.handle(state_, event, now);
        moved = true;
    }
    carry_out(scheduler_.advance(state_, now), now);
    if (moved && !save_at_) { save_at_ = now + options_.save_delay; }
    Instant next = earliest_of(scheduler_.next_wakeup(state_), now + options_.longest_sleep);
    next = earliest_of(next, earliest_of(runtime_.next_event_at(), balancer_.next_event_at()));
    if (save_at_ && folder_) { next = earliest_of(next, *save_at_); }
    return std::max(next, now + shortest_sleep);
}

void Plane::carry_out(const std::vector<Effect>& effects, Instant now) {
    for (const auto& effect : effects) {
        if (const auto* launch = std::get_if<LaunchTask>(&effect)) {
            runtime_.launch(launch->launch, now);
        } else if (const auto* stop = std::get_if<StopContainers>(&effect)) {
            runtime_.stop(stop->task_id, now);
        } else {
            apply_balancing(now);
        }
    }
}

void Plane::apply_balancing(Instant now) {
    std::vector<Listener> listeners;
    std::vector<TargetGroup> groups;
    listeners.reserve(state_.listeners.size());
    groups.reserve(state_.target_groups.size());
    for (const auto& [arn, listener] : state_.listeners) { listeners.push_back(listener); }
    for (const auto& [arn, group] : state_.target_groups) { groups.push_back(group); }
    balancer_.apply(listeners, groups, now);
}

void Plane::save_when_due(bool at_once) {
    if (!folder_) { return; }
    std::string text;
    {
        const std::lock_guard lock(mutex_);
        if (!at_once && (!save_at_ || *save_at_ > clock_.now())) { return; }
        save_at_.reset();
        text = state_to_json(state_);
    }
    if (text == saved_) { return; }
    // The file is written without the lock: requests do not wait for the disk.
    if (const auto saved = folder_->save(text); !saved) {
        log(LogLevel::Error, "the state of the local ECS was not saved", {{"error", saved.error().message}});
        return;
    }
    saved_ = std::move(text);
}

std::size_t Plane::running_containers(Instant now) {
    // Only to learn which containers have ended: the scheduler is not asked what should follow.
    for (const auto& event : runtime_.take_events(now)) { scheduler_.handle(state_, event, now); }
    std::size_t running = 0;
    for (const auto& [id, task] : state_.tasks) {
        running += static_cast<std::size_t>(std::ranges::count_if(
            task.containers, [](const Container& container) { return container.last_status == TaskStatus::Running; }));
    }
    return running;
}

Status Plane::shut_down(Millis patience) {
    if (thread_.joinable()) {
        thread_.request_stop();
        thread_.join();
    }
    {
        const std::lock_guard lock(mutex_);
        if (shut_down_) { return {}; }
        shut_down_ = true;
    }
    save_when_due(true);
    const Instant deadline = clock_.now() + patience;
    {
        const std::lock_guard lock(mutex_);
        const Instant now = clock_.now();
        for (const auto& [id, task] : state_.tasks) {
            if (task.last_status != TaskStatus::Stopped) { runtime_.stop(id, now); }
        }
    }
    while (true) {
        std::size_t running = 0;
        Instant now;
        {
            const std::lock_guard lock(mutex_);
            now = clock_.now();
            running = running_containers(now);
        }
        if (running == 0) { return {}; }
        if (now >= deadline) {
            return fail(ErrorKind::Timeout, fmt::format("{} containers still ran {} after they were told to stop",
                                                        running, format_age(patience)));
        }
        clock_.sleep_until(std::min(deadline, now + stop_poll), std::stop_token());
    }
}

} // namespace ecsr::local
