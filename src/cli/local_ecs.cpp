#include "cli/local_ecs.hpp"

#include "base/random.hpp"
#include "base/scaled_clock.hpp"
#include "cli/task_doors.hpp"
#include "local/balancer/haproxy_balancer.hpp"
#include "local/balancer/virtual_balancer.hpp"
#include "local/engine/engine_runtime.hpp"
#include "local/messages/http_postman.hpp"
#include "local/plane/access_log.hpp"
#include "local/plane/plane.hpp"
#include "local/runtime/process_runtime.hpp"
#include "local/runtime/virtual_runtime.hpp"
#include "local/workload/workload.hpp"

#include <atomic>
#include <fmt/format.h>
#include <mutex>

namespace ecsr::cli {

namespace {

constexpr int api_threads = 16; // requests that a fault keeps waiting hold one each
constexpr Millis patience_at_the_end{10'000};
constexpr Millis save_delay{200};
// A virtual plane knows exactly when something is due; this only bounds what it computes ahead.
constexpr Millis longest_virtual_sleep{3'600'000};

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

// The server is made before the plane that it serves, which must know where it is.
class Entrance {
public:
    // `access_log` may be null.
    void open(local::Plane& plane, local::AccessLog* access_log) {
        access_log_ = access_log;
        plane_ = &plane;
    }
    HttpResponse operator()(const HttpRequest& request) {
        local::Plane* plane = plane_;
        if (plane != nullptr) {
            HttpResponse response = plane->handle(request);
            if (access_log_ != nullptr) { access_log_->write(request, response, plane->time()); }
            return response;
        }
        return {503, {{"Content-Type", "application/json"}}, R"({"message":"The local ECS is starting."})"};
    }

    bool answers_at_once(const HttpRequest& request) const {
        const local::Plane* plane = plane_;
        return plane != nullptr && plane->answers_at_once(request);
    }

private:
    local::AccessLog* access_log_ = nullptr; // set before `plane_`
    std::atomic<local::Plane*> plane_ = nullptr;
};

local::State initial_state(std::uint64_t seed, const LocalEcsOptions& options) {
    local::State state;
    state.capacity = options.capacity;
    state.own_networks = options.own_networks;
    state.random = Random(seed);
    // Two local ECS on one machine must not give the same loopback address to two tasks.
    state.next_address = 1 + Random(seed).next() % 16'000'000;
    return state;
}

Result<std::unique_ptr<local::ProcessRuntime>> make_runtime(const World& world, const std::string& endpoint_url,
                                                            std::function<std::shared_ptr<void>()> move_in,
                                                            std::function<void()> notify) {
    local::ProcessRuntimeOptions options;
    options.own_networks = static_cast<bool>(move_in);
    options.move_in = std::move(move_in);
    options.executable = world.executable;
    options.workloads = local::workload_names();
    options.temp_directory = world.temp_directory;
    options.seed = world.seed;
    options.endpoint_url = endpoint_url;
    options.notify = std::move(notify);
    if (auto path = world.environment.non_empty("PATH")) { options.path = *path; }
    return local::ProcessRuntime::create(std::move(options));
}

Result<std::filesystem::path> find_engine_socket(const World& world, const EngineOptions& asked) {
    std::error_code hidden;
    if (!asked.socket.empty()) {
        if (std::filesystem::is_socket(asked.socket, hidden)) { return asked.socket; }
        return fail(ErrorKind::Usage, fmt::format("--container-socket {}: {}", asked.socket.string(),
                                                  hidden ? hidden.message() : "it is no socket"));
    }
    const auto sockets = local::engine_sockets(world.environment.non_empty("DOCKER_HOST").value_or(""),
                                               world.environment.non_empty("XDG_RUNTIME_DIR").value_or(""));
    if (!sockets) { return std::unexpected(sockets.error()); }
    std::string looked;
    for (const auto& socket : *sockets) {
        if (std::filesystem::is_socket(socket, hidden)) { return socket; }
        looked += (looked.empty() ? "" : ", ") + socket.string();
    }
    return fail(ErrorKind::Usage, fmt::format("no container engine listens at {}; start Docker or \"podman system "
                                              "service\", or name its socket with --container-socket",
                                              looked));
}

Result<std::unique_ptr<local::EngineRuntime>> make_engine_runtime(const World& world, Transport& transport,
                                                                  std::function<void()> notify) {
    local::EngineRuntimeOptions options;
    options.transport = &transport;
    options.executable = world.executable;
    options.workloads = local::workload_names();
    options.temp_directory = world.temp_directory;
    options.seed = world.seed;
    options.notify = std::move(notify);
    return local::EngineRuntime::create(std::move(options));
}

Result<std::unique_ptr<local::HaproxyBalancer>> make_balancer(const World& world) {
    local::HaproxyOptions options;
    options.directory = world.temp_directory;
    options.exchange = world.socket_exchange;
    options.listen = world.listen;
    return local::HaproxyBalancer::create(std::move(options));
}

local::PlaneOptions plane_options(const LocalEcsOptions& asked, ScaledClock* virtual_time, std::uint64_t seed) {
    local::PlaneOptions options;
    options.scheduler.stop_task_drains = asked.stop_task_drains;
    options.state_folder = asked.state_folder;
    options.virtual_time = virtual_time;
    options.runtime = virtual_time != nullptr ? "virtual" : asked.engine ? "container" : "process";
    if (virtual_time != nullptr) {
        options.longest_sleep = longest_virtual_sleep;
        options.save_delay = save_delay * virtual_time->scale();
    }
    options.trouble.faults = asked.faults;
    options.trouble.seed = seed + 2;
    options.trouble.stale_reads = asked.stale_reads;
    options.trouble.throttles_as_aws = asked.throttles_as_aws;
    options.verify_signatures = asked.verify_signatures;
    return options;
}

} // namespace

struct LocalEcs::Parts {
    Waker waker;
    Entrance entrance;
    std::unique_ptr<TaskDoors> doors; // null: tasks have no networks of their own
    std::string memory_guard = "virtual";
    std::unique_ptr<ScaledClock> virtual_time; // null: real time, processes
    std::unique_ptr<Transport> engine;         // null without a container engine
    std::unique_ptr<local::Runtime> runtime;
    std::unique_ptr<local::Balancer> balancer;
    std::unique_ptr<local::Postman> postman;
    std::unique_ptr<local::AccessLog> access_log; // null: none
    std::unique_ptr<local::Plane> plane;
    std::unique_ptr<HttpServer> server;

    Status start_server(std::uint16_t port, World& world);
    std::string endpoint_url() const { return fmt::format("http://127.0.0.1:{}", server->port()); }
    Status make_real(const LocalEcsOptions& options, World& world);
    Status make_processes(bool own_networks, const World& world);
    Status make_containers(const EngineOptions& options, const World& world);
    void make_virtual(int time_scale, std::uint64_t seed, World& world);
    Clock& clock(World& world) const { return virtual_time ? *virtual_time : world.clock; }
};

Status LocalEcs::Parts::start_server(std::uint16_t port, World& world) {
    HttpServerOptions options;
    options.port = port;
    options.threads = api_threads;
    options.is_answered_at_once = [this](const HttpRequest& request) { return entrance.answers_at_once(request); };
    auto made = world.start_server(options, [this](const HttpRequest& request) { return entrance(request); });
    if (!made) { return std::unexpected(made.error()); }
    server = std::move(*made);
    return {};
}

Status LocalEcs::Parts::make_processes(bool own_networks, const World& world) {
    std::function<std::shared_ptr<void>()> move_in;
    if (own_networks) {
        doors = std::make_unique<TaskDoors>(world.start_server,
                                            [this](const HttpRequest& request) { return entrance(request); });
        move_in = [this] { return doors->open(server->port()); };
    }
    auto made = make_runtime(world, endpoint_url(), std::move(move_in), [this] { waker(); });
    if (!made) {
        Error error = std::move(made).error();
        if (own_networks && error.kind == ErrorKind::Usage) { error = std::move(error).with_context("--netns"); }
        return std::unexpected(std::move(error));
    }
    memory_guard = local::to_string((*made)->memory_guard());
    runtime = std::move(*made);
    return {};
}

Status LocalEcs::Parts::make_containers(const EngineOptions& options, const World& world) {
    const auto socket = find_engine_socket(world, options);
    if (!socket) { return std::unexpected(socket.error()); }
    auto connected = world.connect_socket(socket->string());
    if (!connected) { return std::unexpected(connected.error()); }
    engine = std::move(*connected);
    auto made = make_engine_runtime(world, *engine, [this] { waker(); });
    if (!made) { return std::unexpected(std::move(made).error().with_context(socket->string())); }
    memory_guard = (*made)->engine();
    runtime = std::move(*made);
    return {};
}

Status LocalEcs::Parts::make_real(const LocalEcsOptions& options, World& world) {
    auto made = options.engine ? make_containers(*options.engine, world) : make_processes(options.own_networks, world);
    if (!made) { return made; }
    auto made_balancer = make_balancer(world);
    if (!made_balancer) { return std::unexpected(made_balancer.error()); }
    balancer = std::move(*made_balancer);
    return {};
}

void LocalEcs::Parts::make_virtual(int time_scale, std::uint64_t seed, World& world) {
    virtual_time = std::make_unique<ScaledClock>(world.clock, time_scale, world.clock.now());
    auto containers = std::make_unique<local::VirtualRuntime>(Random(seed + 1));
    balancer = std::make_unique<local::VirtualBalancer>(
        [&serving = *containers](const std::string& id, int port, Instant at) { return serving.serves(id, port, at); });
    runtime = std::move(containers);
}

LocalEcs::LocalEcs(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Result<std::unique_ptr<LocalEcs>> LocalEcs::start(const LocalEcsOptions& options, World& world) {
    auto parts = std::make_unique<Parts>();
    const std::uint64_t seed = options.seed.value_or(world.seed);
    if (auto served = parts->start_server(options.port, world); !served) { return std::unexpected(served.error()); }
    if (options.virtual_time_scale) {
        parts->make_virtual(*options.virtual_time_scale, seed, world);
    } else if (auto made = parts->make_real(options, world); !made) {
        return std::unexpected(made.error());
    }
    if (!options.access_log.empty()) {
        auto opened = local::AccessLog::open(options.access_log);
        if (!opened) { return std::unexpected(opened.error()); }
        parts->access_log = std::move(*opened);
    }
    parts->postman = std::make_unique<local::HttpPostman>(world.transport, [&waker = parts->waker] { waker(); });
    auto plane_settings = plane_options(options, parts->virtual_time.get(), seed);
    plane_settings.endpoint_url = parts->endpoint_url();
    plane_settings.postman = parts->postman.get();
    auto plane = local::Plane::create(*parts->runtime, *parts->balancer, parts->clock(world), plane_settings,
                                      initial_state(seed, options));
    if (!plane) { return std::unexpected(plane.error()); }
    parts->plane = std::move(*plane);
    parts->waker.connect(parts->plane.get());
    parts->entrance.open(*parts->plane, parts->access_log.get());
    return std::unique_ptr<LocalEcs>(new LocalEcs(std::move(parts)));
}

LocalEcs::~LocalEcs() {
    parts_->server.reset();
    if (parts_->doors) { parts_->doors->close(); }
    parts_->waker.connect(nullptr);
}

std::uint16_t LocalEcs::port() const {
    return parts_->server->port();
}

std::string LocalEcs::endpoint() const {
    return fmt::format("http://127.0.0.1:{}", port());
}

std::string LocalEcs::memory_guard() const {
    return parts_->memory_guard;
}

Status LocalEcs::shut_down() {
    // There is nothing to stop where nothing runs.
    return parts_->plane->shut_down(parts_->virtual_time ? Millis{0} : patience_at_the_end);
}

} // namespace ecsr::cli
