// What clients ask of the local ECS, line by line.
//
//   {"time":"2026-11-20T10:00:00.000Z","service":"ecs","operation":"StopTask","status":200}
#pragma once

#include "base/error.hpp"
#include "base/http.hpp"
#include "base/time.hpp"

#include <filesystem>
#include <memory>

namespace ecsr::local {

class AccessLog {
public:
    // Goes on where the file ends. Error: Io.
    static Result<std::unique_ptr<AccessLog>> open(const std::filesystem::path& path);
    ~AccessLog();
    AccessLog(const AccessLog&) = delete;
    AccessLog& operator=(const AccessLog&) = delete;

    // The line is in the file when it returns; `now` is the time of the local ECS. Requests that are none of AWS leave
    // no line. Status 0: the answer was lost on purpose. A line that cannot be written is told in the log, once. Safe
    // from every thread.
    void write(const HttpRequest& request, const HttpResponse& response, Instant now);

private:
    struct File;
    explicit AccessLog(std::unique_ptr<File> file);
    std::unique_ptr<File> file_;
};

} // namespace ecsr::local
