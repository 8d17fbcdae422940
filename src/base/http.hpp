// HTTP messages as values; shared by the client port (Transport), the server port and their users.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ecsr {

// In the order in which they are sent. Names keep their spelling and compare without case.
using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

// The first value of the header, or an empty view.
std::string_view find_header(const HttpHeaders& headers, std::string_view name);

struct HttpRequest {
    std::string method = "GET";
    std::string url; // client side: absolute "http://host:port/path?query". Server side: the target, "/path?query"
    HttpHeaders headers;
    std::string body;
};

struct HttpResponse {
    int status = 0;
    HttpHeaders headers;
    std::string body;
};

} // namespace ecsr
