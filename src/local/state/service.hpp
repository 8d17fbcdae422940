// Services and their deployments (ECS behaviour B).
#pragma once

#include "base/time.hpp"
#include "local/state/deployment.hpp"

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace ecsr::local {

struct ServiceEvent {
    std::string id;
    Instant created_at{};
    std::string message; // exact texts of ECS behaviour C1
};

using ServiceKey = std::pair<std::string, std::string>; // cluster, service name

enum class ServiceStatus { Active, Draining, Inactive };

struct Service {
    std::string cluster; // short name
    std::string name;
    ServiceStatus status = ServiceStatus::Active;
    int desired_count = 0;
    std::string launch_type = "EC2";
    std::string scheduling_strategy = "REPLICA";
    std::string deployment_controller = "ECS";
    DeploymentConfiguration deployment_configuration;
    std::vector<ServiceLoadBalancer> load_balancers;
    Seconds health_check_grace_period{0};
    std::vector<Deployment> deployments;                // PRIMARY first, then newest ACTIVE first
    std::deque<ServiceEvent> events;                    // newest first, at most 100
    std::vector<ServiceDeployment> service_deployments; // newest first; gone with the service
    std::vector<ServiceRevision> revisions;             // newest first
    Instant created_at{};
    std::string availability_zone_rebalancing = "ENABLED";
    std::string client_token;
    std::string document; // JSON object: further members of the request, answered back as they came
    std::map<std::string, std::string> tags;

    // The scheduler's memory. Whoever changes a service or its tasks sets `touched`; the next advance() then draws the
    // latency of the decision that looks at it.
    bool touched = true;
    Instant next_decision_at = Instant::max(); // max() when none is under way
    Instant look_again_at = Instant::max();    // when time alone calls for a decision: grace, back-off, steady event
    std::optional<Instant> steady_since;
    Instant last_steady_event_at{};
    bool rebalancing = false;           // it has told that it evens out its Availability Zones
    bool blocked_by_protection = false; // protected tasks hold up a deployment (ECS behaviour B13)
};

} // namespace ecsr::local
