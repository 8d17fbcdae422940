// The journal on SQLite.
#pragma once

#include "act/journal.hpp"
#include "act/sqlite.hpp"

#include <mutex>

namespace ecsr::act {

// The file of a journal, created where there is none; see open_journal().
Result<sqlite::Database> open_journal_database(const std::string& path);

class SqliteJournal : public Journal {
public:
    SqliteJournal(std::string path, sqlite::Database database)
        : path_(std::move(path)), database_(std::move(database)) {}

    Result<Lock> begin(const recycle::Run& run, const std::string& service_key, const Claim& claim) override;
    Result<Lock> take(const std::string& run_id, const Claim& claim) override;
    Result<Beat> beat(const Lock& lock, Instant now) override;
    Status release(const Lock& lock) override;

    Status save(const Lock& lock, const recycle::Run& run, const aws::CallCounts& calls,
                const std::vector<Entry>& story, Instant now) override;
    Status request_abort(const std::string& run_id, const std::string& reason) override;

    Result<RunRecord> load(const std::string& id) override;
    Result<std::vector<RunRecord>> list(int limit, const std::string& service_key) override;
    Result<std::vector<Entry>> entries(const std::string& run_id) override;
    Result<std::optional<RunRecord>> unfinished(const std::string& service_key) override;

private:
    Status give_up_others(const recycle::Run& run, const std::string& service_key, const Claim& claim);
    Status insert_run(const recycle::Run& run, const std::string& service_key, Instant now);
    Status append(const std::string& run_id, const Entry& entry);
    Result<std::vector<RunRecord>> read_records(sqlite::Statement& query);
    Result<RunRecord> read_record(const sqlite::Statement& query);

    const std::string path_;
    std::mutex mutex_;
    sqlite::Database database_; // guarded by mutex_
};

} // namespace ecsr::act
