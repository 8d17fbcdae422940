// A process that outlives this one just long enough to end its containers when this one is killed.
#pragma once

#include "base/error.hpp"
#include "local/runtime/spawn.hpp"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace ecsr::local {

class Guardian {
public:
    // Kills everything in the cgroup `folders`, and the sessions whose leaders are noted in `directory`/sessions, and
    // removes them and `directory` when this process is gone. Error: Io.
    static Result<std::unique_ptr<Guardian>> start(const std::filesystem::path& directory,
                                                   const std::vector<std::string>& folders);
    // Everything has been removed already: lets it end, and waits for that.
    ~Guardian();
    Guardian(const Guardian&) = delete;
    Guardian& operator=(const Guardian&) = delete;

private:
    Guardian(Process process, FileDescriptor lifeline) : process_(std::move(process)), lifeline_(std::move(lifeline)) {}

    Process process_;
    FileDescriptor lifeline_;
};

} // namespace ecsr::local
