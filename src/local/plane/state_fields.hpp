// Every member of the State by name, for reading and writing alike. Included by state_json.cpp alone.
//
// The structured bindings make the compiler refuse a list that misses a member.
#pragma once

#include "local/state/state.hpp"

#include <concepts>
#include <type_traits>

namespace ecsr::local {

template <typename T, typename U>
concept Is = std::same_as<std::remove_const_t<T>, U>;

template <typename A, Is<NetworkBinding> T>
void fields(A& archive, T& value) {
    auto& [bind_ip, container_port, host_port, protocol] = value;
    archive("bind_ip", bind_ip)("container_port", container_port)("host_port", host_port)("protocol", protocol);
}

template <typename A, Is<Container> T>
void fields(A& archive, T& value) {
    auto& [name, uuid, image, last_status, exit_code, reason, health, runtime_id, bindings, essential, checked] = value;
    archive("name", name)("uuid", uuid)("image", image)("last_status", last_status)("exit_code", exit_code);
    archive("reason", reason)("health", health)("runtime_id", runtime_id)("network_bindings", bindings);
    archive("essential", essential)("has_health_check", checked);
}

template <typename A, Is<TargetRegistration> T>
void fields(A& archive, T& value) {
    auto& [group, id, port] = value;
    archive("target_group_arn", group)("target_id", id)("port", port);
}

template <typename A, Is<ContainerOverride> T>
void fields(A& archive, T& value) {
    auto& [name, command, environment, cpu, memory, reservation] = value;
    archive("name", name)("command", command)("environment", environment)("cpu", cpu)("memory_mib", memory);
    archive("memory_reservation_mib", reservation);
}

template <typename A, Is<TaskOverrides> T>
void fields(A& archive, T& value) {
    auto& [containers, cpu, memory, document] = value;
    archive("containers", containers)("cpu", cpu)("memory_mib", memory)("document", document);
}

template <typename A, Is<Task> T>
void fields(A& archive, T& value) {
    auto& [id, cluster, task_definition, group, started_by, service, launch_type, zone, last_status, desired_status,
           containers, private_ip, targets, stop_code, stopped_reason, started_at, stopping_at, execution_stopped_at,
           stopped_at, pull_started_at, pull_stopped_at, connectivity_at, created_at, protection_expires_at, version,
           tags, overrides, status_due_at, launched, stop_sent, was_healthy, unhealthy_reason] = value;
    archive("id", id)("cluster", cluster)("task_definition", task_definition)("group", group);
    archive("started_by", started_by)("service", service)("launch_type", launch_type)("availability_zone", zone);
    archive("last_status", last_status)("desired_status", desired_status)("containers", containers);
    archive("private_ip", private_ip)("targets", targets)("stop_code", stop_code)("stopped_reason", stopped_reason);
    archive("started_at", started_at)("stopping_at", stopping_at)("execution_stopped_at", execution_stopped_at);
    archive("stopped_at", stopped_at)("pull_started_at", pull_started_at)("pull_stopped_at", pull_stopped_at);
    archive("connectivity_at", connectivity_at)("created_at", created_at);
    archive("protection_expires_at", protection_expires_at)("version", version)("tags", tags);
    archive("overrides", overrides);
    archive("status_due_at", status_due_at)("launched", launched)("stop_sent", stop_sent);
    archive("was_healthy", was_healthy)("unhealthy_reason", unhealthy_reason);
}

template <typename A, Is<PortMapping> T>
void fields(A& archive, T& value) {
    auto& [container_port, host_port, protocol, name] = value;
    archive("container_port", container_port)("host_port", host_port)("protocol", protocol)("name", name);
}

template <typename A, Is<HealthCheck> T>
void fields(A& archive, T& value) {
    auto& [command, interval, timeout, retries, start_period] = value;
    archive("command", command)("interval", interval)("timeout", timeout)("retries", retries);
    archive("start_period", start_period);
}

template <typename A, Is<ContainerDependency> T>
void fields(A& archive, T& value) {
    auto& [container, condition] = value;
    archive("container", container)("condition", condition);
}

template <typename A, Is<RestartPolicy> T>
void fields(A& archive, T& value) {
    auto& [ignored, period] = value;
    archive("ignored_exit_codes", ignored)("attempt_period", period);
}

template <typename A, Is<LogConfiguration> T>
void fields(A& archive, T& value) {
    auto& [group, stream_prefix, creates_group, stream] = value;
    archive("group", group)("stream_prefix", stream_prefix)("creates_group", creates_group)("stream", stream);
}

template <typename A, Is<Ulimit> T>
void fields(A& archive, T& value) {
    auto& [name, soft, hard] = value;
    archive("name", name)("soft", soft)("hard", hard);
}

template <typename A, Is<ContainerDefinition> T>
void fields(A& archive, T& value) {
    auto& [name, image, entry_point, command, environment, labels, ports, depends_on, health_check, essential, cpu,
           memory, reservation, stop_timeout, start_timeout, directory, user, ulimits, init_process, restart_policy,
           log] = value;
    archive("name", name)("image", image)("entry_point", entry_point)("command", command);
    archive("environment", environment)("docker_labels", labels)("port_mappings", ports)("depends_on", depends_on);
    archive("health_check", health_check)("essential", essential)("cpu", cpu)("memory_mib", memory);
    archive("memory_reservation_mib", reservation)("stop_timeout", stop_timeout)("working_directory", directory);
    archive("start_timeout", start_timeout)("user", user)("ulimits", ulimits)("init_process", init_process);
    archive("restart_policy", restart_policy)("log", log);
}

template <typename A, Is<TaskDefinition> T>
void fields(A& archive, T& value) {
    auto& [family, revision, network_mode, containers, cpu, memory, active, deleted, registered_at, document, tags] =
        value;
    archive("family", family)("revision", revision)("network_mode", network_mode)("containers", containers);
    archive("cpu", cpu)("memory_mib", memory)("active", active)("deleted", deleted)("registered_at", registered_at)(
        "document", document);
    archive("tags", tags);
}

template <typename A, Is<ServiceLoadBalancer> T>
void fields(A& archive, T& value) {
    auto& [group, container_name, container_port] = value;
    archive("target_group_arn", group)("container_name", container_name)("container_port", container_port);
}

template <typename A, Is<Deployment> T>
void fields(A& archive, T& value) {
    auto& [id, status, task_definition, desired_count, failed_tasks, rollout_state, reason, created_at, updated_at,
           load_balancers, start_failures, no_start_before, crash_rounds, no_restart_before] = value;
    archive("id", id)("status", status)("task_definition", task_definition)("desired_count", desired_count);
    archive("failed_tasks", failed_tasks)("rollout_state", rollout_state)("rollout_state_reason", reason);
    archive("created_at", created_at)("updated_at", updated_at)("load_balancers", load_balancers);
    archive("start_failures", start_failures)("no_start_before", no_start_before);
    archive("crash_rounds", crash_rounds)("no_restart_before", no_restart_before);
}

template <typename A, Is<DeploymentConfiguration> T>
void fields(A& archive, T& value) {
    auto& [maximum, minimum, breaker, breaker_rollback, threshold_type, threshold_value, resets, alarm_names, alarms,
           alarms_rollback] = value;
    archive("maximum_percent", maximum)("minimum_healthy_percent", minimum)("circuit_breaker_enable", breaker);
    archive("breaker_threshold_type", threshold_type)("breaker_threshold_value", threshold_value);
    archive("breaker_reset_on_healthy_task", resets);
    archive("circuit_breaker_rollback", breaker_rollback)("alarm_names", alarm_names)("alarms_enable", alarms);
    archive("alarms_rollback", alarms_rollback);
}

template <typename A, Is<ServiceEvent> T>
void fields(A& archive, T& value) {
    auto& [id, created_at, message] = value;
    archive("id", id)("created_at", created_at)("message", message);
}

template <typename A, Is<ServiceDeployment> T>
void fields(A& archive, T& value) {
    auto& [id, status, status_reason, target, sources, configuration, created_at, updated_at, started_at, finished_at,
           stopped_at, rollback_reason, rollback_target, rollback_started_at, breaker, failure_count, threshold, alarms,
           triggered_alarms, bake_until] = value;
    archive("id", id)("status", status)("status_reason", status_reason)("target", target)("sources", sources);
    archive("configuration", configuration)("created_at", created_at)("updated_at", updated_at);
    archive("started_at", started_at)("finished_at", finished_at)("stopped_at", stopped_at);
    archive("rollback_reason", rollback_reason)("rollback_target", rollback_target);
    archive("rollback_started_at", rollback_started_at)("breaker", breaker)("failure_count", failure_count);
    archive("threshold", threshold)("alarms", alarms)("triggered_alarms", triggered_alarms)("bake_until", bake_until);
}

template <typename A, Is<ServiceRevision> T>
void fields(A& archive, T& value) {
    auto& [deployment_id, task_definition, launch_type, load_balancers, document, created_at] = value;
    archive("deployment_id", deployment_id)("task_definition", task_definition)("launch_type", launch_type);
    archive("load_balancers", load_balancers)("document", document)("created_at", created_at);
}

template <typename A, Is<Service> T>
void fields(A& archive, T& value) {
    auto& [cluster, name, status, desired_count, launch_type, strategy, controller, configuration, load_balancers,
           grace, deployments, events, service_deployments, revisions, created_at, rebalancing, client_token, document,
           tags, touched, next_decision_at, look_again_at, steady_since, last_steady_event_at, is_rebalancing,
           blocked] = value;
    archive("cluster", cluster)("name", name)("status", status)("desired_count", desired_count);
    archive("launch_type", launch_type)("scheduling_strategy", strategy)("deployment_controller", controller);
    archive("deployment_configuration", configuration)("load_balancers", load_balancers);
    archive("health_check_grace_period", grace)("deployments", deployments)("events", events);
    archive("service_deployments", service_deployments)("revisions", revisions);
    archive("created_at", created_at)("availability_zone_rebalancing", rebalancing)("client_token", client_token);
    archive("document", document)("tags", tags)("touched", touched)("next_decision_at", next_decision_at);
    archive("look_again_at", look_again_at)("steady_since", steady_since);
    archive("last_steady_event_at", last_steady_event_at)("rebalancing", is_rebalancing);
    archive("blocked_by_protection", blocked);
}

template <typename A, Is<Target> T>
void fields(A& archive, T& value) {
    auto& [id, port, state, reason, description, registered_at, draining_until] = value;
    archive("id", id)("port", port)("state", state)("reason", reason)("description", description);
    archive("registered_at", registered_at)("draining_until", draining_until);
}

template <typename A, Is<TargetGroup> T>
void fields(A& archive, T& value) {
    auto& [arn, name, protocol, port, vpc, target_type, enabled, check_protocol, check_port, check_path, interval,
           timeout, healthy, unhealthy, matcher, attributes, targets, tags, outdated] = value;
    archive("arn", arn)("name", name)("protocol", protocol)("port", port)("vpc_id", vpc)("target_type", target_type);
    archive("health_check_enabled", enabled)("health_check_protocol", check_protocol)("health_check_port", check_port);
    archive("health_check_path", check_path)("health_check_interval", interval)("health_check_timeout", timeout);
    archive("healthy_threshold", healthy)("unhealthy_threshold", unhealthy)("matcher", matcher);
    archive("attributes", attributes)("targets", targets)("tags", tags)("balancer_outdated", outdated);
}

template <typename A, Is<LoadBalancer> T>
void fields(A& archive, T& value) {
    auto& [arn, name, dns_name, scheme, type, vpc, state, created_at, subnets, groups, attributes, tags] = value;
    archive("arn", arn)("name", name)("dns_name", dns_name)("scheme", scheme)("type", type)("vpc_id", vpc);
    archive("state", state)("created_at", created_at)("subnets", subnets)("security_groups", groups);
    archive("attributes", attributes)("tags", tags);
}

template <typename A, Is<Listener> T>
void fields(A& archive, T& value) {
    auto& [arn, load_balancer, port, bound_port, protocol, group, attributes, tags] = value;
    archive("arn", arn)("load_balancer_arn", load_balancer)("port", port)("bound_port", bound_port);
    archive("protocol", protocol)("target_group_arn", group)("attributes", attributes)("tags", tags);
}

template <typename A, Is<Cluster> T>
void fields(A& archive, T& value) {
    auto& [name, status, settings, instance, draining, document, tags] = value;
    archive("name", name)("status", status)("settings", settings)("container_instance_id", instance);
    archive("draining", draining)("document", document)("tags", tags);
}

template <typename A, Is<SuspendedState> T>
void fields(A& archive, T& value) {
    auto& [in, out, scheduled] = value;
    archive("dynamic_scaling_in", in)("dynamic_scaling_out", out)("scheduled_scaling", scheduled);
}

template <typename A, Is<AlarmMetric> T>
void fields(A& archive, T& value) {
    auto& [name_space, name, dimensions, period, statistic, unit] = value;
    archive("namespace", name_space)("name", name)("dimensions", dimensions)("period", period);
    archive("statistic", statistic)("unit", unit);
}

template <typename A, Is<AlarmQuery> T>
void fields(A& archive, T& value) {
    auto& [id, metric, expression, label, account_id, returns_data, period] = value;
    archive("id", id)("metric", metric)("expression", expression)("label", label)("account_id", account_id);
    archive("returns_data", returns_data)("period", period);
}

template <typename A, Is<StepAdjustment> T>
void fields(A& archive, T& value) {
    auto& [lower, upper, adjustment] = value;
    archive("lower", lower)("upper", upper)("adjustment", adjustment);
}

template <typename A, Is<StepScaling> T>
void fields(A& archive, T& value) {
    auto& [type, steps, magnitude, cooldown, aggregation] = value;
    archive("adjustment_type", type)("steps", steps)("minimum_magnitude", magnitude)("cooldown", cooldown);
    archive("aggregation", aggregation);
}

template <typename A, Is<TargetTracking> T>
void fields(A& archive, T& value) {
    auto& [target, predefined, label, metric, queries, out_cooldown, in_cooldown, disable_scale_in] = value;
    archive("target", target)("predefined", predefined)("resource_label", label)("metric", metric);
    archive("queries", queries)("out_cooldown", out_cooldown)("in_cooldown", in_cooldown);
    archive("disable_scale_in", disable_scale_in);
}

template <typename A, Is<ScalingPolicy> T>
void fields(A& archive, T& value) {
    auto& [name, arn, created_at, step, tracking, high, low, out_at, in_at, out_from, out_to] = value;
    archive("name", name)("arn", arn)("created_at", created_at)("step", step)("tracking", tracking);
    archive("high_alarm", high)("low_alarm", low)("out_at", out_at)("in_at", in_at)("out_from", out_from);
    archive("out_to", out_to);
}

template <typename A, Is<ScheduledAction> T>
void fields(A& archive, T& value) {
    auto& [name, arn, schedule, timezone, start, end, minimum, maximum, created_at, next_at] = value;
    archive("name", name)("arn", arn)("schedule", schedule)("timezone", timezone)("start", start)("end", end);
    archive("min_capacity", minimum)("max_capacity", maximum)("created_at", created_at)("next_at", next_at);
}

template <typename A, Is<ScalableTarget> T>
void fields(A& archive, T& value) {
    auto& [resource, minimum, maximum, role, suspended, created_at, arn, tags, policies, scheduled, held] = value;
    archive("resource_id", resource)("min_capacity", minimum)("max_capacity", maximum)("role_arn", role);
    archive("suspended", suspended)("created_at", created_at)("arn", arn)("tags", tags)("policies", policies);
    archive("scheduled", scheduled);
    static_cast<void>(held);
}

template <typename A, Is<NotScaledReason> T>
void fields(A& archive, T& value) {
    auto& [code, maximum, minimum, current] = value;
    archive("code", code)("maximum", maximum)("minimum", minimum)("current", current);
}

template <typename A, Is<ScalingActivity> T>
void fields(A& archive, T& value) {
    auto& [id, resource, description, cause, started_at, ended_at, status, message, not_scaled, desired] = value;
    archive("id", id)("resource_id", resource)("description", description)("cause", cause)("started_at", started_at);
    archive("ended_at", ended_at)("status", status)("status_message", message)("not_scaled", not_scaled);
    archive("desired", desired);
}

template <typename A, Is<Alarm> T>
void fields(A& archive, T& value) {
    auto& [name, arn, description, metric, queries, rule, comparison, threshold, periods, to_alarm, missing, low_sample,
           enabled, ok, alarm, insufficient, tags, state, reason, reason_data, updated_at, transitioned_at,
           configured_at] = value;
    archive("name", name)("arn", arn)("description", description)("metric", metric)("queries", queries);
    archive("rule", rule)("comparison", comparison)("threshold", threshold)("evaluation_periods", periods);
    archive("datapoints_to_alarm", to_alarm)("treat_missing_data", missing)("low_sample_percentile", low_sample);
    archive("actions_enabled", enabled)("ok_actions", ok)("alarm_actions", alarm);
    archive("insufficient_data_actions", insufficient)("tags", tags)("state_value", state)("state_reason", reason);
    archive("state_reason_data", reason_data)("state_updated_at", updated_at)("state_transitioned_at", transitioned_at);
    archive("configured_at", configured_at);
}

template <typename A, Is<AlarmHistoryItem> T>
void fields(A& archive, T& value) {
    auto& [number, at, alarm_name, of_composite, type, summary, data] = value;
    archive("number", number)("at", at)("alarm_name", alarm_name)("of_composite", of_composite)("type", type)("summary",
                                                                                                              summary);
    archive("data", data);
}

template <typename A, Is<Alarms> T>
void fields(A& archive, T& value) {
    auto& [by_name, history, next_item, scaling_actions] = value;
    archive("by_name", by_name)("history", history)("next_item", next_item);
    static_cast<void>(scaling_actions);
}

template <typename A, Is<Topic> T>
void fields(A& archive, T& value) {
    auto& [name, arn, attributes, tags, subscriptions_deleted] = value;
    archive("name", name)("arn", arn)("attributes", attributes)("tags", tags);
    archive("subscriptions_deleted", subscriptions_deleted);
}

template <typename A, Is<Subscription> T>
void fields(A& archive, T& value) {
    auto& [arn, topic, protocol, endpoint, confirmed, with_credentials, token, asked_at, attributes] = value;
    archive("arn", arn)("topic_arn", topic)("protocol", protocol)("endpoint", endpoint)("confirmed", confirmed);
    archive("confirmed_with_credentials", with_credentials)("token", token)("asked_at", asked_at);
    archive("attributes", attributes);
}

template <typename A, Is<Messaging> T>
void fields(A& archive, T& value) {
    auto& [topics, subscriptions, ended, messages, bytes_of_messages, letters, next_letter] = value;
    archive("topics", topics)("subscriptions", subscriptions)("ended_subscriptions", ended);
    static_cast<void>(messages);
    static_cast<void>(bytes_of_messages);
    static_cast<void>(letters);
    static_cast<void>(next_letter);
}

template <typename A, Is<LogStream> T>
void fields(A& archive, T& value) {
    auto& [name, created_at, last_taken_in_at] = value;
    archive("name", name)("created_at", created_at)("last_taken_in_at", last_taken_in_at);
}

template <typename A, Is<LogGroup> T>
void fields(A& archive, T& value) {
    auto& [name, created_at, retention_days, kms_key_id, log_class, streams, tags] = value;
    archive("name", name)("created_at", created_at)("retention_days", retention_days)("kms_key_id", kms_key_id);
    archive("log_class", log_class)("streams", streams)("tags", tags);
}

template <typename A, Is<Logs> T>
void fields(A& archive, T& value) {
    auto& [groups, events] = value;
    archive("groups", groups);
    static_cast<void>(events);
}

template <typename A, Is<RuleTarget> T>
void fields(A& archive, T& value) {
    auto& [id, arn, input, input_path, input_paths, input_template, document] = value;
    archive("id", id)("arn", arn)("input", input)("input_path", input_path)("input_paths", input_paths);
    archive("input_template", input_template)("document", document);
}

template <typename A, Is<Rule> T>
void fields(A& archive, T& value) {
    auto& [name, arn, pattern, description, role_arn, enabled, tags, targets] = value;
    archive("name", name)("arn", arn)("pattern", pattern)("description", description)("role_arn", role_arn);
    archive("enabled", enabled)("tags", tags)("targets", targets);
}

template <typename A, Is<Rules> T>
void fields(A& archive, T& value) {
    auto& [by_name, announced] = value;
    archive("by_name", by_name);
    static_cast<void>(announced); // never outlives a turn
}

template <typename A, Is<Identity> T>
void fields(A& archive, T& value) {
    auto& [region, account] = value;
    archive("region", region)("account_id", account);
}

template <typename A, Is<RunToken> T>
void fields(A& archive, T& value) {
    auto& [request, task_ids, used_at] = value;
    archive("request", request)("task_ids", task_ids)("used_at", used_at);
}

template <typename A, Is<State> T>
void fields(A& archive, T& value) {
    auto& [identity, clusters, task_definitions, services, tasks, load_balancers, target_groups, listeners,
           scalable_targets, scaling_activities, run_tokens, alarms, messaging, logs, rules, capacity, own_networks,
           endpoint_url, random, time, agenda, next_address] = value;
    archive("identity", identity)("clusters", clusters)("task_definitions", task_definitions)("services", services);
    archive("tasks", tasks)("load_balancers", load_balancers)("target_groups", target_groups);
    archive("listeners", listeners)("scalable_targets", scalable_targets)("scaling_activities", scaling_activities)(
        "alarms", alarms)("random", random);
    archive("run_tokens", run_tokens)("messaging", messaging)("logs", logs)("rules", rules);
    static_cast<void>(capacity); // of the plane that runs, not of the one that saved
    static_cast<void>(own_networks);
    static_cast<void>(endpoint_url);
    archive("time", time)("next_address", next_address);
    static_cast<void>(agenda);
}

} // namespace ecsr::local
