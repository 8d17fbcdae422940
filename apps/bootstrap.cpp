// bootstrap: the AWS Lambda function, on Lambda's OS-only runtime.
#include "base/log.hpp"
#include "base/random.hpp"
#include "lambda/loop.hpp"
#include "net/curl_mail.hpp"
#include "net/curl_transport.hpp"
#include "net/system_clock.hpp"
#include "signals.hpp"

#include <cstdlib>
#include <iostream>

int main() {
    using namespace ecsr;
    configure_log(LogLevel::Info, LogFormat::Json);
    const apps::Signals signals;
    auto environment = aws::system_environment();
    const auto transport =
        CurlTransport::create({.ca_bundle = environment.non_empty("AWS_CA_BUNDLE").value_or(""), .verify_tls = true});
    if (!transport) {
        log(LogLevel::Error, transport.error().message);
        return 1;
    }
    SystemClock clock;
    CurlMail mail;
    lambda::LoopParts parts{.transport = **transport,
                            .mail = mail,
                            .clock = clock,
                            .environment = std::move(environment),
                            .seed = seed_from_system(),
                            .set_variable = [](const std::string& name,
                                               const std::string& value) { setenv(name.c_str(), value.c_str(), 1); },
                            .print = [](const std::string& line) { std::cout << line << std::endl; }};
    return lambda::run_loop(std::move(parts), signals.end_in_order());
}
