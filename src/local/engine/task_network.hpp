// The network that the containers of a task share.
#pragma once

#include "local/engine/engine_api.hpp"
#include "local/engine/workload_image.hpp"
#include "local/state/outside.hpp"

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace ecsr::local {

// How one container joins it.
struct NetworkPlace {
    std::string mode;
    std::vector<PublishedPort> ports;
};

// With awsvpc a task is reached at its own address, at the container ports: they are published there. Several
// containers share the network of one more that only holds it, as ECS's agent does. Safe from several threads.
class TaskNetwork {
public:
    // `labels` for the container that holds the network.
    TaskNetwork(const TaskLaunch& task, std::map<std::string, std::string> labels, EngineApi& api,
                WorkloadImage& image);

    Result<NetworkPlace> join(const ContainerDefinition& container);
    // Nothing of it is left; after the last container.
    Status remove();

private:
    Result<std::string> holder();

    const TaskLaunch task_;
    const std::map<std::string, std::string> labels_;
    EngineApi& api_;
    WorkloadImage& image_;
    std::mutex mutex_; // guards holder_; held while that starts
    std::optional<std::string> holder_;
};

// A port of the container as `mode` publishes it at `address`.
std::vector<PublishedPort> published_ports(NetworkMode mode, const std::string& address,
                                           const ContainerDefinition& container);

// Resource limits that this machine allows: 1024 files, up to 65,535, and 4096 processes. What the definition says
// goes before.
std::vector<Ulimit> ulimits_of(const ContainerDefinition& container);

} // namespace ecsr::local
