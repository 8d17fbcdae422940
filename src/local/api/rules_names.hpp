// What the operations of EventBridge share. Included from .cpp files of local/api alone.
#pragma once

#include "local/api/call.hpp"

#include <string>

namespace ecsr::local::wire {

// The member EventBusName: only the default bus is there. What is wrong is noted in `input`.
void check_event_bus(Input& input, const State& state);

ApiResult<Rule*> require_rule(Call& call, const std::string& name); // ResourceNotFoundException

// One page by the members Limit (1 to 100) and NextToken; the next token goes into `answer`.
ApiResult<std::vector<std::string>> rules_page(Input& input, std::vector<std::string> keys, json::object& answer);

} // namespace ecsr::local::wire
