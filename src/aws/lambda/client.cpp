#include "aws/lambda/client.hpp"

#include "base/text.hpp"

namespace ecsr::aws::lambda {

namespace {

const ServiceInfo service_info{.id = "lambda",
                               .endpoint_host = "lambda",
                               .endpoint_env = "LAMBDA",
                               .config_key = "lambda",
                               .protocol = Protocol::RestJson,
                               .target_prefix = "",
                               .api_version = ""};

} // namespace

Status Client::invoke_async(const std::string& function, const std::string& event, const std::stop_token& stop) {
    const auto answer = caller_->call({.service = &service_info,
                                       .operation = "Invoke",
                                       .body = event,
                                       .repeat = Repeat::Safe,
                                       .path = "/2015-03-31/functions/" + percent_encode(function) + "/invocations",
                                       .headers = {{"X-Amz-Invocation-Type", "Event"}}},
                                      stop);
    if (!answer) { return std::unexpected(answer.error()); }
    return {};
}

} // namespace ecsr::aws::lambda
