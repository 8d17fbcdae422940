// The documents of the task metadata endpoint (ECS behaviour F7). Internal to this folder.
#pragma once

#include "local/metadata/task_endpoint.hpp"

#include <boost/json.hpp>

namespace ecsr::local {

boost::json::object container_metadata(const State& state, const Task& task, const Container& container);
boost::json::object task_metadata(const State& state, const Task& task, bool with_tags);
// As `docker stats` has it, as far as it is measured here: the memory. Null without a measurement.
boost::json::value container_stats(const State& state, const Task& task, const Container& container,
                                   const std::map<std::string, std::uint64_t>& memory, Instant now);

} // namespace ecsr::local
