#include "local/faults/faults.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

namespace ecsr::local {

namespace {

// ECS behaviour A3: what the operations model, or the common error that any of them can raise.
ApiError server_error(const AskedApi& api) {
    if (api.service == "ecs") { return {"ServerException", "Service Unavailable. Please try again later.", 500}; }
    if (api.service == "application-autoscaling") { return {"InternalServiceException", "Internal failure.", 500}; }
    return {"InternalFailure", "The request processing has failed because of an unknown error.", 500};
}

ApiError unavailable() {
    return {"ServiceUnavailable", "The request has failed due to a temporary failure of the server.", 503};
}

} // namespace

ApiError throttled(const AskedApi& api) {
    return {api.speaks_query ? "Throttling" : "ThrottlingException", "Rate exceeded", 400};
}

std::string Faults::add(Fault fault) {
    faults_.push_back({fmt::format("f{}", ++added_), std::move(fault)});
    return faults_.back().id;
}

bool Faults::clear(std::string_view id) {
    return std::erase_if(faults_, [&](const ActiveFault& active) { return active.id == id; }) > 0;
}

bool Faults::hits(ActiveFault& active, std::string_view name) {
    if (!is_aimed_at(active.fault, name)) { return false; }
    const bool hit = random_.unit() < active.fault.share;
    active.hits += hit ? 1 : 0;
    return hit;
}

Harm Faults::draw(const AskedApi& api, std::string_view operation) {
    Harm harm;
    const auto refuse = [&harm](ApiError error) {
        if (!harm.refusal) { harm.refusal = std::move(error); }
    };
    for (auto& active : faults_) {
        if (active.fault.kind == FaultKind::StartFailure || !hits(active, operation)) { continue; }
        switch (active.fault.kind) {
        case FaultKind::Throttle: refuse(throttled(api)); break;
        case FaultKind::ServerError: refuse(server_error(api)); break;
        case FaultKind::Unavailable: refuse(unavailable()); break;
        case FaultKind::Latency: harm.latency += active.fault.latency; break;
        case FaultKind::LostAnswer: harm.loses_answer = true; break;
        case FaultKind::StartFailure: break;
        }
    }
    return harm;
}

std::optional<std::string> Faults::draw_start(std::string_view service) {
    for (auto& active : faults_) {
        if (active.fault.kind == FaultKind::StartFailure && hits(active, service)) {
            return fmt::format("CannotPullContainerError: Error response from daemon: fault {} of the local ECS",
                               active.id);
        }
    }
    return std::nullopt;
}

} // namespace ecsr::local
