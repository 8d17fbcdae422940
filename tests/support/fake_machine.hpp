// An aws::Environment whose variables, files and programs a test writes down.
#pragma once

#include "aws/environment.hpp"

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace ecsr::testing {

struct FakeMachine {
    std::map<std::string, std::string> variables;
    std::map<std::string, std::string> files;   // by path
    std::map<std::string, std::string> outputs; // by program, what it prints
    std::vector<std::vector<std::string>> runs; // every command line, in order

    // Refers to this object, which must outlive what it is given to.
    aws::Environment environment() {
        aws::Environment result = aws::empty_environment();
        result.home = "/fake/home";
        result.get = [this](const std::string& name) -> std::optional<std::string> {
            const auto found = variables.find(name);
            return found != variables.end() ? std::optional(found->second) : std::nullopt;
        };
        result.read_file = [this, missing = result.read_file](const std::string& path) {
            const auto found = files.find(path);
            return found != files.end() ? Result<std::string>(found->second) : missing(path);
        };
        result.run = [this, missing = result.run](const std::vector<std::string>& argv, Millis timeout,
                                                  const std::stop_token& stop) {
            runs.push_back(argv);
            const auto found = outputs.find(argv.front());
            return found != outputs.end() ? Result<std::string>(found->second) : missing(argv, timeout, stop);
        };
        return result;
    }
};

} // namespace ecsr::testing
