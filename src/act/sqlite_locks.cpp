#include "act/sqlite_locks.hpp"

namespace ecsr::act {

std::int64_t to_millis(Instant at) {
    return at.time_since_epoch().count();
}

Instant from_millis(std::int64_t millis) {
    return Instant(Millis(millis));
}

Result<std::optional<Holder>> find_holder(const sqlite::Database& database, const std::string& service_key) {
    auto query =
        database.prepare("SELECT run_id, who, since, beat_at, expires_at, process FROM locks WHERE service = ?1");
    if (!query) { return std::unexpected(query.error()); }
    const auto row = query->bind(1, service_key).step();
    if (!row) { return std::unexpected(row.error()); }
    if (!*row) { return std::nullopt; }
    return Holder{query->text(0),
                  query->text(1),
                  from_millis(query->number(2)),
                  from_millis(query->number(3)),
                  from_millis(query->number(4)),
                  query->text(5)};
}

Result<Lock> take_lock(const sqlite::Database& database, const std::string& service_key, const std::string& run_id,
                       const Claim& claim) {
    const auto holder = find_holder(database, service_key);
    if (!holder) { return std::unexpected(holder.error()); }
    if (is_held(*holder, claim.now) && !claim.force) {
        return std::unexpected(held_error(service_key, **holder, claim.now));
    }
    Lock lock{service_key, run_id, claim.who, claim.now, claim.ttl};
    // `since` tells two claims of one process apart: an older claim must never pass for the newer one.
    if (*holder && (*holder)->since >= lock.since) { lock.since = (*holder)->since + Millis(1); }
    auto insert = database.prepare("INSERT OR REPLACE INTO locks "
                                   "(service, run_id, who, since, beat_at, expires_at, process) "
                                   "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)");
    if (!insert) { return std::unexpected(insert.error()); }
    insert->bind(1, service_key).bind(2, run_id).bind(3, claim.who).bind(4, to_millis(lock.since));
    insert->bind(5, to_millis(claim.now)).bind(6, to_millis(claim.now + claim.ttl));
    const auto done = insert->bind(7, claim.process).run();
    if (!done) { return std::unexpected(done.error()); }
    return lock;
}

Status renew_lock(const sqlite::Database& database, const Lock& lock, Instant now) {
    auto update = database.prepare("UPDATE locks SET beat_at = ?5, expires_at = ?6 "
                                   "WHERE service = ?1 AND run_id = ?2 AND who = ?3 AND since = ?4");
    if (!update) { return std::unexpected(update.error()); }
    update->bind(1, lock.service_key).bind(2, lock.run_id).bind(3, lock.who).bind(4, to_millis(lock.since));
    const auto done = update->bind(5, to_millis(now)).bind(6, to_millis(now + lock.ttl)).run();
    if (!done) { return std::unexpected(done.error()); }
    if (database.changes() == 1) { return {}; }

    const auto holder = find_holder(database, lock.service_key);
    if (!holder) { return std::unexpected(holder.error()); }
    return std::unexpected(lost_error(lock, *holder));
}

Status drop_lock(const sqlite::Database& database, const Lock& lock) {
    auto remove = database.prepare("DELETE FROM locks WHERE service = ?1 AND run_id = ?2 AND who = ?3 AND since = ?4");
    if (!remove) { return std::unexpected(remove.error()); }
    remove->bind(1, lock.service_key).bind(2, lock.run_id).bind(3, lock.who).bind(4, to_millis(lock.since));
    return remove->run();
}

} // namespace ecsr::act
