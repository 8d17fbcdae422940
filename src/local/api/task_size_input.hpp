// Task-level cpu and memory: texts in several spellings, and the sizes that Fargate has. Included from .cpp files of
// local/api alone.
#pragma once

#include "local/api/input.hpp"

#include <optional>

namespace ecsr::local::wire {

// The member "cpu", "256" or ".25 vCPU", in units of 1/1024 vCPU. What is wrong is noted in `input`.
std::optional<int> read_task_cpu(Input& input);
// The member "memory", "512" or "0.5 GB", in MiB. What is wrong is noted in `input`.
std::optional<int> read_task_memory(Input& input);

// Fargate has a list of sizes for each cpu; every other pair is refused.
bool is_fargate_size(int cpu, int memory_mib);

} // namespace ecsr::local::wire
