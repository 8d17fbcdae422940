#include "local/balancer/haproxy_balancer.hpp"

#include "base/log.hpp"
#include "local/balancer/group_proxy.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fmt/core.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace ecsr::local {

namespace {

// "ecs-recycler-<pid>-<hex>": the next process runtime in the same place removes it when this process was killed.
Result<std::filesystem::path> make_folder(const std::filesystem::path& parent) {
    constexpr mode_t for_its_owner = 0700;
    for (unsigned n = 0xba0;; ++n) {
        auto folder = parent / fmt::format("ecs-recycler-{}-{:x}", getpid(), n);
        if (mkdir(folder.c_str(), for_its_owner) == 0) { return folder; }
        if (errno == EEXIST) { continue; }
        return fail(ErrorKind::Io,
                    fmt::format("cannot make a folder for HAProxy in {}: {}", parent.string(), std::strerror(errno)));
    }
}

} // namespace

Result<std::unique_ptr<HaproxyBalancer>> HaproxyBalancer::create(HaproxyOptions options) {
    std::error_code problem;
    const auto parent = options.directory.empty() ? std::filesystem::temp_directory_path(problem) : options.directory;
    if (problem) {
        return fail(ErrorKind::Io, fmt::format("no place for the folder of HAProxy: {}", problem.message()));
    }
    auto folder = make_folder(parent);
    if (!folder) { return std::unexpected(folder.error()); }
    return std::unique_ptr<HaproxyBalancer>(new HaproxyBalancer(std::move(options), std::move(*folder)));
}

HaproxyBalancer::HaproxyBalancer(HaproxyOptions options, std::filesystem::path directory)
    : options_(std::move(options)), directory_(std::move(directory)) {}

HaproxyBalancer::~HaproxyBalancer() {
    proxies_.clear();
    std::error_code problem;
    std::filesystem::remove_all(directory_, problem);
    if (problem) {
        log(LogLevel::Warning, fmt::format("cannot remove {}: {}", directory_.string(), problem.message()));
    }
}

HaproxyBalancer::Socket::~Socket() {
    if (descriptor_ >= 0) { close(descriptor_); }
}

void HaproxyBalancer::bind_listener(const Listener& listener) {
    auto socket =
        options_.listen(static_cast<std::uint16_t>(listener.bound_port != 0 ? listener.bound_port : listener.port));
    if (!socket) {
        log(LogLevel::Info, fmt::format("{}; using a free port instead", socket.error().message),
            {{"listener", listener.arn}});
        socket = options_.listen(0);
    }
    if (!socket) {
        log(LogLevel::Error, socket.error().message, {{"listener", listener.arn}});
        return;
    }
    listeners_.emplace(listener.arn, BoundListener{.socket = Socket(socket->first),
                                                   .asked_port = listener.port,
                                                   .bound_port = socket->second,
                                                   .target_group_arn = listener.target_group_arn});
}

void HaproxyBalancer::apply(const std::vector<Listener>& listeners, const std::vector<TargetGroup>& groups,
                            Instant now) {
    const auto find = [](const auto& all, const std::string& arn) {
        return std::ranges::find_if(all, [&arn](const auto& one) { return one.arn == arn; });
    };
    std::map<std::string, BoundListener> unwanted;
    for (auto bound = listeners_.begin(); bound != listeners_.end();) {
        const auto wanted = find(listeners, bound->first);
        const bool stays = wanted != listeners.end() && wanted->port == bound->second.asked_port;
        auto next = std::next(bound);
        if (!stays) { unwanted.insert(listeners_.extract(bound)); }
        bound = next;
    }
    std::map<std::string, std::vector<int>> listening; // by target group
    for (const auto& listener : listeners) {
        if (find(groups, listener.target_group_arn) == groups.end()) { continue; }
        if (!listeners_.contains(listener.arn)) { bind_listener(listener); }
        const auto bound = listeners_.find(listener.arn);
        if (bound == listeners_.end()) { continue; }
        bound->second.target_group_arn = listener.target_group_arn;
        listening[listener.target_group_arn].push_back(bound->second.socket.descriptor());
    }
    std::erase_if(proxies_, [&](const auto& proxy) { return !listening.contains(proxy.first); });
    for (auto& [arn, descriptors] : listening) {
        std::ranges::sort(descriptors);
        auto& proxy = proxies_[arn];
        if (!proxy) {
            proxy =
                std::make_unique<GroupProxy>(arn, HaproxyProcess::Options{.program = options_.program,
                                                                          .directory = directory_,
                                                                          .name = fmt::format("g{}", ++proxies_made_),
                                                                          .exchange = options_.exchange});
        }
        proxy->apply(*find(groups, arn), descriptors, now);
    }
}

std::vector<Event> HaproxyBalancer::take_events(Instant now) {
    std::vector<Event> events;
    for (auto& [arn, proxy] : proxies_) { proxy->poll(now, events); }
    for (auto& [arn, listener] : listeners_) {
        const auto proxy = proxies_.find(listener.target_group_arn);
        if (listener.reported || proxy == proxies_.end() || !proxy->second->serving()) { continue; }
        listener.reported = true;
        events.push_back(ListenerBound{.listener_arn = arn, .bound_port = listener.bound_port});
    }
    return events;
}

Instant HaproxyBalancer::next_event_at() {
    auto next = Instant::max();
    for (const auto& [arn, proxy] : proxies_) { next = std::min(next, proxy->next_poll_at()); }
    return next;
}

} // namespace ecsr::local
