// The reading half of json_mapper.hpp; include that one.
#pragma once

#include "base/described.hpp"
#include "base/error.hpp"
#include "base/json_kinds.hpp"
#include "base/json_names.hpp"
#include "base/text.hpp"
#include "base/time.hpp"

#include <boost/json.hpp>
#include <concepts>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ecsr::json {

// What is wrong, and where; the path grows from the inside out while the reader returns.
struct Problem {
    std::string path; // ".tasks[1].createdAt"
    std::string text; // "expected number, got string"

    Problem inside(const std::string& outer) && { return {outer + path, std::move(text)}; }
};

inline const char* kind_name(const boost::json::value& value) {
    switch (value.kind()) {
    case boost::json::kind::null: return "null";
    case boost::json::kind::bool_: return "boolean";
    case boost::json::kind::int64:
    case boost::json::kind::uint64:
    case boost::json::kind::double_: return "number";
    case boost::json::kind::string: return "string";
    case boost::json::kind::array: return "array";
    case boost::json::kind::object: return "object";
    }
    return "nothing";
}

inline Problem expected(const char* what, const boost::json::value& got) {
    return {"", std::string("expected ") + what + ", got " + kind_name(got)};
}

inline std::string_view text_of(const boost::json::value& value) {
    const boost::json::string& text = value.get_string();
    return {text.data(), text.size()};
}

template <class Policy>
struct Reader {
    using Value = boost::json::value;
    using Checked = std::optional<Problem>;

    template <class T>
    static Checked read(const Value& value, T& out) {
        if constexpr (std::same_as<T, bool>) {
            return read_bool(value, out);
        } else if constexpr (std::integral<T> || std::floating_point<T>) {
            return read_number(value, out);
        } else if constexpr (std::same_as<T, std::string>) {
            return read_string(value, out);
        } else if constexpr (std::same_as<T, Instant>) {
            return read_instant(value, out);
        } else if constexpr (Duration<T>) {
            return read_duration(value, out);
        } else if constexpr (Optional<T>) {
            return read(value, out.emplace());
        } else if constexpr (Sequence<T> || Set<T>) {
            return read_list(value, out);
        } else if constexpr (StringMap<T>) {
            return read_map(value, out);
        } else if constexpr (Variant<T>) {
            return read_variant(value, out);
        } else if constexpr (described::Enum<T>) {
            return read_enum(value, out);
        } else {
            static_assert(described::Struct<T>, "describe this struct with BOOST_DESCRIBE_STRUCT");
            return read_struct(value, out);
        }
    }

private:
    static Checked read_bool(const Value& value, bool& out) {
        if (!value.is_bool()) { return expected("boolean", value); }
        out = value.get_bool();
        return {};
    }

    template <class T>
    static Checked read_number(const Value& value, T& out) {
        if (!value.is_number()) { return expected("number", value); }
        boost::system::error_code inexact;
        const T number = value.to_number<T>(inexact);
        if (inexact) {
            return Problem{"", "expected a whole number from " + std::to_string(std::numeric_limits<T>::lowest()) +
                                   " to " + std::to_string(std::numeric_limits<T>::max()) + ", got " +
                                   boost::json::serialize(value)};
        }
        out = number;
        return {};
    }

    static Checked read_string(const Value& value, std::string& out) {
        if (!value.is_string()) { return expected("string", value); }
        out = text_of(value);
        return {};
    }

    static Checked read_instant(const Value& value, Instant& out) {
        if constexpr (Policy::times_as_text) {
            if (value.is_string()) {
                const auto at = parse_rfc3339(text_of(value));
                if (!at) { return Problem{"", at.error().message}; }
                out = *at;
                return {};
            }
        }
        if (!value.is_number()) { return expected(Policy::times_as_text ? "time" : "number", value); }
        const auto seconds = value.to_number<double>();
        // Far beyond year 9999: not a time, and it would not fit.
        if (seconds > 1e12 || seconds < -1e12) {
            return Problem{"", "expected seconds since 1970, got a number out of range"};
        }
        out = from_epoch_seconds(seconds);
        return {};
    }

    template <class T>
    static Checked read_duration(const Value& value, T& out) {
        static_assert(Policy::times_as_text,
                      "durations have no unit on this wire: use a number with the unit in its name");
        if (!value.is_string()) { return expected("duration", value); }
        const auto span = parse_duration(text_of(value));
        if (!span) { return Problem{"", span.error().message}; }
        out = std::chrono::duration_cast<T>(*span);
        return {};
    }

    template <class T>
    static Checked read_list(const Value& value, T& out) {
        if (!value.is_array()) { return expected("array", value); }
        out.clear();
        std::size_t i = 0;
        for (const Value& item : value.get_array()) {
            typename T::value_type made{};
            if (auto problem = read(item, made)) { return std::move(*problem).inside("[" + std::to_string(i) + "]"); }
            out.insert(out.end(), std::move(made));
            ++i;
        }
        return {};
    }

    template <class T>
    static Checked read_map(const Value& value, T& out) {
        if (!value.is_object()) { return expected("object", value); }
        out.clear();
        for (const auto& member : value.get_object()) {
            const std::string key(member.key().data(), member.key().size());
            if (auto problem = read(member.value(), out[key])) { return std::move(*problem).inside("." + key); }
        }
        return {};
    }

    template <class T>
    static Checked read_enum(const Value& value, T& out) {
        if (!value.is_string()) { return expected("string", value); }
        bool found = false;
        std::vector<std::string> allowed;
        boost::mp11::mp_for_each<boost::describe::describe_enumerators<T>>([&](auto descriptor) {
            allowed.push_back(Policy::enumerator(descriptor.name));
            if (allowed.back() == text_of(value)) {
                out = descriptor.value;
                found = true;
            }
        });
        if (found) { return {}; }
        return Problem{"", "expected one of " + join(allowed, ", ") + ", got \"" + std::string(text_of(value)) + "\""};
    }

    template <class... T>
    static Checked read_variant(const Value& value, std::variant<T...>& out) {
        if (!value.is_object() || value.get_object().size() != 1) { return expected("object with one member", value); }
        const auto& member = *value.get_object().begin();
        const std::string tag(member.key().data(), member.key().size());
        Checked problem = Problem{"", "unknown alternative \"" + tag + "\""};
        (void)((tag == Policy::enumerator(type_name<T>())
                    ? (problem = read(member.value(), out.template emplace<T>()), true)
                    : false) ||
               ...);
        if (problem) { return std::move(*problem).inside("." + tag); }
        return {};
    }

    template <class T>
    static Checked read_struct(const Value& value, T& out) {
        if (!value.is_object()) { return expected("object", value); }
        const boost::json::object& object = value.get_object();
        Checked first;
        described::for_each_member<Policy>(out, [&](const std::string& name, auto& member) {
            const Value* found = first ? nullptr : object.if_contains(name);
            if (found == nullptr || found->is_null()) { return; }
            if (auto problem = read(*found, member)) { first = std::move(*problem).inside("." + name); }
        });
        return first;
    }
};

} // namespace ecsr::json
