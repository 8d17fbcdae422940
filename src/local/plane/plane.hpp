// The local ECS put together: one State behind one lock, moved by requests, by the runtime, by the balancer and by
// time.
#pragma once

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/http.hpp"
#include "base/scaled_clock.hpp"
#include "local/api/api.hpp"
#include "local/faults/api_rates.hpp"
#include "local/faults/faults.hpp"
#include "local/faults/past_states.hpp"
#include "local/messages/postman.hpp"
#include "local/plane/state_folder.hpp"
#include "local/scheduler/scheduler.hpp"
#include "local/state/outside.hpp"
#include "local/telemetry/sampler.hpp"

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

namespace ecsr::local {

// What goes wrong on purpose (local/faults).
struct TroubleOptions {
    std::vector<Fault> faults;
    std::uint64_t seed = 1;            // of what the faults hit
    std::optional<Millis> stale_reads; // reads tell what was true so long ago
    bool throttles_as_aws = false;     // ECS takes calls no faster than AWS does
};

struct PlaneOptions {
    SchedulerOptions scheduler;
    std::filesystem::path state_folder = {}; // keep the State here; empty: in memory alone
    Millis save_delay{200};                  // changes within it are saved together
    Millis longest_sleep{100};               // how often the runtime and the balancer are asked at least
    bool own_thread = true;                  // false: whoever made it calls turn()
    // The plane's clock where its time may jump: everything that is due is then done at its exact moment, however late
    // the thread comes to it. Null: the plane lives in real time.
    ScaledClock* virtual_time = nullptr;
    std::string runtime = "virtual"; // what runs the containers, as "local up --runtime" names it
    TroubleOptions trouble = {};
    bool samples_metrics = true;   // each full minute (local/telemetry), and lets alarms look at them
    std::string endpoint_url = {}; // where its own server is; empty: nowhere
    Postman* postman = nullptr;    // brings messages to their subscribers; null: they stay here
    // Requests have to be signed with a key that the plane knows. How old a signature may be is checked in real time
    // alone: most clients of a plane in virtual time live in real time.
    bool verify_signatures = false;
};

// Whoever waits for it gets it before the one that has just let it go.
class FairMutex {
public:
    void lock() {
        const std::lock_guard first(queue_);
        mutex_.lock();
    }
    void unlock() { mutex_.unlock(); }

private:
    std::mutex queue_;
    std::mutex mutex_;
};

class Plane {
public:
    // Starts from the saved State where there is one, else from `initial`. The parts must outlive the Plane and are
    // used by it alone. Virtual time goes on where the saved State was. Errors: Locked and Io of the state folder;
    // Usage: real time has not reached the saved State, which lived in virtual time.
    static Result<std::unique_ptr<Plane>> create(Runtime& runtime, Balancer& balancer, Clock& clock,
                                                 PlaneOptions options, State initial);

    // Ends the thread, saves the State. Containers that shut_down() has not stopped are the runtime's to kill.
    ~Plane();
    Plane(const Plane&) = delete;
    Plane& operator=(const Plane&) = delete;

    // An HttpHandler: one request of an AWS client, for the plane's own pages, or for its steering (control.hpp). Safe
    // from every thread. The answer is of the moment of the request; what the request starts goes on afterwards. A
    // fault may keep it waiting, or lose the answer: its status is 0 then.
    HttpResponse handle(const HttpRequest& request);
    // handle() waits for nothing but other requests' own turns: no fault is in force that could keep it waiting, and it
    // is no jump in time. Takes no lock.
    bool answers_at_once(const HttpRequest& request) const;

    // Jumps ahead in virtual time; everything happens in order on the way. Requests are answered meanwhile, each at the
    // time that has been reached. Returns the time when it is done. Safe from every thread. Errors: Usage (the plane
    // lives in real time), Interrupted (it is shutting down).
    Result<Instant> advance(Millis span);

    Instant time() { return clock_.now(); }
    const std::string& runtime_name() const { return options_.runtime; }
    // How many seconds pass here in a second; 0 in real time.
    int time_scale() const { return options_.virtual_time == nullptr ? 0 : options_.virtual_time->scale(); }

    // What there is now, for whoever only reads; the plane stands still meanwhile. Safe from every thread.
    void look(const std::function<void(const State& state, Runtime& runtime, Instant now)>& reader);

    // The State as JSON, as the state folder keeps it. Safe from every thread.
    std::string snapshot();
    // Everything is as snapshot() told, here or elsewhere: every task of now is stopped, and those of the snapshot are
    // STOPPED as after a restart, so that services start theirs anew. Virtual time is not set back. Safe from every
    // thread. Errors: Usage (it is no snapshot; it is of a time that is still to come), Interrupted (the plane is
    // shutting down).
    Status restore(std::string_view snapshot);

    // Faults on purpose; safe from every thread. Error: Usage, of parse_fault().
    Result<ActiveFault> add_fault(std::string_view text);
    // False when there is no such fault.
    bool clear_fault(std::string_view id);
    void clear_faults();
    std::vector<ActiveFault> faults();

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
    // Timeout, with the number of containers that still run. Without patience (0) the containers are left to the
    // runtime. Requests are answered with 503 from then on.
    Status shut_down(Millis patience);

private:
    Plane(Runtime& runtime, Balancer& balancer, Clock& clock, PlaneOptions options, State state,
          std::optional<StateFolder> folder);

    void loop(const std::stop_token& stop);
    HttpResponse tell_container(const HttpRequest& request);
    struct Disturbed;
    Disturbed disturb(const HttpRequest& request);
    void faults_changed();
    State& state_for(const std::optional<Asked>& asked, Instant now);
    void launch(const TaskLaunch& launch, Instant now);
    void remember(Instant now);
    Instant turn_locked(Instant now);
    Instant catch_up_locked(Instant now);
    void carry_out(const std::vector<Effect>& effects, Instant now);
    void apply_balancing(Instant now);
    void deliver(Instant now);
    bool sample_when_due(Instant now);
    void save_when_due(bool at_once);
    std::size_t running_containers(Instant now);

    Runtime& runtime_;
    Balancer& balancer_;
    Clock& clock_;
    const PlaneOptions options_;
    const std::optional<StateFolder> folder_;

    FairMutex mutex_; // guards what follows, the runtime and the balancer
    State state_;
    Scheduler scheduler_;
    Api api_;
    Sampler sampler_;
    Faults faults_;
    std::atomic<bool> has_faults_ = false; // as `faults_`, to be read without the lock
    std::optional<ApiRates> rates_;
    std::optional<PastStates> past_;
    std::vector<Event> start_failures_; // of tasks that the runtime never heard of
    std::optional<Instant> save_at_;    // there is something to save
    Instant sample_at_;                 // the next full minute; max(): never
    Instant due_;                       // nothing happens before, unless a request or a wake() comes
    // The thread comes by itself then, at the latest. Whoever moved the State on need not wake it unless something is
    // due before.
    Instant thread_wakes_at_ = Instant::max();
    bool shut_down_ = false;

    std::stop_source ending_; // ends what faults keep waiting

    std::mutex wake_mutex_;  // guards `sleep_`; taken last
    std::stop_source sleep_; // ends the sleep of the thread

    std::string saved_;   // the text in the folder; used by save_when_due alone, which one thread at a time calls
    std::jthread thread_; // last: ends first
};

} // namespace ecsr::local
