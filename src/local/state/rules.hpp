// Rules of EventBridge, and what the scheduler has to tell them (ECS behaviour C2, F6).
#pragma once

#include "base/time.hpp"
#include "local/state/task.hpp"

#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace ecsr::local {

struct RuleTarget {
    std::string id;
    std::string arn;
    std::optional<std::string> input;               // a constant text
    std::string input_path;                         // "$.detail"; empty: the whole event
    std::map<std::string, std::string> input_paths; // of a transformer: variable -> path
    std::string input_template;                     // of a transformer; empty: there is none
    std::string document;                           // JSON object: as the request had it
};

struct Rule {
    std::string name;
    std::string arn;
    std::string pattern; // JSON text
    std::string description;
    std::string role_arn;
    bool enabled = true;
    std::map<std::string, std::string> tags;
    std::map<std::string, RuleTarget> targets; // by id
};

// A task as it was right after a change of it.
struct TaskChange {
    Task task;
};
struct ServiceAction {
    std::string cluster, service;
    std::string type; // INFO | WARN | ERROR
    std::string name; // "SERVICE_STEADY_STATE"
    std::string reason;
};
struct DeploymentChange {
    std::string cluster, service, deployment_id;
    std::string type, name, reason;
};

// An event of another service.
struct WrittenEvent {
    std::string source, detail_type, resource;
    std::string detail; // JSON object
};

struct Announcement {
    Instant at{};
    std::variant<TaskChange, ServiceAction, DeploymentChange, WrittenEvent> what;
};

struct Rules {
    std::map<std::string, Rule> by_name;
    // Still to be told to the rules; local/plane does so at the end of every turn. Nothing is announced without a rule.
    std::vector<Announcement> announced;
};

} // namespace ecsr::local
