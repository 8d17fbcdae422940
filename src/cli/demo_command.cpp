#include "cli/commands.hpp"
#include "cli/demo/demo.hpp"
#include "cli/failure.hpp"
#include "cli/parts.hpp"

#include <ostream>

namespace ecsr::cli {

namespace {

// The demo shows something only if the recycle dropped nothing and the other service suffered.
Status judge(const tell::DemoFacts& facts) {
    const auto& recycle = facts.recycle;
    if (recycle.outcome != "done") {
        return fail(ErrorKind::Remote, "the recycle ended " + recycle.outcome + ": " + recycle.reason);
    }
    if (recycle.requests_failed > 0) {
        return fail(ErrorKind::Remote, std::to_string(recycle.requests_failed) +
                                           " requests failed during the recycle: " + recycle.first_failure);
    }
    return {};
}

} // namespace

int demo(const Invocation& invocation, World& world) {
    StatusLine line(world.console.err, status_style(world, invocation.is_set("quiet")));
    Demo demo(world, line);
    const auto facts = demo.play();
    line.clear();
    if (!facts) { return report_failure(facts.error(), invocation, world); }
    world.console.out << (wants_json(invocation) ? tell::demo_json(*facts) + "\n" : tell::demo_text(*facts))
                      << std::flush;
    const auto verdict = judge(*facts);
    if (verdict) { return 0; }
    world.console.err << "ecs-recycler demo: " << verdict.error().message << "\n";
    return exit_code(verdict.error().kind);
}

} // namespace ecsr::cli
