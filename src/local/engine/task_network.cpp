#include "local/engine/task_network.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <limits>
#include <sys/resource.h>

namespace ecsr::local {

namespace {

constexpr int most_files = 65'535;
constexpr int usual_files = 1024;
constexpr int most_processes = 4096;

// Nothing when there is no limit.
std::optional<int> own_limit(__rlimit_resource resource) {
    rlimit limit{};
    if (::getrlimit(resource, &limit) != 0 || limit.rlim_max == RLIM_INFINITY) { return std::nullopt; }
    return static_cast<int>(std::min<rlim_t>(limit.rlim_max, std::numeric_limits<int>::max()));
}

} // namespace

std::vector<PublishedPort> published_ports(NetworkMode mode, const std::string& address,
                                           const ContainerDefinition& container) {
    std::vector<PublishedPort> ports;
    if (mode != NetworkMode::Awsvpc && mode != NetworkMode::Bridge) { return ports; }
    for (const auto& mapping : container.port_mappings) {
        const int host_port = mode == NetworkMode::Awsvpc ? mapping.container_port : mapping.host_port;
        ports.push_back({mapping.container_port, mapping.protocol, address, host_port});
    }
    return ports;
}

std::vector<Ulimit> ulimits_of(const ContainerDefinition& container) {
    std::vector<Ulimit> limits = container.ulimits;
    const auto add = [&](const char* name, int soft, int hard) {
        if (std::ranges::find(limits, name, &Ulimit::name) == limits.end()) { limits.push_back({name, soft, hard}); }
    };
    const int files = std::min(most_files, own_limit(RLIMIT_NOFILE).value_or(most_files));
    add("nofile", std::min(usual_files, files), files);
    // Podman sets more than its own containers are allowed to have where it is not asked for less.
    const int processes = std::min(most_processes, own_limit(RLIMIT_NPROC).value_or(most_processes));
    add("nproc", processes, processes);
    return limits;
}

TaskNetwork::TaskNetwork(const TaskLaunch& task, std::map<std::string, std::string> labels, EngineApi& api,
                         WorkloadImage& image)
    : task_(task), labels_(std::move(labels)), api_(api), image_(image) {}

Result<NetworkPlace> TaskNetwork::join(const ContainerDefinition& container) {
    if (task_.network_mode == NetworkMode::Host) { return NetworkPlace{"host", {}}; }
    if (task_.network_mode == NetworkMode::None) { return NetworkPlace{"none", {}}; }
    if (task_.network_mode == NetworkMode::Awsvpc && task_.containers.size() > 1) {
        const std::lock_guard lock(mutex_);
        if (!holder_) {
            auto made = holder();
            if (!made) { return std::unexpected(std::move(made).error()); }
            holder_ = std::move(made).value();
        }
        return NetworkPlace{"container:" + *holder_, {}};
    }
    return NetworkPlace{"bridge", published_ports(task_.network_mode, task_.address, container)};
}

Result<std::string> TaskNetwork::holder() {
    auto image = image_.id();
    if (!image) { return image; }
    EngineContainer container;
    container.name = fmt::format("ecs-{}-{}-network-{}", task_.family, task_.revision, task_.task_id);
    container.image = std::move(image).value();
    container.entry_point = {workload_program, "workload", "sleeper"};
    container.command.emplace();
    container.labels = labels_;
    container.ulimits = ulimits_of({});
    for (const auto& definition : task_.containers) {
        for (auto& port : published_ports(task_.network_mode, task_.address, definition)) {
            container.ports.push_back(std::move(port));
        }
    }
    auto id = api_.create(container);
    if (!id) { return id; }
    if (auto started = api_.start(*id); !started) {
        if (auto removed = api_.remove(*id); !removed) { return std::unexpected(std::move(removed).error()); }
        return std::unexpected(std::move(started).error());
    }
    return id;
}

Status TaskNetwork::remove() {
    const std::lock_guard lock(mutex_);
    if (!holder_) { return {}; }
    auto removed = api_.remove(*holder_);
    if (removed) { holder_.reset(); }
    return removed;
}

} // namespace ecsr::local
