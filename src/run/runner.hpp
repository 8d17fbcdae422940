// Drives a recycle run: observe -> judge -> act -> record, until it has ended. No terminal, no files, no sockets of its
// own.
#pragma once

#include "act/journal.hpp"
#include "aws/call.hpp"
#include "base/clock.hpp"
#include "base/random.hpp"
#include "judge/recycle/step.hpp"
#include "model/snapshot.hpp"
#include "run/listener.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

namespace ecsr::run {

// The first asks to stop at the batch edge and to put everything back; the second to stop waiting and to leave a run
// that can be resumed. Where AWS does not answer after the first, so that nothing can be put back, it is as the second.
struct Interrupts {
    std::stop_token end_in_order;
    std::stop_token leave_now;
    std::string why = "interrupted by the user"; // the run's reason for its end, after the first
};

// Asks the person a question and returns what was typed; blocking. Nothing: the input has ended, or `stop` was
// requested. The answer's grammar is that of run/answer.hpp; a line that it refuses is asked for again.
using AskUser = std::function<std::optional<std::string>(const std::string& question, std::stop_token stop)>;

// What to do about an unfinished run of the same service whose holder is gone.
enum class Unfinished {
    Resume,  // go on with it instead of beginning a new one
    Restore, // put back what it left in place, then begin the new one
    Refuse,  // error Locked, which names the run and the ways out
};
using AskUnfinished = std::function<Unfinished(const act::RunRecord& record)>;

// All references must outlive the Runner.
struct RunnerParts {
    aws::Caller& caller;
    Clock& clock;
    act::Journal& journal;
    Listener& listener;
    Random random;            // for run ids
    std::string who;          // this process: "user@host pid 123"
    std::string process = {}; // the same for machines: act::process_mark(); empty: only time tells that it is gone
    Interrupts interrupts;
    AskUser ask;                  // needed with RunSpec::ask only; without it every question is answered "no"
    AskUnfinished ask_unfinished; // default: Refuse
    // A run that is resumed after its deadline gets its time anew, as a person who resumes it wants it finished. Else
    // it ends, restored: steps of a machine must not prolong a run for ever.
    bool renews_deadline = false;
};

struct Aborted {
    std::optional<act::Holder> asked;     // a live process was asked to end the run; it will
    std::optional<act::RunRecord> record; // else: its holder is gone, so it was ended and restored here
};

// One run at a time. Errors of all functions but find_unfinished, besides those named there:
//   Locked       another run holds the service; or ours was taken over while it ran: nothing was changed after that
//   Interrupted  the second interrupt: the run is left as it is and can be resumed
//   Io           the journal cannot be written: the run is left as it is
//   NotFound, Credentials, Unreachable, ...  the service could not be read before anything was changed
// Whatever else goes wrong ends the run in order, restored; the record's run.ending tells how (run/exit_code.hpp).
class Runner {
public:
    explicit Runner(RunnerParts parts);
    ~Runner();

    // With `force` a live holder loses the service, and an unfinished run is put back first (or given up, if that
    // fails).
    Result<act::RunRecord> start(const RunSpec& spec, bool force);

    // `id`: a run's id, or how it begins. A run that was asked to end before its holder died is put back instead.
    // `timeout`: what it may take from now on; without it its deadline stays (see renews_deadline). Errors: Usage (it
    // has ended), and those of Journal::load.
    Result<act::RunRecord> resume(const std::string& id, bool force, std::optional<Millis> timeout = {});
    Result<Aborted> abort(const std::string& id, const std::string& reason, bool force);

    // The newest run of the service that has to be resumed or aborted, held or not. Reads the service.
    Result<std::optional<act::RunRecord>> find_unfinished(const RunSpec& spec);

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

// The same for those who have no Runner yet.
Result<std::optional<act::RunRecord>> find_unfinished(aws::Caller& caller, Clock& clock, act::Journal& journal,
                                                      const RunSpec& spec, std::stop_token stop);

} // namespace ecsr::run
