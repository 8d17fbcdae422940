// Ports for containers that share this machine's addresses.
#pragma once

#include "base/random.hpp"
#include "local/runtime/file_descriptor.hpp"
#include "local/state/outside.hpp"

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace ecsr::local {

struct AssignedPort {
    int container_port = 0;
    int port = 0; // where the container has to listen
    std::string protocol;
    FileDescriptor hold; // keeps others from taking the port until the container starts; empty for awsvpc
};

// Ports are taken from below the range that the kernel gives to outgoing connections, so that none of those can take a
// port between the start of a container and its listening.
class PortKeeper {
public:
    explicit PortKeeper(std::uint64_t seed) : random_(seed) {}

    // awsvpc: the container ports themselves, as the address belongs to the task alone. Otherwise a free port for each
    // mapping. Nothing when no port is free.
    std::optional<std::vector<AssignedPort>> assign(NetworkMode mode, const std::string& address,
                                                    const std::vector<PortMapping>& mappings);
    void give_back(const std::vector<AssignedPort>& ports);

private:
    std::optional<AssignedPort> find_free(const std::string& address, const PortMapping& mapping);

    Random random_;
    std::set<int> taken_; // by containers that may not listen yet
};

// What ECS reports; awsvpc tasks have none.
std::vector<NetworkBinding> network_bindings(NetworkMode mode, const std::string& address,
                                             const std::vector<AssignedPort>& ports);

} // namespace ecsr::local
