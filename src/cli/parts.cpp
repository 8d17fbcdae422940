#include "cli/parts.hpp"

#include "base/random.hpp"

namespace ecsr::cli {

Result<std::unique_ptr<aws::Session>> make_session(const Invocation& invocation, World& world) {
    aws::SessionOptions options;
    options.profile = invocation.optional_text("profile");
    options.region = invocation.optional_text("region");
    options.endpoint_url = invocation.optional_text("endpoint-url");
    options.role_arn = invocation.optional_text("role-arn");
    options.external_id = invocation.optional_text("external-id");
    return aws::Session::create(world.transport, world.clock, Random(world.seed), world.environment, options);
}

Result<std::unique_ptr<act::Journal>> make_journal(const Invocation& invocation, World& world) {
    const auto url = invocation.optional_text("journal");
    const auto path =
        url ? act::journal_path(*url)
            : act::default_journal_path(world.environment.non_empty("XDG_STATE_HOME"), world.environment.home);
    if (!path) { return std::unexpected(path.error()); }
    return act::open_journal(*path);
}

bool wants_json(const Invocation& invocation) {
    return find_option(invocation.command(), "output") != nullptr && invocation.text("output") == "json";
}

} // namespace ecsr::cli
