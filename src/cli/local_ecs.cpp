#include "cli/local_ecs.hpp"

#include "base/random.hpp"
#include "local/balancer/haproxy_balancer.hpp"
#include "local/plane/plane.hpp"
#include "local/runtime/process_runtime.hpp"
#include "local/workload/workload.hpp"

#include <fmt/format.h>
#include <mutex>

namespace ecsr::cli {

namespace {

constexpr int api_threads = 4;
constexpr Millis patience_at_the_end{10'000};

// The runtime is made before the plane that it wakes.
class Waker {
public:
    // Returns when no wake-up of the plane before is under way any more.
    void connect(local::Plane* plane) {
        const std::lock_guard lock(mutex_);
        plane_ = plane;
    }
    void operator()() {
        const std::lock_guard lock(mutex_);
        if (plane_ != nullptr) { plane_->wake(); }
    }

private:
    std::mutex mutex_;
    local::Plane* plane_ = nullptr;
};

local::State initial_state(std::uint64_t seed) {
    local::State state;
    state.random = Random(seed);
    // Two local ECS on one machine must not give the same loopback address to two tasks.
    state.next_address = 1 + Random(seed).next() % 16'000'000;
    return state;
}

Result<std::unique_ptr<local::ProcessRuntime>> make_runtime(const World& world, std::function<void()> notify) {
    local::ProcessRuntimeOptions options;
    options.executable = world.executable;
    options.workloads = local::workload_names();
    options.temp_directory = world.temp_directory;
    options.seed = world.seed;
    options.notify = std::move(notify);
    if (auto path = world.environment.non_empty("PATH")) { options.path = *path; }
    return local::ProcessRuntime::create(std::move(options));
}

Result<std::unique_ptr<local::HaproxyBalancer>> make_balancer(const World& world) {
    local::HaproxyOptions options;
    options.directory = world.temp_directory;
    options.exchange = world.socket_exchange;
    options.listen = world.listen;
    return local::HaproxyBalancer::create(std::move(options));
}

} // namespace

struct LocalEcs::Parts {
    Waker waker;
    std::unique_ptr<local::ProcessRuntime> runtime;
    std::unique_ptr<local::HaproxyBalancer> balancer;
    std::unique_ptr<local::Plane> plane;
    std::unique_ptr<HttpServer> server;
};

LocalEcs::LocalEcs(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Result<std::unique_ptr<LocalEcs>> LocalEcs::start(const LocalEcsOptions& options, World& world) {
    auto parts = std::make_unique<Parts>();
    auto runtime = make_runtime(world, [&waker = parts->waker] { waker(); });
    if (!runtime) { return std::unexpected(runtime.error()); }
    parts->runtime = std::move(*runtime);
    auto balancer = make_balancer(world);
    if (!balancer) { return std::unexpected(balancer.error()); }
    parts->balancer = std::move(*balancer);

    local::PlaneOptions plane_options;
    plane_options.scheduler.stop_task_drains = options.stop_task_drains;
    plane_options.state_folder = options.state_folder;
    auto plane =
        local::Plane::create(*parts->runtime, *parts->balancer, world.clock, plane_options, initial_state(world.seed));
    if (!plane) { return std::unexpected(plane.error()); }
    parts->plane = std::move(*plane);
    parts->waker.connect(parts->plane.get());

    HttpServerOptions server_options;
    server_options.port = options.port;
    server_options.threads = api_threads;
    auto server = world.start_server(
        server_options, [&plane_ref = *parts->plane](const HttpRequest& request) { return plane_ref.handle(request); });
    if (!server) { return std::unexpected(server.error()); }
    parts->server = std::move(*server);
    return std::unique_ptr<LocalEcs>(new LocalEcs(std::move(parts)));
}

LocalEcs::~LocalEcs() {
    parts_->server.reset();
    parts_->waker.connect(nullptr);
}

std::uint16_t LocalEcs::port() const {
    return parts_->server->port();
}

std::string LocalEcs::endpoint() const {
    return fmt::format("http://127.0.0.1:{}", port());
}

std::string LocalEcs::memory_guard() const {
    return local::to_string(parts_->runtime->memory_guard());
}

Status LocalEcs::shut_down() {
    return parts_->plane->shut_down(patience_at_the_end);
}

} // namespace ecsr::cli
