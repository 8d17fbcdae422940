#include "cli/service_place.hpp"

#include "base/text.hpp"

#include <fmt/format.h>

namespace ecsr::cli {

Result<ServiceArn> parse_service_arn(const std::string& text) {
    const auto parts = split(text, ':');
    const auto names = parts.size() == 6 ? split(parts[5], '/') : std::vector<std::string>();
    const bool good = (names.size() == 2 || names.size() == 3) && parts[0] == "arn" && parts[2] == "ecs" &&
                      !parts[3].empty() && !parts[4].empty() && names[0] == "service" && !names[1].empty() &&
                      !names.back().empty();
    if (!good) {
        return fail(ErrorKind::Usage, fmt::format("--service: \"{}\" is not the ARN of a service: "
                                                  "arn:aws:ecs:REGION:ACCOUNT:service/CLUSTER/SERVICE",
                                                  text));
    }
    return ServiceArn{.partition = parts[1],
                      .region = parts[3],
                      .account = parts[4],
                      .cluster = names.size() == 3 ? names[1] : "",
                      .service = names.back()};
}

Result<ServicePlace> service_place(const Invocation& invocation) {
    const std::string service = invocation.text("service");
    const std::string cluster = invocation.text("cluster");
    if (!service.starts_with("arn:")) { return ServicePlace{cluster, service}; }
    const auto arn = parse_service_arn(service);
    if (!arn) { return std::unexpected(arn.error()); }
    const std::string own = arn->cluster.empty() ? std::string(short_id(cluster)) : arn->cluster;
    const std::string full = fmt::format("arn:{}:ecs:{}:{}:cluster/{}", arn->partition, arn->region, arn->account, own);
    if (invocation.has("cluster") && cluster != own && cluster != full) {
        return fail(ErrorKind::Usage, fmt::format("--service names a service of cluster \"{}\", --cluster says \"{}\"; "
                                                  "leave out --cluster or make them agree",
                                                  cluster.starts_with("arn:") ? full : own, cluster));
    }
    return ServicePlace{full, arn->service};
}

} // namespace ecsr::cli
