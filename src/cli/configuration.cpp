#include "cli/configuration.hpp"

#include <filesystem>

namespace ecsr::cli {

Result<config::Loaded> load_configuration(const std::string& file, const World& world) {
    const auto text = world.environment.read_file(file);
    if (!text) {
        Error error = text.error();
        if (error.kind == ErrorKind::Io) { error.kind = ErrorKind::Usage; } // a folder, say: another file must be named
        return std::unexpected(std::move(error));
    }
    const auto read_beside = [&](const std::string& path) {
        return world.environment.read_file((std::filesystem::path(file).parent_path() / path).string());
    };
    return config::load(*text, {.variables = world.environment.get, .read_file = read_beside});
}

} // namespace ecsr::cli
