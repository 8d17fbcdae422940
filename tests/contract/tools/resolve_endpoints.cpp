// Resolves endpoints for endpoints_test.py: a JSON array of cases on standard input, of URLs or errors on standard
// output.
#include "aws/endpoints.hpp"

#include <boost/json.hpp>
#include <iostream>
#include <iterator>
#include <map>
#include <optional>
#include <string>

namespace {

namespace json = boost::json;
using namespace ecsr::aws;

std::string text(const json::object& from, const char* key) {
    return json::value_to<std::string>(from.at(key));
}

std::string resolve(const json::object& input) {
    Environment environment = empty_environment();
    const auto variables = json::value_to<std::map<std::string, std::string>>(input.at("environment"));
    environment.get = [variables](const std::string& name) -> std::optional<std::string> {
        const auto found = variables.find(name);
        return found != variables.end() ? std::optional(found->second) : std::nullopt;
    };
    environment.read_file = [config = text(input, "config")](const std::string&) { return config; };
    const ServiceInfo service{text(input, "host"),
                              text(input, "host"),
                              text(input, "env"),
                              text(input, "config_key"),
                              Protocol::Json11,
                              "",
                              ""};
    const auto config = load_shared_config(environment);
    if (!config) { return "error: " + config.error().message; }
    const auto endpoints =
        Endpoints::create(std::nullopt, text(input, "region"), environment, *config, config->profile("default"));
    if (!endpoints) { return "error: " + endpoints.error().message; }
    const auto url = endpoints->url_of(service);
    return url ? *url : "error: " + url.error().message;
}

} // namespace

int main() {
    const std::string input(std::istreambuf_iterator<char>(std::cin), {});
    const json::value cases = json::parse(input);
    json::array answers;
    for (const auto& item : cases.as_array()) { answers.push_back(json::value(resolve(item.as_object()))); }
    std::cout << json::serialize(answers) << "\n";
}
