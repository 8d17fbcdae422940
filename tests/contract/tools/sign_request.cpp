// Signs requests for sigv4_test.py: a JSON array of cases on standard input, the signed headers of each on standard
// output.
#include "aws/signing.hpp"
#include "base/time.hpp"

#include <boost/json.hpp>
#include <iostream>
#include <iterator>
#include <string>

namespace {

namespace json = boost::json;

std::string text(const json::object& from, const char* key) {
    return json::value_to<std::string>(from.at(key));
}

std::string from_hex(const std::string& hex) {
    std::string bytes;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
        bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
    }
    return bytes;
}

json::array sign_case(const json::object& input) {
    ecsr::HttpRequest request;
    request.method = text(input, "method");
    request.url = text(input, "url");
    request.body = from_hex(text(input, "body_hex"));
    for (const auto& header : input.at("headers").as_array()) {
        request.headers.emplace_back(json::value_to<std::string>(header.at(0)),
                                     json::value_to<std::string>(header.at(1)));
    }
    const ecsr::aws::SigningKey key{text(input, "access_key"), text(input, "secret_key"), text(input, "token")};
    const ecsr::aws::SigningScope scope{text(input, "region"), text(input, "service"), input.at("s3").as_bool()};
    ecsr::aws::sign(request, key, scope, ecsr::parse_rfc3339(text(input, "now")).value());

    json::array headers;
    for (const auto& [name, value] : request.headers) { headers.push_back(json::array{name, value}); }
    return headers;
}

} // namespace

int main() {
    const std::string input(std::istreambuf_iterator<char>(std::cin), {});
    const json::value cases = json::parse(input);
    json::array answers;
    for (const auto& item : cases.as_array()) { answers.push_back(sign_case(item.as_object())); }
    std::cout << json::serialize(answers) << "\n";
}
