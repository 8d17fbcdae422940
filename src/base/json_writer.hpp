// The writing half of json_mapper.hpp; include that one.
#pragma once

#include "base/described.hpp"
#include "base/json_kinds.hpp"
#include "base/json_names.hpp"
#include "base/json_text.hpp"
#include "base/time.hpp"

#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace ecsr::json {

template <class Policy>
class Writer {
public:
    // Writes after `begun`, and in its capacity as long as that lasts.
    explicit Writer(int indent, std::string begun = {}) : indent_(indent), text_(std::move(begun)) {}

    std::string text() && { return std::move(text_); }

    template <class T>
    void write(const T& value) {
        if constexpr (std::same_as<T, bool>) {
            text_ += value ? "true" : "false";
        } else if constexpr (std::integral<T>) {
            text_ += std::to_string(value);
        } else if constexpr (std::floating_point<T>) {
            text_ += number(value);
        } else if constexpr (std::same_as<T, std::string>) {
            append_quoted(text_, value);
        } else if constexpr (std::same_as<T, Instant>) {
            write_instant(value);
        } else if constexpr (Duration<T>) {
            static_assert(Policy::times_as_text,
                          "durations have no unit on this wire: use a number with the unit in its name");
            text_ += quote(format_duration(value));
        } else if constexpr (Optional<T>) {
            value ? write(*value) : void(text_ += "null");
        } else if constexpr (Sequence<T> || Set<T>) {
            write_list(value);
        } else if constexpr (StringMap<T>) {
            write_map(value);
        } else if constexpr (Variant<T>) {
            write_variant(value);
        } else if constexpr (described::Enum<T>) {
            text_ += quote(enumerator(value));
        } else {
            static_assert(described::Struct<T>, "describe this struct with BOOST_DESCRIBE_STRUCT");
            write_struct(value);
        }
    }

private:
    void write_instant(Instant at) {
        if constexpr (Policy::times_as_text) {
            text_ += '"';
            append_rfc3339(text_, at);
            text_ += '"';
        } else {
            text_ += number(to_epoch_seconds(at));
        }
    }

    template <class T>
    void write_list(const T& list) {
        open('[');
        for (const auto& item : list) {
            next();
            write(item);
        }
        close(']');
    }

    template <class T>
    void write_map(const T& map) {
        open('{');
        for (const auto& [key, item] : map) { write_member(key, item); }
        close('}');
    }

    template <class T>
    void write_variant(const T& variant) {
        open('{');
        std::visit(
            [this](const auto& held) {
                this->write_member(Policy::enumerator(type_name<std::remove_cvref_t<decltype(held)>>()), held);
            },
            variant);
        close('}');
    }

    template <class T>
    void write_struct(const T& object) {
        open('{');
        described::for_each_member<Policy>(object, [this](const std::string& name, const auto& member) {
            if (!is_left_out(member)) { this->write_member(name, member); }
        });
        close('}');
    }

    template <class T>
    static bool is_left_out(const T& member) {
        if constexpr (Optional<T>) {
            return !member.has_value();
        } else if constexpr (std::same_as<T, std::string> || Sequence<T> || Set<T> || StringMap<T>) {
            return Policy::omit_empty && member.empty();
        } else {
            return false;
        }
    }

    template <class T>
    static std::string enumerator(T value) {
        std::string name;
        boost::mp11::mp_for_each<boost::describe::describe_enumerators<T>>([&](auto descriptor) {
            if (descriptor.value == value) { name = Policy::enumerator(descriptor.name); }
        });
        return name;
    }

    template <class T>
    void write_member(const std::string& name, const T& member) {
        next();
        append_quoted(text_, name);
        text_ += indent_ > 0 ? ": " : ":";
        write(member);
    }

    void open(char bracket) {
        text_ += bracket;
        first_ = true;
        ++depth_;
    }

    void next() {
        if (!first_) { text_ += ','; }
        first_ = false;
        new_line();
    }

    void close(char bracket) {
        --depth_;
        if (!first_) { new_line(); }
        first_ = false;
        text_ += bracket;
    }

    void new_line() {
        if (indent_ <= 0) { return; }
        text_ += '\n';
        text_.append(static_cast<std::size_t>(depth_) * static_cast<std::size_t>(indent_), ' ');
    }

    const int indent_;
    std::string text_;
    int depth_ = 0;
    bool first_ = true;
};

} // namespace ecsr::json
