// What the AWS client may read from this machine: environment variables, files, and the output of a helper process.
//
// A value, so that tests and simulation hand in their own. main() takes system_environment().
#pragma once

#include "base/error.hpp"
#include "base/time.hpp"

#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace ecsr::aws {

struct Environment {
    // The variable's value; empty when it is not set. May be called from several threads.
    std::function<std::optional<std::string>(const std::string& name)> get;

    // Absolute path of the user's home folder; empty when there is none (a container without HOME).
    std::string home;

    // The whole file. Errors: NotFound (no such file), Io (anything else); the message names the path.
    std::function<Result<std::string>(const std::string& path)> read_file;

    // Runs `argv` without a shell and returns its standard output. Errors: NotFound (no such program), Io (exit code
    // not 0, killed, output over 1 MiB), Timeout, Interrupted. The child is gone when this returns. Its output is
    // never part of an error message, because it may hold secrets.
    std::function<Result<std::string>(const std::vector<std::string>& argv, Millis timeout, std::stop_token stop)> run;

    // The variable if it is set and not empty: AWS tools treat "" as "not set".
    std::optional<std::string> non_empty(const std::string& name) const;

    // true for "true", "1", "yes" and "on" in any case.
    bool is_true(const std::string& name) const;
};

// The real one: getenv, HOME (or the password database), the file system, posix_spawn.
Environment system_environment();

// Nothing set, no home, no files, no programs: the starting point of tests and simulation.
Environment empty_environment();

} // namespace ecsr::aws
