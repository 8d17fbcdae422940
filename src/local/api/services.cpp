#include "local/api/call.hpp"
#include "local/api/cbor.hpp"

#include <algorithm>

namespace ecsr::local::wire {

json::value Call::time(Instant at) const {
    if (wire == Wire::Query) { return json::value(to_rfc3339(at)); }
    if (wire == Wire::Cbor) { return cbor_time(to_epoch_seconds(at)); }
    return json::value(to_epoch_seconds(at));
}

void Call::put_time(json::object& object, std::string_view name, const std::optional<Instant>& at) const {
    if (at) { object[name] = time(*at); }
}

const Operation* ServiceTable::find(std::string_view operation) const {
    for (const auto& group : operations) {
        const auto found = std::ranges::find(group, operation, &Operation::name);
        if (found != group.end()) { return &*found; }
    }
    return nullptr;
}

// ECS behaviour A1 names protocols, targets and versions.
const std::vector<ServiceTable>& services() {
    static const std::vector<ServiceTable> tables = {
        {.signing_name = "ecs",
         .target_prefix = "AmazonEC2ContainerServiceV20141113",
         .query_version = "",
         .xml_namespace = "",
         .validation_code = "InvalidParameterException",
         .operations = {cluster_operations(), container_instance_operations(), task_definition_operations(),
                        service_operations(), service_deployment_operations(), task_operations(), run_task_operations(),
                        task_protection_operations(), ecs_tag_operations()},
         .unsupported = unsupported_ecs_operations()},
        {.signing_name = "application-autoscaling",
         .target_prefix = "AnyScaleFrontendService",
         .query_version = "",
         .xml_namespace = "",
         .validation_code = "ValidationException",
         .operations = {scalable_target_operations(), scaling_policy_operations(), scheduled_action_operations(),
                        scaling_activity_operations()},
         .unsupported = {}},
        {.signing_name = "elasticloadbalancing",
         .target_prefix = "",
         .query_version = "2015-12-01",
         .xml_namespace = "http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/",
         .validation_code = "ValidationError",
         .operations = {load_balancer_operations(), target_group_operations(), target_operations(),
                        listener_operations(), elbv2_tag_operations()},
         .unsupported = {}},
        {.signing_name = "monitoring",
         .target_prefix = "GraniteServiceVersion20100801",
         .query_version = "2010-08-01",
         .xml_namespace = "http://monitoring.amazonaws.com/doc/2010-08-01/",
         .validation_code = "ValidationError",
         .operations = {alarm_operations(), composite_alarm_operations(), alarm_history_operations(),
                        alarm_tag_operations(), metric_operations()},
         .unsupported = {},
         .query_compatible = true},
        {.signing_name = "logs",
         .target_prefix = "Logs_20140328",
         .query_version = "",
         .xml_namespace = "",
         .validation_code = "InvalidParameterException",
         .operations = {log_group_operations(), log_stream_operations(), log_event_operations()},
         .unsupported = {}},
        {.signing_name = "events",
         .target_prefix = "AWSEvents",
         .query_version = "",
         .xml_namespace = "",
         .validation_code = "ValidationException",
         .operations = {rule_operations(), rule_target_operations(), event_operations()},
         .unsupported = {}},
        {.signing_name = "sns",
         .target_prefix = "",
         .query_version = "2010-03-31",
         .xml_namespace = "http://sns.amazonaws.com/doc/2010-03-31/",
         .validation_code = "ValidationError",
         .operations = {sns_topic_operations(), sns_subscription_operations(), sns_publish_operations()},
         .unsupported = {}},
        {.signing_name = "sts",
         .target_prefix = "",
         .query_version = "2011-06-15",
         .xml_namespace = "https://sts.amazonaws.com/doc/2011-06-15/",
         .validation_code = "ValidationError",
         .operations = {sts_operations()},
         .unsupported = {}},
    };
    return tables;
}

} // namespace ecsr::local::wire
