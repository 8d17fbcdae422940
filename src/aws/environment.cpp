#include "aws/environment.hpp"

#include "aws/process.hpp"
#include "base/text.hpp"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fmt/format.h>
#include <fstream>
#include <pwd.h>
#include <sstream>
#include <unistd.h>

namespace ecsr::aws {

namespace {

std::string find_home() {
    if (const char* home = std::getenv("HOME"); home != nullptr && *home != '\0') { return home; }
    passwd entry{};
    passwd* found = nullptr;
    std::array<char, 4096> buffer{};
    const int status = getpwuid_r(geteuid(), &entry, buffer.data(), buffer.size(), &found);
    return status == 0 && found != nullptr ? found->pw_dir : "";
}

Result<std::string> read_whole_file(const std::string& path) {
    errno = 0;
    std::ifstream file(path, std::ios::binary);
    std::ostringstream content;
    if (file) { content << file.rdbuf(); }
    if (!file || file.bad() || (content.fail() && errno != 0)) {
        const int number = errno;
        return fail(number == ENOENT || number == ENOTDIR ? ErrorKind::NotFound : ErrorKind::Io,
                    fmt::format("cannot read {}: {}", path, number != 0 ? strerror(number) : "unknown failure"));
    }
    return content.str();
}

} // namespace

std::optional<std::string> Environment::non_empty(const std::string& name) const {
    auto value = get(name);
    return value && !value->empty() ? value : std::nullopt;
}

bool Environment::is_true(const std::string& name) const {
    const std::string value = to_lower(get(name).value_or(""));
    return value == "true" || value == "1" || value == "yes" || value == "on";
}

Environment system_environment() {
    Environment environment;
    environment.get = [](const std::string& name) -> std::optional<std::string> {
        const char* value = std::getenv(name.c_str());
        return value != nullptr ? std::optional<std::string>(value) : std::nullopt;
    };
    environment.home = find_home();
    environment.read_file = read_whole_file;
    environment.run = run_process;
    return environment;
}

Environment empty_environment() {
    Environment environment;
    environment.get = [](const std::string&) { return std::optional<std::string>(); };
    environment.read_file = [](const std::string& path) -> Result<std::string> {
        return fail(ErrorKind::NotFound, fmt::format("cannot read {}: No such file or directory", path));
    };
    environment.run = [](const std::vector<std::string>& argv, Millis, const std::stop_token&) -> Result<std::string> {
        return fail(ErrorKind::NotFound, fmt::format("cannot run {}: No such file or directory", argv.front()));
    };
    return environment;
}

} // namespace ecsr::aws
