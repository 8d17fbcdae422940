#include "net/curl_setup.hpp"

#include "base/error.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <curl/curl.h>
#include <mutex>
#include <unistd.h>

namespace ecsr {

namespace {

constexpr std::array<const char*, 2> system_ca_bundles{
    "/etc/ssl/certs/ca-certificates.crt", // Debian, Alpine
    "/etc/pki/tls/certs/ca-bundle.crt",   // Amazon Linux, Red Hat
};

} // namespace

// Before the first transfer and not at the start of the program: it takes 5 MB of memory for the TLS libraries, which a
// container of the local ECS that sends nothing shall not be charged for.
void initialise_curl() {
    static std::once_flag initialised;
    std::call_once(initialised, [] { ECSR_ASSERT(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK); });
}

std::string find_system_ca_bundle() {
    for (const char* path : system_ca_bundles) {
        if (access(path, R_OK) == 0) { return path; }
    }
    return "";
}

std::optional<int> drive_curl(void* multi, const std::stop_token& stop) {
    const std::stop_callback wake(stop, [multi] { curl_multi_wakeup(multi); });
    int running = 1;
    while (!stop.stop_requested()) {
        ECSR_ASSERT(curl_multi_perform(multi, &running) == CURLM_OK);
        if (running == 0) {
            int left = 0;
            const CURLMsg* message = curl_multi_info_read(multi, &left);
            ECSR_ASSERT(message != nullptr && message->msg == CURLMSG_DONE);
            return message->data.result;
        }
        ECSR_ASSERT(curl_multi_poll(multi, nullptr, 0, 1000, nullptr) == CURLM_OK);
    }
    return std::nullopt;
}

std::string one_line(std::string_view text) {
    std::string line(trim(text));
    std::ranges::replace_if(line, [](char c) { return c == '\n' || c == '\r'; }, ' ');
    return line;
}

} // namespace ecsr
