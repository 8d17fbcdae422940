#include "local/runtime/guardian.hpp"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>

namespace ecsr::local {

namespace {

// Reads its standard input, whose other end this process alone holds, to the end. $1: the runtime's folder; then
// cgroups.
constexpr const char* script = R"(
trap '' INT TERM HUP QUIT PIPE
while read -r _; do :; done
directory=$1
shift
for note in "$directory"/sessions/*; do
    [ -e "$note" ] && kill -KILL "-${note##*/}"
done
tries=0
while [ $tries -lt 100 ]; do
    left=0
    for group; do
        [ -d "$group" ] || continue
        if [ -e "$group/cgroup.kill" ]; then
            echo 1 >"$group/cgroup.kill"
        else
            find "$group" -name cgroup.procs -exec cat {} + | while read -r process; do kill -KILL "$process"; done
        fi
        find "$group" -depth -type d -exec rmdir {} \;
        [ -d "$group" ] && left=1
    done
    [ $left = 0 ] && break
    tries=$((tries + 1))
    sleep 0.05
done
rm -rf "$directory"
)";

constexpr int end_timeout_ms = 5000;

} // namespace

Result<std::unique_ptr<Guardian>> Guardian::start(const std::filesystem::path& directory,
                                                  const std::vector<std::string>& folders) {
    int ends[2] = {-1, -1};
    if (::pipe2(ends, O_CLOEXEC) != 0) {
        return fail(ErrorKind::Io, fmt::format("cannot make a pipe: {}", std::strerror(errno)));
    }
    const FileDescriptor listens(ends[0]);
    FileDescriptor lifeline(ends[1]);
    SpawnRequest request;
    request.executable = "/bin/sh";
    request.arguments = {"sh", "-c", script, "ecs-recycler-guardian", directory.string()};
    request.arguments.insert(request.arguments.end(), folders.begin(), folders.end());
    request.environment = {"PATH=/usr/bin:/bin"};
    request.working_directory = "/";
    request.input = listens.get();
    request.dies_with_parent = false;
    auto process = spawn(request);
    if (!process) {
        return fail(ErrorKind::Io,
                    fmt::format("cannot start /bin/sh: {}", std::strerror(process.error().error_number)));
    }
    return std::unique_ptr<Guardian>(new Guardian(std::move(process).value(), std::move(lifeline)));
}

Guardian::~Guardian() {
    lifeline_.reset();
    if (!wait_readable(process_.pidfd->get(), end_timeout_ms)) {
        send_signal(process_, SIGKILL);
        wait_readable(process_.pidfd->get(), end_timeout_ms);
    }
    exit_status(process_);
}

} // namespace ecsr::local
