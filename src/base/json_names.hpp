// How members, enumerators, times and empty values look in a JSON document. One policy per convention.
#pragma once

#include <string>
#include <string_view>

namespace ecsr::json {

// "created_at" -> "createdAt". A trailing underscore (which keeps a name clear of C++ keywords) is dropped.
std::string to_camel_case(std::string_view snake);
// "created_at" -> "CreatedAt".
std::string to_pascal_case(std::string_view snake);
// "TimedOut" -> "timed_out".
std::string to_snake_case(std::string_view pascal);

// Our own documents, which people read: names as they are in C++ (without a trailing underscore), enumerators in snake
// case, times as RFC 3339 text, durations as "1h30m". Every member is written; only empty optionals are left out.
struct SnakeCase {
    static std::string member(std::string_view name);
    static std::string enumerator(std::string_view name) { return to_snake_case(name); }
    static constexpr bool times_as_text = true;
    static constexpr bool omit_empty = false;
};

// ECS, ECR: camelCase, epoch seconds; empty strings, lists and maps are not sent (an optional that holds one is).
struct CamelCase {
    static std::string member(std::string_view name) { return to_camel_case(name); }
    static std::string enumerator(std::string_view name) { return std::string(name); }
    static constexpr bool times_as_text = false;
    static constexpr bool omit_empty = true;
};

// Application Auto Scaling, CloudWatch, and the query protocol's names: PascalCase, else as CamelCase.
struct PascalCase {
    static std::string member(std::string_view name) { return to_pascal_case(name); }
    static std::string enumerator(std::string_view name) { return std::string(name); }
    static constexpr bool times_as_text = false;
    static constexpr bool omit_empty = true;
};

} // namespace ecsr::json
