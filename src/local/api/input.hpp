// Reads the members of a request, whichever protocol it came in.
//
// Reading never stops: what is wrong is noted in Problems, and a handler asks once, after it has read everything and
// before it changes anything. Included from .cpp files of local/api alone.
#pragma once

#include "base/time.hpp"
#include "local/api/json.hpp"
#include "local/state/api_error.hpp"

#include <cstdint>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ecsr::local::wire {

enum class Wire { Json11, Json10, Query, Cbor };

struct Problems {
    Wire wire = Wire::Json11;
    std::string_view validation_code; // the service's code for "a member is missing or out of its range"
    std::optional<ApiError> first;

    void note(ApiError problem);
};

class Input {
public:
    // Both must outlive the Input. `where` names the object in messages, "" for the request itself.
    Input(const json::object& members, Problems& problems, std::string where = "");

    bool has(std::string_view name) const { return find(name) != nullptr; }
    const json::object& members() const { return *members_; }

    // The member; nothing when it is absent or null. A member of another type is a problem.
    std::optional<std::string> text(std::string_view name);
    std::optional<int> integer(std::string_view name);
    std::optional<std::int64_t> long_integer(std::string_view name);
    std::optional<bool> boolean(std::string_view name);
    std::optional<double> number(std::string_view name);
    std::optional<std::vector<std::string>> texts(std::string_view name);
    std::vector<int> integers(std::string_view name);      // empty when absent
    std::vector<double> numbers(std::string_view name);    // empty when absent
    std::optional<Instant> instant(std::string_view name); // seconds since the epoch, or ISO 8601 text
    std::optional<Input> object(std::string_view name);
    std::vector<Input> objects(std::string_view name);             // empty when absent
    std::map<std::string, std::string> map(std::string_view name); // a JSON object of texts
    // [{"key": ..., "value": ...}] with the given member names; a repeated key keeps the last value.
    std::map<std::string, std::string> pairs(std::string_view name, std::string_view key, std::string_view value);

    std::string text_or(std::string_view name, std::string_view fallback);
    bool boolean_or(std::string_view name, bool fallback) { return boolean(name).value_or(fallback); }
    int integer_or(std::string_view name, int fallback) { return integer(name).value_or(fallback); }

    // The same, and absence is a problem.
    std::string required_text(std::string_view name);
    int required_integer(std::string_view name);
    std::int64_t required_long(std::string_view name);
    Instant required_instant(std::string_view name);
    bool required_boolean(std::string_view name);
    std::vector<std::string> required_texts(std::string_view name); // an empty list is a problem too

    // Texts with a fixed set of values.
    std::optional<std::string> text_among(std::string_view name, std::initializer_list<std::string_view> allowed);
    // Whole numbers from `low` to `high`.
    std::optional<int> integer_between(std::string_view name, int low, int high);

    void note(ApiError problem) { problems_->note(std::move(problem)); }
    // "1 validation error detected: Value 'x' at 'name' failed to satisfy constraint: " + constraint.
    void note_constraint(std::string_view name, const std::optional<std::string>& value, std::string_view constraint);

    // Only good when nothing has been noted.
    bool good() const { return !problems_->first; }
    std::unexpected<ApiError> problem() const { return std::unexpected(*problems_->first); }

private:
    const json::value* find(std::string_view name) const;
    const json::array* find_array(std::string_view name);
    void note_type(std::string_view name, std::string_view wanted);
    std::string path(std::string_view name) const;

    const json::object* members_;
    Problems* problems_;
    std::string where_;
};

} // namespace ecsr::local::wire
