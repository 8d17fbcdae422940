// The story of "ecs-recycler demo", step by step, on a local ECS of its own.
#pragma once

#include "cli/demo/load.hpp"
#include "cli/demo/scene.hpp"
#include "cli/local_ecs.hpp"
#include "cli/status_line.hpp"
#include "cli/world.hpp"
#include "tell/demo_report.hpp"

#include <memory>
#include <string>

namespace ecsr::cli {

class Demo {
public:
    // `line` shows what is being waited for.
    Demo(World& world, StatusLine& line) : world_(world), line_(line) {}

    // Plays everything. Errors: what kept the story from being played; whether requests failed is in the facts.
    Result<tell::DemoFacts> play();

private:
    Status set_the_stage();
    Result<StagedService> start_service(const LeakyService& service);
    Status let_memory_climb(const StagedService& service, const Load& load);
    Result<tell::DemoRecycle> recycle(const StagedService& service, const Load& load);
    Result<tell::DemoUnrecycled> leave_alone();
    Result<std::vector<Kill>> wait_for_kills(const StagedService& service, const Load& load);
    Result<std::uint64_t> mean_memory(const StagedService& service);
    Status pause(Millis span, const std::string& during);
    void narrate(const std::string& text);
    std::stop_token stop() const { return world_.interrupts.end_in_order; }

    World& world_;
    StatusLine& line_;
    std::unique_ptr<LocalEcs> ecs_;
    std::unique_ptr<aws::Caller>
        stagehand_; // apart from the run's own session, so that the run's calls are counted alone
    std::unique_ptr<Scene> scene_;
};

} // namespace ecsr::cli
