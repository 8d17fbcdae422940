// The kinds of C++ types that json_mapper.hpp tells apart.
#pragma once

#include <boost/core/type_name.hpp>
#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace ecsr::json {

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;
template <class T>
concept Optional = is_optional<T>;

template <class T>
inline constexpr bool is_vector = false;
template <class T>
inline constexpr bool is_vector<std::vector<T>> = true;
template <class T>
concept Sequence = is_vector<T>;

template <class T>
inline constexpr bool is_set = false;
template <class T>
inline constexpr bool is_set<std::set<T>> = true;
template <class T>
concept Set = is_set<T>;

template <class T>
inline constexpr bool is_string_map = false;
template <class T>
inline constexpr bool is_string_map<std::map<std::string, T>> = true;
template <class T>
concept StringMap = is_string_map<T>;

template <class T>
inline constexpr bool is_variant = false;
template <class... T>
inline constexpr bool is_variant<std::variant<T...>> = true;
template <class T>
concept Variant = is_variant<T>;

template <class T>
inline constexpr bool is_duration = false;
template <class Count, class Period>
inline constexpr bool is_duration<std::chrono::duration<Count, Period>> = true;
template <class T>
concept Duration = is_duration<T>;

// "SetDesiredCount" of ecsr::recycle::SetDesiredCount.
template <class T>
const std::string& type_name() {
    static const std::string name = [] {
        const std::string full = boost::core::type_name<T>();
        const auto colon = full.rfind(':');
        return colon == std::string::npos ? full : full.substr(colon + 1);
    }();
    return name;
}

} // namespace ecsr::json
