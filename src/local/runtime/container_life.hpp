// One container from its start to its end, whatever runs it; what TaskRun drives.
#pragma once

#include "local/state/outside.hpp"

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <utility>

namespace ecsr::local {

// No call blocks for long: what takes time goes on by itself and is asked for again.
class ContainerLife {
public:
    // Waiting: not started yet. Ended: not running any more, or never started (exit_code() is empty then).
    enum class Phase { Waiting, Starting, Running, Ended };

    // The errors are the reasons that ECS gives (ECS behaviour C4).
    using Pulled = std::expected<void, std::string>;
    using Started = std::expected<ContainerStarted, std::string>;

    explicit ContainerLife(ContainerDefinition definition) : definition_(std::move(definition)) {}
    virtual ~ContainerLife() = default;
    ContainerLife(const ContainerLife&) = delete;
    ContainerLife& operator=(const ContainerLife&) = delete;

    const ContainerDefinition& definition() const { return definition_; }
    Phase phase() const { return phase_; }
    bool was_started() const { return was_started_; }
    std::optional<int> exit_code() const { return exit_code_; }
    Instant started_at() const { return started_at_; } // the last time
    Millis age(Instant now) const { return now - started_at_; }
    virtual Health health() const = 0;

    // Gets the image. Nothing while that goes on.
    virtual std::optional<Pulled> pull() = 0;
    // Requires Waiting after a good pull(), or Starting. Nothing while it goes on: it is Starting then. After an error
    // it has Ended.
    virtual std::optional<Started> start(const TaskLaunch& task, Instant now) = 0;
    // The same command once more, with the same ports. Requires Ended after start(). False when it could not be
    // started.
    virtual bool restart(const TaskLaunch& task, Instant now) = 0;
    // Requires Waiting.
    virtual void never_start() { phase_ = Phase::Ended; }

    // Its stop signal now, SIGKILL after the stop timeout. Requires Running; a second call does nothing.
    virtual void ask_to_stop(Instant now) = 0;
    virtual void kill() = 0;

    // Does what is due. The exit, when that has come.
    virtual std::optional<ContainerExited> check_exit(Instant now) = 0;
    // Does what is due. The health, when that has changed.
    virtual std::optional<Health> check_health(Instant now) = 0;

    // True when nothing of the container is left; false: call it again.
    virtual bool clean_up() = 0;
    // Blocks until the container has ended after kill(), at most that long.
    virtual void wait_for_end(int milliseconds) const = 0;

    // When time alone makes something happen; max() when never.
    virtual Instant next_event_at() const = 0;
    virtual std::uint64_t memory_usage() const = 0;
    // Processor time since it first started, or since its last start where the runtime tells no more; nothing when it
    // cannot be told. Requires Running.
    virtual std::optional<Micros> cpu_time() const = 0;

protected:
    const ContainerDefinition definition_;
    Phase phase_ = Phase::Waiting;
    bool was_started_ = false;
    std::optional<int> exit_code_;
    Instant started_at_{};
};

} // namespace ecsr::local
