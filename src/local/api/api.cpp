#include "local/api/api.hpp"

#include "base/text.hpp"
#include "local/api/call.hpp"
#include "local/api/cbor.hpp"
#include "local/api/gzip.hpp"
#include "local/api/pages.hpp"
#include "local/api/router.hpp"
#include "local/api/signature.hpp"
#include "local/api/xml.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <fmt/format.h>
#include <utility>

namespace ecsr::local {

using namespace wire;

namespace {

constexpr std::size_t usual_values_size = 16'384; // bytes, of a request and its answer as JSON values

const char* content_type(Wire wire) {
    switch (wire) {
    case Wire::Json11: return "application/x-amz-json-1.1";
    case Wire::Json10: return "application/x-amz-json-1.0";
    case Wire::Query: return "text/xml";
    case Wire::Cbor: return "application/cbor";
    }
    return "";
}

HttpResponse respond(const Route& route, int status, std::string body, const std::string& request_id) {
    HttpHeaders headers{{"x-amzn-RequestId", request_id}, {"Content-Type", content_type(route.wire)}};
    if (route.wire == Wire::Cbor) { headers.emplace_back("smithy-protocol", "rpc-v2-cbor"); }
    return {status, std::move(headers), std::move(body)};
}

// ECS behaviour A3, A5 and A6.
HttpResponse respond_error(const HttpRequest& request, const Route& route, const ApiError& error,
                           const std::string& request_id) {
    if (route.wire == Wire::Query) {
        const auto xml_namespace = route.service == nullptr ? "" : route.service->xml_namespace;
        return respond(route, error.http_status, xml_error(error, xml_namespace, request_id), request_id);
    }
    json::object body;
    body["__type"] = error.code;
    body["message"] = error.message;
    HttpResponse response =
        respond(route, error.http_status, route.wire == Wire::Cbor ? to_cbor(body) : to_text(body), request_id);
    response.headers.emplace_back("x-amzn-ErrorType", error.code);
    if (route.service != nullptr && route.service->query_compatible &&
        find_header(request.headers, "x-amzn-query-mode") == "true") {
        const char* fault = error.http_status < 500 ? "Sender" : "Receiver";
        response.headers.emplace_back("x-amzn-query-error", fmt::format("{};{}", error.code, fault));
    }
    return response;
}

// What is wrong with a request that has no operation here.
ApiError no_operation(const Route& route) {
    if (route.wire == Wire::Query) {
        if (route.service == nullptr && route.operation_name.empty()) {
            return {"UnrecognizedClientException",
                    "The request tells no service: it has no Authorization header, no X-Amz-Target and no Action.",
                    403};
        }
        if (route.service == nullptr) {
            return {"InvalidAction",
                    fmt::format("The action {} is not valid for this web service.", route.operation_name), 400};
        }
        return {"InvalidAction", route.refusal, 400};
    }
    if (route.service == nullptr) { return {"UnknownOperationException", "", 404}; }
    const auto& unsupported = route.service->unsupported;
    const auto known = std::ranges::find(unsupported, route.operation_name, &UnsupportedOperation::name);
    if (known != unsupported.end()) {
        return {"UnsupportedFeatureException",
                fmt::format("The local ECS does not support {}: {}.", known->name, known->reason), 400};
    }
    return {"UnknownOperationException", "", 404};
}

ApiResult<json::object> parse_text(const std::string& text, Wire wire, const json::storage_ptr& storage) {
    if (trim(text).empty()) { return json::object(); }
    if (wire == Wire::Cbor) {
        auto body = parse_cbor(text);
        if (!body) { return api_fail("SerializationException", "The body is no CBOR map."); }
        return std::move(*body);
    }
    json::error_code error;
    json::value body = json::parse(text, error, storage);
    if (error || !body.is_object()) {
        return api_fail("SerializationException", error ? fmt::format("The body is not JSON: {}", error.message())
                                                        : "The body is no JSON object.");
    }
    return std::move(body.get_object());
}

ApiResult<json::object> parse_body(const HttpRequest& request, const Route& route, const json::storage_ptr& storage) {
    json::error_code error;
    if (route.wire == Wire::Query) {
        // Decoded bytes may be anything; what is kept must be text that JSON can hold.
        json::parse(json::serialize(route.form), error);
        if (error) { return api_fail("MalformedInput", "The parameters are not UTF-8 text."); }
        return route.form;
    }
    const auto text = plain_body(request);
    if (!text) { return api_fail("SerializationException", "The body is not gzip data, or more than 4 MiB."); }
    return parse_text(*text, route.wire, storage);
}

std::string write_result(const Route& route, json::object&& result, const std::string& request_id) {
    if (route.wire == Wire::Cbor) { return to_cbor(result); }
    if (route.wire != Wire::Query) { return to_text(json::value(std::move(result))); } // a copy costs half of an answer
    return xml_result(route.operation_name, route.service->xml_namespace, result, request_id);
}

ApiResult<json::object> run(const Route& route, Call& call, const json::object& body) {
    Problems problems{route.wire, route.service->validation_code, {}};
    Input input(body, problems);
    auto result = route.operation->handler(call, input);
    ECSR_ASSERT(!result || input.good()); // the handler must have asked before it changed anything
    return result;
}

// SNS writes these two into its letters: whoever got one visits it, without credentials.
bool is_link(const HttpRequest& request, const Route& route) {
    const std::string_view name = route.operation == nullptr ? "" : route.operation->name;
    return request.method == "GET" && route.service->signing_name == "sns" &&
           (name == "ConfirmSubscription" || name == "Unsubscribe");
}

} // namespace

std::optional<Asked> Api::asked(const HttpRequest& request) {
    const Route route = wire::route(request);
    if (route.operation == nullptr) { return std::nullopt; }
    return Asked{route.service->signing_name, route.operation->name, !route.service->query_version.empty(),
                 route.operation->change == Change::Nothing};
}

Named Api::named(const HttpRequest& request) {
    const Route route = wire::route(request);
    return {route.service == nullptr ? credential_scope(request.headers).service
                                     : std::string(route.service->signing_name),
            route.operation_name};
}

std::vector<std::string_view> Api::operations() {
    std::vector<std::string_view> names;
    for (const auto& service : services()) {
        for (const auto& group : service.operations) {
            for (const auto& operation : group) { names.push_back(operation.name); }
        }
    }
    return names;
}

HttpResponse Api::refusal(const HttpRequest& request, const ApiError& error) {
    return respond_error(request, wire::route(request), error, new_uuid(made_up_));
}

Answer Api::handle(const HttpRequest& request, State& state, Instant now) {
    if (auto page = own_page(request, state, task_memory_)) { return {std::move(*page), Change::Nothing}; }
    const std::string request_id = new_uuid(made_up_);
    const Route route = wire::route(request);
    const auto refuse = [&](const ApiError& error) {
        return Answer{respond_error(request, route, error, request_id), Change::Nothing};
    };
    if (route.operation == nullptr) { return refuse(no_operation(route)); }
    if (signatures_ != Signatures::Ignored && !is_link(request, route)) {
        const auto age = signatures_ == Signatures::Checked ? std::optional(now) : std::nullopt;
        const auto problem = signature_problem(request, {route.wire, route.service->signing_name, age}, keys_);
        if (problem) { return refuse(*problem); }
    }
    std::array<unsigned char, usual_values_size> place;
    json::monotonic_resource values(place.data(), place.size()); // goes after all that lies in it
    const auto body = parse_body(request, route, &values);
    if (!body) { return refuse(body.error()); }
    Call call{state, now, route.wire, made_up_, keys_, metrics_, credential_scope(request.headers).access_key, &values};
    auto result = run(route, call, *body);
    if (!result) { return refuse(result.error()); }
    std::string text = write_result(route, std::move(*result), request_id);
    return {respond(route, 200, std::move(text), request_id), route.operation->change};
}

} // namespace ecsr::local
