// bootstrap: the AWS Lambda function, on Lambda's OS-only runtime.
#include "base/log.hpp"
#include "base/random.hpp"
#include "lambda/loop.hpp"
#include "net/curl_mail.hpp"
#include "net/curl_transport.hpp"
#include "net/system_clock.hpp"
#include "signals.hpp"

#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <nss.h>
#include <openssl/crypto.h>

namespace {

// The package holds time zones, which Lambda's OS-only runtime lacks.
void use_time_zones_of_package() {
    const char* folder = std::getenv("LAMBDA_TASK_ROOT");
    if (folder == nullptr) { return; }
    const auto zones = std::filesystem::path(folder) / "zoneinfo";
    std::error_code problem;
    if (std::filesystem::is_directory(zones, problem)) { setenv("TZDIR", zones.c_str(), 0); }
}

// A static program's OpenSSL would look for the settings where the machine that built it has them.
void read_no_settings_of_openssl() {
    if (std::getenv("OPENSSL_CONF") != nullptr) { return; }
    OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr);
}

} // namespace

int main() {
    using namespace ecsr;
    configure_log(LogLevel::Info, LogFormat::Json);
    use_time_zones_of_package();
    read_no_settings_of_openssl();
    // Modules of another C library, which its nsswitch.conf may name, must not be loaded into a static program.
    __nss_configure_lookup("hosts", "files dns");
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
