// What a service of AWS is made of, as requests that a local ECS takes: pure, JSON text to JSON text.
#pragma once

#include "base/error.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace ecsr::imports {

// What runs the containers of the local ECS.
enum class Runtime { Process, Container, Virtual };

// Error: Remote; the name is one that a later version may have.
Result<Runtime> parse_runtime(const std::string& name);

struct Choices {
    Runtime runtime = Runtime::Process;
    std::vector<std::string> workloads;        // the built-in images: "web"
    std::map<std::string, std::string> images; // container name -> workload, or another image
    bool with_environment = false;             // copies the values of environment variables
    std::optional<int> desired_count;          // in place of that of the service
};

// What is asked of the local ECS, and what of the original is not in it: a line each.
struct Request {
    std::string body; // JSON
    std::vector<std::string> left_out;
};

// `answer`: of DescribeTaskDefinition. `labels`: dockerLabels that every container gets. Values of environment
// variables and what secrets, S3 files and registries hold stay behind; so do commands where another image takes the
// container's place. Errors: Usage (an image that this runtime has not, with the containers and images that there are;
// `images` names a container that there is not), Remote (the answer cannot be read).
Result<Request> task_definition_request(const std::string& answer, const Choices& choices,
                                        const std::map<std::string, std::string>& labels);

// `answer`: of DescribeServices, about one service. `target_groups`: the ARN of the original -> that of the copy.
// Errors: Usage (a service that has no task definition of its own), Remote.
Result<Request> service_request(const std::string& answer, const std::string& cluster,
                                const std::string& task_definition, const Choices& choices,
                                const std::map<std::string, std::string>& target_groups);

} // namespace ecsr::imports
