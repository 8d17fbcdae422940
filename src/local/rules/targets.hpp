// What may be asked of a rule's target.
#pragma once

#include "local/state/rules.hpp"

#include <string>
#include <string_view>

namespace ecsr::local {

// "$", "$.detail.containers[0].name", "$['detail-type']".
bool is_event_path(std::string_view path);

// "<name>" of its template stands for something: a variable of its own, or one of EventBridge's.
bool is_template_variable(const RuleTarget& target, const std::string& name);

// Topics and log groups are told; any other target is kept, and told nothing.
bool is_told(const RuleTarget& target);

} // namespace ecsr::local
