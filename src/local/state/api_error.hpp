// How a request to the local ECS fails: the code and message that AWS gives (ECS behaviour A3).
#pragma once

#include <expected>
#include <string>

namespace ecsr::local {

struct ApiError {
    std::string code;    // "ClusterNotFoundException"
    std::string message; // "Cluster not found."
    int http_status = 400;
};

template <typename T>
using ApiResult = std::expected<T, ApiError>;

inline std::unexpected<ApiError> api_fail(std::string code, std::string message, int http_status = 400) {
    return std::unexpected(ApiError{std::move(code), std::move(message), http_status});
}

} // namespace ecsr::local
