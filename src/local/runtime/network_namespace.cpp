#include "local/runtime/network_namespace.hpp"

#include "base/text.hpp"
#include "local/runtime/spawn.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <thread>
#include <unistd.h>
#include <utility>

namespace ecsr::local {

namespace {

// This machine, as tasks see it. Out of the range for benchmarks of network devices (RFC 2544), as their addresses are:
// nobody's real network has them.
constexpr const char* gateway = "198.18.0.1";
constexpr int ip_timeout_ms = 10'000;

std::unexpected<Error> refused(const std::string& what, int number) {
    return fail(ErrorKind::Io, fmt::format("{}: {}", what, std::strerror(number)));
}

std::string find_ip() {
    for (const char* path : {"/usr/sbin/ip", "/sbin/ip", "/usr/bin/ip", "/bin/ip"}) {
        if (::access(path, X_OK) == 0) { return path; }
    }
    return "";
}

struct Pipe {
    FileDescriptor reads, writes;
};

Result<Pipe> make_pipe() {
    int ends[2] = {-1, -1};
    if (::pipe2(ends, O_CLOEXEC) != 0) { return refused("cannot make a pipe", errno); }
    return Pipe{FileDescriptor(ends[0]), FileDescriptor(ends[1])};
}

std::string first_line(int descriptor) {
    std::array<char, 4'096> text{};
    const auto got = ::read(descriptor, text.data(), text.size());
    const std::string_view all(text.data(), got > 0 ? static_cast<std::size_t>(got) : 0);
    return std::string(trim(all.substr(0, all.find('\n'))));
}

// In the network of the calling thread. `commands` are far smaller than a pipe holds.
Status run_ip(const std::string& commands) {
    const std::string ip = find_ip();
    if (ip.empty()) { return fail(ErrorKind::Io, "the program ip is missing (package iproute2)"); }
    auto input = make_pipe();
    auto output = make_pipe();
    if (!input) { return std::unexpected(input.error()); }
    if (!output) { return std::unexpected(output.error()); }
    if (::write(input->writes.get(), commands.data(), commands.size()) != static_cast<ssize_t>(commands.size())) {
        return refused("cannot write to ip", errno);
    }
    input->writes.reset();
    SpawnRequest request;
    request.executable = ip;
    request.arguments = {"ip", "-batch", "-"};
    request.environment = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin"};
    request.input = input->reads.get();
    request.output = output->writes.get();
    const auto process = spawn(request);
    if (!process) { return refused("cannot start ip", process.error().error_number); }
    output->writes.reset();
    if (!wait_readable(process->pidfd->get(), ip_timeout_ms)) { send_signal(*process, SIGKILL); }
    wait_readable(process->pidfd->get(), ip_timeout_ms);
    const auto status = exit_status(*process);
    if (status && status->code == 0) { return {}; }
    return fail(ErrorKind::Io, "ip: " + first_line(output->reads.get()));
}

Status run_on_a_thread(const std::function<Status()>& work) {
    Status done;
    std::jthread([&] { done = work(); }).join();
    return done;
}

Result<FileDescriptor> make_space() {
    FileDescriptor space;
    auto made = run_on_a_thread([&]() -> Status {
        if (::unshare(CLONE_NEWNET) != 0) { return refused("cannot make a network namespace", errno); }
        space = FileDescriptor(::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC));
        return space ? Status{} : refused("cannot open the network namespace", errno);
    });
    if (!made) { return std::unexpected(std::move(made).error()); }
    return space;
}

Status join_to_machine(const FileDescriptor& space, const std::string& address, const std::string& device) {
    return run_ip(fmt::format("link add {0} type veth peer name eth0 netns /proc/{1}/fd/{2}\n"
                              "addr add {3}/32 dev {0}\n"
                              "link set {0} up\n"
                              "route add {4}/32 dev {0} src {3}\n",
                              device, ::getpid(), space.get(), gateway, address));
}

Status furnish(const FileDescriptor& space, const std::string& address, const std::function<Tenant()>& move_in,
               Tenant& tenant) {
    return run_on_a_thread([&]() -> Status {
        if (::setns(space.get(), CLONE_NEWNET) != 0) { return refused("cannot enter the network namespace", errno); }
        auto set_up = run_ip(fmt::format("link set lo up\n"
                                         "addr add {0}/32 dev eth0\n"
                                         "link set eth0 up\n"
                                         "route add {1}/32 dev eth0\n"
                                         "route add default via {1}\n",
                                         address, gateway));
        if (set_up && move_in) { tenant = move_in(); }
        return set_up;
    });
}

} // namespace

Result<std::unique_ptr<NetworkNamespace>> NetworkNamespace::create(const std::string& address,
                                                                   const std::string& device,
                                                                   const std::function<Tenant()>& move_in) {
    auto space = make_space();
    if (!space) { return std::unexpected(std::move(space).error()); }
    if (auto joined = join_to_machine(*space, address, device); !joined) {
        return std::unexpected(std::move(joined).error());
    }
    Tenant tenant;
    if (auto furnished = furnish(*space, address, move_in, tenant); !furnished) {
        return std::unexpected(std::move(furnished).error());
    }
    return std::unique_ptr<NetworkNamespace>(new NetworkNamespace(std::move(*space), std::move(tenant)));
}

} // namespace ecsr::local
