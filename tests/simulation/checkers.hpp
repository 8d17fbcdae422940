// What must be true of every run, at every moment (design, "Invariants"). Watches the state of the local ECS itself.
#pragma once

#include "act/journal.hpp"
#include "tests/simulation/options.hpp"
#include "tests/simulation/virtual_world.hpp"
#include "tests/simulation/wire.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace ecsr::simulation {

// What others did to the service, as far as a recycler can know of it.
struct Others {
    int desired = 0;       // what it would be without any recycler
    int desired_known = 0; // the same when the recycler last read the service
    bool raced = false;    // a recycler wrote the desired count before it could see somebody's change of it
    bool deployed = false;
    bool wrote_last = false;                        // the desired count is theirs, not a recycler's
    std::optional<int> written;                     // desired count that a recycler set last
    std::optional<int> replaced;                    // what it was before
    std::map<std::string, Instant> protected_tasks; // since when, by id
    std::optional<int> highest_desired;             // what the autoscaling target allows without any recycler
    std::optional<Instant> abort_asked_at;
};

class Checkers {
public:
    Checkers(VirtualWorld& world, const Options& options, Others& others, Marks& marks);

    // From now on. `others.desired` is set.
    void begin();
    // After every move of the world.
    void look();
    void heard(const Exchange& exchange);
    void heard_second(const Exchange& exchange);
    // A recycler is about to read the service: what is there now is old.
    void run_begins();
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

    const local::Service& service() const;
    bool is_healthy(const local::Task& task) const;
    std::set<std::string> healthy() const;
    std::set<std::string> live() const;
    void check_stops(const std::set<std::string>& healthy_now);
    void check_desired(const Exchange& exchange);
    void note_lost_protection(const Exchange& exchange);
    void check_restored(const recycle::Run& run);
    void check_replaced(const recycle::Run& run);
    void violated(const std::string& what);

    VirtualWorld& world_;
    const Options& options_;
    Others& others_;
    Marks& marks_;
    bool watching_ = false;
    std::set<std::string> old_, old_at_most_; // before and after the first look of the run
    std::set<std::string> healthy_before_;
    std::vector<Stop> stops_; // StopTask of ours
    std::optional<local::ScalableTarget> scaling_;
    std::vector<std::string> broken_;
};

} // namespace ecsr::simulation
