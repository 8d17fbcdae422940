// One run on its way: the loop of the Runner. Internal to run/.
#pragma once

#include "act/gate.hpp"
#include "act/held_run.hpp"
#include "observe/observe.hpp"
#include "run/run_clock.hpp"
#include "run/runner.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace ecsr::run {

inline constexpr Millis beat_interval{5'000};
inline constexpr Millis lock_ttl{30'000};

class Drive {
public:
    // `snapshot`: what was read already. `parts` must outlive the drive.
    Drive(RunnerParts& parts, act::HeldRun held, recycle::Run run, Snapshot snapshot);

    // Drives the run to its end and gives the service free. `resumed`: what recycle::resume() decided; without it the
    // loop begins with a step. Errors as in runner.hpp.
    Result<act::RunRecord> go(std::optional<recycle::Decision> resumed);

private:
    // An error from any of these ends the loop at once, with nothing changed any more.
    Status attend();
    Status beat_if_due();
    Status adopt(recycle::Decision decision);
    Status perform(const recycle::Perform& perform);
    Status wait(const recycle::Wait& wait);
    Status ask(const recycle::Ask& ask);
    Status flush();
    Result<act::RunRecord> finish();

    void look(const Look& look);
    void tell(act::EntryKind kind, std::string text, std::map<std::string, std::string> facts = {});
    void tell_progress(const recycle::Action& action);
    void tell_observation();
    void ask_to_end(const std::string& reason);
    std::unexpected<Error> leave(const std::string& why); // `why` besides that it was asked for; may be empty

    RunnerParts& parts_;
    act::HeldRun held_;
    RunClock clock_;
    act::Gate gate_;
    Observer observer_;
    recycle::Run run_;
    Snapshot snapshot_;

    std::vector<act::Entry> story_; // not yet in the journal
    bool unsaved_ = false;          // run_ has moved on in a way that a successor should know
    int saved_lowest_healthy_;      // as the journal has it
    int looks_at_once_ = 0;         // in a row
    Instant beat_at_;               // the last one that the journal took
    Instant held_at_;               // the hold was last prolonged: by that, or as the run was saved
    bool end_asked_here_ = false;   // the person in front of it asked to end in order
    bool unanswered_ = false;       // the last look failed because nobody answered
    bool has_looked_;               // the first look is complete
    std::optional<Look> owed_look_; // the first look, when it failed
    std::optional<recycle::Phase> told_phase_;
    std::size_t told_replaced_ = 0;
    std::string told_observation_;
};

} // namespace ecsr::run
