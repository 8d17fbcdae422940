#include "local/plane/plane.hpp"

#include "base/log.hpp"
#include "local/alarms/evaluate_alarms.hpp"
#include "local/logs/streams_of_tasks.hpp"
#include "local/messages/deliveries.hpp"
#include "local/metadata/task_endpoint.hpp"
#include "local/plane/control.hpp"
#include "local/plane/state_json.hpp"
#include "local/rules/tell_rules.hpp"
#include "local/scaling/scale.hpp"

#include <algorithm>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <utility>

namespace ecsr::local {

namespace {

constexpr Millis shortest_sleep{1};
constexpr Millis stop_poll{20};
constexpr Millis clock_tolerance{60'000}; // how far a real clock may be behind a saved State
constexpr int jumps_at_once = 100;

Instant earliest_of(Instant a, Instant b) {
    return std::min(a, b);
}

Signatures strictness(const PlaneOptions& options) {
    if (!options.verify_signatures) { return Signatures::Ignored; }
    return options.virtual_time == nullptr ? Signatures::Checked : Signatures::CheckedAgeless;
}

Instant next_minute(Instant now) {
    return std::chrono::floor<std::chrono::minutes>(now) + minute;
}

// As AWS tells its time with every answer (RFC 9110).
HttpResponse dated(HttpResponse response, Instant now) {
    const auto seconds = std::chrono::floor<Seconds>(now).time_since_epoch().count();
    response.headers.emplace_back("Date", fmt::format("{:%a, %d %b %Y %H:%M:%S} GMT", fmt::gmtime(seconds)));
    return response;
}

// Where the search for free addresses starts depends on the machine as it is now.
void keep_what_is_of_this_machine(State& loaded, const State& here) {
    loaded.next_address = here.next_address;
    loaded.capacity = here.capacity;
    loaded.own_networks = here.own_networks;
}

// Error: Usage.
Status time_problem(const State& loaded, Instant now) {
    if (loaded.time <= now + clock_tolerance) { return {}; }
    return fail(ErrorKind::Usage, fmt::format("it was left at {}, which is still to come: it lived in the time of the "
                                              "virtual runtime",
                                              to_rfc3339(loaded.time)));
}

HttpResponse shutting_down() {
    return {503,
            {{"Content-Type", "application/json"}},
            R"({"__type":"ServiceUnavailable","message":"The local ECS is shutting down."})"};
}

} // namespace

// What befalls a request before it is carried out.
struct Plane::Disturbed {
    std::optional<Asked> asked; // known where something may befall it
    Harm harm;
};

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
            keep_what_is_of_this_machine(**loaded, initial);
            initial = std::move(**loaded);
            if (options.virtual_time != nullptr) { options.virtual_time->jump_to(initial.time); }
            if (auto problem = time_problem(initial, clock.now()); !problem) {
                return std::unexpected(
                    std::move(problem.error())
                        .with_context(fmt::format("the state in {}", options.state_folder.string())));
            }
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
      api_([this](const std::string& task_id) { return runtime_.memory_usage(task_id); }, strictness(options_)),
      faults_(Random(options_.trouble.seed)),
      sample_at_(options_.samples_metrics ? next_minute(clock.now()) : Instant::max()), due_(clock.now()) {
    for (const auto& fault : options_.trouble.faults) { faults_.add(fault); }
    faults_changed();
    if (options_.trouble.throttles_as_aws) { rates_.emplace(); }
    state_.endpoint_url = options_.postman == nullptr ? "" : options_.endpoint_url;
    if (options_.trouble.stale_reads) { past_.emplace(*options_.trouble.stale_reads); }
    remember(due_);
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

Plane::Disturbed Plane::disturb(const HttpRequest& request) {
    const std::lock_guard lock(mutex_);
    if (faults_.list().empty() && !rates_ && !past_) { return {}; }
    Disturbed disturbed{Api::asked(request), {}};
    if (!disturbed.asked) { return disturbed; }
    const AskedApi api{disturbed.asked->service, disturbed.asked->speaks_query};
    disturbed.harm = faults_.draw(api, disturbed.asked->operation);
    const bool in_time = !rates_ || api.service != "ecs" || rates_->take(disturbed.asked->operation, clock_.now());
    if (!in_time && !disturbed.harm.refusal) { disturbed.harm.refusal = throttled(api); }
    return disturbed;
}

State& Plane::state_for(const std::optional<Asked>& asked, Instant now) {
    State* past = past_ && asked && asked->reads ? past_->seen_at(now) : nullptr;
    return past == nullptr ? state_ : *past;
}

void Plane::remember(Instant now) {
    if (past_) { past_->keep(state_, now); }
}

HttpResponse Plane::tell_container(const HttpRequest& request) {
    TaskEndpointAnswer answer;
    {
        const std::lock_guard lock(mutex_);
        if (shut_down_) { return shutting_down(); }
        const Instant now = clock_.now();
        // A container may ask before its start has been taken in.
        if (options_.virtual_time != nullptr) {
            catch_up_locked(now);
        } else {
            turn_locked(now);
        }
        const auto memory = [this](const std::string& task_id) { return runtime_.memory_usage(task_id); };
        answer = answer_task_endpoint(request, state_, memory, now);
        if (answer.changed) {
            if (!save_at_) { save_at_ = now + options_.save_delay; }
            turn_locked(now);
            remember(now);
        }
    }
    if (answer.changed) { wake(); }
    return dated(std::move(answer.response), time());
}

HttpResponse Plane::handle(const HttpRequest& request) {
    if (auto steered = control::answer(request, *this)) { return dated(std::move(*steered), time()); }
    if (is_for_task_endpoint(request)) { return tell_container(request); }
    const Disturbed disturbed = disturb(request);
    if (const Millis latency = disturbed.harm.latency; latency > Millis{0}) {
        clock_.sleep_until(clock_.now() + latency, ending_.get_token());
    }
    Answer answer;
    bool thread_sleeps_too_long = false;
    {
        const std::lock_guard lock(mutex_);
        if (shut_down_) { return shutting_down(); }
        const Instant now = clock_.now();
        if (options_.virtual_time != nullptr) { catch_up_locked(now); }
        if (disturbed.harm.refusal) { return dated(api_.refusal(request, *disturbed.harm.refusal), now); }
        answer = api_.handle(request, state_for(disturbed.asked, now), now);
        answer.response = dated(std::move(answer.response), now);
        if (answer.change != Change::Nothing) {
            if (!save_at_) { save_at_ = now + options_.save_delay; }
            if (answer.change == Change::Balancing) { apply_balancing(now); }
            thread_sleeps_too_long = turn_locked(now) < thread_wakes_at_;
            remember(now);
        }
    }
    if (thread_sleeps_too_long) { wake(); }
    return disturbed.harm.loses_answer ? HttpResponse{} : std::move(answer.response);
}

bool Plane::answers_at_once(const HttpRequest& request) const {
    return !has_faults_ && !request.url.starts_with(control::all_paths);
}

void Plane::faults_changed() {
    has_faults_ = !faults_.list().empty();
}

Result<ActiveFault> Plane::add_fault(std::string_view text) {
    auto fault = parse_fault(text, Api::operations());
    if (!fault) { return std::unexpected(fault.error()); }
    const std::lock_guard lock(mutex_);
    faults_.add(std::move(*fault));
    faults_changed();
    return faults_.list().back();
}

bool Plane::clear_fault(std::string_view id) {
    const std::lock_guard lock(mutex_);
    const bool cleared = faults_.clear(id);
    faults_changed();
    return cleared;
}

void Plane::clear_faults() {
    const std::lock_guard lock(mutex_);
    faults_.clear_all();
    faults_changed();
}

std::vector<ActiveFault> Plane::faults() {
    const std::lock_guard lock(mutex_);
    return faults_.list();
}

void Plane::look(const std::function<void(const State&, Runtime&, Instant)>& reader) {
    const std::lock_guard lock(mutex_);
    const Instant now = clock_.now();
    if (options_.virtual_time != nullptr && !shut_down_) { catch_up_locked(now); }
    reader(state_, runtime_, now);
}

std::string Plane::snapshot() {
    State copy;
    look([&copy](const State& state, Runtime&, Instant now) {
        copy = state;
        copy.time = now;
    });
    return state_to_json(copy);
}

Status Plane::restore(std::string_view snapshot) {
    auto loaded = state_from_json(snapshot);
    if (!loaded) { return fail(ErrorKind::Usage, "no snapshot of a local ECS: " + loaded.error().message); }
    {
        const std::lock_guard lock(mutex_);
        if (shut_down_) { return fail(ErrorKind::Interrupted, "the local ECS is shutting down"); }
        if (options_.virtual_time != nullptr) { options_.virtual_time->jump_to(loaded->time); }
        const Instant now = clock_.now();
        if (auto problem = time_problem(*loaded, now); !problem) {
            return std::unexpected(std::move(problem.error()).with_context("the snapshot"));
        }
        for (const auto& [id, task] : state_.tasks) {
            if (task.last_status != TaskStatus::Stopped) { runtime_.stop(id, now); }
        }
        keep_what_is_of_this_machine(*loaded, state_);
        loaded->random = state_.random; // ids that the runtime has seen must not come again
        state_ = std::move(*loaded);
        lose_tasks(state_, now);
        start_failures_.clear();
        if (past_) { past_.emplace(*options_.trouble.stale_reads); }
        save_at_ = now;
        apply_balancing(now);
        turn_locked(now);
        remember(now);
    }
    wake();
    return {};
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
            next = catch_up_locked(clock_.now());
            thread_wakes_at_ = next;
        }
        save_when_due(false);
        const std::stop_callback end_with_thread(stop, [&sleep] { sleep.request_stop(); });
        clock_.sleep_until(next, sleep.get_token());
    }
}

// Everything that is due until `now`; in virtual time each at its own moment. Returns when it must be called again.
Instant Plane::catch_up_locked(Instant now) {
    if (options_.virtual_time == nullptr) { return turn_locked(now); }
    while (due_ <= now) { turn_locked(due_); }
    return due_;
}

Result<Instant> Plane::advance(Millis span) {
    if (options_.virtual_time == nullptr) {
        return fail(ErrorKind::Usage, "the time of this local ECS is real time; only with --runtime virtual can it be "
                                      "advanced");
    }
    ScaledClock& time = *options_.virtual_time;
    const Instant target = time.now() + span;
    while (true) {
        const std::lock_guard lock(mutex_);
        if (shut_down_) { return fail(ErrorKind::Interrupted, "the local ECS is shutting down"); }
        for (int i = 0; i < jumps_at_once; ++i) {
            time.jump_to(std::min(due_, target));
            const Instant now = time.now();
            catch_up_locked(now);
            if (now >= target) { return now; }
        }
    }
}

// A minute that nobody came to has no datapoint. True when an alarm has changed.
bool Plane::sample_when_due(Instant now) {
    if (now < sample_at_) { return false; }
    sampler_.sample(state_, runtime_, api_.metrics(), std::chrono::floor<std::chrono::minutes>(now) - minute, now);
    sample_at_ = next_minute(now);
    return evaluate_alarms(state_, api_.metrics(), now);
}

Instant Plane::turn_locked(Instant now) {
    bool moved = scheduler_.next_wakeup(state_) <= now;
    for (const auto& event : std::exchange(start_failures_, {})) {
        scheduler_.handle(state_, event, now);
        moved = true;
    }
    for (const auto& event : runtime_.take_events(now)) {
        scheduler_.handle(state_, event, now);
        moved = true;
    }
    for (const auto& event : balancer_.take_events(now)) {
        scheduler_.handle(state_, event, now);
        moved = true;
    }
    moved = sample_when_due(now) || moved;
    carry_out(scheduler_.advance(state_, now), now);
    for (auto& output : runtime_.take_output()) { take_in_output(state_, std::move(output), now); }
    tell_rules(state_);
    deliver(now);
    moved = scale(state_, now) || moved;
    if (moved) { remember(now); }
    if (moved && !save_at_) { save_at_ = now + options_.save_delay; }
    Instant next = earliest_of(scheduler_.next_wakeup(state_), now + options_.longest_sleep);
    next = earliest_of(next, earliest_of(runtime_.next_event_at(), balancer_.next_event_at()));
    next = earliest_of(next, earliest_of(sample_at_, next_scaling_at(state_)));
    if (options_.postman != nullptr) { next = earliest_of(next, next_letter_at(state_)); }
    if (save_at_ && folder_) { next = earliest_of(next, *save_at_); }
    if (!start_failures_.empty()) { next = now; }
    due_ = std::max(next, now + shortest_sleep);
    return due_;
}

void Plane::carry_out(const std::vector<Effect>& effects, Instant now) {
    for (const auto& effect : effects) {
        if (const auto* launch = std::get_if<LaunchTask>(&effect)) {
            this->launch(launch->launch, now);
        } else if (const auto* stop = std::get_if<StopContainers>(&effect)) {
            runtime_.stop(stop->task_id, now);
        } else {
            apply_balancing(now);
        }
    }
}

// What becomes of messages is for people to read, and is not saved.
void Plane::deliver(Instant now) {
    if (options_.postman == nullptr) { return; }
    for (const auto& outcome : options_.postman->take_outcomes()) { take_in(state_, outcome, now); }
    hand_out_letters(state_, *options_.postman, now);
}

void Plane::launch(const TaskLaunch& launch, Instant now) {
    const auto task = state_.tasks.find(launch.task_id);
    const auto failure = task == state_.tasks.end() ? std::nullopt : faults_.draw_start(task->second.service);
    if (!failure) {
        TaskLaunch prepared = launch;
        const bool on_fargate = task != state_.tasks.end() && task->second.launch_type == "FARGATE";
        const auto problem = prepare_log_streams(state_, prepared, on_fargate, now);
        if (!problem) { return runtime_.launch(prepared, now); }
        start_failures_.emplace_back(ImagePullFailed{launch.task_id, problem->container, problem->reason});
        return;
    }
    for (const auto& container : launch.containers) {
        if (container.essential) {
            start_failures_.emplace_back(ImagePullFailed{launch.task_id, container.name, *failure});
            return;
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
        state_.time = clock_.now();
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
    ending_.request_stop();
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
    if (patience == Millis{0}) { return {}; }
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
