#include "cli/commands.hpp"
#include "cli/configuration.hpp"
#include "cli/failure.hpp"
#include "cli/parts.hpp"
#include "config/report.hpp"

#include <fmt/ostream.h>

namespace ecsr::cli {

int config_check(const Invocation& invocation, World& world) {
    const std::string& file = invocation.positional(0);
    const auto read = load_configuration(file, world);
    if (!read) { return report_failure(read.error(), invocation, world); }
    const config::Loaded& loaded = *read;
    world.console.err << config::problems_text(file, loaded.problems);
    if (wants_json(invocation)) {
        world.console.out << config::check_json(file, loaded) << "\n";
    } else if (loaded.settings) {
        world.console.out << config::settings_text(file, *loaded.settings);
    }
    return loaded.settings ? 0 : 2;
}

} // namespace ecsr::cli
