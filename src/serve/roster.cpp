#include "serve/roster.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace ecsr::serve {

namespace {

constexpr Millis look_again{60'000}; // after a look that failed, and before a run that was left is taken up

bool is_resume(const Due& due) {
    return due.trigger == Trigger::Resume;
}

act::Watch to_watch(const Watched& service) {
    const State& state = service.state;
    act::Watch watch{service.key, state.schedule, state.first_seen, state.dealt_until, std::nullopt};
    if (state.fire) { watch.fire = {state.fire->at, state.fire->due, state.fire->run_at}; }
    return watch;
}

bool same_memory(const State& a, const State& b) {
    const auto same_fire = [](const std::optional<Fire>& x, const std::optional<Fire>& y) {
        return x.has_value() == y.has_value() && (!x || (x->at == y->at && x->due == y->due && x->run_at == y->run_at));
    };
    return a.schedule == b.schedule && a.first_seen == b.first_seen && a.dealt_until == b.dealt_until &&
           same_fire(a.fire, b.fire);
}

} // namespace

std::string to_string(const ServiceId& id) {
    return fmt::format("{}/{}/{}/{}", id.account, id.region, id.cluster, id.name);
}

// ---- what is known ----

void Roster::recall(std::vector<act::Watch> watches) {
    for (auto& watch : watches) { recalled_.insert_or_assign(watch.service_key, std::move(watch)); }
}

void Roster::recall_unfinished(const std::string& key, const std::string& run_id, Instant free_at) {
    unfinished_.insert_or_assign(key, std::pair(run_id, free_at));
}

State Roster::first_state(const Found& found, Instant now) {
    State state = begin(*found.policy, now);
    if (const auto known = recalled_.extract(found.key); known && known.mapped().schedule == state.schedule) {
        const act::Watch& watch = known.mapped();
        state.first_seen = watch.first_seen;
        state.dealt_until = watch.dealt_until;
        if (watch.fire) { state.fire = {watch.fire->at, watch.fire->due, watch.fire->run_at}; }
    }
    if (const auto left = unfinished_.extract(found.key)) {
        std::tie(state.unfinished_run, state.unfinished_free_at) = left.mapped();
    }
    return state;
}

void Roster::found(const std::string& account, const std::string& region, std::vector<Found> services, Instant now) {
    std::set<ServiceId> seen;
    for (Found& each : services) {
        seen.insert(each.id);
        const auto known = services_.find(each.id);
        if (known != services_.end()) {
            refresh(known->second, std::move(each), now);
            continue;
        }
        const ServiceId id = each.id;
        State state = first_state(each, now);
        Watched watched{.id = id, .key = each.key, .policy = each.policy, .facts = each.facts, .state = state};
        Watched& service = services_.emplace(id, std::move(watched)).first->second;
        if (!service.state.schedule.empty()) { changed_.insert(id); }
        wake(service, now);
    }
    const ServiceId first{account, region, "", ""};
    for (auto it = services_.lower_bound(first); it != services_.end();) {
        const ServiceId id = (it++)->first;
        if (id.account != account || id.region != region) { break; }
        if (!seen.contains(id)) { forget(id); }
    }
}

void Roster::refresh(Watched& service, Found found, Instant now) {
    const bool counts_anew = service.facts.is_active != found.facts.is_active ||
                             (service.facts.desired_count == 0) != (found.facts.desired_count == 0) ||
                             service.policy != found.policy || service.gone;
    service.gone = false;
    service.policy = std::move(found.policy);
    service.facts.is_active = found.facts.is_active;
    service.facts.desired_count = found.facts.desired_count;
    service.facts.no_task_before = std::max(service.facts.no_task_before, found.facts.no_task_before);
    if (!same_schedule(service.state, *service.policy)) {
        const State fresh = begin(*service.policy, now);
        service.state.schedule = fresh.schedule;
        service.state.first_seen = fresh.first_seen;
        service.state.dealt_until = fresh.dealt_until;
        if (!service.state.is_running) { service.state.fire.reset(); }
        changed_.insert(service.id);
    }
    if (counts_anew) { wake(service, now); }
}

void Roster::forget(const ServiceId& id) {
    Watched* service = find(id);
    if (service->state.is_running) {
        service->gone = true;
        return;
    }
    timers_.erase({service->wake_at, &service->id});
    leave_ready(*service);
    // Should it be found again, it goes on from here.
    if (!service->state.schedule.empty()) { recalled_.insert_or_assign(service->key, to_watch(*service)); }
    changed_.erase(id);
    services_.erase(id);
}

void Roster::forget_all_but(const std::set<std::pair<std::string, std::string>>& accounts_and_regions) {
    std::vector<ServiceId> others;
    for (const auto& [id, service] : services_) {
        if (!accounts_and_regions.contains({id.account, id.region})) { others.push_back(id); }
    }
    for (const ServiceId& id : others) { forget(id); }
}

// ---- what happened ----

void Roster::tasks_seen(const ServiceId& id, std::optional<Instant> oldest_created_at, Instant now) {
    Watched* service = find(id);
    if (service == nullptr) { return; }
    service->looking = false;
    service->facts.tasks_seen_at = now;
    service->facts.no_task_before = oldest_created_at.value_or(now);
    wake(*service, now);
}

void Roster::look_failed(const ServiceId& id, Instant now) {
    Watched* service = find(id);
    if (service == nullptr) { return; }
    service->looking = false;
    wake(*service, now + look_again);
}

void Roster::run_ended(const ServiceId& id, Trigger trigger, Ended how, const std::string& left_unfinished,
                       Instant began_at, Instant now) {
    Watched* service = find(id);
    ECSR_ASSERT(service != nullptr && service->state.is_running);
    --running_;
    const State before = service->state;
    service->state = ended(std::move(service->state), trigger, how, began_at, now);
    if (!left_unfinished.empty() && how != Ended::Interrupted) {
        service->state.unfinished_run = left_unfinished;
        service->state.unfinished_free_at = now + look_again;
    }
    if (!same_memory(before, service->state)) { changed_.insert(id); }
    service->facts.tasks_seen_at.reset();
    service->last_ended_at = now;
    service->last_was_done = how == Ended::Done;
    if (service->gone) {
        forget(id);
    } else {
        wake(*service, now);
    }
}

// ---- what is to be done ----

void Roster::wake(Watched& service, Instant at) {
    timers_.erase({service.wake_at, &service.id});
    service.wake_at = at;
    if (at != never) { timers_.insert({at, &service.id}); }
}

void Roster::leave_ready(Watched& service) {
    if (service.due_since) { ready_.erase({*service.due_since, &service.id}); }
    service.due_since.reset();
}

void Roster::restep(Watched& service, Instant now, std::vector<Command>& commands) {
    leave_ready(service);
    while (true) {
        const State before = service.state;
        Decision decision = step(std::move(service.state), *service.policy, service.facts, to_string(service.id), now);
        service.state = std::move(decision.state);
        if (!same_memory(before, service.state)) { changed_.insert(service.id); }
        if (const auto* passed = std::get_if<LetPass>(&decision.action)) {
            commands.emplace_back(FirePassed{service.id, *passed});
            continue;
        }
        const auto next = next_fire_of(service.state, *service.policy, to_string(service.id));
        service.next_fire_at = next ? std::optional(next->due) : std::nullopt;
        if (const auto* sleep = std::get_if<Sleep>(&decision.action)) { wake(service, sleep->until); }
        if (std::holds_alternative<LookAtTasks>(decision.action)) {
            wake(service, never);
            if (!service.looking && !draining_) {
                service.looking = true;
                commands.emplace_back(LookAt{service.id});
            }
        }
        if (const auto* due = std::get_if<Due>(&decision.action)) {
            wake(service, due->until);
            service.due_since = due->since;
            ready_.insert({due->since, &service.id});
        }
        return;
    }
}

bool Roster::has_place(const Watched& service, Instant now) const {
    return running_ < limits_.max_parallel && (!service.state.unfinished_run.empty() || now >= next_start_at_);
}

void Roster::start(Watched& service, const Due& due, Instant now, std::vector<Command>& commands) {
    leave_ready(service);
    wake(service, never);
    service.state.is_running = true;
    ++running_;
    if (!is_resume(due)) { next_start_at_ = now + limits_.stagger; }
    // Should this process die, the run is gone on with, and not begun again.
    if (due.trigger == Trigger::Schedule && !service.state.fire->run_at) {
        service.state.fire->run_at = now;
        changed_.insert(service.id);
    }
    const bool is_repeated = due.trigger == Trigger::Age ? service.state.age_runs > 0 : service.state.tries > 0;
    commands.emplace_back(StartRun{service.id, due, now, service.policy, service.state.unfinished_run, is_repeated});
}

void Roster::admit(Instant now, std::vector<Command>& commands) {
    while (!draining_ && !ready_.empty()) {
        Watched& service = *find(*ready_.begin()->second);
        if (!has_place(service, now)) { return; }
        const State& state = service.state;
        const Decision decision = step(state, *service.policy, service.facts, to_string(service.id), now);
        if (const auto* due = std::get_if<Due>(&decision.action)) {
            if (!same_memory(state, decision.state)) { changed_.insert(service.id); }
            service.state = decision.state;
            start(service, *due, now, commands);
        } else {
            restep(service, now, commands);
        }
    }
}

std::vector<Command> Roster::advance(Instant now) {
    std::vector<Command> commands;
    while (!timers_.empty() && timers_.begin()->first <= now) {
        Watched& service = *find(*timers_.begin()->second);
        wake(service, never);
        restep(service, now, commands);
    }
    admit(now, commands);
    return commands;
}

Instant Roster::next_wake() const {
    const Instant timer = timers_.empty() ? never : timers_.begin()->first;
    const bool waits_for_its_turn = !draining_ && !ready_.empty() && running_ < limits_.max_parallel;
    return waits_for_its_turn ? std::min(timer, next_start_at_) : timer;
}

std::vector<act::Watch> Roster::take_changes() {
    std::vector<act::Watch> changes;
    for (const ServiceId& id : std::exchange(changed_, {})) {
        if (const Watched* service = find(id)) { changes.push_back(to_watch(*service)); }
    }
    return changes;
}

Watched* Roster::find(const ServiceId& id) {
    const auto found = services_.find(id);
    return found == services_.end() ? nullptr : &found->second;
}

const Watched* Roster::find(const ServiceId& id) const {
    const auto found = services_.find(id);
    return found == services_.end() ? nullptr : &found->second;
}

void Roster::for_each(const std::function<void(const Watched&)>& visit) const {
    for (const auto& [id, service] : services_) { visit(service); }
}

} // namespace ecsr::serve
