#include "tests/simulation/simulation.hpp"

#include "aws/session.hpp"
#include "run/runner.hpp"
#include "tests/simulation/checkers.hpp"
#include "tests/simulation/machine.hpp"
#include "tests/simulation/saboteurs.hpp"
#include "tests/simulation/scenario.hpp"
#include "tests/simulation/workload.hpp"
#include "tests/support/manual_clock.hpp"

#include <algorithm>
#include <exception>
#include <fmt/format.h>
#include <ranges>
#include <stdexcept>

namespace ecsr::simulation {

namespace {

constexpr int attempts_limit = 30; // processes that one run may need
constexpr int pauses_limit = 1;    // of one run that a person resumes
constexpr std::size_t longest_story = 400;

class Teller : public run::Listener {
public:
    Teller(VirtualWorld& world, Checkers& checkers, Verdict& verdict, std::string folder)
        : world_(world), checkers_(checkers), verdict_(verdict), folder_(std::move(folder)) {}
    void on_started(const recycle::Run& run) override {
        in_preflight_ = run.phase == recycle::Phase::Preflight;
        if (in_preflight_) { checkers_.run_begins(); }
        if (!runs_.empty() && runs_.back() == run.id) { return; }
        if (!runs_.empty()) { checkers_.run_is_another(); }
        runs_.push_back(run.id);
    }
    // In the order in which they began, whatever the clock said.
    const std::vector<std::string>& runs() const { return runs_; }
    void on_note(const recycle::Run&, const recycle::Note& note) override { tell(note.text); }
    void on_phase(const recycle::Run& run, const Snapshot&) override {
        // A run that is resumed in preflight reads anew what is there.
        if (in_preflight_ && run.phase != recycle::Phase::Preflight) { checkers_.run_has_read(); }
        in_preflight_ = run.phase == recycle::Phase::Preflight;
        ++verdict_.marks[std::string("phase ") + recycle::to_string(run.phase)];
        tell(recycle::to_string(run.phase));
    }
    void on_change(const recycle::Run& run, const recycle::Perform& perform) override {
        checkers_.intends(run, perform.change);
        tell(recycle::describe(perform.change) + ": " + perform.reason);
    }
    void on_trouble(const recycle::Run&, const Error& error) override { tell(error.message); }
    void tell(std::string text) {
        const auto path = text.find(folder_);
        if (path != std::string::npos) { text.erase(path, folder_.size() + 1); } // no two executions share it
        if (verdict_.story.size() < longest_story) { verdict_.story.push_back(to_rfc3339(world_.now()) + " " + text); }
    }

private:
    VirtualWorld& world_;
    Checkers& checkers_;
    Verdict& verdict_;
    bool in_preflight_ = false;
    std::vector<std::string> runs_;
    const std::string folder_; // of the journal
};

class Simulation {
public:
    explicit Simulation(const Options& options);
    Verdict go();

private:
    void run_to_the_end();
    bool one_attempt(int attempt); // true: the run has ended
    Result<act::RunRecord> one_process(int attempt);
    void take_stock(const act::RunRecord& record);
    bool placement_failed() const;
    RunSpec spec() const;
    void watch(Instant now, Instant calm);
    void become_calm();
    void plan_death();
    Saboteurs::Means means();
    bool ask_abort();
    bool interrupt();
    bool recycle_too();
    std::unique_ptr<aws::Session> session(Wire& wire);
    run::RunnerParts parts(aws::Session& caller, run::Listener& listener, const std::string& who);
    std::optional<act::RunRecord> newest();

    const Options options_;
    Verdict verdict_;
    Random random_;
    Random moods_;
    bool moody_ = false;
    VirtualWorld world_;
    Machine machine_;
    Others others_;
    Checkers checkers_;
    Teller teller_;
    Wire wire_, second_wire_;
    std::optional<Saboteurs> saboteurs_;
    Instant calm_at_ = Instant::max();
    int crashes_left_ = 0;
    int power_cuts_left_ = 0;
    bool in_process_ = false;
    int pauses_ = 0;
    std::stop_source end_in_order_, leave_now_;
};

Simulation::Simulation(const Options& options)
    : options_(options), random_(options.seed * 2 + 1), moods_(options.seed * 3 + 1),
      world_({.seed = options.seed,
              .start = testing::fixed_epoch,
              .scheduler = scheduler_of(options_),
              .capacity = capacity_of(options_),
              .at_launch =
                  [this](local::TaskLaunch& launch) {
                      const bool ours = launch.family != neighbour;
                      if (moody_ && ours) { draw_mood(launch, options_, moods_, verdict_.marks); }
                  }}),
      machine_(world_, options.clock_offset), checkers_(world_, options_, others_, verdict_.marks),
      teller_(world_, checkers_, verdict_, machine_.disk().folder()),
      wire_(
          world_, options_, random_, verdict_.marks, [this] { return machine_.disk().is_down(); },
          [this] { checkers_.asked(); }, [this](const Exchange& told) { checkers_.heard(told); }),
      second_wire_(
          world_, options_, random_, verdict_.marks, [this] { return machine_.disk().is_down(); }, [] {},
          [this](const Exchange& told) { checkers_.heard_second(told); }) {
    verdict_.options = options_;
}

Verdict Simulation::go() {
    try {
        make_service(world_, options_, random_);
        run_to_the_end();
    } catch (const OutOfTime&) {
        verdict_.broken.push_back(
            fmt::format("the run did not end within {} of calm", format_duration(2 * longest_run(options_))));
    } catch (const std::exception& error) { verdict_.broken.push_back(error.what()); }
    verdict_.broken.insert(verdict_.broken.begin(), checkers_.broken().begin(), checkers_.broken().end());
    verdict_.last_random = random_.next();
    verdict_.calls = wire_.exchanges();
    verdict_.virtual_time = world_.now() - testing::fixed_epoch;
    return std::move(verdict_);
}

RunSpec Simulation::spec() const {
    RunSpec spec;
    spec.cluster = "c";
    spec.service = "s";
    spec.strategy = options_.strategy;
    spec.drain = options_.method;
    spec.order = options_.order;
    spec.batch = Amount{options_.batch, false};
    spec.surge = Amount{options_.surge, false};
    spec.max_unavailable = Amount{options_.max_unavailable, false};
    spec.wait = options_.wait;
    spec.timeout = options_.timeout > Millis(0) ? options_.timeout : options_.calm_after + longest_run(options_);
    spec.wait_for_protection = options_.wait_for_protection;
    if (options_.alarm) { spec.alarms = {alarm_name}; }
    spec.on_error = options_.pauses ? OnError::Pause : OnError::Restore;
    spec.seed = options_.seed;
    return spec;
}

std::unique_ptr<aws::Session> Simulation::session(Wire& wire) {
    aws::SessionOptions options;
    options.region = "us-east-1";
    options.endpoint_url = "http://local.test";
    options.access_key_id = "AKIDEXAMPLE";
    options.secret_access_key = "secret";
    auto made = aws::Session::create(wire, machine_, Random(random_.next()), aws::empty_environment(), options);
    if (!made) { throw std::runtime_error(made.error().message); }
    return std::move(*made);
}

run::RunnerParts Simulation::parts(aws::Session& caller, run::Listener& listener, const std::string& who) {
    return {.caller = caller,
            .clock = machine_,
            .journal = machine_.journal(),
            .listener = listener,
            .random = Random(random_.next()),
            .who = who,
            .interrupts = {},
            .ask = {},
            .ask_unfinished = {},
            .renews_deadline = options_.resumed_by_person};
}

std::optional<act::RunRecord> Simulation::newest() {
    for (const std::string& id : teller_.runs() | std::views::reverse) {
        // Without power the journal may have forgotten one that has changed nothing yet.
        if (auto record = machine_.journal().load(id)) { return std::move(*record); }
    }
    return std::nullopt;
}

bool Simulation::ask_abort() {
    const auto record = newest();
    if (!record || !act::is_unfinished(record->run) || record->run.ending || !in_process_) { return false; }
    if (!record->holder || record->holder->expires_at <= machine_.now()) { return false; }
    return machine_.journal().request_abort(record->run.id, "asked by a person").has_value();
}

bool Simulation::interrupt() {
    if (!in_process_) { return false; }
    const bool again = end_in_order_.stop_requested();
    (again ? leave_now_ : end_in_order_).request_stop();
    return true;
}

bool Simulation::recycle_too() {
    const auto record = newest();
    if (!record || !act::is_unfinished(record->run)) { return false; }
    run::Listener deaf;
    const auto caller = session(second_wire_);
    const auto refused = run::Runner(parts(*caller, deaf, "bob")).start(spec(), false);
    return !refused && refused.error().kind == ErrorKind::Locked;
}

Saboteurs::Means Simulation::means() {
    return {.abort = [this] { return ask_abort(); },
            .interrupt = [this] { return interrupt(); },
            .recycle_too = [this] { return recycle_too(); },
            .jump_clock = [this](Millis by) { machine_.jump(by); },
            .fill_disk = [this](bool full) { machine_.disk().set_full(full); },
            .tell = [this](const std::string& text) { teller_.tell(text); }};
}

void Simulation::watch(Instant now, Instant calm) {
    saboteurs_->act(now);
    checkers_.look();
    if (now >= calm) { become_calm(); }
}

// From here on nothing goes wrong any more, and the run must end within a time that can be told.
void Simulation::become_calm() {
    if (calm_at_ != Instant::max()) { return; }
    calm_at_ = world_.now();
    teller_.tell("calm");
    moody_ = false;
    wire_.calm();
    second_wire_.calm();
    saboteurs_->calm();
    wire_.crash_at(0, false);
    if (!machine_.disk().is_down()) { machine_.disk().never_cut_power(); }
    crashes_left_ = 0;
    power_cuts_left_ = 0;
    world_.end_of_time(calm_at_ + 2 * longest_run(options_));
}

void Simulation::plan_death() {
    if (crashes_left_ > 0 && (power_cuts_left_ == 0 || random_.between(0, 1) == 0)) {
        --crashes_left_;
        wire_.crash_at(random_.between(1, 60), random_.between(0, 1) == 1);
    } else if (power_cuts_left_ > 0) {
        --power_cuts_left_;
        machine_.disk().cut_power_after(random_.between(1, 400));
    }
}

Result<act::RunRecord> Simulation::one_process(int attempt) {
    end_in_order_ = {};
    leave_now_ = {};
    others_.interrupted_at.reset();
    const auto caller = session(wire_);
    auto with = parts(*caller, teller_, fmt::format("ann pid {}", attempt));
    with.ask_unfinished = [](const act::RunRecord&) { return run::Unfinished::Restore; };
    with.interrupts = {end_in_order_.get_token(), leave_now_.get_token()};
    run::Runner runner(std::move(with));
    const auto record = newest();
    checkers_.process_begins(record ? &record->run : nullptr);
    if (!record) { return runner.start(spec(), false); }
    if (options_.begun_anew && !record->abort_ask) {
        ++verdict_.marks["new run after one that died"];
        return runner.start(spec(), false);
    }
    if (record->run.paused && ++pauses_ > (options_.resumed_by_person ? pauses_limit : 0)) {
        ++verdict_.marks["paused run aborted"];
        auto aborted = runner.abort(record->run.id, "it does not get better", false);
        if (!aborted) { return std::unexpected(aborted.error()); }
        return std::move(*aborted->record);
    }
    ++verdict_.marks[std::string("resumed in ") + recycle::to_string(record->run.phase)];
    return runner.resume(record->run.id, false);
}

bool Simulation::placement_failed() const {
    const local::Service* service = world_.service();
    return service != nullptr && std::ranges::any_of(service->events, [](const auto& event) {
               return event.message.find("unable to place a task") != std::string::npos;
           });
}

void Simulation::take_stock(const act::RunRecord& record) {
    const recycle::Run& run = record.run;
    ++verdict_.marks[std::string("run ended ") + recycle::to_string(run.ending->outcome)];
    ++verdict_.marks[std::string("drain method ") + to_string(run.drain)];
    if (!run.skipped.empty()) { ++verdict_.marks["task skipped"]; }
    if (run.service_gone) { ++verdict_.marks["run of a deleted service ended"]; }
    if (placement_failed()) { ++verdict_.marks["no place for a task"]; }
    if (!run.drained) { ++verdict_.marks["run ended before all was drained"]; }
    teller_.tell(fmt::format("ended {}: {}", recycle::to_string(run.ending->outcome), run.ending->reason));
    checkers_.end(record);
}

bool Simulation::one_attempt(int attempt) {
    if (const auto record = newest(); record && !act::is_unfinished(record->run)) {
        ++verdict_.marks["recycler died when all was done"];
        take_stock(*record);
        return true;
    }
    plan_death();
    in_process_ = true;
    try {
        const auto record = one_process(attempt);
        in_process_ = false;
        if (record && !act::is_unfinished(record->run)) {
            take_stock(*record);
            return true;
        }
        if (!record && (record.error().kind == ErrorKind::NotFound || others_.deleted) && !newest()) {
            teller_.tell("there is no service: " + record.error().message);
            ++verdict_.marks["nothing to recycle"];
            return true;
        }
        if (record && record->run.paused) { ++verdict_.marks["run paused"]; }
        teller_.tell(record ? "ended, not restored" : record.error().message);
        ++verdict_.marks[record ? "run ended and was not restored" : "run could not go on"];
    } catch (const Crash&) {
        ++verdict_.marks["recycler crashed"];
        teller_.tell("crashed");
    }
    in_process_ = false;
    testing::Kept kept = testing::Kept::Everything;
    if (machine_.disk().is_down()) {
        kept = testing::all_kept[random_.between(0, std::ssize(testing::all_kept) - 1)];
        ++verdict_.marks[std::string("power failed, kept ") + to_string(kept)];
        teller_.tell(std::string("power failed, kept ") + to_string(kept));
    }
    machine_.restart(kept);
    world_.go_on(Millis(random_.between(31'000, 180'000)));
    return false;
}

void Simulation::run_to_the_end() {
    others_.desired = others_.desired_known = others_.count_known = options_.tasks;
    crashes_left_ = options_.crashes;
    power_cuts_left_ = options_.power_cuts;
    moody_ = true;
    checkers_.begin();
    saboteurs_.emplace(world_, options_, random_, others_, verdict_.marks, means());
    world_.watch([this, calm = world_.now() + options_.calm_after](Instant now) { watch(now, calm); });
    for (int attempt = 1; attempt <= attempts_limit; ++attempt) {
        if (one_attempt(attempt)) { return; }
    }
    verdict_.broken.push_back(fmt::format("{} processes could not finish the run", attempts_limit));
}

} // namespace

Verdict simulate(const Options& options) {
    return Simulation(options).go();
}

std::string to_text(const Verdict& verdict) {
    std::string text = to_lines(verdict.options);
    for (const auto& each : verdict.broken) { text += "  broken: " + each + "\n"; }
    for (const auto& each : verdict.story) { text += "  " + each + "\n"; }
    return text;
}

} // namespace ecsr::simulation
