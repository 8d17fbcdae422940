// The journal's tables, and how an older file becomes one of today.
#pragma once

#include "act/sqlite.hpp"

namespace ecsr::act {

// Checks that the file is a journal of a known version; makes an empty file one. Sets the connection up: WAL, full
// synchronisation, foreign keys. Errors Io: not a journal, written by a newer version.
Status prepare_schema(const sqlite::Database& database, const std::string& path);

} // namespace ecsr::act
