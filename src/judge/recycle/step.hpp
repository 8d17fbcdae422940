// The recycle algorithm as pure functions of (run, what was observed, time).
//
// Driven by run/ (CLI, daemon, Lambda) and by simulations alike; no I/O, no clock. See README.md for the words.
// Loop:  step -> Perform: journal run, carry out, conclude(result) -> step ... -> Wait: sleep, observe, step ... ->
// Finished.
#pragma once

#include "base/error.hpp"
#include "judge/recycle/run.hpp"
#include "model/snapshot.hpp"

#include <string>
#include <variant>

namespace ecsr::recycle {

struct Perform {
    Change change;
    std::string reason; // why now; goes to the journal and to people
};
struct Wait {
    Instant until{}; // then look, and step again
    Look look;
    std::string reason; // what is waited for, with facts: "1 of 1 new tasks not healthy: ab12 target initial"
    Instant deadline{}; // when this wait becomes a failure
};
struct Ask {
    std::string question; // "Proceed with batch 2 of 3 (1 task)?"; answer with approve() or abort()
};
struct Finished {}; // run.ending says how; run.restored whether everything is put back
using Action = std::variant<Perform, Wait, Ask, Finished>;

struct Note { // something worth telling people, once
    std::string text;
    bool warning = false;
};

struct Decision {
    Run run;
    Action action;
    std::vector<Note> notes;
};

// A new run over `spec`, and what must be read before the first step.
Run begin(std::string id, const RunSpec& spec, Instant now);
Look first_look(const RunSpec& spec);

// What to do next. Requires: the parts of the last Look were read.
Decision step(Run run, const Snapshot& snapshot, Instant now);

// The result of the change that step() asked for. `snapshot` already holds what the answer told.
Run conclude(Run run, const Status& result, const Snapshot& snapshot, Instant now);

// A look failed (throttled, 5xx, unreachable, ...). Decides by itself whether to wait or to end.
Run trouble(Run run, const Error& error, Instant now);

// A run that was loaded from the journal, after a crash or for its next step: reads the world anew before anything is
// done. Its deadline stays as it is; a run whose deadline is over ends, restored. One that was left alone for a while,
// or paused, has its patience anew: failed starts and calls in a row, and the time of its phase, count from now on.
Decision resume(Run run, Instant now);

// May take `timeout` from now on.
Run prolong(Run run, Millis timeout, Instant now);

Run approve(Run run, Millis extra_wait);
// Ends at the next batch edge, restores; later calls keep the first reason.
Run abort(Run run, const std::string& reason);

// ---- before the first change ----

struct Refusal {
    std::string code;    // "daemon", "code-deploy", "external", "not-active", "deployment-in-flight", "desired-zero",
                         // "not-healthy", "surplus", "alarm", "no-headroom", "unknown-task", "nothing-to-do" ...
    std::string message; // one line: what is wrong
    std::string instead; // what to do
};

struct PlannedTask {
    std::string task_arn;
    int batch = 0; // from 1
    Instant created_at{};
    std::string availability_zone;
    std::string reason; // "created before the cut-off", "older than 6h", "named"
};

struct Plan {
    std::vector<PlannedTask> tasks; // in order
    std::vector<Skipped> skipped;
    std::vector<std::string> changes;     // what is changed and put back, in order, in words
    std::vector<std::string> permissions; // IAM actions the run needs
    std::vector<std::string> risks;
    std::vector<Refusal> refusals; // empty: the run may start
    Drain drain = Drain::Auto;
    int batch = 0;
    int surge = 0;
    int desired_count = 0;
};

// Pure; the run itself uses it for its preflight.
Plan plan(const RunSpec& spec, const Snapshot& snapshot, Instant now);

} // namespace ecsr::recycle
