#include "base/http.hpp"

#include "base/text.hpp"

namespace ecsr {

std::string_view find_header(const HttpHeaders& headers, std::string_view name) {
    for (const auto& [key, value] : headers) {
        if (equals_ignoring_case(key, name)) { return value; }
    }
    return {};
}

} // namespace ecsr
