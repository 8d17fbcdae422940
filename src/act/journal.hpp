// The journal: what every run is, what it did and why, and which process works on which service.
//
// Port. Implemented on SQLite (open_journal). Everything is durable when a call returns. Safe to call from several
// threads and processes; time is handed in. Errors of the file are of kind Io: one line that names it.
#pragma once

#include "aws/call.hpp"
#include "base/error.hpp"
#include "base/time.hpp"
#include "judge/recycle/run.hpp"
#include "model/service.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ecsr::act {

enum class EntryKind {
    Started,  // the run was created, or taken up again
    Decided,  // where the run goes next, and why
    Intent,   // a change is about to be made
    Outcome,  // what became of it
    Observed, // what was seen
    Note,     // worth telling people
    Trouble,  // a look or a change failed
    Ended,
};
const char* to_string(EntryKind kind); // "started", "decided", ...

// One line of a run's story.
struct Entry {
    std::int64_t seq = 0; // from 1; given by the journal
    Instant at{};
    EntryKind kind = EntryKind::Note;
    std::string text;
    std::map<std::string, std::string> facts; // what the line rests on
};

// The process that works on a service.
struct Holder {
    std::string run_id;
    std::string who; // "user@host pid 123"
    Instant since{};
    Instant beat_at{};
    Instant expires_at{};     // nobody beats any more: others may take over
    std::string process = {}; // process_mark(); empty when it is not known
};

// It beats, and its process is not known to have ended: nobody else may work on the service.
bool is_held(const std::optional<Holder>& holder, Instant now);

struct RunRecord {
    recycle::Run run;
    std::string service_key;              // service_key()
    aws::CallCounts calls;                // of all processes that worked on the run
    std::optional<Holder> holder;         // also when its time is over: see is_held()
    std::optional<std::string> abort_ask; // why somebody asked the holder to end the run
    Instant created_at{};
    Instant updated_at{};
};

// Something may still be in place that has to be put back: the run can be resumed or aborted.
bool is_unfinished(const recycle::Run& run);

// Who wants to work on a run, and for how long it stays theirs without a beat.
struct Claim {
    std::string who;
    Instant now{};
    Millis ttl{30'000};
    bool force = false;       // take it from a holder that still beats; see also Journal::begin
    std::string process = {}; // process_mark(); empty: only time tells that this process is gone
};

// Held by exactly one process a service (invariant I4). A copy is as good as the original.
struct Lock {
    std::string service_key;
    std::string run_id;
    std::string who;
    Instant since{};
    Millis ttl{30'000};
};

struct Beat {
    std::optional<std::string> abort_ask;
};

class Journal {
public:
    virtual ~Journal() = default;

    // ---- holding; error Locked: names the holder, since when, its last beat, and how to take over ----

    // Creates the run and takes its service, both or neither. An unfinished run of the same service is an error Locked
    // too; with `force` it is given up: it will not be offered again, and its story says so.
    virtual Result<Lock> begin(const recycle::Run& run, const std::string& service_key, const Claim& claim) = 0;
    // Takes the service of an existing run, to go on with it. What request_abort() asked stays asked. NotFound: no such
    // run.
    virtual Result<Lock> take(const std::string& run_id, const Claim& claim) = 0;
    // "I am still here." Error Locked: somebody else took over, so the caller must stop at once.
    virtual Result<Beat> beat(const Lock& lock, Instant now) = 0;
    // No error when it was lost before.
    virtual Status release(const Lock& lock) = 0;

    // ---- writing ----

    // The run's present state and the next lines of its story, all or nothing, and a beat. Error Locked as beat().
    virtual Status save(const Lock& lock, const recycle::Run& run, const aws::CallCounts& calls,
                        const std::vector<Entry>& story, Instant now) = 0;
    // For the holder to find at its next beat. NotFound: no such run.
    virtual Status request_abort(const std::string& run_id, const std::string& reason) = 0;

    // ---- reading ----

    // The run whose id is `id` or begins with it. Errors: NotFound, Usage (several begin with it).
    virtual Result<RunRecord> load(const std::string& id) = 0;
    // Newest first, at most `limit`; only of one service where `service_key` is given.
    virtual Result<std::vector<RunRecord>> list(int limit, const std::string& service_key) = 0;
    virtual Result<std::vector<Entry>> entries(const std::string& run_id) = 0;
    // The newest unfinished run of the service.
    virtual Result<std::optional<RunRecord>> unfinished(const std::string& service_key) = 0;
};

// "ACCOUNT/REGION/CLUSTER/SERVICE" from the ARNs of a service and its cluster: the same whatever the user wrote.
std::string service_key(const Service& service);

// The file that `--journal` names: "sqlite:///abs/path", "sqlite:path" or a plain path. ":memory:" lives as long as the
// Journal. Error Usage: another scheme.
Result<std::string> journal_path(std::string_view url);

// $XDG_STATE_HOME/ecs-recycler/journal.db, else HOME/.local/state/ecs-recycler/journal.db. Relative values of
// XDG_STATE_HOME are ignored, as its specification asks. Error Usage: neither is known.
Result<std::string> default_journal_path(const std::optional<std::string>& xdg_state_home, const std::string& home);

// The table that `--journal dynamodb://TABLE` names (dynamodb_journal.hpp); nothing for any other kind. Error Usage: it
// cannot be the name of a table.
Result<std::optional<std::string>> journal_table(std::string_view url);

// Opens or creates it with mode 0600, and its folder with 0700. Errors Io: cannot be created, damaged, not a journal,
// written by a newer version.
Result<std::unique_ptr<Journal>> open_journal(const std::string& path);

// ---- what every kind of journal says in the same words ----

// A service that is held: for begin() and take(), and for faces that find a holder by themselves.
Error held_error(const std::string& service_key, const Holder& holder, Instant now);
// `lock` is not its process's any more; `holder` has the service now.
Error lost_error(const Lock& lock, const std::optional<Holder>& holder);
// An older run of the service has to be settled before a new one begins.
Error unfinished_error(const std::string& run_id, const std::string& service_key);
Error no_run_error(const std::string& journal, const std::string& id);
Error several_runs_error(const std::string& id, const std::string& one, const std::string& another);
Error damaged_run_error(const std::string& journal, const std::string& run_id, const Error& why);
// The last line of the story of a run that was given up.
Entry given_up_entry(const std::string& by, Instant at);
// What to_string() gave. Error Io.
Result<EntryKind> parse_entry_kind(const std::string& text);

} // namespace ecsr::act
