// The output of containers on its way to CloudWatch Logs.
#pragma once

#include "local/runtime/output_lines.hpp"
#include "local/state/outside.hpp"

#include <memory>
#include <string>
#include <vector>

namespace ecsr::local {

struct TakenOutput {
    std::string log_group, log_stream;
    std::shared_ptr<OutputLines> lines; // held by whoever writes as long as anything may come
};

// What has come; forgets outputs of which nothing more comes.
std::vector<ContainerOutput> take_lines(std::vector<TakenOutput>& outputs);

} // namespace ecsr::local
