#include "local/api/router.hpp"

#include "base/text.hpp"
#include "local/api/form.hpp"
#include "local/api/gzip.hpp"

#include <fmt/format.h>

namespace ecsr::local::wire {

namespace {

const ServiceTable* find_service(std::string_view ServiceTable::* member, std::string_view value) {
    if (value.empty()) { return nullptr; }
    for (const auto& service : services()) {
        if (service.*member == value) { return &service; }
    }
    return nullptr;
}

// "Action" alone tells when exactly one service has such an operation.
const ServiceTable* only_service_with(std::string_view action) {
    const ServiceTable* only = nullptr;
    for (const auto& service : services()) {
        if (service.query_version.empty() || service.find(action) == nullptr) { continue; }
        if (only != nullptr) { return nullptr; }
        only = &service;
    }
    return only;
}

Route route_json(const HttpRequest& request, std::string_view target) {
    Route route;
    const auto type = find_header(request.headers, "Content-Type");
    route.wire = type.find("x-amz-json-1.0") != std::string_view::npos ? Wire::Json10 : Wire::Json11;
    const auto dot = target.rfind('.');
    route.service = find_service(&ServiceTable::target_prefix, target.substr(0, dot));
    if (dot != std::string_view::npos) { route.operation_name = target.substr(dot + 1); }
    if (route.service != nullptr) { route.operation = route.service->find(route.operation_name); }
    return route;
}

std::string form_text(const json::object& form, std::string_view name) {
    const auto* member = form.if_contains(name);
    const auto* text = member == nullptr ? nullptr : member->if_string();
    return text == nullptr ? std::string() : std::string(text->data(), text->size());
}

Route route_query(const HttpRequest& request) {
    Route route;
    route.wire = Wire::Query;
    const auto question = request.url.find('?');
    const std::string_view in_url =
        question == std::string::npos ? std::string_view() : std::string_view(request.url).substr(question + 1);
    const std::string body = plain_body(request).value_or("");
    route.form = parse_form(body.empty() ? in_url : std::string_view(body));
    route.operation_name = form_text(route.form, "Action");
    const std::string version = form_text(route.form, "Version");
    route.service = find_service(&ServiceTable::signing_name, credential_scope(request.headers).service);
    if (route.service == nullptr || route.service->query_version.empty()) {
        route.service = find_service(&ServiceTable::query_version, version);
    }
    if (route.service == nullptr) { route.service = only_service_with(route.operation_name); }
    if (route.service == nullptr) { return route; }
    if (version.empty() || version == route.service->query_version) {
        route.operation = route.service->find(route.operation_name);
    }
    if (route.operation == nullptr) {
        route.refusal = fmt::format("Could not find operation {} for version {}", route.operation_name,
                                    version.empty() ? route.service->query_version : version);
    }
    return route;
}

// "/service/TARGET_PREFIX/operation/OPERATION" (ECS behaviour A5).
Route route_cbor(const HttpRequest& request) {
    Route route;
    route.wire = Wire::Cbor;
    const auto parts = split(request.url.substr(0, request.url.find('?')), '/');
    if (parts.size() != 5 || parts[1] != "service" || parts[3] != "operation") { return route; }
    route.service = find_service(&ServiceTable::target_prefix, parts[2]);
    route.operation_name = parts[4];
    if (route.service != nullptr && route.service->query_compatible) {
        route.operation = route.service->find(route.operation_name);
    }
    return route;
}

} // namespace

CredentialScope credential_scope(const HttpHeaders& headers) {
    static constexpr std::string_view key = "Credential=";
    const auto authorization = find_header(headers, "Authorization");
    const auto begin = authorization.find(key);
    if (begin == std::string_view::npos) { return {}; }
    const auto rest = authorization.substr(begin + key.size());
    const auto parts = split(trim(rest.substr(0, rest.find(','))), '/');
    if (parts.size() < 5) { return {}; }
    const auto n = parts.size();
    return {parts[0], parts[n - 3], parts[n - 2]};
}

Route route(const HttpRequest& request) {
    if (find_header(request.headers, "smithy-protocol") == "rpc-v2-cbor") { return route_cbor(request); }
    const auto target = find_header(request.headers, "X-Amz-Target");
    return target.empty() ? route_query(request) : route_json(request, target);
}

} // namespace ecsr::local::wire
