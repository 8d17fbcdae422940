// Where the local ECS keeps its State between two runs: one folder, one file, one user at a time.
#pragma once

#include "base/error.hpp"
#include "base/time.hpp"
#include "local/state/state.hpp"

#include <filesystem>
#include <optional>
#include <string>

namespace ecsr::local {

class StateFolder {
public:
    // Makes the folder where there is none and holds it until destruction. Errors: Locked (another local ECS uses it),
    // Usage (there is a file of that name), Io.
    static Result<StateFolder> open(const std::filesystem::path& folder);
    StateFolder(StateFolder&& other) noexcept;
    StateFolder& operator=(StateFolder&&) = delete;
    ~StateFolder();

    // Nothing when nothing was saved yet. Error: Io, naming the file and what is wrong in it.
    Result<std::optional<State>> load() const;

    // Replaces what was saved: the file holds the old text or the new one, whole, also after a power cut. Error: Io.
    Status save(const std::string& text) const;

private:
    StateFolder(std::filesystem::path folder, int lock) : folder_(std::move(folder)), lock_(lock) {}

    std::filesystem::path folder_;
    int lock_; // descriptor of the lock file
};

// The State as a restart finds it: the processes of all tasks are gone, so every task that had not stopped is STOPPED
// with the reason that ECS gives when the host went away, and no target is registered for it; the scheduler replaces
// them.
void lose_tasks(State& state, Instant now);

} // namespace ecsr::local
