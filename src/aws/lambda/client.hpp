// AWS Lambda, typed, as far as a function needs it that goes on with its work in another invocation.
#pragma once

#include "aws/call.hpp"

#include <stop_token>
#include <string>

namespace ecsr::aws::lambda {

class Client {
public:
    explicit Client(Caller& caller) : caller_(&caller) {}

    // Asks Lambda to run the function later, once (invocation type Event): no answer but that it was taken.
    // `function`: name or ARN; `event`: a JSON document of 256 KB at the most.
    Status invoke_async(const std::string& function, const std::string& event, const std::stop_token& stop);

private:
    Caller* caller_;
};

} // namespace ecsr::aws::lambda
