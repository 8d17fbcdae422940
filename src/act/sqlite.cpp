#include "act/sqlite.hpp"

#include <fmt/format.h>
#include <limits>
#include <sqlite3.h>
#include <utility>

namespace ecsr::act::sqlite {

namespace {

const char* way_out(int result_code) {
    switch (result_code & 0xFF) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return "; it is damaged: move it away to begin a new journal";
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return "; another process has been writing to it for too long";
    case SQLITE_FULL: return "; free some space";
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_CANTOPEN: return "; check its permissions and those of its folder";
    default: return "";
    }
}

} // namespace

Statement::Idle::~Idle() {
    for (const auto& [sql, statement] : statements) { sqlite3_finalize(statement); }
}

void Statement::PutBack::operator()(sqlite3_stmt* statement) const {
    sqlite3_reset(statement); // tells again what step() has told
    sqlite3_clear_bindings(statement);
    idle->statements.emplace(sql, statement);
}

void Database::Close::operator()(sqlite3* connection) const {
    sqlite3_close_v2(connection);
}

Statement& Statement::bind(int parameter, std::string&& text) {
    const std::string& kept = bound_.emplace_back(std::move(text));
    const int result =
        sqlite3_bind_text64(statement_.get(), parameter, kept.data(), kept.size(), SQLITE_STATIC, SQLITE_UTF8);
    if (bind_result_ == SQLITE_OK) { bind_result_ = result; }
    return *this;
}

Statement& Statement::bind(int parameter, std::int64_t number) {
    const int result = sqlite3_bind_int64(statement_.get(), parameter, number);
    if (bind_result_ == SQLITE_OK) { bind_result_ = result; }
    return *this;
}

Result<bool> Statement::step() {
    if (bind_result_ != SQLITE_OK) { return std::unexpected(database_->error(bind_result_)); }
    const int result = sqlite3_step(statement_.get());
    if (result == SQLITE_ROW) { return true; }
    if (result == SQLITE_DONE) { return false; }
    return std::unexpected(database_->error(result));
}

Status Statement::run() {
    const auto row = step();
    if (!row) { return std::unexpected(row.error()); }
    return {};
}

std::string Statement::text(int column) const {
    const unsigned char* bytes = sqlite3_column_text(statement_.get(), column);
    const int size = sqlite3_column_bytes(statement_.get(), column);
    if (bytes == nullptr || size <= 0) { return {}; }
    return {reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size)};
}

std::int64_t Statement::number(int column) const {
    return sqlite3_column_int64(statement_.get(), column);
}

bool Statement::is_null(int column) const {
    return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL;
}

Result<Database> Database::open(const std::string& path, int busy_timeout_ms) {
    sqlite3* connection = nullptr;
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    const int result = sqlite3_open_v2(path.c_str(), &connection, flags, nullptr);
    Database database(path, connection);
    if (result != SQLITE_OK) { return std::unexpected(database.error(result)); }
    sqlite3_busy_timeout(connection, busy_timeout_ms);
    return database;
}

Result<Statement> Database::prepare(const std::string& sql) const {
    ECSR_ASSERT(sql.size() < static_cast<std::size_t>(std::numeric_limits<int>::max()));
    if (const auto found = idle_->statements.find(sql); found != idle_->statements.end()) {
        sqlite3_stmt* const known = found->second;
        idle_->statements.erase(found);
        return Statement(*this, known, {idle_.get(), sql});
    }
    sqlite3_stmt* statement = nullptr;
    const int size = static_cast<int>(sql.size());
    const int result = sqlite3_prepare_v2(connection_.get(), sql.c_str(), size, &statement, nullptr);
    if (result != SQLITE_OK) { return std::unexpected(error(result)); }
    return Statement(*this, statement, {idle_.get(), sql});
}

Status Database::execute(const std::string& sql) const {
    const int result = sqlite3_exec(connection_.get(), sql.c_str(), nullptr, nullptr, nullptr);
    if (result != SQLITE_OK) { return std::unexpected(error(result)); }
    return {};
}

Result<std::int64_t> Database::number(const std::string& sql) const {
    auto statement = prepare(sql);
    if (!statement) { return std::unexpected(statement.error()); }
    const auto row = statement->step();
    if (!row) { return std::unexpected(row.error()); }
    return *row ? statement->number(0) : 0;
}

int Database::changes() const {
    return sqlite3_changes(connection_.get());
}

Error Database::error(int result_code) const {
    // The connection's own text says more ("no such table: x") but belongs to its last call alone.
    const bool from_last_call = connection_ && sqlite3_extended_errcode(connection_.get()) == result_code;
    const char* text = from_last_call ? sqlite3_errmsg(connection_.get()) : sqlite3_errstr(result_code);
    return Error{ErrorKind::Io, fmt::format("journal {}: {}{}", path_, text, way_out(result_code)), {}, 0, false};
}

namespace {

// Not parsed anew each time, as execute() does.
Status run_prepared(const Database& database, const std::string& sql) {
    auto statement = database.prepare(sql);
    if (!statement) { return std::unexpected(statement.error()); }
    return statement->run();
}

} // namespace

Result<Transaction> Transaction::begin(const Database& database) {
    if (auto begun = run_prepared(database, "BEGIN IMMEDIATE"); !begun) { return std::unexpected(begun.error()); }
    return Transaction(database);
}

Transaction::Transaction(Transaction&& other) noexcept : database_(std::exchange(other.database_, nullptr)) {}

Status Transaction::commit() {
    auto done = run_prepared(*database_, "COMMIT");
    if (done) { database_ = nullptr; }
    return done;
}

Transaction::~Transaction() {
    if (database_ == nullptr) { return; }
    // Fails only where SQLite has rolled back by itself already.
    [[maybe_unused]] const Status rolled_back = database_->execute("ROLLBACK");
}

} // namespace ecsr::act::sqlite
