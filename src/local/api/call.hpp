// What every operation of this room is made from: a handler, and the call that it serves.
// Included from .cpp files of local/api alone.
#pragma once

#include "base/random.hpp"
#include "local/api/api.hpp"
#include "local/api/input.hpp"
#include "local/state/state.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ecsr::local::wire {

struct Call {
    State& state;
    Instant now;
    Wire wire;
    Random& made_up; // for values that nothing else depends on: credentials
    KnownKeys& keys;
    MetricStore& metrics;
    std::string access_key; // as the Authorization header names it; empty when there is none
    // For the values of the answer, which are many and small and go together with the call.
    json::storage_ptr storage = {};

    // In the form the protocol wants: seconds since the epoch, or text in XML.
    json::value time(Instant at) const;
    void put_time(json::object& object, std::string_view name, const std::optional<Instant>& at) const;
};

// Reads everything it needs from the input, asks input.good(), then changes the State.
using Handler = ApiResult<json::object> (*)(Call& call, Input& input);

struct Operation {
    std::string_view name;
    Handler handler;
    Change change = Change::Nothing;
};

// An operation of AWS that this plane does not have.
struct UnsupportedOperation {
    std::string_view name;
    std::string_view reason; // as half a sentence that follows "The local ECS does not support NAME: "
};

struct ServiceTable {
    std::string_view signing_name;
    std::string_view target_prefix; // of X-Amz-Target, without the dot; empty when it speaks no JSON
    std::string_view query_version; // empty when it speaks no Query
    std::string_view xml_namespace;
    std::string_view validation_code;
    std::vector<std::span<const Operation>> operations;
    std::span<const UnsupportedOperation> unsupported; // where it tells them from those that AWS does not have either
    bool query_compatible = false;                     // tells the short code in x-amzn-query-error (ECS behaviour A5)

    const Operation* find(std::string_view operation) const;
};

const std::vector<ServiceTable>& services();

// One file per resource; each lists its operations here.
std::span<const Operation> cluster_operations();
std::span<const Operation> container_instance_operations();
std::span<const Operation> task_definition_operations();
std::span<const Operation> service_operations();
std::span<const Operation> service_deployment_operations();
std::span<const Operation> task_operations();
std::span<const Operation> run_task_operations();
std::span<const Operation> task_protection_operations();
std::span<const Operation> ecs_tag_operations();
std::span<const Operation> scalable_target_operations();
std::span<const Operation> scaling_policy_operations();
std::span<const Operation> scheduled_action_operations();
std::span<const Operation> scaling_activity_operations();
std::span<const Operation> load_balancer_operations();
std::span<const Operation> target_group_operations();
std::span<const Operation> target_operations();
std::span<const Operation> listener_operations();
std::span<const Operation> elbv2_tag_operations();
std::span<const Operation> alarm_operations();
std::span<const Operation> composite_alarm_operations();
std::span<const Operation> alarm_history_operations();
std::span<const Operation> alarm_tag_operations();
std::span<const Operation> metric_operations();
std::span<const Operation> sts_operations();
std::span<const Operation> sns_topic_operations();
std::span<const Operation> sns_subscription_operations();
std::span<const Operation> sns_publish_operations();
std::span<const Operation> log_group_operations();
std::span<const Operation> log_stream_operations();
std::span<const Operation> log_event_operations();
std::span<const Operation> rule_operations();
std::span<const Operation> rule_target_operations();
std::span<const Operation> event_operations();
std::span<const UnsupportedOperation> unsupported_ecs_operations();

} // namespace ecsr::local::wire
