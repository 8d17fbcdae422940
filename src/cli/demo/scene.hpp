// What the demo plays with: leaking web services behind a load balancer, made with the same AWS client as everything
// else.
#pragma once

#include "aws/call.hpp"
#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/transport.hpp"

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

namespace ecsr::cli {

struct LeakyService {
    std::string name;
    int tasks = 3;
    int memory_mib = 64; // hard limit of each task
    std::int64_t leak_bytes_per_second = 0;
};

struct StagedService {
    std::string cluster;
    std::string name;
    std::string target_group_arn;
    std::string listener_arn;
    std::string url; // through the load balancer
};

struct TaskMemory {
    std::string task_arn;
    std::uint64_t bytes = 0;
};

// A container that was killed for its memory, as DescribeTasks tells it.
struct Kill {
    std::string task_arn;
    std::string reason; // of the container
    int exit_code = 0;
    Instant stopped_at{};
};

class Scene {
public:
    // `caller` and the rest must outlive the scene. `free_port` names a port that nobody listens on.
    Scene(aws::Caller& caller, Transport& transport, Clock& clock, std::string endpoint,
          std::function<Result<std::uint16_t>()> free_port);

    Status create_cluster(const std::string& name, const std::stop_token& stop);
    // Target group, load balancer, listener, task definition, service. Returns before a task runs; `url` is empty.
    Result<StagedService> create_service(const std::string& cluster, const LeakyService& service,
                                         const std::stop_token& stop);
    // Until every wanted task is healthy in the target group and a request through the load balancer is answered with
    // 200; fills in `url`. Errors: Timeout, and those of the calls.
    Status wait_until_served(StagedService& service, int tasks, Millis limit, const std::stop_token& stop);

    Result<int> healthy_targets(const StagedService& service, const std::stop_token& stop);
    // Of every task that has not stopped.
    Result<std::vector<TaskMemory>> memory(const StagedService& service, const std::stop_token& stop);
    Result<std::vector<Kill>> kills(const StagedService& service, const std::stop_token& stop);

private:
    Result<std::string> create_target_group(const std::string& name, const std::stop_token& stop);
    Result<std::string> create_listener(const std::string& name, const std::string& target_group_arn,
                                        const std::stop_token& stop);
    Result<std::string> register_task_definition(const LeakyService& service, const std::stop_token& stop);
    Result<bool> is_served(StagedService& service, int tasks, const std::stop_token& stop);

    aws::Caller& caller_;
    Transport& transport_;
    Clock& clock_;
    const std::string endpoint_;
    const std::function<Result<std::uint16_t>()> free_port_;
};

} // namespace ecsr::cli
