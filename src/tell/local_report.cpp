#include "tell/local_report.hpp"

#include "base/json_mapper.hpp"

#include <fmt/format.h>

namespace ecsr::tell {

BOOST_DESCRIBE_STRUCT(LocalEcsFacts, (), (endpoint_url, port, memory_guard, state_folder))

std::string local_ecs_text(const LocalEcsFacts& facts) {
    return fmt::format("# Local ECS on {} (memory limits: {}; state: {}). Ctrl-C ends it.\n"
                       "export AWS_ENDPOINT_URL={} AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local "
                       "AWS_REGION=us-east-1 "
                       "AWS_DEFAULT_REGION=us-east-1\n",
                       facts.endpoint_url, facts.memory_guard,
                       facts.state_folder.empty() ? "in memory" : facts.state_folder, facts.endpoint_url);
}

std::string local_ecs_json(const LocalEcsFacts& facts) {
    return json::to_json<json::SnakeCase>(facts, 2);
}

} // namespace ecsr::tell
