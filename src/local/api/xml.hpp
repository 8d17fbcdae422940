// Answers of the Query protocol (ECS behaviour A6). Included from .cpp files of local/api alone.
#pragma once

#include "local/api/json.hpp"
#include "local/state/api_error.hpp"

#include <string>
#include <string_view>

namespace ecsr::local::wire {

std::string xml_result(std::string_view operation, std::string_view xml_namespace, const json::object& result,
                       std::string_view request_id);

std::string xml_error(const ApiError& error, std::string_view xml_namespace, std::string_view request_id);

} // namespace ecsr::local::wire
