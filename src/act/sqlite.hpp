// SQLite's C API with owners, checked results and one-line errors. Used by the files of this folder alone.
#pragma once

#include "base/error.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace ecsr::act::sqlite {

class Database;

// One prepared statement. Parameters count from 1 and columns from 0, as SQLite has it. Must not outlive its database.
class Statement {
public:
    Statement& bind(int parameter, std::string_view text) { return bind(parameter, std::string(text)); }
    Statement& bind(int parameter, std::string&& text);
    Statement& bind(int parameter, std::int64_t number);

    // True: there is a row, read it with text() and number(). False: there is no further row. Error: Io.
    Result<bool> step();
    // For statements that give no rows.
    Status run();

    std::string text(int column) const;
    std::int64_t number(int column) const;
    bool is_null(int column) const;

private:
    friend class Database;
    // Prepared statements that nobody uses now, by their text.
    struct Idle {
        std::multimap<std::string, sqlite3_stmt*, std::less<>> statements;
        Idle() = default;
        Idle(const Idle&) = delete;
        Idle& operator=(const Idle&) = delete;
        ~Idle();
    };
    struct PutBack {
        Idle* idle = nullptr;
        std::string sql;
        void operator()(sqlite3_stmt* statement) const;
    };
    Statement(const Database& database, sqlite3_stmt* statement, PutBack put_back)
        : database_(&database), statement_(statement, std::move(put_back)) {}

    const Database* database_;
    std::unique_ptr<sqlite3_stmt, PutBack> statement_;
    std::deque<std::string> bound_; // SQLite reads the texts where they are
    int bind_result_ = 0;           // the first failure, told by step()
};

// One connection; to be used by one thread at a time. Every error is of kind Io and names the file.
class Database {
public:
    // Opens an existing file for reading and writing; waits up to `busy_timeout_ms` for other writers.
    static Result<Database> open(const std::string& path, int busy_timeout_ms);

    // Taken from those that were prepared before, where one is free: preparing costs more than running.
    Result<Statement> prepare(const std::string& sql) const;
    // One or several statements without parameters, rows ignored.
    Status execute(const std::string& sql) const;
    // The first column of the first row.
    Result<std::int64_t> number(const std::string& sql) const;
    // Rows changed by the last INSERT, UPDATE or DELETE.
    int changes() const;

    // What went wrong last, with the file's name and, where there is one, the way out.
    Error error(int result_code) const;

private:
    struct Close {
        void operator()(sqlite3* connection) const;
    };
    Database(std::string path, sqlite3* connection) : path_(std::move(path)), connection_(connection) {}

    std::string path_;
    std::unique_ptr<sqlite3, Close> connection_;
    std::unique_ptr<Statement::Idle> idle_ = std::make_unique<Statement::Idle>(); // goes before its connection
};

// Takes the write lock at once, so that what is read inside cannot change before what is written. Rolled back unless
// commit() succeeded.
class Transaction {
public:
    static Result<Transaction> begin(const Database& database);
    Status commit();
    ~Transaction();

    Transaction(Transaction&& other) noexcept;
    Transaction& operator=(Transaction&&) = delete;

private:
    explicit Transaction(const Database& database) : database_(&database) {}

    const Database* database_;
};

} // namespace ecsr::act::sqlite
