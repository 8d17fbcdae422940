#include "local/virtual/virtual_ecs.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

namespace ecsr::local {

namespace {

constexpr Seconds longest_watched_step{5};

State empty_state(const VirtualEcsOptions& options) {
    State state;
    state.random = Random(options.seed);
    state.capacity = options.capacity;
    return state;
}

HttpRequest json_request(std::string_view target_prefix, std::string_view operation, std::string body) {
    return {"POST",
            "/",
            {{"X-Amz-Target", fmt::format("{}.{}", target_prefix, operation)},
             {"Content-Type", "application/x-amz-json-1.1"}},
            std::move(body)};
}

// What a server gets to see of "http://host/path?query".
std::string target_of(const std::string& url) {
    const auto scheme = url.find("://");
    if (scheme == std::string::npos) { return url; }
    const auto path = url.find('/', scheme + 3);
    return path == std::string::npos ? "/" : url.substr(path);
}

} // namespace

void ShapedRuntime::launch(const TaskLaunch& launch, Instant now) {
    if (!at_launch_) { return VirtualRuntime::launch(launch, now); }
    TaskLaunch shaped = launch;
    at_launch_(shaped);
    VirtualRuntime::launch(shaped, now);
}

VirtualEcs::VirtualEcs(const VirtualEcsOptions& options)
    : now_(options.start), next_turn_(options.start), runtime_(Random(options.seed + 1), options.at_launch),
      balancer_([this](const std::string& id, int port, Instant at) { return runtime_.serves(id, port, at); },
                options.target_checks) {
    PlaneOptions plane_options;
    plane_options.scheduler = options.scheduler;
    plane_options.longest_sleep = std::chrono::hours(1);
    plane_options.own_thread = false;
    plane_options.samples_metrics = false; // nobody there reads them
    auto plane = Plane::create(runtime_, balancer_, *this, std::move(plane_options), empty_state(options));
    ECSR_ASSERT(plane.has_value()); // without a state folder nothing can fail
    plane_ = std::move(*plane);
}

bool VirtualEcs::sleep_until(Instant until, std::stop_token stop) {
    while (now_ < until) {
        if (stop.stop_requested()) { return false; }
        if (next_turn_ <= now_) { next_turn_ = plane_->turn(); }
        const Instant moves_to = std::min(next_turn_, until);
        now_ = watchers_.empty() ? moves_to : std::min(moves_to, now_ + longest_watched_step);
        next_turn_ = plane_->turn();
        tell_watchers();
    }
    return true;
}

HttpResponse VirtualEcs::handle(const HttpRequest& request) {
    HttpRequest received = request;
    received.url = target_of(request.url);
    HttpResponse response = plane_->handle(received);
    next_turn_ = plane_->turn();
    tell_watchers();
    return response;
}

void VirtualEcs::tell_watchers() {
    for (std::size_t i = 0; i < watchers_.size(); ++i) { watchers_[i](now_); }
}

Result<std::string> VirtualEcs::set_stage(std::string_view name, const HttpRequest& request) {
    HttpResponse response = plane_->handle(request);
    next_turn_ = now_;
    if (response.status != 200) {
        return fail(ErrorKind::Remote, fmt::format("{}: HTTP {} {}", name, response.status, response.body));
    }
    return std::move(response.body);
}

Result<std::string> VirtualEcs::ecs(std::string_view operation, std::string body) {
    return set_stage(operation, json_request("AmazonEC2ContainerServiceV20141113", operation, std::move(body)));
}

Result<std::string> VirtualEcs::autoscaling(std::string_view operation, std::string body) {
    return set_stage(operation, json_request("AnyScaleFrontendService", operation, std::move(body)));
}

Result<std::string> VirtualEcs::cloudwatch(std::string_view operation, std::string body) {
    return set_stage(operation, json_request("GraniteServiceVersion20100801", operation, std::move(body)));
}

Result<std::string> VirtualEcs::elb(const std::string& form) {
    return set_stage(form, {"POST", "/", {}, form + "&Version=2015-12-01"});
}

} // namespace ecsr::local
