// local snapshot save and load, local env.
#include "cli/commands.hpp"
#include "cli/failure.hpp"
#include "cli/local_control.hpp"
#include "cli/parts.hpp"
#include "local/plane/control.hpp"
#include "tell/local_report.hpp"

#include <cerrno>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <ostream>
#include <system_error>

namespace ecsr::cli {

namespace {

namespace control = local::control;

constexpr Millis short_answer{10'000};
constexpr Millis long_answer{120'000};

// The old file stays whole when the new one cannot be written. Error: Usage.
Status replace_file(const std::string& path, const std::string& text) {
    const std::string fresh = path + ".new";
    errno = 0;
    std::ofstream file(fresh, std::ios::binary | std::ios::trunc);
    file << text;
    file.close();
    std::error_code problem(file ? 0 : errno, std::generic_category());
    if (file) { std::filesystem::rename(fresh, path, problem); }
    if (file && !problem) { return {}; }
    std::error_code ignored;
    std::filesystem::remove(fresh, ignored);
    return fail(ErrorKind::Usage, fmt::format("{} cannot be written{}", path, problem ? ": " + problem.message() : ""));
}

} // namespace

int local_snapshot_save(const Invocation& invocation, World& world) {
    auto ecs = LocalControl::find(invocation, world);
    if (!ecs) { return report_failure(ecs.error(), invocation, world); }
    const auto snapshot = ecs->ask("GET", std::string(control::snapshot_path), "", long_answer);
    if (!snapshot) { return report_failure(snapshot.error(), invocation, world); }
    const std::string& file = invocation.positional(0);
    if (auto written = replace_file(file, *snapshot); !written) {
        return report_failure(written.error(), invocation, world);
    }
    const tell::LocalSnapshotFacts facts{.file = file, .bytes = static_cast<std::int64_t>(snapshot->size())};
    world.console.out << (wants_json(invocation) ? tell::local_snapshot_json(facts) + "\n"
                                                 : tell::local_snapshot_text(facts));
    return 0;
}

int local_snapshot_load(const Invocation& invocation, World& world) {
    const auto text = world.environment.read_file(invocation.positional(0));
    if (!text) {
        const auto unreadable = fail(ErrorKind::Usage, text.error().message);
        return report_failure(unreadable.error(), invocation, world);
    }
    auto ecs = LocalControl::find(invocation, world);
    if (!ecs) { return report_failure(ecs.error(), invocation, world); }
    const auto answer = ecs->ask("POST", std::string(control::snapshot_path), *text, long_answer);
    if (!answer) {
        return report_failure(Error(answer.error()).with_context(invocation.positional(0)), invocation, world);
    }
    const auto clock = control::read_clock(*answer);
    if (!clock) { return report_failure(clock.error(), invocation, world); }
    const tell::LocalTimeFacts facts{.now = clock->now, .time_scale = clock->time_scale};
    world.console.out << (wants_json(invocation) ? tell::local_time_json(facts) + "\n" : tell::local_time_text(facts));
    return 0;
}

int local_env(const Invocation& invocation, World& world) {
    auto ecs = LocalControl::find(invocation, world);
    if (!ecs) { return report_failure(ecs.error(), invocation, world); }
    const auto there = ecs->ask("GET", std::string(control::clock_path), "", short_answer);
    if (!there) { return report_failure(there.error(), invocation, world); }
    const auto variables = local_variables(ecs->url());
    world.console.out << (wants_json(invocation) ? tell::local_variables_json(variables) + "\n"
                                                 : tell::local_variables_text(variables));
    return 0;
}

} // namespace ecsr::cli
