#include "tests/simulation/simulation.hpp"

#include "act/journal.hpp"
#include "aws/session.hpp"
#include "run/runner.hpp"
#include "tests/simulation/checkers.hpp"
#include "tests/simulation/saboteurs.hpp"
#include "tests/support/manual_clock.hpp"

#include <exception>
#include <fmt/format.h>
#include <stdexcept>

namespace ecsr::simulation {

namespace {

constexpr int attempts_limit = 20; // processes that one run may need
constexpr std::size_t longest_story = 400;

local::SchedulerOptions scheduler_of(const Options& options) {
    local::SchedulerOptions scheduler;
    scheduler.pace.decide_low = options.slowest_decision / 4;
    scheduler.pace.decide_high = options.slowest_decision;
    scheduler.stop_task_drains = options.stop_task_drains;
    return scheduler;
}

std::string member(const std::string& xml, const std::string& name) {
    const auto from = xml.find("<" + name + ">") + name.size() + 2;
    return xml.substr(from, xml.find("</" + name + ">") - from);
}

class Teller : public run::Listener {
public:
    Teller(VirtualWorld& world, Checkers& checkers, std::vector<std::string>& story)
        : world_(world), checkers_(checkers), story_(story) {}
    void on_started(const recycle::Run& run) override {
        if (run.phase == recycle::Phase::Preflight) { checkers_.run_has_read(); }
    }
    void on_note(const recycle::Run&, const recycle::Note& note) override { tell(note.text); }
    void on_phase(const recycle::Run& run, const Snapshot&) override { tell(recycle::to_string(run.phase)); }
    void on_change(const recycle::Run&, const recycle::Perform& perform) override {
        tell(recycle::describe(perform.change) + ": " + perform.reason);
    }
    void on_trouble(const recycle::Run&, const Error& error) override { tell(error.message); }
    void tell(const std::string& text) {
        if (story_.size() < longest_story) { story_.push_back(to_rfc3339(world_.now()) + " " + text); }
    }

private:
    VirtualWorld& world_;
    Checkers& checkers_;
    std::vector<std::string>& story_;
};

class Simulation {
public:
    explicit Simulation(std::uint64_t seed)
        : options_(draw(seed)), random_(seed * 2 + 1), world_(seed, scheduler_of(options_), testing::fixed_epoch),
          checkers_(world_, options_, others_, verdict_.marks), teller_(world_, checkers_, verdict_.story),
          wire_(world_, options_, random_, verdict_.marks, [this](const Exchange& told) { checkers_.heard(told); }),
          second_wire_(world_, options_, random_, verdict_.marks,
                       [this](const Exchange& told) { checkers_.heard_second(told); }) {
        verdict_.options = options_;
    }

    Verdict go() {
        try {
            make_service();
            run_to_the_end();
        } catch (const OutOfTime&) {
            verdict_.broken.push_back(
                fmt::format("the run did not end within {} of calm", format_duration(2 * longest_run(options_))));
        }
        verdict_.broken.insert(verdict_.broken.begin(), checkers_.broken().begin(), checkers_.broken().end());
        verdict_.last_random = random_.next();
        verdict_.calls = wire_.exchanges();
        verdict_.virtual_time = world_.now() - testing::fixed_epoch;
        return std::move(verdict_);
    }

private:
    void make_service();
    std::string make_target_group();
    std::string task_definition() const;
    void run_to_the_end();
    RunSpec spec() const;
    void become_calm();
    void plan_crash();
    Result<act::RunRecord> one_process(int attempt);
    bool ask_abort();
    bool recycle_too();
    std::unique_ptr<aws::Session> session(Wire& wire);
    run::RunnerParts parts(aws::Session& caller, run::Listener& listener, const std::string& who);
    std::optional<act::RunRecord> newest();

    Options options_;
    Verdict verdict_;
    Random random_;
    VirtualWorld world_;
    Others others_;
    Checkers checkers_;
    Teller teller_;
    Wire wire_, second_wire_;
    std::unique_ptr<act::Journal> journal_;
    std::optional<Saboteurs> saboteurs_;
    Instant calm_at_ = Instant::max();
    int crashes_left_ = 0;
};

std::string Simulation::task_definition() const {
    return fmt::format(
        R"({{"family":"app","networkMode":"{}","containerDefinitions":[{{"name":"app","image":"app:1","memory":64,)"
        R"("stopTimeout":{},"portMappings":[{{"containerPort":8080}}],"dockerLabels":{{"local.ecs/startup":"{}",)"
        R"("local.ecs/ignore-sigterm":"{}"}}}}]}})",
        options_.load_balancer ? "awsvpc" : "bridge",
        std::chrono::duration_cast<Seconds>(options_.stop_timeout).count(), format_duration(options_.startup),
        options_.ignore_sigterm);
}

std::string Simulation::make_target_group() {
    const std::string group =
        member(world_.elb(fmt::format("Action=CreateTargetGroup&Name=g&Protocol=HTTP&Port=80&TargetType=ip&VpcId=vpc-1"
                                      "&HealthCheckIntervalSeconds={}&HealthCheckTimeoutSeconds=2"
                                      "&HealthyThresholdCount=2&UnhealthyThresholdCount=2",
                                      std::chrono::duration_cast<Seconds>(options_.check_interval).count())),
               "TargetGroupArn");
    const std::string balancer =
        member(world_.elb("Action=CreateLoadBalancer&Name=b&Subnets.member.1=subnet-a&Subnets.member.2=subnet-b"),
               "LoadBalancerArn");
    world_.elb("Action=CreateListener&Protocol=HTTP&Port=8080&LoadBalancerArn=" + balancer +
               "&DefaultActions.member.1.Type=forward&DefaultActions.member.1.TargetGroupArn=" + group);
    world_.elb(fmt::format("Action=ModifyTargetGroupAttributes&TargetGroupArn={}"
                           "&Attributes.member.1.Key=deregistration_delay.timeout_seconds&Attributes.member.1.Value={}",
                           group, std::chrono::duration_cast<Seconds>(options_.drain).count()));
    return group;
}

void Simulation::make_service() {
    world_.ecs("CreateCluster", R"({"clusterName":"c"})");
    world_.ecs("RegisterTaskDefinition", task_definition());
    const auto grace = std::chrono::duration_cast<Seconds>(options_.startup + 2 * options_.check_interval);
    std::string balancing;
    if (options_.load_balancer) {
        balancing =
            fmt::format(R"(,"loadBalancers":[{{"targetGroupArn":"{}","containerName":"app","containerPort":8080}}])"
                        R"(,"networkConfiguration":{{"awsvpcConfiguration":{{"subnets":["subnet-a"]}}}})"
                        R"(,"healthCheckGracePeriodSeconds":{})",
                        make_target_group(), grace.count());
    }
    world_.ecs("CreateService",
               fmt::format(R"({{"cluster":"c","serviceName":"s","taskDefinition":"app","desiredCount":{}{}}})",
                           options_.tasks, balancing));
    if (options_.scalable_target) {
        world_.scaling("RegisterScalableTarget",
                       fmt::format(R"({{"ServiceNamespace":"ecs","ScalableDimension":"ecs:service:DesiredCount",)"
                                   R"("ResourceId":"service/c/s","MinCapacity":1,"MaxCapacity":{}}})",
                                   options_.tasks + random_.between(0, 3)));
    }
    world_.go_on(options_.startup + 3 * options_.check_interval + 10 * options_.slowest_decision + Seconds(120));
}

RunSpec Simulation::spec() const {
    RunSpec spec;
    spec.cluster = "c";
    spec.service = "s";
    spec.strategy = options_.strategy;
    spec.drain = options_.method;
    spec.batch = Amount{options_.batch, false};
    spec.surge = Amount{options_.surge, false};
    spec.wait = options_.wait;
    spec.timeout = options_.calm_after + longest_run(options_);
    spec.seed = options_.seed;
    return spec;
}

std::unique_ptr<aws::Session> Simulation::session(Wire& wire) {
    aws::SessionOptions options;
    options.region = "us-east-1";
    options.endpoint_url = "http://local.test";
    options.access_key_id = "AKIDEXAMPLE";
    options.secret_access_key = "secret";
    auto made = aws::Session::create(wire, world_, Random(random_.next()), aws::empty_environment(), options);
    if (!made) { throw std::runtime_error(made.error().message); }
    return std::move(*made);
}

run::RunnerParts Simulation::parts(aws::Session& caller, run::Listener& listener, const std::string& who) {
    return {.caller = caller,
            .clock = world_,
            .journal = *journal_,
            .listener = listener,
            .random = Random(random_.next()),
            .who = who,
            .interrupts = {},
            .ask = {},
            .ask_unfinished = {}};
}

std::optional<act::RunRecord> Simulation::newest() {
    const auto records = journal_->list(1, "");
    if (!records || records->empty()) { return std::nullopt; }
    return records->front();
}

bool Simulation::ask_abort() {
    const auto record = newest();
    if (!record || !act::is_unfinished(record->run) || record->run.ending) { return false; }
    if (!record->holder || record->holder->expires_at <= world_.now()) { return false; }
    return journal_->request_abort(record->run.id, "asked by a person").has_value();
}

bool Simulation::recycle_too() {
    const auto record = newest();
    if (!record || !act::is_unfinished(record->run)) { return false; }
    run::Listener deaf;
    const auto caller = session(second_wire_);
    const auto refused = run::Runner(parts(*caller, deaf, "bob")).start(spec(), false);
    return !refused && refused.error().kind == ErrorKind::Locked;
}

void Simulation::become_calm() {
    if (calm_at_ != Instant::max()) { return; }
    calm_at_ = world_.now();
    wire_.calm();
    second_wire_.calm();
    saboteurs_->calm();
    wire_.crash_at(0, false);
    crashes_left_ = 0;
    world_.end_of_time(calm_at_ + 2 * longest_run(options_));
}

void Simulation::plan_crash() {
    if (crashes_left_ == 0) { return; }
    --crashes_left_;
    wire_.crash_at(random_.between(1, 60), random_.between(0, 1) == 1);
}

Result<act::RunRecord> Simulation::one_process(int attempt) {
    const auto caller = session(wire_);
    run::Runner runner(parts(*caller, teller_, fmt::format("ann pid {}", attempt)));
    const auto record = newest();
    if (!record) {
        checkers_.run_begins();
        return runner.start(spec(), false);
    }
    ++verdict_.marks["run resumed"];
    return runner.resume(record->run.id, false);
}

void Simulation::run_to_the_end() {
    auto journal = act::open_journal(":memory:");
    if (!journal) { throw std::runtime_error(journal.error().message); }
    journal_ = std::move(*journal);
    others_.desired = others_.desired_known = options_.tasks;
    crashes_left_ = options_.crashes;
    checkers_.begin();
    saboteurs_.emplace(world_, options_, random_, others_, verdict_.marks,
                       Saboteurs::Means{[this] { return ask_abort(); }, [this] { return recycle_too(); },
                                        [this](const std::string& text) { teller_.tell(text); }});
    const Instant calm = world_.now() + options_.calm_after;
    world_.watch([this, calm](Instant now) {
        saboteurs_->act(now);
        checkers_.look();
        if (now >= calm) { become_calm(); }
    });
    for (int attempt = 1; attempt <= attempts_limit; ++attempt) {
        plan_crash();
        try {
            const auto record = one_process(attempt);
            if (record && !act::is_unfinished(record->run)) {
                ++verdict_.marks[std::string("run ended ") + recycle::to_string(record->run.ending->outcome)];
                ++verdict_.marks[std::string("drain method ") + to_string(record->run.drain)];
                teller_.tell(fmt::format("ended {}: {}", recycle::to_string(record->run.ending->outcome),
                                         record->run.ending->reason));
                return checkers_.end(*record);
            }
            teller_.tell(record ? "ended, not restored" : record.error().message);
            ++verdict_.marks[record ? "run ended and was not restored" : "run could not go on"];
        } catch (const Crash&) {
            ++verdict_.marks["recycler crashed"];
            teller_.tell("crashed");
        }
        world_.go_on(Millis(random_.between(31'000, 180'000)));
    }
    verdict_.broken.push_back(fmt::format("{} processes could not finish the run", attempts_limit));
}

} // namespace

Verdict simulate(std::uint64_t seed) {
    return Simulation(seed).go();
}

std::vector<std::string> expected_marks() {
    return {"call throttled",
            "call failed with 500",
            "answer lost",
            "read lagged",
            "somebody scaled out",
            "somebody scaled in",
            "somebody protected a task",
            "somebody deployed",
            "abort asked",
            "second recycler refused",
            "recycler crashed",
            "run resumed",
            "run ended done",
            "run ended stopped",
            "drain method scale-in",
            "drain method stop-task"};
}

std::string to_text(const Verdict& verdict) {
    std::string text = describe(verdict.options) + "\n";
    for (const auto& each : verdict.broken) { text += "  broken: " + each + "\n"; }
    for (const auto& each : verdict.story) { text += "  " + each + "\n"; }
    return text;
}

} // namespace ecsr::simulation
