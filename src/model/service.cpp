#include "model/service.hpp"

namespace ecsr {

const Deployment* primary_deployment(const Service& service) {
    for (const Deployment& deployment : service.deployments) {
        if (deployment.status == "PRIMARY") { return &deployment; }
    }
    return nullptr;
}

bool deployment_in_flight(const Service& service) {
    const Deployment* primary = primary_deployment(service);
    return service.deployments.size() > 1 || (primary != nullptr && primary->rollout_state == "IN_PROGRESS");
}

} // namespace ecsr
