#include "local/plane/access_log.hpp"

#include "base/json_mapper.hpp"
#include "base/log.hpp"
#include "local/api/api.hpp"

#include <boost/describe.hpp>
#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <fstream>
#include <mutex>

namespace ecsr::local {

namespace {

struct AccessLine {
    Instant time;
    std::string service;
    std::string operation;
    int status = 0;
};
BOOST_DESCRIBE_STRUCT(AccessLine, (), (time, service, operation, status))

} // namespace

struct AccessLog::File {
    std::filesystem::path path;
    std::ofstream out;
    std::mutex mutex;
    bool failed = false;
};

AccessLog::AccessLog(std::unique_ptr<File> file) : file_(std::move(file)) {}
AccessLog::~AccessLog() = default;

Result<std::unique_ptr<AccessLog>> AccessLog::open(const std::filesystem::path& path) {
    auto file = std::make_unique<File>();
    file->path = path;
    file->out.open(path, std::ios::app);
    if (!file->out) {
        return fail(ErrorKind::Usage, fmt::format("--access-log {}: {}", path.string(), std::strerror(errno)));
    }
    return std::unique_ptr<AccessLog>(new AccessLog(std::move(file)));
}

void AccessLog::write(const HttpRequest& request, const HttpResponse& response, Instant now) {
    const Named named = Api::named(request);
    if (named.operation.empty()) { return; }
    const std::string line =
        json::to_json<json::SnakeCase>(AccessLine{now, named.service, named.operation, response.status});
    const std::lock_guard lock(file_->mutex);
    file_->out << line << std::endl;
    if (!file_->out && !file_->failed) {
        file_->failed = true;
        log(LogLevel::Error, "the access log cannot be written", {{"file", file_->path.string()}});
    }
}

} // namespace ecsr::local
