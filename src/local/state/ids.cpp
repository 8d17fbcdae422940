#include "local/state/ids.hpp"

#include "base/text.hpp"

#include <fmt/format.h>
#include <initializer_list>
#include <utility>

namespace ecsr::local {

namespace {

// They are asked for all the time: put together without reading a format.
std::string ecs_arn(const Identity& identity, std::initializer_list<std::string_view> resource) {
    constexpr std::size_t usual_length = 160;
    std::string arn;
    arn.reserve(usual_length);
    arn += "arn:aws:ecs:";
    arn += identity.region;
    arn += ':';
    arn += identity.account_id;
    for (char before = ':'; const std::string_view part : resource) {
        arn += std::exchange(before, '/');
        arn += part;
    }
    return arn;
}

} // namespace

std::string cluster_arn(const Identity& identity, std::string_view cluster) {
    return ecs_arn(identity, {"cluster", cluster});
}

std::string service_arn(const Identity& identity, std::string_view cluster, std::string_view service) {
    return ecs_arn(identity, {"service", cluster, service});
}

std::string task_arn(const Identity& identity, std::string_view cluster, std::string_view task_id) {
    return ecs_arn(identity, {"task", cluster, task_id});
}

std::string container_arn(const Identity& identity, std::string_view cluster, std::string_view task_id,
                          std::string_view uuid) {
    return ecs_arn(identity, {"container", cluster, task_id, uuid});
}

std::string task_definition_arn(const Identity& identity, std::string_view family, int revision) {
    return ecs_arn(identity, {"task-definition", fmt::format("{}:{}", family, revision)});
}

std::string container_instance_arn(const Identity& identity, std::string_view cluster, std::string_view id) {
    return ecs_arn(identity, {"container-instance", cluster, id});
}

std::string service_deployment_arn(const Identity& identity, std::string_view cluster, std::string_view service,
                                   std::string_view id) {
    return ecs_arn(identity, {"service-deployment", cluster, service, id});
}

std::string service_revision_arn(const Identity& identity, std::string_view cluster, std::string_view service,
                                 std::string_view deployment_id) {
    return ecs_arn(identity, {"service-revision", cluster, service, short_id(deployment_id)});
}

std::string instance_id(std::string_view container_instance_id) {
    return fmt::format("i-{}", container_instance_id.substr(0, 17));
}

std::string new_uuid(Random& random) {
    static constexpr char variants[] = "89ab";
    const char variant = variants[random.between(0, 3)];
    // Drawn one by one: the order of evaluation of function arguments is not defined, and a seed must replay.
    const std::string a = random.hex(8), b = random.hex(4), c = random.hex(3), d = random.hex(3), e = random.hex(12);
    return fmt::format("{}-{}-4{}-{}{}-{}", a, b, c, variant, d, e);
}

std::string new_deployment_id(Random& random) {
    return fmt::format("ecs-svc/{}", random.between(1'000'000'000'000'000'000, 9'199'999'999'999'999'999));
}

std::string new_service_deployment_id(Random& random) {
    static constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    constexpr int length = 21;
    std::string id;
    for (int i = 0; i < length; ++i) { id += letters[static_cast<std::size_t>(random.between(0, 63))]; }
    return id;
}

std::string network_address(std::uint64_t number) {
    constexpr std::uint64_t networks = 511; // 198.18.1.* to 198.19.255.*
    constexpr std::uint64_t hosts = 254;
    const std::uint64_t index = (number - 1) % (networks * hosts);
    const std::uint64_t network = 1 + index / hosts;
    return fmt::format("198.{}.{}.{}", 18 + network / 256, network % 256, 1 + index % hosts);
}

std::string loopback_address(std::uint64_t number) {
    constexpr std::uint64_t networks = 65'535; // 127.0.1.* to 127.255.255.*
    constexpr std::uint64_t hosts = 254;
    const std::uint64_t index = (number - 1) % (networks * hosts);
    const std::uint64_t network = 1 + index / hosts;
    return fmt::format("127.{}.{}.{}", network / 256, network % 256, 1 + index % hosts);
}

} // namespace ecsr::local
