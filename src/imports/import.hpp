// A service of AWS, read and written again into a local ECS.
#pragma once

#include "aws/call.hpp"
#include "aws/elbv2/types.hpp"
#include "base/time.hpp"
#include "imports/definition.hpp"
#include "model/snapshot.hpp"

#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace ecsr::imports {

struct OriginalGroup {
    aws::elbv2::TargetGroup group;
    std::vector<aws::elbv2::TargetGroupAttribute> attributes;
};

// As it was found. The answers are kept whole, so that nothing of the definition is lost on the way.
struct Original {
    Snapshot snapshot;
    std::string service_answer;         // DescribeServices
    std::string task_definition_answer; // DescribeTaskDefinition, of the revision in use
    std::vector<OriginalGroup> groups;  // one of each target group of the service
};

// What the copy is, for people.
struct Imported {
    std::string original; // ARN
    std::string cluster;
    std::string service;
    std::string task_definition;          // ARN of the copy
    std::string original_task_definition; // ARN
    int desired_count = 0;
    std::vector<std::string> urls; // of the listeners, in the order of the target groups
    std::optional<ScalableTarget> scaling;
    std::optional<Millis> start;  // what its tasks have told, where the copy behaves so
    std::optional<Millis> health; // the same
    bool ignores_sigterm = false; // the same
    std::vector<std::string> left_out;
};

// Reads only. `source` must live as long as the call. Errors: those of Observer::look and of Caller.
Result<Original> read_original(aws::Caller& source, const std::string& cluster, const std::string& service, Instant now,
                               const std::stop_token& stop);

// Nothing is written before all is known to fit: the choices, and that the local ECS has no such service. Errors: those
// of definition.hpp; Usage (there is such a service); those of Caller, where the local ECS refuses a part (the message
// names it): what was written before it stays.
Result<Imported> write_copy(aws::Caller& local, const Original& original, const Choices& choices,
                            const std::stop_token& stop);

} // namespace ecsr::imports
