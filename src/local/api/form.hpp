// The Query protocol's form bodies as a tree (ECS behaviour A6). Included from .cpp files of local/api alone.
#pragma once

#include "local/api/json.hpp"

#include <string_view>

namespace ecsr::local::wire {

// "Targets.member.1.Id=a&Port=80" -> {"Targets": [{"Id": "a"}], "Port": "80"}. Every leaf is a text. List items keep
// the order of their numbers; gaps close. Names deeper than 16 parts are left out.
json::object parse_form(std::string_view form);

} // namespace ecsr::local::wire
