// What the operations of CloudWatch Logs share. Included from .cpp files of local/api alone.
#pragma once

#include "local/api/call.hpp"

#include <string>

namespace ecsr::local::wire {

// Names and ARNs of groups (with or without ":*") alike. Error: ResourceNotFoundException.
ApiResult<LogGroup*> require_log_group(Call& call, const std::string& name_or_arn);
ApiResult<LogStream*> require_log_stream(LogGroup& group, const std::string& name); // ResourceNotFoundException

// The member logGroupName, or logGroupIdentifier where the operation takes one. What is wrong is noted in `input`.
std::string read_log_group(Input& input);

std::int64_t to_epoch_millis(Instant at);

} // namespace ecsr::local::wire
