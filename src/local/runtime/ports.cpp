#include "local/runtime/ports.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace ecsr::local {

namespace {

constexpr int first_port = 20'000;
constexpr int last_port = 32'767;
constexpr int ports_in_range = last_port - first_port + 1;

// A bound socket that does not listen; empty when somebody has the port.
FileDescriptor hold_port(const std::string& address, int port, const std::string& protocol) {
    const int type = protocol == "udp" ? SOCK_DGRAM : SOCK_STREAM;
    FileDescriptor socket(::socket(AF_INET, type | SOCK_CLOEXEC, 0));
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_port = htons(static_cast<std::uint16_t>(port));
    if (!socket || ::inet_pton(AF_INET, address.c_str(), &at.sin_addr) != 1 ||
        ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&at), sizeof at) != 0) {
        return {};
    }
    return socket;
}

} // namespace

std::optional<AssignedPort> PortKeeper::find_free(const std::string& address, const PortMapping& mapping) {
    const auto begin = static_cast<int>(random_.between(0, ports_in_range - 1));
    for (int i = 0; i < ports_in_range; ++i) {
        const int port = first_port + (begin + i) % ports_in_range;
        if (taken_.contains(port)) { continue; }
        if (auto hold = hold_port(address, port, mapping.protocol)) {
            taken_.insert(port);
            return AssignedPort{mapping.container_port, port, mapping.protocol, std::move(hold)};
        }
    }
    return std::nullopt;
}

std::optional<std::vector<AssignedPort>> PortKeeper::assign(NetworkMode mode, const std::string& address,
                                                            const std::vector<PortMapping>& mappings) {
    std::vector<AssignedPort> ports;
    for (const auto& mapping : mappings) {
        if (mode == NetworkMode::Awsvpc) {
            ports.push_back({mapping.container_port, mapping.container_port, mapping.protocol, {}});
            continue;
        }
        auto port = find_free(address, mapping);
        if (!port) {
            give_back(ports);
            return std::nullopt;
        }
        ports.push_back(std::move(port).value());
    }
    return ports;
}

void PortKeeper::give_back(const std::vector<AssignedPort>& ports) {
    for (const auto& port : ports) { taken_.erase(port.port); }
}

std::vector<NetworkBinding> network_bindings(NetworkMode mode, const std::string& address,
                                             const std::vector<AssignedPort>& ports) {
    std::vector<NetworkBinding> bindings;
    if (mode == NetworkMode::Awsvpc) { return bindings; }
    for (const auto& port : ports) { bindings.push_back({address, port.container_port, port.port, port.protocol}); }
    return bindings;
}

} // namespace ecsr::local
