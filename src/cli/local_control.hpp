// Steers a local ECS that runs on this machine, over its own paths (local/plane/control.hpp).
#pragma once

#include "base/error.hpp"
#include "cli/command_line.hpp"
#include "cli/world.hpp"
#include "tell/local_report.hpp"

#include <string>
#include <string_view>

namespace ecsr::cli {

class LocalControl {
public:
    // The one that --endpoint-url, --port, --port-file or AWS_ENDPOINT_URL names; without any of them that on the
    // default port. Error: Usage (it is not on this machine; two are named; the file names no port).
    // `by_url` false: --endpoint-url is about something else.
    static Result<LocalControl> find(const Invocation& invocation, World& world, bool by_url = true);

    // `path` begins with "/". The body of the answer. Errors: Usage (the local ECS refuses: its words), Unreachable and
    // Timeout, Remote (what is there is no local ECS), Interrupted.
    Result<std::string> ask(std::string_view method, const std::string& path, std::string body, Millis timeout);

    const std::string& url() const { return url_; } // "http://127.0.0.1:4510"

private:
    LocalControl(std::string url, World& world) : url_(std::move(url)), world_(&world) {}

    std::string url_;
    World* world_;
};

// What points the aws CLI, SDKs and this program at a local ECS.
tell::LocalVariables local_variables(const std::string& url);

} // namespace ecsr::cli
