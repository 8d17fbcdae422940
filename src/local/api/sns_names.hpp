// What the operations of SNS share. Included from .cpp files of local/api alone.
#pragma once

#include "local/api/call.hpp"

#include <string>

namespace ecsr::local::wire {

ApiResult<Topic*> require_topic(Call& call, const std::string& arn);               // NotFound
ApiResult<Subscription*> require_subscription(Call& call, const std::string& arn); // NotFound, InvalidParameter

// {"entry": [{"key": ..., "value": ...}]}, as the Query protocol writes a map.
json::object map_entries(const std::map<std::string, std::string>& entries);

// One page of 100 by the member NextToken; the next token goes into `answer`.
ApiResult<std::vector<std::string>> sns_page(Input& input, std::vector<std::string> keys, json::object& answer);

json::object subscription_view(const Call& call, const Subscription& subscription);

} // namespace ecsr::local::wire
