// The parts that several commands are built from, made from what the user typed.
#pragma once

#include "act/journal.hpp"
#include "aws/session.hpp"
#include "cli/command_line.hpp"
#include "cli/world.hpp"
#include "config/older_input.hpp"

#include <memory>
#include <string>

namespace ecsr::cli {

// What --config names; empty without it. Warns of what is probably a mistake in the file. Errors: Usage, Io: one line.
Result<config::OlderInput> load_older_input(const Invocation& invocation, World& world);

// From --profile, --region, --role-arn, --external-id and --endpoint-url, and behind these from `older`. `region`: for
// a service that lives elsewhere; else empty. Errors: see aws::Session::create.
Result<std::unique_ptr<aws::Caller>> make_session(const Invocation& invocation, World& world,
                                                  const config::OlderInput& older, const std::string& region = "");

// From --journal, else its default place; a table is read with the credentials of flags and `older`. Errors: Usage, Io.
Result<std::unique_ptr<act::Journal>> make_journal(const Invocation& invocation, World& world,
                                                   const config::OlderInput& older = {});

// The same of one that there is: what reads, or goes on with a run, makes none. Error NotFound besides.
Result<std::unique_ptr<act::Journal>> existing_journal(const Invocation& invocation, World& world,
                                                       const config::OlderInput& older = {});

// Whether there is one already; a table counts as one. What only reads need not make one.
bool has_journal(const Invocation& invocation, const World& world);

bool wants_json(const Invocation& invocation);

} // namespace ecsr::cli
