#include "local/scheduler/announcements.hpp"

namespace ecsr::local {

namespace {

bool nobody_listens(const State& state) {
    return state.rules.by_name.empty();
}

} // namespace

void announce(State& state, const Task& task, Instant now) {
    if (nobody_listens(state)) { return; }
    state.rules.announced.push_back({now, TaskChange{task}});
}

void announce(State& state, const Service& service, const char* type, const char* name, const std::string& reason,
              Instant now) {
    if (nobody_listens(state)) { return; }
    state.rules.announced.push_back({now, ServiceAction{service.cluster, service.name, type, name, reason}});
}

void announce(State& state, const Service& service, const Deployment& deployment, const char* type, const char* name,
              const std::string& reason, Instant now) {
    if (nobody_listens(state)) { return; }
    state.rules.announced.push_back(
        {now, DeploymentChange{service.cluster, service.name, deployment.id, type, name, reason}});
}

} // namespace ecsr::local
