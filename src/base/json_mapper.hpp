// C++ values <-> JSON text. Included by .cpp files and their internal headers alone, because Boost.JSON is heavy.
//
// Structs and enums are described with BOOST_DESCRIBE_STRUCT / BOOST_DESCRIBE_ENUM in the namespace of the type. Also
// taken: bool, numbers, std::string, Instant, durations (SnakeCase only), optional, vector, set, map with string keys,
// and variant of described structs ({"struct_name": {...}}).
//
//     Result<Run> run = json::from_json<json::SnakeCase, Run>(text);
//     std::string text = json::to_json<json::SnakeCase>(run);
//
// Reading is lenient where documents grow (unknown members are ignored; missing and null ones keep the struct's
// default) and strict where a wrong value could do harm: a wrong type, a number out of range and an unknown enumerator
// are errors that say where: "$.tasks[1].createdAt: expected number, got string".
#pragma once

#include "base/json_reader.hpp"
#include "base/json_writer.hpp"

namespace ecsr::json {

// Errors: `kind`, with the path of what is wrong.
template <class Policy, class T>
Result<T> from_json(std::string_view text, ErrorKind kind = ErrorKind::Remote) {
    boost::system::error_code problem;
    boost::json::monotonic_resource memory(text.size() + 1'024); // the whole document goes at once
    const boost::json::value document = boost::json::parse({text.data(), text.size()}, problem, &memory);
    if (problem) { return fail(kind, "not JSON: " + problem.message()); }
    T out{};
    if (auto wrong = Reader<Policy>::read(document, out)) { return fail(kind, "$" + wrong->path + ": " + wrong->text); }
    return out;
}

// One line, or with `indent` spaces per level for people.
template <class Policy, class T>
std::string to_json(const T& value, int indent = 0) {
    Writer<Policy> writer(indent);
    writer.write(value);
    return std::move(writer).text();
}

// The same in one line after what `text` holds already.
template <class Policy, class T>
void append_json(std::string& text, const T& value) {
    Writer<Policy> writer(0, std::move(text));
    writer.write(value);
    text = std::move(writer).text();
}

} // namespace ecsr::json
