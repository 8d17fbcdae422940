#include "act/schema.hpp"

#include <array>
#include <fmt/format.h>

namespace ecsr::act {

namespace {

// "ECSR" in the file's header: tells a journal from any other SQLite file.
constexpr std::int64_t application_id = 0x45435352;

// Times are milliseconds since 1970. `state` and `calls` are JSON (run_json.hpp). Step N makes version N+1 of N.
constexpr std::array migrations = {
    R"sql(
CREATE TABLE runs (
    id          TEXT PRIMARY KEY,
    service     TEXT NOT NULL,
    state       TEXT NOT NULL,
    calls       TEXT NOT NULL,
    unfinished  INTEGER NOT NULL,
    abort_ask   TEXT,
    created_at  INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL
) STRICT;
CREATE INDEX runs_of_service ON runs (service, created_at);
CREATE TABLE entries (
    run_id  TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    seq     INTEGER NOT NULL,
    at      INTEGER NOT NULL,
    kind    TEXT NOT NULL,
    text    TEXT NOT NULL,
    facts   TEXT NOT NULL,
    PRIMARY KEY (run_id, seq)
) STRICT, WITHOUT ROWID;
CREATE TABLE locks (
    service     TEXT PRIMARY KEY,
    run_id      TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    who         TEXT NOT NULL,
    since       INTEGER NOT NULL,
    beat_at     INTEGER NOT NULL,
    expires_at  INTEGER NOT NULL
) STRICT;
)sql",
    "ALTER TABLE locks ADD COLUMN process TEXT NOT NULL DEFAULT ''", // process_mark.hpp
    R"sql(
CREATE TABLE watches (
    service      TEXT PRIMARY KEY,
    schedule     TEXT NOT NULL,
    first_seen   INTEGER NOT NULL,
    dealt_until  INTEGER NOT NULL,
    fire_at      INTEGER,
    fire_due     INTEGER,
    run_at       INTEGER
) STRICT;
)sql",                                                               // watch_memory.hpp
};

Status check_origin(const sqlite::Database& database, const std::string& path, std::int64_t version) {
    const auto id = database.number("PRAGMA application_id");
    if (!id) { return std::unexpected(id.error()); }
    const auto tables = database.number("SELECT count(*) FROM sqlite_schema");
    if (!tables) { return std::unexpected(tables.error()); }
    const bool is_new = *id == 0 && version == 0 && *tables == 0;
    if (*id != application_id && !is_new) {
        return fail(ErrorKind::Io, fmt::format("journal {}: this is a database of another program", path));
    }
    constexpr auto known = static_cast<std::int64_t>(migrations.size());
    if (version > known) {
        return fail(ErrorKind::Io,
                    fmt::format("journal {}: written by a newer ecs-recycler (journal version {}, this one knows {}); "
                                "use that version, or --journal with another file",
                                path, version, known));
    }
    return {};
}

Status migrate(const sqlite::Database& database, const std::string& path) {
    auto transaction = sqlite::Transaction::begin(database);
    if (!transaction) { return std::unexpected(transaction.error()); }
    // Another process may have done it in the meantime.
    const auto version = database.number("PRAGMA user_version");
    if (!version) { return std::unexpected(version.error()); }
    if (auto ours = check_origin(database, path, *version); !ours) { return ours; }
    for (auto step = static_cast<std::size_t>(*version); step < migrations.size(); ++step) {
        if (auto done = database.execute(migrations[step]); !done) { return done; }
    }
    const auto marks =
        fmt::format("PRAGMA application_id = {}; PRAGMA user_version = {}", application_id, migrations.size());
    if (auto done = database.execute(marks); !done) { return done; }
    return transaction->commit();
}

} // namespace

Status prepare_schema(const sqlite::Database& database, const std::string& path) {
    const auto version = database.number("PRAGMA user_version");
    if (!version) { return std::unexpected(version.error()); }
    if (auto ours = check_origin(database, path, *version); !ours) { return ours; }
    if (auto done = database.execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON");
        !done) {
        return done;
    }
    if (static_cast<std::size_t>(*version) == migrations.size()) { return {}; }
    return migrate(database, path);
}

} // namespace ecsr::act
