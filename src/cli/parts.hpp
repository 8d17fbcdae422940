// The parts that several commands are built from, made from what the user typed.
#pragma once

#include "act/journal.hpp"
#include "aws/session.hpp"
#include "cli/command_line.hpp"
#include "cli/world.hpp"

#include <memory>

namespace ecsr::cli {

// From --profile, --region, --role-arn, --external-id and --endpoint-url. Errors: see aws::Session::create.
Result<std::unique_ptr<aws::Caller>> make_session(const Invocation& invocation, World& world);

// From --journal, else its default place. Errors: Usage, Io.
Result<std::unique_ptr<act::Journal>> make_journal(const Invocation& invocation, World& world);

bool wants_json(const Invocation& invocation);

} // namespace ecsr::cli
