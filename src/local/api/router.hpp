// Which service, operation and protocol a request is for. Included from .cpp files of local/api alone.
#pragma once

#include "base/http.hpp"
#include "local/api/call.hpp"

#include <string>
#include <string_view>

namespace ecsr::local::wire {

// "AKID/20261120/us-east-1/ecs/aws4_request" of an Authorization header; empty parts when there is none.
struct CredentialScope {
    std::string access_key, region, service;
};
CredentialScope credential_scope(const HttpHeaders& headers);

struct Route {
    Wire wire = Wire::Json11;
    const ServiceTable* service = nullptr; // null: nothing in the request tells
    const Operation* operation = nullptr;
    std::string operation_name;
    json::object form;   // Query: the parameters
    std::string refusal; // Query: why a known service has no such operation
};

Route route(const HttpRequest& request);

} // namespace ecsr::local::wire
