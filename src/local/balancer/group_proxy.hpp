// The targets of one target group inside its HAProxy process: registration, health verdicts, draining, removal.
#pragma once

#include "base/time.hpp"
#include "local/balancer/haproxy_config.hpp"
#include "local/balancer/haproxy_process.hpp"
#include "local/balancer/haproxy_stats.hpp"
#include "local/state/outside.hpp"

#include <memory>
#include <string>
#include <vector>

namespace ecsr::local {

// Owns the HAProxy process of a target group. Changing targets never touches the process; changing its settings or
// listeners starts another one on the same listening sockets, which takes over before the old one stops accepting.
// Used from one thread at a time; never waits for HAProxy but for the answer to a command.
class GroupProxy {
public:
    // `process.name` is a prefix, unique to this group.
    GroupProxy(std::string target_group_arn, HaproxyProcess::Options process);

    void apply(const TargetGroup& group, const std::vector<int>& listening, Instant now);
    // Looks at HAProxy when it is time to; appends what happened to `events`.
    void poll(Instant now, std::vector<Event>& events);
    Instant next_poll_at() const { return next_poll_at_; }
    // A process answers, so the group's listeners are served.
    bool serving() const { return current_ != nullptr; }

private:
    enum class Mode {
        Absent,   // not in HAProxy
        Checking, // registered, no verdict yet: checked, gets no request
        Serving,  // has a verdict; HAProxy's checks decide about requests
        Draining, // gets no new request, keeps those that it has
        Leaving,  // its last requests are cut; waits for its removal
    };
    struct Server {
        std::string name;
        std::string address;
        std::string target_id;
        int port = 0;
        Instant registered_at{};
        Mode wanted = Mode::Checking;
        Mode applied = Mode::Absent; // in the current process
        TargetState verdict = TargetState::Initial;
        UnhealthyReason reason;
        bool written = false;    // in the configuration of the newest process
        bool superseded = false; // the same target was registered again: leaves when its requests end
        bool settled = true;     // the checks agree with the verdict
    };

    void match_targets(const TargetGroup& group);
    void register_target(const TargetGroup& group, const Target& target);
    void start_process(Instant now);
    void watch_processes(Instant now);
    void watch_successor(Instant now);
    void take_over();
    // Brings HAProxy to what is wanted of each server.
    void synchronise(Instant now);
    Millis first_check_delay(const Server& server) const;
    void bring(Server& server);
    bool remove(const Server& server);
    std::string commands_for(const Server& server) const;
    bool run(const std::string& commands);
    void read_reports(std::vector<Event>& events);
    void judge(Server& server, const ServerReport& report, std::vector<Event>& events);
    void decide(Server& server, TargetState verdict, const UnhealthyReason& reason, std::vector<Event>& events);
    Millis pace() const;

    std::string arn_;
    HaproxyProcess::Options process_options_;
    ProxySettings settings_;
    ProxySettings started_settings_; // of the newest process
    std::vector<Server> servers_;
    std::unique_ptr<HaproxyProcess> current_;   // serves
    std::unique_ptr<HaproxyProcess> successor_; // starting; takes over when it answers
    std::vector<std::unique_ptr<HaproxyProcess>> finishing_;
    int processes_started_ = 0;
    int servers_named_ = 0;
    Instant started_at_{}; // the newest process
    Instant not_before_{}; // no new process until then, after one that failed
    Instant next_poll_at_{};
};

} // namespace ecsr::local
