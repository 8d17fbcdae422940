// The local ECS put together: one State behind one lock, moved by requests, by the runtime, by the balancer and by
// time.
#pragma once

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/http.hpp"
#include "local/api/api.hpp"
#include "local/plane/state_folder.hpp"
#include "local/scheduler/scheduler.hpp"
#include "local/state/outside.hpp"

#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

namespace ecsr::local {

struct PlaneOptions {
    SchedulerOptions scheduler;
    std::filesystem::path state_folder = {}; // keep the State here; empty: in memory alone
    Millis save_delay{200};                  // changes within it are saved together
    Millis longest_sleep{100};               // how often the runtime and the balancer are asked at least
    bool own_thread = true;                  // false: whoever made it calls turn()
};

class Plane {
public:
    // Starts from the saved State where there is one, else from `initial`. The parts must outlive the Plane and are
    // used by it alone. Errors: Locked and Io of the state folder.
    static Result<std::unique_ptr<Plane>> create(Runtime& runtime, Balancer& balancer, Clock& clock,
                                                 PlaneOptions options, State initial);

    // Ends the thread, saves the State. Containers that shut_down() has not stopped are the runtime's to kill.
    ~Plane();
    Plane(const Plane&) = delete;
    Plane& operator=(const Plane&) = delete;

    // An HttpHandler: one request of an AWS client, or of the plane's own pages. Safe from every thread. The answer is
    // of the moment of the request; what the request starts goes on afterwards.
    HttpResponse handle(const HttpRequest& request);

    // Something has happened in the runtime or the balancer. Returns at once; safe from every thread and from their
    // callbacks.
    void wake();

    // Takes in what happened outside, moves the State on to now and carries out what follows. Returns when it must be
    // called again at the latest. Only without a thread of its own.
    Instant turn();

    // What there is now, for whoever watches from the same thread. Only without a thread of its own; valid until the
    // next call.
    const State& state() const;

    // Ends the thread, saves the State, then stops every container and waits until they have ended, `patience` at most.
    // Services keep their desired count: a Plane that starts from the saved State starts their tasks again. Error:
    // Timeout, with the number of containers that still run. Requests are answered with 503 from then on.
    Status shut_down(Millis patience);

private:
    Plane(Runtime& runtime, Balancer& balancer, Clock& clock, PlaneOptions options, State state,
          std::optional<StateFolder> folder);

    void loop(const std::stop_token& stop);
    Instant turn_locked(Instant now);
    void carry_out(const std::vector<Effect>& effects, Instant now);
    void apply_balancing(Instant now);
    void save_when_due(bool at_once);
    std::size_t running_containers(Instant now);

    Runtime& runtime_;
    Balancer& balancer_;
    Clock& clock_;
    const PlaneOptions options_;
    const std::optional<StateFolder> folder_;

    std::mutex mutex_; // guards what follows, the runtime and the balancer
    State state_;
    Scheduler scheduler_;
    Api api_;
    std::optional<Instant> save_at_; // there is something to save
    bool shut_down_ = false;

    std::mutex wake_mutex_;  // guards `sleep_`; taken last
    std::stop_source sleep_; // ends the sleep of the thread

    std::string saved_;   // the text in the folder; used by save_when_due alone, which one thread at a time calls
    std::jthread thread_; // last: ends first
};

} // namespace ecsr::local
