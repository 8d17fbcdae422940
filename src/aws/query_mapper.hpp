// The AWS query protocol: described structs -> form parameters, XML -> described structs (ECS behaviour A6). Internal
// to aws/, for .cpp files. Reading is lenient and strict as base/json_mapper.hpp is.
#pragma once

#include "aws/call.hpp"
#include "aws/operation.hpp"
#include "base/described.hpp"
#include "base/json_kinds.hpp"
#include "base/text.hpp"
#include "base/time.hpp"

#include <concepts>
#include <cstddef>
#include <limits>
#include <optional>
#include <pugixml.hpp>
#include <stop_token>
#include <string>
#include <utility>

namespace ecsr::aws {

// "Names.member.1=web&PageSize=5": every value below `name` (empty: the parameters of the request itself).
template <class Policy, class T>
void append_parameters(std::string& form, const std::string& name, const T& value) {
    const auto append = [&](const std::string& text) {
        if (!form.empty()) { form += '&'; }
        form += percent_encode(name) + "=" + percent_encode(text);
    };
    if constexpr (std::same_as<T, std::string>) {
        if (!value.empty()) { append(value); }
    } else if constexpr (std::same_as<T, bool>) {
        append(value ? "true" : "false");
    } else if constexpr (std::integral<T>) {
        append(std::to_string(value));
    } else if constexpr (json::Optional<T>) {
        if (value) { append_parameters<Policy>(form, name, *value); }
    } else if constexpr (json::Sequence<T>) {
        for (std::size_t i = 0; i < value.size(); ++i) {
            append_parameters<Policy>(form, name + ".member." + std::to_string(i + 1), value[i]);
        }
    } else if constexpr (json::StringMap<T>) {
        // As SNS names the halves of an entry.
        std::size_t number = 0;
        for (const auto& [key, item] : value) {
            const std::string entry = name + ".entry." + std::to_string(++number);
            append_parameters<Policy>(form, entry + ".Name", key);
            append_parameters<Policy>(form, entry + ".Value", item);
        }
    } else {
        static_assert(described::Struct<T>, "describe this struct with BOOST_DESCRIBE_STRUCT");
        described::for_each_member<Policy>(value, [&](const std::string& member_name, const auto& member) {
            append_parameters<Policy>(form, name.empty() ? member_name : name + "." + member_name, member);
        });
    }
}

// What is wrong with a value and where it stands: ".TargetGroups[0].Port: expected ...".
using XmlProblem = std::optional<std::string>;

template <class Policy>
struct XmlReader {
    template <class T>
    static XmlProblem read(const pugi::xml_node& node, T& out) {
        if constexpr (std::same_as<T, std::string>) {
            out = node.text().get();
            return {};
        } else if constexpr (std::same_as<T, bool>) {
            return read_bool(trim(node.text().get()), out);
        } else if constexpr (std::integral<T>) {
            return read_integer(trim(node.text().get()), out);
        } else if constexpr (std::same_as<T, Instant>) {
            return read_instant(trim(node.text().get()), out);
        } else if constexpr (json::Optional<T>) {
            return read_optional(node, out);
        } else if constexpr (json::Sequence<T>) {
            return read_list(node, out);
        } else {
            static_assert(described::Struct<T>, "describe this struct with BOOST_DESCRIBE_STRUCT");
            return read_struct(node, out);
        }
    }

private:
    static XmlProblem expected(const char* what, std::string_view got) {
        return std::string(": expected ") + what + ", got \"" + std::string(got) + "\"";
    }

    static XmlProblem read_bool(std::string_view text, bool& out) {
        if (text.empty()) { return {}; }
        if (text != "true" && text != "false") { return expected("true or false", text); }
        out = text == "true";
        return {};
    }

    template <class T>
    static XmlProblem read_integer(std::string_view text, T& out) {
        if (text.empty()) { return {}; }
        const auto number = parse_integer(text);
        if (!number || !std::in_range<T>(*number)) { return expected("a whole number", text); }
        out = static_cast<T>(*number);
        return {};
    }

    static XmlProblem read_instant(std::string_view text, Instant& out) {
        const auto at = parse_rfc3339(text);
        if (!at) { return expected("a time", text); }
        out = *at;
        return {};
    }

    // An empty element says no more than a missing one.
    template <class T>
    static XmlProblem read_optional(const pugi::xml_node& node, std::optional<T>& out) {
        if (!node.first_child()) { return {}; }
        return read(node, out.emplace());
    }

    template <class T>
    static XmlProblem read_list(const pugi::xml_node& node, T& out) {
        out.clear();
        for (const pugi::xml_node& item : node.children("member")) {
            typename T::value_type made{};
            if (auto problem = read(item, made)) { return "[" + std::to_string(out.size()) + "]" + *problem; }
            out.push_back(std::move(made));
        }
        return {};
    }

    template <class T>
    static XmlProblem read_struct(const pugi::xml_node& node, T& out) {
        XmlProblem first;
        described::for_each_member<Policy>(out, [&](const std::string& name, auto& member) {
            const pugi::xml_node found = first ? pugi::xml_node() : node.child(name.c_str());
            if (!found) { return; }
            if (auto problem = read(found, member)) { first = "." + name + *problem; }
        });
        return first;
    }
};

// <XResponse><XResult>...</XResult></XResponse>; an operation that tells nothing may leave the result out.
template <class Policy, class Answer>
Result<Answer> from_query_answer(const std::string& operation, const std::string& body) {
    pugi::xml_document document;
    const auto parsed = document.load_buffer(body.data(), body.size());
    if (!parsed) { return fail(ErrorKind::Remote, std::string("not XML: ") + parsed.description()); }
    const pugi::xml_node response = document.child((operation + "Response").c_str());
    const pugi::xml_node result = response.child((operation + "Result").c_str());
    if (!response || (!result && described::member_count<Answer> > 0)) {
        return fail(ErrorKind::Remote, "expected <" + operation + "Response><" + operation + "Result>, got <" +
                                           document.document_element().name() + ">");
    }
    Answer answer{};
    if (const XmlProblem problem = XmlReader<Policy>::read(result, answer)) {
        return fail(ErrorKind::Remote, "$" + *problem);
    }
    return answer;
}

// One typed call of an AWS query service. Errors: those of Caller, and Remote when the answer cannot be read.
template <class Policy, class Request, class Answer>
Result<Answer> call_query(Caller& caller, const ServiceInfo& service, const Operation<Request, Answer>& operation,
                          const Request& request, const std::stop_token& stop) {
    std::string form;
    append_parameters<Policy>(form, "", request);
    auto body = caller.call(
        {.service = &service, .operation = operation.name, .body = std::move(form), .repeat = operation.repeat}, stop);
    if (!body) { return std::unexpected(std::move(body).error()); }
    auto answer = from_query_answer<Policy, Answer>(operation.name, *body);
    if (!answer) { return std::unexpected(std::move(answer).error().with_context(service.id + " " + operation.name)); }
    return answer;
}

} // namespace ecsr::aws
