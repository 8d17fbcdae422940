// local import: a service of AWS, read with the usual AWS options and written into a local ECS.
#include "aws/session.hpp"
#include "cli/commands.hpp"
#include "cli/failure.hpp"
#include "cli/local_control.hpp"
#include "cli/parts.hpp"
#include "cli/service_place.hpp"
#include "imports/import.hpp"
#include "local/api/known_keys.hpp"
#include "local/plane/control.hpp"
#include "local/workload/workload.hpp"
#include "tell/local_report.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <ostream>

namespace ecsr::cli {

namespace {

constexpr Millis short_answer{10'000};

bool has_local_variables(const World& world) {
    return world.environment.non_empty("AWS_ACCESS_KEY_ID") == std::string(local::own_access_key);
}

// What "local env" prints is about the copy: where nothing else says where the original is, it is in AWS, with what the
// profile or the rest of the environment knows.
World world_of_original(const Invocation& invocation, const World& world) {
    World original = world;
    const bool is_local = has_local_variables(world);
    if (invocation.has("endpoint-url")) { return original; }
    original.environment.get = [get = world.environment.get, is_local](const std::string& name) {
        const bool where = name == "AWS_ENDPOINT_URL";
        const bool who = name == "AWS_ACCESS_KEY_ID" || name == "AWS_SECRET_ACCESS_KEY" || name == "AWS_REGION" ||
                         name == "AWS_DEFAULT_REGION";
        return where || (who && is_local) ? std::nullopt : get(name);
    };
    return original;
}

// Who is asked to set a variable that is set has to hear why it does not count.
Error told_of_original(Error error, const Invocation& invocation, const World& world) {
    if (error.kind == ErrorKind::Usage && !invocation.has("endpoint-url") && has_local_variables(world)) {
        error.message += "; what \"local env\" prints says nothing about the original";
    }
    return error;
}

Result<std::unique_ptr<aws::Caller>> session_of_copy(const LocalControl& ecs, World& world) {
    aws::SessionOptions options;
    options.endpoint_url = ecs.url();
    options.region = "us-east-1";
    options.access_key_id = options.secret_access_key = std::string(local::own_access_key);
    auto session =
        aws::Session::create(world.transport, world.clock, Random(world.seed + 1), aws::empty_environment(), options);
    if (!session) { return std::unexpected(std::move(session).error()); }
    return std::unique_ptr<aws::Caller>(*std::move(session));
}

// Error: Usage.
Result<imports::Choices> read_choices(const Invocation& invocation) {
    imports::Choices choices;
    choices.workloads = local::workload_names();
    choices.with_environment = invocation.is_set("with-environment");
    if (invocation.has("desired-count")) {
        choices.desired_count = static_cast<int>(invocation.number("desired-count"));
    }
    for (const auto& text : invocation.list("image")) {
        const auto equals = text.find('=');
        if (equals == 0 || equals == std::string::npos || equals + 1 == text.size()) {
            return fail(ErrorKind::Usage, fmt::format("--image \"{}\" is not NAME=IMAGE", text));
        }
        choices.images[text.substr(0, equals)] = text.substr(equals + 1);
    }
    return choices;
}

Result<imports::Imported> import(const Invocation& invocation, World& world) {
    auto choices = read_choices(invocation);
    if (!choices) { return std::unexpected(choices.error()); }
    const auto place = service_place(invocation);
    if (!place) { return std::unexpected(place.error()); }
    auto ecs = LocalControl::find(invocation, world, false);
    if (!ecs) { return std::unexpected(ecs.error()); }
    const auto answer = ecs->ask("GET", std::string(local::control::clock_path), "", short_answer);
    if (!answer) { return std::unexpected(answer.error()); }
    const auto there = local::control::read_clock(*answer);
    if (!there) { return std::unexpected(there.error()); }
    const auto runtime = imports::parse_runtime(there->runtime);
    if (!runtime) { return std::unexpected(runtime.error()); }
    choices->runtime = *runtime;

    World source = world_of_original(invocation, world);
    const auto older = load_older_input(invocation, source);
    if (!older) { return std::unexpected(older.error()); }
    const auto session = make_session(invocation, source, *older);
    if (!session) { return std::unexpected(told_of_original(session.error(), invocation, world)); }
    const auto copy = session_of_copy(*ecs, world);
    if (!copy) { return std::unexpected(copy.error()); }
    const auto stop = world.interrupts.end_in_order;
    const auto original = imports::read_original(**session, place->cluster, place->service, world.clock.now(), stop);
    if (!original) { return std::unexpected(original.error()); }
    return imports::write_copy(**copy, *original, *choices, stop);
}

std::optional<double> seconds(const std::optional<Millis>& span) {
    return span.transform([](Millis value) { return static_cast<double>(value.count()) / 1'000; });
}

tell::LocalImportFacts facts_of(const imports::Imported& imported) {
    tell::LocalImportFacts facts{.original = imported.original,
                                 .cluster = imported.cluster,
                                 .service = imported.service,
                                 .task_definition = imported.task_definition,
                                 .original_task_definition = imported.original_task_definition,
                                 .desired_count = imported.desired_count,
                                 .urls = imported.urls,
                                 .scaling_min = {},
                                 .scaling_max = {},
                                 .start_seconds = seconds(imported.start),
                                 .health_seconds = seconds(imported.health),
                                 .ignores_sigterm = imported.ignores_sigterm,
                                 .not_copied = imported.left_out};
    if (imported.scaling) {
        facts.scaling_min = imported.scaling->min_capacity;
        facts.scaling_max = imported.scaling->max_capacity;
    }
    return facts;
}

} // namespace

int local_import(const Invocation& invocation, World& world) {
    const auto imported = import(invocation, world);
    if (!imported) { return report_failure(imported.error(), invocation, world); }
    const auto facts = facts_of(*imported);
    world.console.out << (wants_json(invocation) ? tell::local_import_json(facts) + "\n"
                                                 : tell::local_import_text(facts));
    return 0;
}

} // namespace ecsr::cli
