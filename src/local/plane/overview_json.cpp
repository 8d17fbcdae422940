#include "base/json_mapper.hpp"
#include "local/plane/overview.hpp"

namespace ecsr::local {

BOOST_DESCRIBE_STRUCT(SeenTargetGroup, (), (name, healthy, initial, unhealthy, draining, unused, urls))
BOOST_DESCRIBE_STRUCT(SeenService, (),
                      (cluster, service, status, desired, running, pending, task_definition, rollout, rollout_reason,
                       deployments, target_groups))
BOOST_DESCRIBE_STRUCT(SeenTask, (),
                      (id, cluster, service, task_definition, status, health, created_at, stopped_at, stopped_reason,
                       told_by_containers, memory_bytes, memory_limit_bytes))
BOOST_DESCRIBE_STRUCT(SeenEvent, (), (at, id, cluster, service, message))
BOOST_DESCRIBE_STRUCT(Overview, (), (now, time_scale, services, tasks, events))
BOOST_DESCRIBE_STRUCT(ContainerLog, (), (task, container, status, text))
BOOST_DESCRIBE_STRUCT(ServiceLogs, (), (cluster, service, logs))

namespace {

struct SeenEvents {
    std::vector<SeenEvent> events;
};
BOOST_DESCRIBE_STRUCT(SeenEvents, (), (events))

} // namespace

std::string events_json(const std::vector<SeenEvent>& events) {
    return json::to_json<json::SnakeCase>(SeenEvents{events}, 2);
}

std::string to_json(const Overview& overview) {
    return json::to_json<json::SnakeCase>(overview, 2);
}

std::string to_json(const ServiceLogs& logs) {
    return json::to_json<json::SnakeCase>(logs);
}

Result<Overview> read_overview(const std::string& text) {
    return json::from_json<json::SnakeCase, Overview>(text);
}

Result<ServiceLogs> read_logs(const std::string& text) {
    return json::from_json<json::SnakeCase, ServiceLogs>(text);
}

} // namespace ecsr::local
