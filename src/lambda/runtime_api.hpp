// Lambda's Runtime API: where a custom runtime gets its invocations and leaves its answers (ECS behaviour I1).
#pragma once

#include "base/error.hpp"
#include "base/http.hpp"
#include "base/time.hpp"
#include "base/transport.hpp"

#include <stop_token>
#include <string>

namespace ecsr::lambda {

struct InvocationRequest {
    std::string request_id;
    std::string event; // as it came
    Instant deadline{};
    std::string function_arn;
    std::string trace_id;
};

// What an invocation or the initialisation failed of.
struct RuntimeError {
    std::string type;    // "Recycler.ServiceHeld"
    std::string message; // one line, without secrets
};

class RuntimeApi {
public:
    // `host`: "127.0.0.1:9001", as AWS_LAMBDA_RUNTIME_API says. `transport` must outlive it.
    RuntimeApi(Transport& transport, const std::string& host);

    // Waits, without limit, for the next invocation. Errors: those of Transport; Remote (the service answered 4xx or
    // 5xx, or without what an invocation needs).
    Result<InvocationRequest> next(std::stop_token stop);
    // Error Remote: not taken; says why ("413": the answer is over 6 MB).
    Status respond(const std::string& request_id, const std::string& answer, std::stop_token stop);
    Status fail_invocation(const std::string& request_id, const RuntimeError& error, std::stop_token stop);
    // The process must end after it.
    Status fail_initialisation(const RuntimeError& error, std::stop_token stop);

private:
    Status post(const std::string& path, std::string body, const std::string& error_type, std::stop_token stop);

    Transport& transport_;
    const std::string base_;
};

} // namespace ecsr::lambda
