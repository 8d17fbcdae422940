// A small world around the scheduler: a runtime and a balancer that do what their images are told to do, on virtual
// time.
#pragma once

#include "local/scheduler/operations.hpp"
#include "local/scheduler/scheduler.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace ecsr::local {

// What a container of an image does. Times count from the order, verdicts from the start.
struct Behaviour {
    Millis starts_after{1000};
    Millis stops_after{500};
    bool cannot_be_pulled = false;
    std::optional<Millis> exits_after;
    int exit_code = 1;
    std::string exit_reason;
    std::vector<std::pair<Millis, Health>> health; // of the container's health check
    std::vector<std::pair<Millis, TargetState>> target{{Millis{2000}, TargetState::Healthy}};
};

struct ServicePlan {
    std::string name = "web";
    int desired_count = 2;
    std::string task_definition = "web:1";
    int minimum_healthy_percent = 100;
    int maximum_percent = 200;
    std::vector<std::string> target_groups = {}; // names
    Seconds grace{0};
    bool breaker = false;
    bool rollback = false;
    std::string launch_type = "EC2";
};

struct Seen { // an effect and when it came
    Instant at;
    std::string what; // "launch", "stop", "balancer"
    std::string task_id;
};

class World {
public:
    explicit World(SchedulerOptions options = {}, std::uint64_t seed = 1);

    // ---- furnishing ----
    // Containers "app" and any further ones; each has an image of its own name, so behaviours["app"] is the main one's.
    TaskDefinition& define(const std::string& family, NetworkMode mode = NetworkMode::Awsvpc,
                           const std::vector<std::string>& containers = {"app"});
    TargetGroup& target_group(const std::string& name, int deregistration_delay = 30, const std::string& type = "ip");
    Service& create(const ServicePlan& plan);
    void update(const ServiceUpdate& update, const std::string& name = "web");
    void scale(int desired_count);
    void deploy(const std::string& task_definition);
    void force_deployment();

    // ---- time ----
    void run_for(Millis span);
    // True when the condition came true within the limit.
    bool run_until(const std::function<bool()>& condition, Millis limit = std::chrono::minutes{30});
    // Steady with nothing left to decide.
    bool run_until_steady(Millis limit = std::chrono::minutes{30});
    // Creates it and runs until it has reached its first steady state.
    void start_service(const ServicePlan& plan);

    // ---- looking ----
    Service& service(const std::string& name = "web");
    Task& task(const std::string& id);
    std::vector<Task*> tasks(TaskStatus status);
    std::vector<Task*> tasks_of(const std::string& task_definition, TaskStatus status = TaskStatus::Running);
    std::vector<Task*> live(); // desired status RUNNING
    int count(TaskStatus status) { return static_cast<int>(tasks(status).size()); }
    std::vector<std::string> messages(const std::string& name = "web"); // oldest first
    int told(const std::string& part, const std::string& name = "web"); // how many events contain the text
    std::optional<Instant> told_at(const std::string& part);            // of the newest such event
    Target* target_of(const Task& task, const std::string& group);
    Instant effect_at(const std::string& what, const std::string& task_id); // epoch when it never came
    static std::string arn_of_group(const std::string& name);

    void report(const Event& event);
    void report_health(const Task& task, Health health, const std::string& container = "app");
    void report_target(const Target& target, const std::string& group, TargetState state,
                       const std::string& description = "");

    State state;
    Scheduler scheduler;
    Instant now;
    std::map<std::string, Behaviour> behaviours; // by image; "app" unless said otherwise
    std::vector<Seen> effects;
    std::function<void()> after_each_step; // invariants
    int steps = 0;

private:
    void step();
    void carry_out(const Effect& effect);
    void launch(const TaskLaunch& launch);
    void start_container(const TaskLaunch& launch, const ContainerDefinition& container);
    void stop(const std::string& task_id);
    void check_targets();
    const Behaviour& behaviour_of(const std::string& image) { return behaviours[image]; }
    Instant next_report() const;

    std::multimap<Instant, Event> coming_;
    std::map<std::string, Instant> probed_; // registration of each target that is being checked
    int next_port_ = 40'000;
};

} // namespace ecsr::local
