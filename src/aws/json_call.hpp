// One typed call of an AWS JSON service. Internal to aws/, for .cpp files.
#pragma once

#include "aws/call.hpp"
#include "aws/operation.hpp"
#include "base/json_mapper.hpp"

#include <stop_token>
#include <string>
#include <utility>

namespace ecsr::aws {

// Errors: those of Caller, and Remote when the answer cannot be read.
template <class Policy, class Request, class Answer>
Result<Answer> call_json(Caller& caller, const ServiceInfo& service, const Operation<Request, Answer>& operation,
                         const Request& request, const std::stop_token& stop) {
    auto body = caller.call({.service = &service,
                             .operation = operation.name,
                             .body = json::to_json<Policy>(request),
                             .repeat = operation.repeat},
                            stop);
    if (!body) { return std::unexpected(std::move(body).error()); }
    auto answer = json::from_json<Policy, Answer>(*body);
    if (!answer) { return std::unexpected(std::move(answer).error().with_context(service.id + " " + operation.name)); }
    return answer;
}

} // namespace ecsr::aws
