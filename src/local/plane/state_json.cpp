#include "local/plane/state_json.hpp"

#include "local/plane/state_fields.hpp"

#include <boost/json.hpp>
#include <deque>
#include <fmt/format.h>
#include <limits>
#include <optional>
#include <type_traits>

namespace ecsr::local {

namespace {

namespace json = boost::json;

constexpr int format = 1;

template <typename E>
constexpr int enum_size = 0;
template <>
constexpr int enum_size<TaskStatus> = 8;
template <>
constexpr int enum_size<Health> = 3;
template <>
constexpr int enum_size<AlarmState> = 3;
template <>
constexpr int enum_size<ActivityStatus> = 6;
template <>
constexpr int enum_size<NetworkMode> = 4;
template <>
constexpr int enum_size<RolloutState> = 3;
template <>
constexpr int enum_size<DeploymentStatus> = 3;
template <>
constexpr int enum_size<ServiceStatus> = 3;
template <>
constexpr int enum_size<ServiceDeploymentStatus> = 9;
template <>
constexpr int enum_size<MonitorStatus> = 4;
template <>
constexpr int enum_size<TargetState> = 5;

// Writes: an archive for fields(), and what it needs for each kind of member.
class Writer {
public:
    template <typename T>
    Writer& operator()(const char* name, const T& value) {
        object_[name] = encode(value);
        return *this;
    }

    template <typename T>
        requires std::is_class_v<T>
    static json::value encode(const T& value) {
        Writer writer;
        fields(writer, value);
        return std::move(writer.object_);
    }

private:
    template <typename T>
        requires std::is_enum_v<T>
    static json::value encode(T value) {
        return to_string(value);
    }
    template <typename T>
        requires std::is_arithmetic_v<T>
    static json::value encode(T value) {
        return value;
    }
    static json::value encode(const std::string& text) { return json::value(text); }
    static json::value encode(Instant at) { return at.time_since_epoch().count(); }
    static json::value encode(Seconds span) { return span.count(); }
    // What the generator would draw next stands for its state.
    static json::value encode(const Random& random) { return Random(random).next(); }

    template <typename T>
    static json::value encode(const std::optional<T>& value) {
        return value ? encode(*value) : json::value(nullptr);
    }
    template <typename T>
    static json::value encode(const std::vector<T>& items) {
        return encode_list(items);
    }
    template <typename T>
    static json::value encode(const std::deque<T>& items) {
        return encode_list(items);
    }
    template <typename T>
    static json::value encode_list(const T& items) {
        json::array array;
        for (const auto& item : items) { array.push_back(encode(item)); }
        return array;
    }
    template <typename T>
    static json::value encode(const std::map<std::string, T>& items) {
        json::object object;
        for (const auto& [key, item] : items) { object[key] = encode(item); }
        return object;
    }
    static json::value encode(const std::map<std::pair<std::string, std::string>, RunToken>& tokens) {
        json::array array;
        for (const auto& [key, token] : tokens) {
            json::object object;
            object["cluster"] = key.first;
            object["token"] = key.second;
            object["what"] = encode(token);
            array.push_back(std::move(object));
        }
        return array;
    }
    static json::value encode(const TaskTable& tasks) {
        json::object object;
        for (const auto& [id, task] : tasks) { object[id] = encode(task); }
        return object;
    }
    static json::value encode(const std::map<ServiceKey, Service>& services) {
        json::array array;
        for (const auto& [key, service] : services) { array.push_back(encode(service)); }
        return array;
    }

    json::object object_;
};

// Reads: the same. A decode() returns what is wrong and where, or an empty text.
class Reader {
public:
    template <typename T>
    Reader& operator()(const char* name, T& value) {
        const auto* member = object_.if_contains(name);
        if (!problem_.empty() || member == nullptr) { return *this; }
        if (const auto found = decode(*member, value); !found.empty()) { problem_ = fmt::format(".{}{}", name, found); }
        return *this;
    }

    template <typename T>
        requires std::is_class_v<T>
    static std::string decode(const json::value& from, T& value) {
        const auto* object = from.if_object();
        if (object == nullptr) { return ": must be an object"; }
        Reader reader(*object);
        fields(reader, value);
        return reader.problem_;
    }

private:
    explicit Reader(const json::object& object) : object_(object) {}

    template <typename T>
        requires std::is_enum_v<T>
    static std::string decode(const json::value& from, T& value) {
        static_assert(enum_size<T> > 0);
        const auto* text = from.if_string();
        for (int i = 0; text != nullptr && i < enum_size<T>; ++i) {
            if (*text == to_string(static_cast<T>(i))) {
                value = static_cast<T>(i);
                return {};
            }
        }
        return ": is no value that is known here";
    }
    static std::string decode(const json::value& from, bool& value) {
        const auto* flag = from.if_bool();
        if (flag == nullptr) { return ": must be true or false"; }
        value = *flag;
        return {};
    }
    template <typename T>
        requires std::is_integral_v<T>
    static std::string decode(const json::value& from, T& value) {
        json::error_code error;
        const T number = from.to_number<T>(error);
        if (error) { return ": must be a whole number in its range"; }
        value = number;
        return {};
    }
    static std::string decode(const json::value& from, double& value) {
        json::error_code error;
        const double number = from.to_number<double>(error);
        if (error) { return ": must be a number"; }
        value = number;
        return {};
    }
    static std::string decode(const json::value& from, std::string& text) {
        const auto* found = from.if_string();
        if (found == nullptr) { return ": must be a string"; }
        text.assign(found->data(), found->size());
        return {};
    }
    static std::string decode(const json::value& from, Instant& at) {
        std::int64_t millis = 0;
        std::string problem = decode(from, millis);
        at = Instant(Millis(millis));
        return problem;
    }
    static std::string decode(const json::value& from, Seconds& span) {
        std::int64_t seconds = 0;
        std::string problem = decode(from, seconds);
        span = Seconds(seconds);
        return problem;
    }
    static std::string decode(const json::value& from, Random& random) {
        std::uint64_t seed = 0;
        std::string problem = decode(from, seed);
        random = Random(seed);
        return problem;
    }

    template <typename T>
    static std::string decode(const json::value& from, std::optional<T>& value) {
        value.reset();
        return from.is_null() ? std::string() : decode(from, value.emplace());
    }
    template <typename T>
    static std::string decode(const json::value& from, std::vector<T>& items) {
        return decode_list(from, items);
    }
    template <typename T>
    static std::string decode(const json::value& from, std::deque<T>& items) {
        return decode_list(from, items);
    }
    template <typename T>
    static std::string decode_list(const json::value& from, T& items) {
        const auto* array = from.if_array();
        if (array == nullptr) { return ": must be a list"; }
        for (std::size_t i = 0; i < array->size(); ++i) {
            if (auto problem = decode((*array)[i], items.emplace_back()); !problem.empty()) {
                return fmt::format(".{}{}", i, problem);
            }
        }
        return {};
    }
    template <typename T>
    static std::string decode(const json::value& from, std::map<std::string, T>& items) {
        const auto* object = from.if_object();
        if (object == nullptr) { return ": must be an object"; }
        for (const auto& [key, item] : *object) {
            const std::string name(key.data(), key.size());
            if (auto problem = decode(item, items[name]); !problem.empty()) {
                return fmt::format(".{}{}", name, problem);
            }
        }
        return {};
    }
    static std::string decode(const json::value& from,
                              std::map<std::pair<std::string, std::string>, RunToken>& tokens) {
        const auto* array = from.if_array();
        if (array == nullptr) { return ": must be a list"; }
        for (const auto& item : *array) {
            const auto* object = item.if_object();
            if (object == nullptr) { return ": must hold objects"; }
            std::string cluster, token;
            RunToken what;
            Reader reader(*object);
            reader("cluster", cluster)("token", token)("what", what);
            if (!reader.problem_.empty()) { return reader.problem_; }
            tokens[{cluster, token}] = std::move(what);
        }
        return {};
    }
    static std::string decode(const json::value& from, TaskTable& tasks) {
        std::map<std::string, Task> by_id;
        std::string problem = decode(from, by_id);
        for (auto& [id, task] : by_id) {
            task.id = id;
            tasks.add(std::move(task));
        }
        return problem;
    }
    static std::string decode(const json::value& from, std::map<ServiceKey, Service>& services) {
        std::vector<Service> list;
        std::string problem = decode_list(from, list);
        for (auto& service : list) {
            const ServiceKey key{service.cluster, service.name};
            services[key] = std::move(service);
        }
        return problem;
    }

    const json::object& object_;
    std::string problem_; // the first one
};

} // namespace

std::string state_to_json(const State& state) {
    json::object document;
    document["format"] = format;
    document["state"] = Writer::encode(state);
    return json::serialize(document);
}

Result<State> state_from_json(std::string_view text) {
    json::error_code error;
    const json::value document = json::parse({text.data(), text.size()}, error);
    if (error) { return fail(ErrorKind::Io, fmt::format("it is not JSON ({})", error.message())); }
    const auto* object = document.if_object();
    const auto* version = object == nullptr ? nullptr : object->if_contains("format");
    const auto* content = object == nullptr ? nullptr : object->if_contains("state");
    if (version == nullptr || content == nullptr || *version != format) {
        return fail(ErrorKind::Io, fmt::format("it is not a state of format {}", format));
    }
    State state;
    if (const auto problem = Reader::decode(*content, state); !problem.empty()) {
        return fail(ErrorKind::Io, problem.starts_with('.') ? problem.substr(1) : "the state" + problem);
    }
    return state;
}

} // namespace ecsr::local
