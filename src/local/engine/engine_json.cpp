#include "local/engine/engine_json.hpp"

#include "base/text.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

namespace ecsr::local {

namespace {

namespace json = boost::json;

json::array texts(const std::vector<std::string>& values) {
    json::array array;
    for (const auto& value : values) { array.emplace_back(value); }
    return array;
}

std::string port_key(const PublishedPort& port) {
    return fmt::format("{}/{}", port.container_port, port.protocol);
}

json::object host_config(const EngineContainer& container) {
    json::object host{{"NetworkMode", container.network}};
    json::object bindings;
    for (const auto& port : container.ports) {
        const std::string host_port = port.host_port == 0 ? "" : std::to_string(port.host_port);
        bindings[port_key(port)] = json::array{json::object{{"HostIp", port.host_address}, {"HostPort", host_port}}};
    }
    host["PortBindings"] = std::move(bindings);
    json::array ulimits;
    for (const auto& limit : container.ulimits) {
        ulimits.push_back(json::object{{"Name", limit.name}, {"Soft", limit.soft}, {"Hard", limit.hard}});
    }
    host["Ulimits"] = std::move(ulimits);
    if (container.init_process) { host["Init"] = true; }
    if (container.cpu_shares > 0) { host["CpuShares"] = container.cpu_shares; }
    if (container.memory) {
        host["Memory"] = *container.memory;
        host["MemorySwap"] = *container.memory; // none beside it
    }
    if (container.memory_reservation) { host["MemoryReservation"] = *container.memory_reservation; }
    return host;
}

// Null when it is not there.
const json::value* member(const json::value& value, std::string_view name) {
    const auto* object = value.if_object();
    const auto* found = object == nullptr ? nullptr : object->if_contains(name);
    return found == nullptr || found->is_null() ? nullptr : found;
}

std::string text_or(const json::value& value, std::string_view name, std::string fallback) {
    const auto* found = member(value, name);
    return found != nullptr && found->is_string() ? std::string(found->as_string()) : std::move(fallback);
}

std::int64_t number_or(const json::value& value, std::string_view name, std::int64_t fallback) {
    const auto* found = member(value, name);
    if (found == nullptr) { return fallback; }
    boost::system::error_code not_a_number;
    const auto number = found->to_number<std::int64_t>(not_a_number);
    return not_a_number ? fallback : number;
}

bool flag(const json::value& value, std::string_view name) {
    const auto* found = member(value, name);
    return found != nullptr && found->is_bool() && found->as_bool();
}

Result<json::value> parse(const std::string& text) {
    boost::system::error_code problem;
    auto document = json::parse(text, problem);
    if (problem) { return fail(ErrorKind::Remote, "the container engine answers what is not JSON"); }
    return document;
}

std::vector<PublishedPort> read_ports(const json::value& document) {
    std::vector<PublishedPort> ports;
    const auto* settings = member(document, "NetworkSettings");
    const auto* published = settings == nullptr ? nullptr : member(*settings, "Ports");
    if (published == nullptr || !published->is_object()) { return ports; }
    for (const auto& [key, bindings] : published->as_object()) {
        const auto parts = split(std::string_view(key), '/');
        const auto container_port = parse_integer(parts.front());
        if (!container_port || !bindings.is_array()) { continue; }
        for (const auto& binding : bindings.as_array()) {
            const auto host_port = parse_integer(text_or(binding, "HostPort", ""));
            if (!host_port) { continue; }
            ports.push_back({static_cast<int>(*container_port), parts.size() > 1 ? parts[1] : "tcp",
                             text_or(binding, "HostIp", ""), static_cast<int>(*host_port)});
        }
    }
    return ports;
}

} // namespace

std::string create_body(const EngineContainer& container) {
    json::object body{{"Image", container.image}, {"Env", texts(container.environment)}};
    if (container.entry_point) { body["Entrypoint"] = texts(*container.entry_point); }
    if (container.command) { body["Cmd"] = texts(*container.command); }
    json::object labels;
    for (const auto& [name, value] : container.labels) { labels[name] = value; }
    body["Labels"] = std::move(labels);
    if (!container.working_directory.empty()) { body["WorkingDir"] = container.working_directory; }
    if (!container.user.empty()) { body["User"] = container.user; }
    json::object exposed;
    for (const auto& port : container.ports) { exposed[port_key(port)] = json::object(); }
    body["ExposedPorts"] = std::move(exposed);
    body["HostConfig"] = host_config(container);
    return json::serialize(body);
}

std::string exec_body(const std::vector<std::string>& command) {
    return json::serialize(
        json::object{{"AttachStdout", true}, {"AttachStderr", true}, {"Tty", false}, {"Cmd", texts(command)}});
}

Result<std::string> read_text(const std::string& text, std::string_view name) {
    const auto document = parse(text);
    if (!document) { return std::unexpected(document.error()); }
    auto value = text_or(*document, name, "");
    if (value.empty()) {
        return fail(ErrorKind::Remote, fmt::format("the container engine answers without \"{}\"", name));
    }
    return value;
}

std::optional<std::string> read_problem(const std::string& line) {
    const auto document = parse(line);
    if (!document) { return std::nullopt; }
    auto problem = text_or(*document, "error", "");
    return problem.empty() ? std::nullopt : std::optional(std::move(problem));
}

Result<std::string> read_version(const std::string& text) {
    const auto document = parse(text);
    if (!document) { return std::unexpected(document.error()); }
    std::string name = "engine";
    if (const auto* components = member(*document, "Components"); components != nullptr && components->is_array()) {
        if (!components->as_array().empty()) { name = text_or(components->as_array().front(), "Name", name); }
    }
    return fmt::format("{} {}", name, text_or(*document, "Version", "?"));
}

Result<std::vector<std::string>> read_image_names(const std::string& text) {
    const auto document = parse(text);
    if (!document) { return std::unexpected(document.error()); }
    std::vector<std::string> names;
    if (!document->is_array()) { return names; }
    for (const auto& image : document->as_array()) {
        const auto* tags = member(image, "RepoTags");
        if (tags == nullptr || !tags->is_array()) { continue; }
        for (const auto& tag : tags->as_array()) {
            if (tag.is_string()) { names.emplace_back(tag.as_string()); }
        }
    }
    return names;
}

Result<EngineState> read_state(const std::string& text) {
    const auto document = parse(text);
    if (!document) { return std::unexpected(document.error()); }
    const auto* state = member(*document, "State");
    if (state == nullptr) { return fail(ErrorKind::Remote, "the container engine answers without \"State\""); }
    return EngineState{.running = flag(*state, "Running"),
                       .exit_code = static_cast<int>(number_or(*state, "ExitCode", 0)),
                       .oom_killed = flag(*state, "OOMKilled"),
                       .error = text_or(*state, "Error", ""),
                       .pid = static_cast<int>(number_or(*state, "Pid", 0)),
                       .ports = read_ports(*document)};
}

Result<ProbeResult> read_exec(const std::string& text) {
    const auto document = parse(text);
    if (!document) { return std::unexpected(document.error()); }
    const bool running = flag(*document, "Running");
    return ProbeResult{.succeeded = !running && number_or(*document, "ExitCode", 1) == 0,
                       .pid = static_cast<int>(number_or(*document, "Pid", 0))};
}

Result<std::uint64_t> read_memory_usage(const std::string& text) {
    const auto document = parse(text);
    if (!document) { return std::unexpected(document.error()); }
    const auto* memory = member(*document, "memory_stats");
    if (memory == nullptr) { return 0; }
    std::int64_t reclaimable = 0;
    if (const auto* details = member(*memory, "stats")) {
        // v1 counts the whole tree in total_*, v2 has one number.
        reclaimable = number_or(*details, "total_inactive_file", number_or(*details, "inactive_file", 0));
    }
    return static_cast<std::uint64_t>(std::max<std::int64_t>(0, number_or(*memory, "usage", 0) - reclaimable));
}

Result<Micros> read_cpu_time(const std::string& text) {
    const auto document = parse(text);
    if (!document) { return std::unexpected(document.error()); }
    const auto* stats = member(*document, "cpu_stats");
    const auto* usage = stats == nullptr ? nullptr : member(*stats, "cpu_usage");
    if (usage == nullptr || member(*usage, "total_usage") == nullptr) {
        return fail(ErrorKind::Remote, "the container engine tells no processor time");
    }
    return std::chrono::duration_cast<Micros>(std::chrono::nanoseconds(number_or(*usage, "total_usage", 0)));
}

Result<std::vector<ListedContainer>> read_list(const std::string& text) {
    const auto document = parse(text);
    if (!document) { return std::unexpected(document.error()); }
    std::vector<ListedContainer> listed;
    if (!document->is_array()) { return listed; }
    for (const auto& entry : document->as_array()) {
        ListedContainer container{.id = text_or(entry, "Id", ""), .labels = {}};
        if (const auto* labels = member(entry, "Labels"); labels != nullptr && labels->is_object()) {
            for (const auto& [name, value] : labels->as_object()) {
                if (value.is_string()) { container.labels[std::string(name)] = std::string(value.as_string()); }
            }
        }
        listed.push_back(std::move(container));
    }
    return listed;
}

} // namespace ecsr::local
