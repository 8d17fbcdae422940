#include "act/sqlite_journal.hpp"

#include "act/journal_file.hpp"
#include "act/run_json.hpp"
#include "act/schema.hpp"
#include "act/sqlite_locks.hpp"

#include <utility>

namespace ecsr::act {

namespace {

constexpr int busy_timeout_ms = 10'000;

// What read_record() reads, in its order.
constexpr const char* record_query =
    "SELECT r.id, r.service, r.state, r.calls, r.abort_ask, r.created_at, r.updated_at, "
    "l.who, l.since, l.beat_at, l.expires_at, l.process "
    "FROM runs r LEFT JOIN locks l ON l.service = r.service AND l.run_id = r.id ";

} // namespace

// ---- holding ----

Result<Lock> SqliteJournal::begin(const recycle::Run& run, const std::string& service_key, const Claim& claim) {
    const std::lock_guard guard(mutex_);
    auto transaction = sqlite::Transaction::begin(database_);
    if (!transaction) { return std::unexpected(transaction.error()); }
    if (auto done = insert_run(run, service_key, claim.now); !done) { return std::unexpected(done.error()); }
    auto lock = take_lock(database_, service_key, run.id, claim);
    if (!lock) { return lock; }
    if (auto done = give_up_others(run, service_key, claim); !done) { return std::unexpected(done.error()); }
    const Entry started{0, claim.now, EntryKind::Started, "run created by " + claim.who, {{"service", service_key}}};
    if (auto done = append(run.id, started); !done) { return std::unexpected(done.error()); }
    if (auto done = transaction->commit(); !done) { return std::unexpected(done.error()); }
    return lock;
}

Result<Lock> SqliteJournal::take(const std::string& run_id, const Claim& claim) {
    const std::lock_guard guard(mutex_);
    auto transaction = sqlite::Transaction::begin(database_);
    if (!transaction) { return std::unexpected(transaction.error()); }
    auto query = database_.prepare("SELECT service FROM runs WHERE id = ?1");
    if (!query) { return std::unexpected(query.error()); }
    const auto row = query->bind(1, run_id).step();
    if (!row) { return std::unexpected(row.error()); }
    if (!*row) { return std::unexpected(no_run_error(path_, run_id)); }
    auto lock = take_lock(database_, query->text(0), run_id, claim);
    if (!lock) { return lock; }
    const Entry taken{0, claim.now, EntryKind::Started, "run taken up by " + claim.who, {}};
    if (auto done = append(run_id, taken); !done) { return std::unexpected(done.error()); }
    if (auto done = transaction->commit(); !done) { return std::unexpected(done.error()); }
    return lock;
}

Result<Beat> SqliteJournal::beat(const Lock& lock, Instant now) {
    const std::lock_guard guard(mutex_);
    auto transaction = sqlite::Transaction::begin(database_);
    if (!transaction) { return std::unexpected(transaction.error()); }
    if (auto done = renew_lock(database_, lock, now); !done) { return std::unexpected(done.error()); }
    auto query = database_.prepare("SELECT abort_ask FROM runs WHERE id = ?1");
    if (!query) { return std::unexpected(query.error()); }
    const auto row = query->bind(1, lock.run_id).step();
    if (!row) { return std::unexpected(row.error()); }
    Beat beat;
    if (*row && !query->is_null(0)) { beat.abort_ask = query->text(0); }
    if (auto done = transaction->commit(); !done) { return std::unexpected(done.error()); }
    return beat;
}

Status SqliteJournal::release(const Lock& lock) {
    const std::lock_guard guard(mutex_);
    return drop_lock(database_, lock);
}

// ---- writing ----

Status SqliteJournal::save(const Lock& lock, const recycle::Run& run, const aws::CallCounts& calls,
                           const std::vector<Entry>& story, Instant now) {
    ECSR_ASSERT(lock.run_id == run.id);
    const std::lock_guard guard(mutex_);
    auto transaction = sqlite::Transaction::begin(database_);
    if (!transaction) { return std::unexpected(transaction.error()); }
    if (auto held = renew_lock(database_, lock, now); !held) { return held; }
    auto update = database_.prepare("UPDATE runs SET state = ?2, calls = ?3, unfinished = ?4, updated_at = ?5 "
                                    "WHERE id = ?1");
    if (!update) { return std::unexpected(update.error()); }
    update->bind(1, run.id).bind(2, run_to_json(run)).bind(3, calls_to_json(calls));
    update->bind(4, std::int64_t{is_unfinished(run)}).bind(5, to_millis(now));
    if (auto done = update->run(); !done) { return done; }
    for (const Entry& entry : story) {
        if (auto done = append(run.id, entry); !done) { return done; }
    }
    return transaction->commit();
}

Status SqliteJournal::request_abort(const std::string& run_id, const std::string& reason) {
    const std::lock_guard guard(mutex_);
    auto update = database_.prepare("UPDATE runs SET abort_ask = ?2 WHERE id = ?1");
    if (!update) { return std::unexpected(update.error()); }
    if (auto done = update->bind(1, run_id).bind(2, reason).run(); !done) { return done; }
    if (database_.changes() == 1) { return {}; }
    return std::unexpected(no_run_error(path_, run_id));
}

Status SqliteJournal::insert_run(const recycle::Run& run, const std::string& service_key, Instant now) {
    auto insert = database_.prepare("INSERT INTO runs (id, service, state, calls, unfinished, created_at, updated_at) "
                                    "VALUES (?1, ?2, ?3, ?4, 1, ?5, ?5)");
    if (!insert) { return std::unexpected(insert.error()); }
    insert->bind(1, run.id).bind(2, service_key).bind(3, run_to_json(run)).bind(4, calls_to_json({}));
    return insert->bind(5, to_millis(now)).run();
}

// Invariant I3: what an older run left in place must be put back by it, and not be taken for the user's own setting.
Status SqliteJournal::give_up_others(const recycle::Run& run, const std::string& service_key, const Claim& claim) {
    auto query = database_.prepare("SELECT id FROM runs WHERE service = ?1 AND unfinished = 1 AND id <> ?2");
    if (!query) { return std::unexpected(query.error()); }
    query->bind(1, service_key).bind(2, run.id);
    while (true) {
        const auto row = query->step();
        if (!row) { return std::unexpected(row.error()); }
        if (!*row) { return {}; }
        const std::string other = query->text(0);
        if (!claim.force) { return std::unexpected(unfinished_error(other, service_key)); }
        auto update = database_.prepare("UPDATE runs SET unfinished = 0 WHERE id = ?1");
        if (!update) { return std::unexpected(update.error()); }
        if (auto done = update->bind(1, other).run(); !done) { return done; }
        if (auto done = append(other, given_up_entry(run.id, claim.now)); !done) { return done; }
    }
}

Status SqliteJournal::append(const std::string& run_id, const Entry& entry) {
    auto insert = database_.prepare("INSERT INTO entries (run_id, seq, at, kind, text, facts) VALUES (?1, (SELECT "
                                    "coalesce(max(seq), 0) + 1 FROM entries WHERE run_id = ?1), ?2, ?3, ?4, ?5)");
    if (!insert) { return std::unexpected(insert.error()); }
    insert->bind(1, run_id).bind(2, to_millis(entry.at)).bind(3, std::string_view(to_string(entry.kind)));
    return insert->bind(4, entry.text).bind(5, facts_to_json(entry.facts)).run();
}

// ---- reading ----

Result<RunRecord> SqliteJournal::read_record(const sqlite::Statement& query) {
    const std::string id = query.text(0);
    auto run = run_from_json(query.text(2));
    if (!run) { return std::unexpected(damaged_run_error(path_, id, run.error())); }
    auto calls = calls_from_json(query.text(3));
    if (!calls) { return std::unexpected(damaged_run_error(path_, id, calls.error())); }
    RunRecord record{std::move(*run),
                     query.text(1),
                     std::move(*calls),
                     {},
                     {},
                     from_millis(query.number(5)),
                     from_millis(query.number(6))};
    if (!query.is_null(4)) { record.abort_ask = query.text(4); }
    if (!query.is_null(7)) {
        record.holder = Holder{id,
                               query.text(7),
                               from_millis(query.number(8)),
                               from_millis(query.number(9)),
                               from_millis(query.number(10)),
                               query.text(11)};
    }
    return record;
}

Result<std::vector<RunRecord>> SqliteJournal::read_records(sqlite::Statement& query) {
    std::vector<RunRecord> records;
    while (true) {
        const auto row = query.step();
        if (!row) { return std::unexpected(row.error()); }
        if (!*row) { return records; }
        auto record = read_record(query);
        if (!record) { return std::unexpected(record.error()); }
        records.push_back(std::move(*record));
    }
}

Result<RunRecord> SqliteJournal::load(const std::string& id) {
    const std::lock_guard guard(mutex_);
    auto query = database_.prepare(std::string(record_query) +
                                   "WHERE substr(r.id, 1, length(?1)) = ?1 ORDER BY r.id = ?1 DESC LIMIT 2");
    if (!query) { return std::unexpected(query.error()); }
    query->bind(1, id);
    auto found = read_records(*query);
    if (!found) { return std::unexpected(found.error()); }
    if (found->empty() || id.empty()) { return std::unexpected(no_run_error(path_, id)); }
    if (found->size() > 1 && found->front().run.id != id) {
        return std::unexpected(several_runs_error(id, found->front().run.id, found->back().run.id));
    }
    return std::move(found->front());
}

Result<std::vector<RunRecord>> SqliteJournal::list(int limit, const std::string& service_key) {
    const std::lock_guard guard(mutex_);
    auto query = database_.prepare(std::string(record_query) + "WHERE ?1 = '' OR r.service = ?1 "
                                                               "ORDER BY r.created_at DESC, r.rowid DESC LIMIT ?2");
    if (!query) { return std::unexpected(query.error()); }
    query->bind(1, service_key).bind(2, std::int64_t{limit});
    return read_records(*query);
}

Result<std::vector<Entry>> SqliteJournal::entries(const std::string& run_id) {
    const std::lock_guard guard(mutex_);
    auto query = database_.prepare("SELECT seq, at, kind, text, facts FROM entries WHERE run_id = ?1 ORDER BY seq");
    if (!query) { return std::unexpected(query.error()); }
    query->bind(1, run_id);
    std::vector<Entry> entries;
    while (true) {
        const auto row = query->step();
        if (!row) { return std::unexpected(row.error()); }
        if (!*row) { return entries; }
        const auto kind = parse_entry_kind(query->text(2));
        if (!kind) { return std::unexpected(damaged_run_error(path_, run_id, kind.error())); }
        auto facts = facts_from_json(query->text(4));
        if (!facts) { return std::unexpected(damaged_run_error(path_, run_id, facts.error())); }
        entries.push_back({query->number(0), from_millis(query->number(1)), *kind, query->text(3), std::move(*facts)});
    }
}

Result<std::optional<RunRecord>> SqliteJournal::unfinished(const std::string& service_key) {
    const std::lock_guard guard(mutex_);
    auto query = database_.prepare(std::string(record_query) + "WHERE r.service = ?1 AND r.unfinished = 1 "
                                                               "ORDER BY r.created_at DESC, r.rowid DESC LIMIT 1");
    if (!query) { return std::unexpected(query.error()); }
    query->bind(1, service_key);
    auto found = read_records(*query);
    if (!found) { return std::unexpected(found.error()); }
    if (found->empty()) { return std::nullopt; }
    return std::move(found->front());
}

namespace {

Result<sqlite::Database> open_database(const std::string& path) {
    auto database = sqlite::Database::open(path, busy_timeout_ms);
    if (!database) { return database; }
    if (auto ready = prepare_schema(*database, path); !ready) { return std::unexpected(ready.error()); }
    return database;
}

Status make_database(const std::string& path) {
    const auto database = open_database(path);
    if (!database) { return std::unexpected(database.error()); }
    return {};
}

} // namespace

Result<sqlite::Database> open_journal_database(const std::string& path) {
    if (path != ":memory:") {
        if (auto file = ensure_private_file(path, make_database); !file) { return std::unexpected(file.error()); }
    }
    return open_database(path);
}

Result<std::unique_ptr<Journal>> open_journal(const std::string& path) {
    auto database = open_journal_database(path);
    if (!database) { return std::unexpected(database.error()); }
    return std::make_unique<SqliteJournal>(path, std::move(*database));
}

} // namespace ecsr::act
