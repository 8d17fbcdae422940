#include "tests/simulation/virtual_world.hpp"

#include <stdexcept>
#include <utility>

namespace ecsr::simulation {

namespace {

std::string body_of(Result<std::string> answer) {
    if (!answer) { throw std::runtime_error(answer.error().message); }
    return std::move(*answer);
}

} // namespace

VirtualWorld::VirtualWorld(const local::VirtualEcsOptions& options) : VirtualEcs(options) {
    watch([this](Instant now) {
        if (now >= end_) { throw OutOfTime{}; }
    });
}

std::string VirtualWorld::ecs(const std::string& operation, const std::string& body) {
    return body_of(VirtualEcs::ecs(operation, body));
}

std::string VirtualWorld::scaling(const std::string& operation, const std::string& body) {
    return body_of(VirtualEcs::autoscaling(operation, body));
}

std::string VirtualWorld::elb(const std::string& form) {
    return body_of(VirtualEcs::elb(form));
}

void VirtualWorld::alarm(const std::string& operation, const std::string& members) {
    const HttpResponse response = handle({"POST",
                                          "/",
                                          {{"X-Amz-Target", "GraniteServiceVersion20100801." + operation},
                                           {"Content-Type", "application/x-amz-json-1.0"}},
                                          R"({"AlarmName":"errors",)" + members + "}"});
    if (response.status != 200) { throw std::runtime_error(operation + ": " + response.body); }
}

const local::Service* VirtualWorld::service() const {
    const auto found = state().services.find({"c", "s"});
    return found == state().services.end() ? nullptr : &found->second;
}

} // namespace ecsr::simulation
