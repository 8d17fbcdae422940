#include "cli/demo/demo.hpp"

#include "aws/session.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "cli/demo/watch.hpp"
#include "cli/run_face.hpp"
#include "run/runner.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <unistd.h>

namespace ecsr::cli {

namespace {

constexpr const char* cluster = "demo";
constexpr int task_count = 3;
constexpr int memory_mib = 64;
constexpr std::uint64_t mebibyte = 1U << 20U;
// Slow enough that the last task is replaced long before its limit, fast enough to be seen.
constexpr std::int64_t leak_bytes_per_second = 800'000;
constexpr std::uint64_t climbed_bytes = 26 * mebibyte;
// Hits the limit within a quarter of a minute.
constexpr std::int64_t fast_leak_bytes_per_second = 5'000'000;
constexpr Millis service_limit{40'000};
constexpr Millis climb_limit{60'000};
constexpr Millis kill_limit{40'000};
constexpr Millis look_every{250};
constexpr Millis aftermath{3'000}; // what clients suffer after the kills

Result<std::unique_ptr<aws::Session>> session(const LocalEcs& ecs, World& world) {
    aws::SessionOptions options;
    options.endpoint_url = ecs.endpoint();
    options.region = "us-east-1";
    options.access_key_id = "local";
    options.secret_access_key = "local";
    return aws::Session::create(world.transport, world.clock, Random(world.seed), aws::empty_environment(), options);
}

double seconds(Millis span) {
    return static_cast<double>(span.count()) / 1000;
}

std::string load_so_far(const LoadCounts& counts) {
    return fmt::format("{} requests, {} failed", counts.sent, counts.failed);
}

} // namespace

void Demo::narrate(const std::string& text) {
    line_.clear();
    log(LogLevel::Info, text);
}

Status Demo::pause(Millis span, const std::string& during) {
    line_.draw(during, 0);
    if (world_.clock.sleep_until(world_.clock.now() + span, stop())) { return {}; }
    return fail(ErrorKind::Interrupted, "interrupted; everything that the demo had started is gone");
}

Status Demo::set_the_stage() {
    auto ecs = LocalEcs::start({}, world_);
    if (!ecs) { return std::unexpected(ecs.error()); }
    ecs_ = std::move(*ecs);
    narrate(fmt::format("Local ECS on {} (memory limits: {})", ecs_->endpoint(), ecs_->memory_guard()));
    auto made = session(*ecs_, world_);
    if (!made) { return std::unexpected(made.error()); }
    stagehand_ = std::move(*made);
    scene_ = std::make_unique<Scene>(*stagehand_, world_.transport, world_.clock, ecs_->endpoint(),
                                     [this]() -> Result<std::uint16_t> {
                                         const auto socket = world_.listen(0);
                                         if (!socket) { return std::unexpected(socket.error()); }
                                         close(socket->first);
                                         return socket->second;
                                     });
    return scene_->create_cluster(cluster, stop());
}

Result<StagedService> Demo::start_service(const LeakyService& service) {
    narrate(fmt::format("Service {}: {} tasks, {} MiB each, leaking {}/s", service.name, service.tasks,
                        service.memory_mib, format_bytes(static_cast<std::uint64_t>(service.leak_bytes_per_second))));
    auto staged = scene_->create_service(cluster, service, stop());
    if (!staged) { return std::unexpected(staged.error()); }
    line_.draw("waiting for healthy targets", 0);
    if (auto served = scene_->wait_until_served(*staged, service.tasks, service_limit, stop()); !served) {
        return std::unexpected(served.error());
    }
    narrate(fmt::format("Service {} is healthy behind {}; HTTP load begins", service.name, staged->url));
    return *staged;
}

Result<std::uint64_t> Demo::mean_memory(const StagedService& service) {
    const auto memory = scene_->memory(service, stop());
    if (!memory) { return std::unexpected(memory.error()); }
    std::uint64_t sum = 0;
    for (const auto& task : *memory) { sum += task.bytes; }
    return memory->empty() ? 0 : sum / memory->size();
}

Status Demo::let_memory_climb(const StagedService& service, const Load& load) {
    const Instant deadline = world_.clock.now() + climb_limit;
    while (world_.clock.now() < deadline) {
        const auto mean = mean_memory(service);
        if (!mean) { return std::unexpected(mean.error()); }
        if (*mean >= climbed_bytes) {
            narrate(fmt::format("Memory has climbed to {} of {} a task; {}", format_bytes(*mean),
                                format_bytes(memory_mib * mebibyte), load_so_far(load.counts())));
            return {};
        }
        auto paused = pause(
            look_every, fmt::format("memory climbs: {} a task; {}", format_bytes(*mean), load_so_far(load.counts())));
        if (!paused) { return paused; }
    }
    return fail(ErrorKind::Timeout, fmt::format("memory did not climb to {} within {}", format_bytes(climbed_bytes),
                                                format_duration(climb_limit)));
}

Result<tell::DemoRecycle> Demo::recycle(const StagedService& service, const Load& load) {
    const auto before = mean_memory(service);
    if (!before) { return std::unexpected(before.error()); }
    const auto own_session = session(*ecs_, world_);
    if (!own_session) { return std::unexpected(own_session.error()); }
    const auto journal = act::open_journal(":memory:");
    if (!journal) { return std::unexpected(journal.error()); }
    Progress progress(line_, world_.clock);
    run::Runner runner(runner_parts(**own_session, **journal, progress, progress, world_, UnfinishedPolicy::Refuse));
    RunSpec spec;
    spec.cluster = service.cluster;
    spec.service = service.name;
    spec.reason = "demo";

    const LoadCounts counts_before = load.counts();
    const Instant started_at = world_.clock.now();
    const Watch watch(*scene_, service, world_.clock, task_count);
    const auto record = runner.start(spec, false);
    const Millis duration = world_.clock.now() - started_at;
    const LoadCounts counts = load.counts() - counts_before;
    if (!record) { return std::unexpected(record.error()); }
    const auto seen = watch.sightings();
    if (seen.trouble) { return std::unexpected(*seen.trouble); }
    const auto after = mean_memory(service);
    if (!after) { return std::unexpected(after.error()); }

    const auto& run = record->run;
    return tell::DemoRecycle{.run_id = run.id,
                             .outcome = run.ending ? recycle::to_string(run.ending->outcome) : "unfinished",
                             .reason = run.ending ? run.ending->reason : "",
                             .tasks_replaced = static_cast<int>(run.replaced.size()),
                             .requests_sent = counts.sent,
                             .requests_failed = counts.failed,
                             .first_failure = counts.first_failure,
                             .requests_per_second =
                                 static_cast<double>(counts.sent) / std::max(0.001, seconds(duration)),
                             .lowest_healthy = seen.lowest_healthy,
                             .memory_before_bytes = *before,
                             .memory_highest_bytes = seen.highest_memory,
                             .memory_after_bytes = *after,
                             .api_calls = record->calls.total,
                             .duration_seconds = seconds(duration)};
}

Result<std::vector<Kill>> Demo::wait_for_kills(const StagedService& service, const Load& load) {
    const Instant deadline = world_.clock.now() + kill_limit;
    while (world_.clock.now() < deadline) {
        auto kills = scene_->kills(service, stop());
        if (!kills || kills->size() >= task_count) { return kills; }
        const auto mean = mean_memory(service);
        if (!mean) { return std::unexpected(mean.error()); }
        auto paused = pause(look_every, fmt::format("nobody recycles it: {} a task; {} killed; {}", format_bytes(*mean),
                                                    kills->size(), load_so_far(load.counts())));
        if (!paused) { return std::unexpected(paused.error()); }
    }
    return fail(ErrorKind::Timeout,
                fmt::format("the unrecycled tasks did not reach their limit within {}", format_duration(kill_limit)));
}

Result<tell::DemoUnrecycled> Demo::leave_alone() {
    const auto service = start_service({.name = "unrecycled",
                                        .tasks = task_count,
                                        .memory_mib = memory_mib,
                                        .leak_bytes_per_second = fast_leak_bytes_per_second});
    if (!service) { return std::unexpected(service.error()); }
    const Instant started_at = world_.clock.now();
    const Load load(world_.transport, world_.clock, {.url = service->url});
    const Watch watch(*scene_, *service, world_.clock, task_count);
    const auto first_kills = wait_for_kills(*service, load);
    if (!first_kills) { return std::unexpected(first_kills.error()); }
    if (auto paused = pause(aftermath, "its tasks were killed; new ones start"); !paused) {
        return std::unexpected(paused.error());
    }
    const LoadCounts counts = load.counts();
    const auto kills = scene_->kills(*service, stop());
    if (!kills) { return std::unexpected(kills.error()); }
    const auto seen = watch.sightings();
    if (seen.trouble) { return std::unexpected(*seen.trouble); }
    tell::DemoUnrecycled facts{.leak_bytes_per_second = fast_leak_bytes_per_second,
                               .requests_sent = counts.sent,
                               .requests_failed = counts.failed,
                               .first_failure = counts.first_failure,
                               .lowest_healthy = seen.lowest_healthy,
                               .oom_kills = static_cast<int>(kills->size()),
                               .duration_seconds = seconds(world_.clock.now() - started_at)};
    for (const auto& kill : *kills) {
        facts.kills.push_back({kill.task_arn, kill.exit_code, kill.reason, kill.stopped_at});
    }
    narrate(fmt::format("Left alone: {} tasks were killed for memory; {}", kills->size(), load_so_far(counts)));
    return facts;
}

Result<tell::DemoFacts> Demo::play() {
    const Instant started_at = world_.clock.now();
    if (auto staged = set_the_stage(); !staged) { return std::unexpected(staged.error()); }
    tell::DemoFacts facts{.tasks = task_count,
                          .memory_limit_bytes = memory_mib * mebibyte,
                          .memory_guard = ecs_->memory_guard(),
                          .leak_bytes_per_second = leak_bytes_per_second};
    const auto service = start_service({.name = "recycled",
                                        .tasks = task_count,
                                        .memory_mib = memory_mib,
                                        .leak_bytes_per_second = leak_bytes_per_second});
    if (!service) { return std::unexpected(service.error()); }
    {
        const Load load(world_.transport, world_.clock, {.url = service->url});
        if (auto climbed = let_memory_climb(*service, load); !climbed) { return std::unexpected(climbed.error()); }
        const auto recycled = recycle(*service, load);
        if (!recycled) { return std::unexpected(recycled.error()); }
        facts.recycle = *recycled;
    }
    if (facts.recycle.outcome == "done") {
        const auto unrecycled = leave_alone();
        if (!unrecycled) { return std::unexpected(unrecycled.error()); }
        facts.unrecycled = *unrecycled;
    }
    line_.clear();
    facts.duration_seconds = seconds(world_.clock.now() - started_at);
    return facts;
}

} // namespace ecsr::cli
