#include "aws/ecs/client.hpp"
#include "base/text.hpp"
#include "observe/parts.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <string_view>

namespace ecsr::observe {

namespace {

constexpr std::size_t names_told = 5;

std::vector<std::string> short_names(const std::vector<std::string>& arns) {
    std::vector<std::string> names;
    names.reserve(arns.size());
    for (const std::string& arn : arns) { names.emplace_back(short_id(arn)); }
    return names;
}

// What the user may have meant: "; did you mean "web"?", or the names there are when they are few.
std::string suggestion(const std::string& wanted, const std::vector<std::string>& names) {
    if (const std::string near = nearest(short_id(wanted), names); !near.empty()) {
        return fmt::format("; did you mean \"{}\"?", near);
    }
    if (names.empty()) { return "; there are none"; }
    return names.size() > names_told ? "" : fmt::format("; there are: {}", join(names, ", "));
}

std::string place(const Reading& reading) {
    const std::string region = reading.caller.region();
    return region.empty() ? "" : " in " + region;
}

} // namespace

Error cluster_not_found(const Reading& reading) {
    const auto clusters = aws::ecs::Client(reading.caller).list_clusters({}, reading.stop);
    return {.kind = ErrorKind::NotFound,
            .message = fmt::format("cluster \"{}\" does not exist{}{}", reading.cluster, place(reading),
                                   clusters ? suggestion(reading.cluster, short_names(clusters->cluster_arns)) : ""),
            .code = "ClusterNotFoundException"};
}

Error service_not_found(const Reading& reading) {
    aws::ecs::ListServicesRequest request;
    request.cluster = reading.cluster;
    const auto services = aws::ecs::Client(reading.caller).list_services(request, reading.stop);
    return {.kind = ErrorKind::NotFound,
            .message = fmt::format("service \"{}\" does not exist in cluster \"{}\"{}{}", reading.service,
                                   reading.cluster, place(reading),
                                   services ? suggestion(reading.service, short_names(services->service_arns)) : ""),
            .code = "ServiceNotFoundException"};
}

bool is_cluster_not_found(const Error& error) {
    return error.code == "ClusterNotFoundException";
}

bool is_service_not_found(const Error& error) {
    return error.code == "ServiceNotFoundException";
}

bool is_access_denied(const Error& error) {
    static constexpr std::array<std::string_view, 4> codes{"AccessDeniedException", "AccessDenied",
                                                           "UnauthorizedOperation", "NotAuthorized"};
    return std::ranges::find(codes, error.code) != codes.end();
}

Error name_permission(Error error, const char* iam_action) {
    if (!is_access_denied(error)) { return error; }
    return std::move(error).with_context(std::string("missing permission ") + iam_action);
}

} // namespace ecsr::observe
