#include "act/watch_memory.hpp"

#include "act/schema.hpp"
#include "act/sqlite.hpp"
#include "act/sqlite_journal.hpp"
#include "act/sqlite_locks.hpp"

#include <mutex>
#include <utility>

namespace ecsr::act {

namespace {

class SqliteWatchMemory : public WatchMemory {
public:
    explicit SqliteWatchMemory(sqlite::Database database) : database_(std::move(database)) {}

    Result<std::vector<Watch>> recall() override {
        const std::lock_guard guard(mutex_);
        auto query = database_.prepare("SELECT service, schedule, first_seen, dealt_until, fire_at, fire_due, run_at "
                                       "FROM watches");
        if (!query) { return std::unexpected(query.error()); }
        std::vector<Watch> watches;
        while (true) {
            const auto row = query->step();
            if (!row) { return std::unexpected(row.error()); }
            if (!*row) { return watches; }
            Watch watch{query->text(0), query->text(1), from_millis(query->number(2)), from_millis(query->number(3)),
                        std::nullopt};
            if (!query->is_null(4)) {
                watch.fire = {from_millis(query->number(4)), from_millis(query->number(5)), std::nullopt};
                if (!query->is_null(6)) { watch.fire->run_at = from_millis(query->number(6)); }
            }
            watches.push_back(std::move(watch));
        }
    }

    Status remember(const std::vector<Watch>& watches) override {
        if (watches.empty()) { return {}; }
        const std::lock_guard guard(mutex_);
        auto transaction = sqlite::Transaction::begin(database_);
        if (!transaction) { return std::unexpected(transaction.error()); }
        for (const Watch& watch : watches) {
            if (auto written = write(watch); !written) { return written; }
        }
        return transaction->commit();
    }

    Result<std::vector<std::string>> unfinished_runs() override {
        const std::lock_guard guard(mutex_);
        auto query = database_.prepare("SELECT id FROM runs WHERE unfinished = 1 ORDER BY created_at, rowid");
        if (!query) { return std::unexpected(query.error()); }
        std::vector<std::string> ids;
        while (true) {
            const auto row = query->step();
            if (!row) { return std::unexpected(row.error()); }
            if (!*row) { return ids; }
            ids.push_back(query->text(0));
        }
    }

private:
    Status write(const Watch& watch) {
        auto insert = database_.prepare("INSERT OR REPLACE INTO watches (service, schedule, first_seen, dealt_until, "
                                        "fire_at, fire_due, run_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)");
        if (!insert) { return std::unexpected(insert.error()); }
        insert->bind(1, watch.service_key).bind(2, watch.schedule);
        insert->bind(3, to_millis(watch.first_seen)).bind(4, to_millis(watch.dealt_until));
        if (watch.fire) {
            insert->bind(5, to_millis(watch.fire->at)).bind(6, to_millis(watch.fire->due));
            if (watch.fire->run_at) { insert->bind(7, to_millis(*watch.fire->run_at)); }
        }
        return insert->run();
    }

    std::mutex mutex_;
    sqlite::Database database_; // guarded by mutex_
};

} // namespace

Result<std::unique_ptr<WatchMemory>> open_watch_memory(const std::string& path) {
    auto database = open_journal_database(path);
    if (!database) { return std::unexpected(database.error()); }
    return std::make_unique<SqliteWatchMemory>(std::move(*database));
}

} // namespace ecsr::act
