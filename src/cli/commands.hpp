// The bodies of the commands; each returns the exit code and prints its own results and errors.
#pragma once

#include "cli/command_line.hpp"
#include "cli/world.hpp"

namespace ecsr::cli {

int recycle(const Invocation& invocation, World& world);
int status(const Invocation& invocation, World& world);
int runs_list(const Invocation& invocation, World& world);
int runs_show(const Invocation& invocation, World& world);
int runs_resume(const Invocation& invocation, World& world);
int runs_abort(const Invocation& invocation, World& world);
int schedule_next(const Invocation& invocation, World& world);
int iam_policy(const Invocation& invocation, World& world);
int notify_test(const Invocation& invocation, World& world);
int local_up(const Invocation& invocation, World& world);
int serve(const Invocation& invocation, World& world);
int config_check(const Invocation& invocation, World& world);
int local_status(const Invocation& invocation, World& world);
int local_events(const Invocation& invocation, World& world);
int local_logs(const Invocation& invocation, World& world);
int local_snapshot_save(const Invocation& invocation, World& world);
int local_snapshot_load(const Invocation& invocation, World& world);
int local_import(const Invocation& invocation, World& world);
int local_env(const Invocation& invocation, World& world);
int local_advance(const Invocation& invocation, World& world);
int local_fault_add(const Invocation& invocation, World& world);
int local_fault_list(const Invocation& invocation, World& world);
int local_fault_clear(const Invocation& invocation, World& world);
int demo(const Invocation& invocation, World& world);
int workload(const Invocation& invocation, World& world);

} // namespace ecsr::cli
