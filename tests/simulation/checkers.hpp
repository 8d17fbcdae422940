// What must be true of every run, at every moment (design, "Invariants"). Watches the state of the local ECS itself.
#pragma once

#include "act/journal.hpp"
#include "tests/simulation/options.hpp"
#include "tests/simulation/others.hpp"
#include "tests/simulation/virtual_world.hpp"
#include "tests/simulation/wire.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace ecsr::simulation {

class Checkers {
public:
    Checkers(VirtualWorld& world, const Options& options, Others& others, Marks& marks);

    // From now on. `others.desired` is set.
    void begin();
    // After every move of the world.
    void look();
    // The recycler's request is about to be answered: with what is now.
    void asked();
    void heard(const Exchange& exchange);
    void heard_second(const Exchange& exchange);
    // A process takes up the run, or begins one; it knows nothing of what another one has seen.
    void process_begins(const recycle::Run* left);
    // A recycler sets out to make a change.
    void intends(const recycle::Run& run, const recycle::Change& change);
    // The process begins a run: what was there before it read the service is old.
    void run_begins();
    // Not the one that was watched so far: what was asked of that one is not asked of this one.
    void run_is_another();
    // It has read the service: what came since is new.
    void run_has_read();
    // At the end: the run as the journal has it.
    void end(const act::RunRecord& record);

    const std::vector<std::string>& broken() const { return broken_; }

private:
    struct Stop {
        std::string task;
        Instant created_at{};
        Instant at{};
    };

    bool is_healthy(const local::Task& task) const;
    std::set<std::string> healthy() const;
    std::set<std::string> live() const;
    void check_stops(const std::set<std::string>& healthy_now);
    void check_floor(const std::set<std::string>& healthy_now, const std::vector<std::string>& told);
    bool is_loss(const local::Task& task) const;
    bool has_ended(const local::Task& task) const;
    int running() const;
    int unhealthy_and_kept() const;
    int unseen_losses(const std::string& stop_code) const;
    bool explains(int theirs, int count) const;
    void settle_perhaps(int count);
    void note_read(const std::string& operation);
    Instant health_read_at() const;
    Millis unseen_protection() const;
    void intends_stop(const recycle::Run& run, std::string_view id);
    void check_scaling(const Exchange& exchange);
    void check_stop_task(const Exchange& exchange);
    void check_desired(const Exchange& exchange);
    void note_lost_protection(const Exchange& exchange);
    void check_cutoff(Instant cutoff);
    void check_restored(const recycle::Run& run);
    void check_replaced(const recycle::Run& run);
    void violated(const std::string& what);

    VirtualWorld& world_;
    const Options& options_;
    Others& others_;
    Marks& marks_;
    bool watching_ = false;
    // A task lost its health without being told to stop.
    struct Loss {
        Instant at{};
        bool ended = false; // by itself, while its targets were still healthy: they tell nothing of it
    };
    std::vector<Loss> losses_;
    // When a recycler last read health, and when it had last done so as it made its last change.
    // Tasks that ran when a recycler last read them, and whether the service's own count has told of one less since.
    int running_at_read_ = 0;
    int desired_asked_ = 0; // when the last request was answered
    int running_asked_ = 0;
    int count_asked_ = 0; // the service's desired count
    bool deployed_asked_ = false;
    std::optional<int> lowest_asked_, highest_asked_;
    std::map<std::string, Instant> protected_asked_; // by others
    bool told_of_an_end_ = false;
    Instant targets_read_at_ = Instant::min();
    Instant tasks_read_at_ = Instant::min();
    Instant harm_read_at_ = Instant::min();
    std::optional<Instant> alarm_seen_at_;
    bool puts_back_ = false; // the run, when it last set out to make a change
    Millis clock_error_{0};  // of the process, when it last set out to make a change
    // A process whose clock was wrong died over a call that protects them: the next one cannot tell whose that is.
    std::set<std::string> doubtful_;
    std::set<std::string> live_at_begin_;     // of the process
    std::set<std::string> old_, old_at_most_; // before and after the first look of the run
    std::set<std::string> healthy_before_;
    std::vector<Stop> stops_; // StopTask of the run
    std::string intended_stop_;
    std::optional<Instant> cutoff_;                // of the run, as the process before this one has left it
    std::optional<local::ScalableTarget> scaling_; // at the start
    std::vector<std::string> broken_;
};

} // namespace ecsr::simulation
