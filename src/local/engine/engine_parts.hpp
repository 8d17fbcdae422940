// What the containers of an EngineRuntime share. Internal to local/engine.
#pragma once

#include "base/random.hpp"
#include "local/engine/engine_runtime.hpp"
#include "local/engine/workload_image.hpp"
#include "local/runtime/helper_thread.hpp"
#include "local/runtime/runtime_folder.hpp"
#include "local/runtime/taken_output.hpp"

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace ecsr::local {

// What everything of this runtime in the engine is marked with.
inline constexpr const char* owner_label = "ecs-recycler.owner";

struct EngineParts {
    EngineRuntimeOptions options;
    EngineApi api;
    std::string owner;               // owner_mark() of this process
    std::filesystem::path directory; // logs/<task>/<container>.log
    std::unique_ptr<WorkloadImage> image;
    std::unique_ptr<HelperThread> helper;
    std::vector<TakenOutput> outputs; // of containers whose output is taken; gone when nothing more comes

    explicit EngineParts(EngineRuntimeOptions wanted) : options(std::move(wanted)), api(*options.transport) {}
    std::filesystem::path log_file(const std::string& task_id, const std::string& container) const {
        return task_log_file(directory, task_id, container);
    }
    void notify() const {
        if (options.notify) { options.notify(); }
    }
};

// "HOST PID START": a process, so that another one can tell whether it still is there.
std::string owner_mark();
// False when it is there, and when that cannot be told: it is of another machine.
bool owner_is_gone(const std::string& mark);

// What the agent of ECS labels containers with, and the owner.
std::map<std::string, std::string> labels_of(const TaskLaunch& task, const std::string& container,
                                             const EngineParts& parts);

} // namespace ecsr::local
