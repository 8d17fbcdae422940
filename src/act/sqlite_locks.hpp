// The table of locks: which process works on which service. Every function must be called inside a Transaction.
#pragma once

#include "act/journal.hpp"
#include "act/sqlite.hpp"

namespace ecsr::act {

std::int64_t to_millis(Instant at);
Instant from_millis(std::int64_t millis);

Result<std::optional<Holder>> find_holder(const sqlite::Database& database, const std::string& service_key);

// Takes the service for `run_id`: it is free, its holder's time is over or its process is gone, or the claim forces it.
// Error Locked.
Result<Lock> take_lock(const sqlite::Database& database, const std::string& service_key, const std::string& run_id,
                       const Claim& claim);

// Error Locked when it is not this lock any more; else it lasts for another time to live.
Status renew_lock(const sqlite::Database& database, const Lock& lock, Instant now);

Status drop_lock(const sqlite::Database& database, const Lock& lock);

} // namespace ecsr::act
