// A container engine (Docker, Podman) by its Docker Engine API. Blocking; safe from several threads.
#pragma once

#include "base/error.hpp"
#include "base/time.hpp"
#include "base/transport.hpp"
#include "local/state/outside.hpp"
#include "local/state/task_definition.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

namespace ecsr::local {

// Where the engine makes a container's port reachable.
struct PublishedPort {
    int container_port = 0;
    std::string protocol = "tcp";
    std::string host_address;
    int host_port = 0; // 0: the engine picks one
};

struct EngineContainer {
    std::string name;
    std::string image;                                            // id
    std::optional<std::vector<std::string>> entry_point, command; // empty: the image's
    std::vector<std::string> environment;                         // "NAME=value"
    std::map<std::string, std::string> labels;
    std::string working_directory, user; // empty: the image's
    std::string network = "bridge";      // "bridge", "host", "none", "container:<id>"
    std::vector<PublishedPort> ports;
    std::vector<Ulimit> ulimits;
    bool init_process = false;
    int cpu_shares = 0;                                      // 0: the engine's default
    std::optional<std::uint64_t> memory, memory_reservation; // bytes
};

struct EngineState {
    bool running = false;
    int exit_code = 0;
    bool oom_killed = false;
    std::string error;
    int pid = 0; // of its main process, as the engine's machine counts; 0 when it does not run
    std::vector<PublishedPort> ports;
};

struct ListedContainer {
    std::string id;
    std::map<std::string, std::string> labels;
};

struct ProbeResult {
    bool succeeded = false;
    bool in_time = true;
    int pid = 0; // of what still runs when it was not in time
};

// Errors of every call: Unreachable, Timeout, Interrupted, Remote (the engine's own words, after "Error response from
// daemon: "), NotFound (there is no such container or image).
class EngineApi {
public:
    // `transport` is connected to the engine's socket, and outlives this.
    explicit EngineApi(Transport& transport) : transport_(transport) {}

    // "Docker Engine - Community 27.0", "Podman Engine 4.3.1".
    Result<std::string> version();

    // The id of an image that is there.
    Result<std::string> image_id(const std::string& image, const std::stop_token& stop);
    // From its registry. `image` is "REPOSITORY[:TAG|@DIGEST]".
    Status pull(const std::string& image, const std::stop_token& stop);
    // An image from a tar archive of its files; returns its id.
    Result<std::string> import_image(const std::string& repository, std::string archive);
    Status remove_image(const std::string& id);
    // Names of the images that are there: "repository:tag".
    Result<std::vector<std::string>> image_names();

    Result<std::string> create(const EngineContainer& container);
    Status start(const std::string& id);
    Result<EngineState> inspect(const std::string& id);
    // Returns when the container does not run any more.
    Status wait(const std::string& id, const std::stop_token& stop);
    // The image's stop signal, SIGKILL `patience` later; returns when it has ended.
    Status stop(const std::string& id, Seconds patience, const std::stop_token& stop);
    Status kill(const std::string& id);
    // Also one that runs.
    Status remove(const std::string& id);
    // The newest lines of what it wrote to its standard output and error.
    Result<std::string> logs(const std::string& id);
    // Every line written since that second, in its order, behind its time (RFC 3339) and a space.
    Result<std::string> timed_logs(const std::string& id, std::int64_t since);
    // Runs a program inside.
    Result<ProbeResult> probe(const std::string& id, const std::vector<std::string>& command, Seconds timeout,
                              const std::stop_token& stop);
    // Bytes in use, without what the kernel can take back at once.
    Result<std::uint64_t> memory_usage(const std::string& id);
    // Since it was last started.
    Result<Micros> cpu_time(const std::string& id);
    // Containers with this label, running or not.
    Result<std::vector<ListedContainer>> list(const std::string& label);

private:
    struct Call {
        std::string method;
        std::string path;
        std::string body = {};
        Millis timeout{60'000};
        std::string content_type = "application/json";
    };
    Result<std::string> stats(const std::string& id);
    Result<std::string> ask(Call call, const std::stop_token& stop = {});

    Transport& transport_;
};

// What stands in frames of 8 bytes header in the answers of logs(); as it is when it is not framed.
std::string without_frames(const std::string& stream);

} // namespace ecsr::local
