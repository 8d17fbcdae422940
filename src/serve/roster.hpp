// Every service that the daemon watches: when to step which, and whose turn it is. Pure: time is handed in, what is to
// be done comes back as commands.
//
// Not thread-safe; one thread drives it.
#pragma once

#include "act/watch_memory.hpp"
#include "serve/step.hpp"

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace ecsr::serve {

struct ServiceId {
    std::string account; // name in the configuration
    std::string region;
    std::string cluster; // name
    std::string name;
    auto operator<=>(const ServiceId&) const = default;
};
std::string to_string(const ServiceId& id); // "prod/eu-west-1/shop/cart"

// A service as discovery found it.
struct Found {
    ServiceId id;
    std::string key; // act::service_key()
    std::shared_ptr<const config::Policy> policy;
    Facts facts;
};

struct Watched {
    ServiceId id;
    std::string key;
    std::shared_ptr<const config::Policy> policy;
    Facts facts;
    State state = {};

    bool looking = false;                     // a look at its tasks is under way
    bool gone = false;                        // not found any more, but its run goes on
    std::optional<Instant> next_fire_at = {}; // when the schedule is due next
    std::optional<Instant> last_ended_at = {};
    bool last_was_done = false;

    Instant wake_at = never;               // its place in the roster's queue
    std::optional<Instant> due_since = {}; // it waits for a place
};

// ---- commands ----

struct StartRun {
    ServiceId id;
    Due due;
    Instant began_at{};
    std::shared_ptr<const config::Policy> policy;
    std::string unfinished_run; // Trigger::Resume
    bool is_repeated = false;   // its last try did not begin a run
};
struct LookAt {
    ServiceId id;
};
struct FirePassed {
    ServiceId id;
    LetPass passed;
};
using Command = std::variant<StartRun, LookAt, FirePassed>;

struct RosterLimits {
    int max_parallel = 1;
    Millis stagger{0};
};

class Roster {
public:
    explicit Roster(RosterLimits limits) : limits_(limits) {}

    void set_limits(RosterLimits limits) { limits_ = limits; }
    // What an earlier process knew; counts when the service is found first.
    void recall(std::vector<act::Watch> watches);
    // An unfinished run of an earlier process, held by it until `free_at`.
    void recall_unfinished(const std::string& key, const std::string& run_id, Instant free_at);

    // Every service of this account and region. Those that are not among them are forgotten.
    void found(const std::string& account, const std::string& region, std::vector<Found> services, Instant now);
    // The groups that are no longer watched.
    void forget_all_but(const std::set<std::pair<std::string, std::string>>& accounts_and_regions);

    void tasks_seen(const ServiceId& id, std::optional<Instant> oldest_created_at, Instant now);
    void look_failed(const ServiceId& id, Instant now);
    // `left_unfinished`: id of the run that is still to be finished, or empty.
    void run_ended(const ServiceId& id, Trigger trigger, Ended how, const std::string& left_unfinished,
                   Instant began_at, Instant now);

    // Nothing is begun any more.
    void drain() { draining_ = true; }

    // Everything that is to be done by now.
    std::vector<Command> advance(Instant now);
    Instant next_wake() const;

    // What has changed since the last call and must survive a restart.
    std::vector<act::Watch> take_changes();

    std::size_t size() const { return services_.size(); }
    int running() const { return running_; }
    std::size_t waiting() const { return ready_.size(); }
    const Watched* find(const ServiceId& id) const;
    void for_each(const std::function<void(const Watched&)>& visit) const;

private:
    using Key = std::pair<Instant, const ServiceId*>; // the id of services_, which stays where it is
    struct Earlier {
        bool operator()(const Key& a, const Key& b) const {
            return a.first != b.first ? a.first < b.first : *a.second < *b.second;
        }
    };

    Watched* find(const ServiceId& id);
    void wake(Watched& service, Instant at);
    void leave_ready(Watched& service);
    void refresh(Watched& service, Found found, Instant now);
    State first_state(const Found& found, Instant now);
    void forget(const ServiceId& id);
    void restep(Watched& service, Instant now, std::vector<Command>& commands);
    void admit(Instant now, std::vector<Command>& commands);
    bool has_place(const Watched& service, Instant now) const;
    void start(Watched& service, const Due& due, Instant now, std::vector<Command>& commands);

    RosterLimits limits_;
    std::map<ServiceId, Watched> services_;
    std::set<Key, Earlier> timers_;
    std::set<Key, Earlier> ready_;
    std::map<std::string, act::Watch> recalled_;
    std::map<std::string, std::pair<std::string, Instant>> unfinished_;
    std::set<ServiceId> changed_;
    int running_ = 0;
    Instant next_start_at_{};
    bool draining_ = false;
};

} // namespace ecsr::serve
