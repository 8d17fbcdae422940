// One AWS call through the real parts, for the contract tests:
//   aws_call SERVICE OPERATION BODY [--profile P] [--region R] [--endpoint-url U] [--role-arn A] [--external-id E]
// Prints the credentials' origin and the answer's body; an error goes to standard error as "KIND: MESSAGE", exit
// code 1.
#include "aws/session.hpp"
#include "net/curl_transport.hpp"
#include "net/system_clock.hpp"

#include <iostream>
#include <map>
#include <string>
#include <string_view>

namespace {

using namespace ecsr;

const std::map<std::string_view, aws::ServiceInfo> services{
    {"ecs", {"ecs", "ecs", "ECS", "ecs", aws::Protocol::Json11, "AmazonEC2ContainerServiceV20141113", ""}},
    {"sts", {"sts", "sts", "STS", "sts", aws::Protocol::Query, "", "2011-06-15"}},
};

int report(const Error& error) {
    std::cerr << to_string(error.kind) << ": " << error.message << "\n";
    return 1;
}

bool read_flag(aws::SessionOptions& options, std::string_view name, const char* value) {
    if (name == "--profile") {
        options.profile = value;
    } else if (name == "--region") {
        options.region = value;
    } else if (name == "--endpoint-url") {
        options.endpoint_url = value;
    } else if (name == "--role-arn") {
        options.role_arn = value;
    } else if (name == "--external-id") {
        options.external_id = value;
    } else {
        return false;
    }
    return true;
}

int run(const aws::ServiceCall& call, const aws::SessionOptions& options) {
    SystemClock clock;
    const auto environment = aws::system_environment();
    auto transport =
        CurlTransport::create({.ca_bundle = environment.non_empty("AWS_CA_BUNDLE").value_or(""), .verify_tls = true});
    if (!transport) { return report(transport.error()); }
    auto session = aws::Session::create(**transport, clock, Random(seed_from_system()), environment, options);
    if (!session) { return report(session.error()); }
    const auto origin = (*session)->find_credentials({});
    if (!origin) { return report(origin.error()); }
    const auto body = (*session)->call(call, {});
    if (!body) { return report(body.error()); }
    std::cout << *origin << "\n" << *body << "\n";
    return 0;
}

} // namespace

int main(int argc, char** argv) {
    if (argc < 4 || argc % 2 != 0 || !services.contains(argv[1])) {
        std::cerr << "usage: aws_call ecs|sts OPERATION BODY [--flag value]...\n";
        return 2;
    }
    aws::SessionOptions options;
    for (int i = 4; i < argc; i += 2) {
        if (!read_flag(options, argv[i], argv[i + 1])) { return 2; }
    }
    return run({&services.at(argv[1]), argv[2], argv[3], aws::Repeat::Safe}, options);
}
