// The daemon: discovers services, steps them, gives them their turns, until it is asked to end.
//
// Threads: the one that calls run() drives; a few others list services and look at tasks; each run has one of its own,
// at most max_parallel at a time.
#pragma once

#include "act/journal.hpp"
#include "act/watch_memory.hpp"
#include "base/clock.hpp"
#include "base/http.hpp"
#include "base/random.hpp"
#include "config/settings.hpp"
#include "notify/notifier.hpp"
#include "serve/places.hpp"
#include "serve/turn.hpp"

#include <functional>
#include <memory>
#include <stop_token>
#include <string>

namespace ecsr::serve {

using SharedSettings = std::shared_ptr<const config::Settings>;

// All references must outlive the daemon.
struct DaemonParts {
    Clock& clock;
    act::Journal& journal;
    act::WatchMemory& memory;
    MakeCaller make_caller;
    // The configuration, read anew. Its error is one line, and the problems are told by it.
    std::function<Result<SharedSettings>()> reload;
    Random random;
    std::string who;
    std::string process;        // act::process_mark()
    std::string version;        // for /metrics
    run::Interrupts interrupts; // the first: drain; the second: leave running runs, resumable
    // Called with settings that name somebody. Error: Usage.
    std::function<Result<std::shared_ptr<notify::Notifier>>(const NotificationSettings& settings)> make_notifier;
    bool read_only = false; // whatever the settings say
};

class Daemon {
public:
    explicit Daemon(DaemonParts parts);
    ~Daemon();

    // Until an interrupt, and until every run has ended or was left. Errors: Usage (an account cannot be used), Io
    // (the journal cannot be read); both before anything was begun.
    Status run(SharedSettings settings);

    // Takes the configuration anew if it is valid, else goes on with what it has. From any thread.
    void request_reload();

    // GET /healthz, /readyz, /metrics. From any thread.
    HttpResponse answer(const HttpRequest& request);

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

} // namespace ecsr::serve
