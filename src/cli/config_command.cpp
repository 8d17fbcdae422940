#include "cli/commands.hpp"
#include "cli/failure.hpp"
#include "cli/parts.hpp"
#include "config/report.hpp"

#include <fmt/ostream.h>

namespace ecsr::cli {

int config_check(const Invocation& invocation, World& world) {
    const std::string& file = invocation.positional(0);
    const auto text = world.environment.read_file(file);
    if (!text) { return report_failure(text.error(), invocation, world); }
    const auto loaded = config::load(*text, world.environment.get);
    world.console.err << config::problems_text(file, loaded.problems);
    if (wants_json(invocation)) {
        world.console.out << config::check_json(file, loaded) << "\n";
    } else if (loaded.settings) {
        world.console.out << config::settings_text(file, *loaded.settings);
    }
    return loaded.settings ? 0 : 2;
}

} // namespace ecsr::cli
