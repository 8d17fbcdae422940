#include "local/api/cbor.hpp"

#include <cbor.h>
#include <cmath>
#include <memory>

namespace ecsr::local::wire {

namespace {

constexpr std::string_view time_mark = "\x01";
constexpr std::uint64_t epoch_tag = 1;
constexpr int deepest = 32;

using Encode = std::size_t (*)(std::uint64_t, unsigned char*, std::size_t);

void append(std::string& out, Encode encode, std::uint64_t number) {
    unsigned char buffer[16];
    const std::size_t size = encode(number, buffer, sizeof buffer);
    out.append(buffer, buffer + size);
}

void append_text(std::string& out, std::string_view text) {
    append(out, cbor_encode_string_start, text.size());
    out += text;
}

void append_double(std::string& out, double number) {
    unsigned char buffer[16];
    const std::size_t size = cbor_encode_double(number, buffer, sizeof buffer);
    out.append(buffer, buffer + size);
}

void append_integer(std::string& out, std::int64_t number) {
    if (number >= 0) { return append(out, cbor_encode_uint, static_cast<std::uint64_t>(number)); }
    append(out, cbor_encode_negint, static_cast<std::uint64_t>(-(number + 1)));
}

void append_value(std::string& out, const json::value& value);

void append_object(std::string& out, const json::object& object) {
    if (object.size() == 1 && object.contains(time_mark)) {
        append(out, cbor_encode_tag, epoch_tag);
        return append_double(out, object.at(time_mark).as_double());
    }
    append(out, cbor_encode_map_start, object.size());
    for (const auto& [name, member] : object) {
        append_text(out, {name.data(), name.size()});
        append_value(out, member);
    }
}

void append_value(std::string& out, const json::value& value) {
    switch (value.kind()) {
    case json::kind::object: append_object(out, value.get_object()); break;
    case json::kind::array:
        append(out, cbor_encode_array_start, value.get_array().size());
        for (const auto& item : value.get_array()) { append_value(out, item); }
        break;
    case json::kind::string: append_text(out, {value.get_string().data(), value.get_string().size()}); break;
    case json::kind::int64: append_integer(out, value.get_int64()); break;
    case json::kind::uint64: append(out, cbor_encode_uint, value.get_uint64()); break;
    case json::kind::double_: append_double(out, value.get_double()); break;
    case json::kind::bool_: out += value.get_bool() ? '\xf5' : '\xf4'; break;
    case json::kind::null: out += '\xf6'; break;
    }
}

struct Release {
    void operator()(cbor_item_t* item) const { cbor_decref(&item); }
};
using Item = std::unique_ptr<cbor_item_t, Release>;

std::optional<json::value> read(const cbor_item_t* item, int depth);

// Texts of indefinite length come in parts.
std::optional<std::string> read_text(const cbor_item_t* item) {
    if (!cbor_isa_string(item)) { return std::nullopt; }
    if (cbor_string_is_definite(item)) {
        const auto* text = reinterpret_cast<const char*>(cbor_string_handle(item));
        return std::string(text, cbor_string_length(item));
    }
    std::string all;
    for (std::size_t i = 0; i < cbor_string_chunk_count(item); ++i) {
        all += read_text(cbor_string_chunks_handle(item)[i]).value_or("");
    }
    return all;
}

std::optional<json::value> read_map(const cbor_item_t* item, int depth) {
    json::object object;
    for (std::size_t i = 0; i < cbor_map_size(item); ++i) {
        const cbor_pair& pair = cbor_map_handle(item)[i];
        const auto name = read_text(pair.key);
        auto value = read(pair.value, depth + 1);
        if (!name || !value) { return std::nullopt; }
        object[*name] = std::move(*value);
    }
    return object;
}

std::optional<json::value> read_array(const cbor_item_t* item, int depth) {
    json::array array;
    for (std::size_t i = 0; i < cbor_array_size(item); ++i) {
        auto value = read(cbor_array_handle(item)[i], depth + 1);
        if (!value) { return std::nullopt; }
        array.push_back(std::move(*value));
    }
    return array;
}

std::optional<json::value> read_other(const cbor_item_t* item) {
    if (cbor_is_float(item)) {
        const double number = cbor_float_get_float(item);
        return std::isfinite(number) ? std::optional(json::value(number)) : std::nullopt;
    }
    if (cbor_is_bool(item)) { return json::value(cbor_get_bool(item)); }
    return cbor_is_null(item) || cbor_is_undef(item) ? std::optional(json::value()) : std::nullopt;
}

std::optional<json::value> read_number(const cbor_item_t* item) {
    const std::uint64_t number = cbor_get_int(item);
    if (number > static_cast<std::uint64_t>(INT64_MAX)) { return std::nullopt; }
    const auto small = static_cast<std::int64_t>(number);
    return json::value(cbor_isa_negint(item) ? -1 - small : small);
}

std::optional<json::value> read(const cbor_item_t* item, int depth) {
    if (depth > deepest) { return std::nullopt; }
    switch (cbor_typeof(item)) {
    case CBOR_TYPE_UINT:
    case CBOR_TYPE_NEGINT: return read_number(item);
    case CBOR_TYPE_STRING: {
        auto text = read_text(item);
        return text ? std::optional(json::value(*text)) : std::nullopt;
    }
    case CBOR_TYPE_ARRAY: return read_array(item, depth);
    case CBOR_TYPE_MAP: return read_map(item, depth);
    case CBOR_TYPE_TAG: {
        const Item inside(cbor_tag_item(item)); // a reference of our own
        return read(inside.get(), depth + 1);
    }
    case CBOR_TYPE_FLOAT_CTRL: return read_other(item);
    case CBOR_TYPE_BYTESTRING: return std::nullopt;
    }
    return std::nullopt;
}

} // namespace

json::value cbor_time(double seconds) {
    json::object marked;
    marked[time_mark] = seconds;
    return marked;
}

std::string to_cbor(const json::object& body) {
    std::string out;
    append_object(out, body);
    return out;
}

std::optional<json::object> parse_cbor(std::string_view body) {
    cbor_load_result result{};
    const Item item(cbor_load(reinterpret_cast<const unsigned char*>(body.data()), body.size(), &result));
    if (!item || result.read != body.size() || !cbor_isa_map(item.get())) { return std::nullopt; }
    auto value = read(item.get(), 0);
    if (!value) { return std::nullopt; }
    json::error_code error;
    json::parse(json::serialize(*value), error); // bytes may be anything; what is kept must be text that JSON can hold
    if (error) { return std::nullopt; }
    return std::move(value->get_object());
}

} // namespace ecsr::local::wire
