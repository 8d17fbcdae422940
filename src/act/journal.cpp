#include "act/journal.hpp"

#include "act/process_mark.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace ecsr::act {

const char* to_string(EntryKind kind) {
    switch (kind) {
    case EntryKind::Started: return "started";
    case EntryKind::Decided: return "decided";
    case EntryKind::Intent: return "intent";
    case EntryKind::Outcome: return "outcome";
    case EntryKind::Observed: return "observed";
    case EntryKind::Note: return "note";
    case EntryKind::Trouble: return "trouble";
    case EntryKind::Ended: return "ended";
    }
    return "note";
}

bool is_held(const std::optional<Holder>& holder, Instant now) {
    if (!holder || holder->expires_at <= now || has_ended(holder->process)) { return false; }
    // A beat that is to come was made before this machine's clock was set back; whoever lives has beaten since.
    const Millis ttl = holder->expires_at - holder->beat_at;
    return holder->beat_at <= now + ttl;
}

bool is_unfinished(const recycle::Run& run) {
    return !run.ended_at || !run.restored;
}

std::string service_key(const Service& service) {
    // arn:PARTITION:ecs:REGION:ACCOUNT:service/CLUSTER/SERVICE (ECS behaviour A9)
    const std::vector<std::string> parts = split(service.arn, ':');
    const std::string region = parts.size() > 3 ? parts[3] : "";
    const std::string account = parts.size() > 4 ? parts[4] : "";
    return fmt::format("{}/{}/{}/{}", account, region, short_id(service.cluster_arn), service.name);
}

Result<std::string> journal_path(std::string_view url) {
    if (url.empty()) {
        return fail(ErrorKind::Usage, "the journal needs a path: sqlite:///path, sqlite:path or a path");
    }
    constexpr std::string_view scheme = "sqlite:";
    if (url.starts_with(scheme)) {
        std::string_view path = url.substr(scheme.size());
        if (path.starts_with("//")) {
            path.remove_prefix(2);
            if (!path.starts_with('/')) {
                return fail(ErrorKind::Usage, fmt::format("journal '{}' names a host: a local path has three slashes, "
                                                          "sqlite:///path; a relative one is written sqlite:path",
                                                          url));
            }
        }
        if (path.empty()) { return fail(ErrorKind::Usage, fmt::format("journal '{}' names no file", url)); }
        return std::string(path);
    }
    const auto separator = url.find("://");
    if (separator == std::string_view::npos) { return std::string(url); }
    // The rest of such a URL may hold a password.
    return fail(ErrorKind::Usage, fmt::format("journals of kind '{}' are not supported; allowed are sqlite:///path, "
                                              "sqlite:path, a path and dynamodb://table",
                                              url.substr(0, separator)));
}

Result<std::optional<std::string>> journal_table(std::string_view url) {
    constexpr std::string_view scheme = "dynamodb://";
    if (!url.starts_with(scheme)) { return std::nullopt; }
    const std::string table(url.substr(scheme.size()));
    const bool named = table.size() >= 3 && table.size() <= 255 && std::ranges::all_of(table, [](char c) {
                           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                                  c == '_' || c == '-' || c == '.';
                       });
    if (named) { return table; }
    return fail(ErrorKind::Usage, fmt::format("journal '{}' names no table: dynamodb://TABLE, of 3 to 255 letters, "
                                              "digits, '_', '-' and '.'",
                                              url));
}

Result<std::string> default_journal_path(const std::optional<std::string>& xdg_state_home, const std::string& home) {
    constexpr std::string_view file = "ecs-recycler/journal.db";
    if (xdg_state_home && xdg_state_home->starts_with('/')) { return fmt::format("{}/{}", *xdg_state_home, file); }
    if (home.empty()) {
        return fail(ErrorKind::Usage,
                    "no place for the journal: neither HOME nor XDG_STATE_HOME is set; use --journal");
    }
    return fmt::format("{}/.local/state/{}", home, file);
}

Error held_error(const std::string& service_key, const Holder& holder, Instant now) {
    return Error{
        ErrorKind::Locked,
        fmt::format("service {} is held by run {} ({}) since {}, last sign of life {} ago; wait for it, end it "
                    "with `ecs-recycler runs abort {}`, or take over with --force",
                    service_key, holder.run_id, holder.who, to_rfc3339(holder.since), format_age(now - holder.beat_at),
                    holder.run_id),
        {},
        0,
        false};
}

Error lost_error(const Lock& lock, const std::optional<Holder>& holder) {
    const std::string by =
        holder ? fmt::format("run {} ({}) holds it now", holder->run_id, holder->who) : "nobody holds it now";
    return fail(ErrorKind::Locked,
                fmt::format("run {} lost its hold on service {}: {}", lock.run_id, lock.service_key, by))
        .error();
}

Error unfinished_error(const std::string& run_id, const std::string& service_key) {
    return fail(ErrorKind::Locked,
                fmt::format("run {} of service {} was not finished: finish it with `ecs-recycler runs resume {}`, put "
                            "everything back with `ecs-recycler runs abort {}`, or give it up with --force",
                            run_id, service_key, run_id, run_id))
        .error();
}

Error no_run_error(const std::string& journal, const std::string& id) {
    return fail(ErrorKind::NotFound, fmt::format("journal {} has no run '{}'", journal, id)).error();
}

Error several_runs_error(const std::string& id, const std::string& one, const std::string& another) {
    return fail(ErrorKind::Usage, fmt::format("several runs begin with '{}': {}, {}, ...", id, one, another)).error();
}

Error damaged_run_error(const std::string& journal, const std::string& run_id, const Error& why) {
    return fail(ErrorKind::Io, fmt::format("journal {}: run {} cannot be read: {}", journal, run_id, why.message))
        .error();
}

Entry given_up_entry(const std::string& by, Instant at) {
    return {0, at, EntryKind::Ended, fmt::format("given up: run {} began by force", by), {}};
}

Result<EntryKind> parse_entry_kind(const std::string& text) {
    for (const EntryKind kind : {EntryKind::Started, EntryKind::Decided, EntryKind::Intent, EntryKind::Outcome,
                                 EntryKind::Observed, EntryKind::Note, EntryKind::Trouble, EntryKind::Ended}) {
        if (text == to_string(kind)) { return kind; }
    }
    return fail(ErrorKind::Io, fmt::format("unknown kind of entry '{}'", text));
}

} // namespace ecsr::act
