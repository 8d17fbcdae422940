// The folder of a runtime on this machine, "ecs-recycler-<pid>-<hex>", and the logs of its containers in it. Internal
// to local/runtime and local/engine.
#pragma once

#include "base/error.hpp"
#include "base/random.hpp"

#include <deque>
#include <filesystem>
#include <string>
#include <string_view>

namespace ecsr::local {

// Makes one in `parent` that nobody else can read. Error: Io.
Result<std::filesystem::path> make_runtime_folder(const std::filesystem::path& parent, Random& random);

// Removes those whose process is gone. What cannot be removed stays: it is somebody else's.
void remove_abandoned_folders(const std::filesystem::path& parent);

std::filesystem::path task_log_file(const std::filesystem::path& runtime_folder, std::string_view task_id,
                                    std::string_view container);

// What the container has written. Error: NotFound.
Result<std::string> read_task_log(const std::filesystem::path& runtime_folder, std::string_view task_id,
                                  std::string_view container);

// Keeps the logs of the 50 tasks that ended last; `ended` is in the order of their ends, and loses the others.
void forget_old_logs(const std::filesystem::path& runtime_folder, std::deque<std::string>& ended);

} // namespace ecsr::local
