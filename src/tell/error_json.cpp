#include "tell/error_json.hpp"

#include "base/json_mapper.hpp"

namespace ecsr::tell {

struct ErrorFacts {
    std::string kind;
    std::string code;
    std::string message;
};
BOOST_DESCRIBE_STRUCT(ErrorFacts, (), (kind, code, message))

struct ErrorDocument {
    ErrorFacts error;
};
BOOST_DESCRIBE_STRUCT(ErrorDocument, (), (error))

std::string error_json(const Error& error) {
    return json::to_json<json::SnakeCase>(ErrorDocument{{to_string(error.kind), error.code, error.message}}, 2);
}

} // namespace ecsr::tell
