// Descriptions for base/json_mapper.hpp of everything that a run is made of. For .cpp files alone.
#pragma once

#include "aws/call.hpp"
#include "base/error.hpp"
#include "judge/recycle/run.hpp"

#include <boost/describe.hpp>

namespace ecsr {

BOOST_DESCRIBE_ENUM(ErrorKind, Usage, Refused, Locked, Credentials, Timeout, Interrupted, NotFound, Throttled,
                    Unreachable, Remote, Io)
BOOST_DESCRIBE_ENUM(Strategy, Rolling, ForceDeployment)
BOOST_DESCRIBE_ENUM(Drain, Auto, ScaleIn, StopTask)
BOOST_DESCRIBE_ENUM(Order, Oldest, Newest, Az, Random)
BOOST_DESCRIBE_ENUM(OnError, Restore, Pause)
BOOST_DESCRIBE_STRUCT(Amount, (), (value, percent))
BOOST_DESCRIBE_STRUCT(RunSpec, (),
                      (cluster, service, strategy, drain, batch, surge, max_unavailable, wait, order, older_than, tasks,
                       healthy_for, alarms, timeout, on_error, ask, wait_for_protection, started_by, reason, seed))
BOOST_DESCRIBE_STRUCT(SuspendedState, (), (dynamic_scaling_in, dynamic_scaling_out, scheduled_scaling))
BOOST_DESCRIBE_STRUCT(ScalableTarget, (), (resource_id, min_capacity, max_capacity, suspended))

namespace aws {
BOOST_DESCRIBE_STRUCT(CallCounts, (), (total, by_operation))
} // namespace aws

namespace recycle {

BOOST_DESCRIBE_ENUM(Outcome, Done, Failed, Stopped, TimedOut, RolledBack)
BOOST_DESCRIBE_ENUM(Phase, Preflight, SuspendScaling, Surge, AwaitFresh, ProtectOthers, ReleaseVictims, Lower,
                    AwaitGoing, StopVictims, AwaitReplaced, BetweenBatches, ForceDeployment, AwaitDeployment, BackOut,
                    RestoreDesired, AwaitSurplusGone, RestoreProtection, RestoreScaling, AwaitDrained, Ended)
BOOST_DESCRIBE_STRUCT(SetDesiredCount, (), (from, to))
BOOST_DESCRIBE_STRUCT(ProtectTasks, (), (task_arns, enabled, expires_in))
BOOST_DESCRIBE_STRUCT(StopTask, (), (task_arn, reason))
BOOST_DESCRIBE_STRUCT(ForceNewDeployment, (), ())
BOOST_DESCRIBE_STRUCT(SetScaling, (), (from, to))
BOOST_DESCRIBE_STRUCT(Replacement, (), (task_arn, replaced_by, batch, stop_ordered_at, stopped_at, began_at))
BOOST_DESCRIBE_STRUCT(Skipped, (), (task_arn, reason))
BOOST_DESCRIBE_STRUCT(Ending, (), (outcome, reason, cause))
BOOST_DESCRIBE_STRUCT(Trouble, (), (count, since, retry_at, last, of_look))
BOOST_DESCRIBE_STRUCT(Looks, (), (count, since, too_early_at, asked_at, running))
BOOST_DESCRIBE_STRUCT(Learned, (), (start, start_slack, going))
BOOST_DESCRIBE_STRUCT(FormerDesired, (), (count, until))
BOOST_DESCRIBE_STRUCT(Superseded, (), (desired, desired_by_others, desired_by_others_at, scaling_at))
BOOST_DESCRIBE_STRUCT(Run, (),
                      (id, spec, started_at, cutoff, deadline, phase, phase_since, desired_before, desired_theirs,
                       desired_ours, desired_written_at, superseded, scaling_before, scaling_ours, protected_by_us,
                       protection_told, deployment_id, drain, healthy_for, remaining, batch, batch_size, surge,
                       batch_number, batches_total, fresh, healthy_since, replaced, skipped, taken_as_replacement,
                       batch_began_at, next_batch_at, failed_starts, lower_attempts, learned, looks, next_step_at,
                       pending, pending_at, pending_from, trouble, approved_next, abort_requested, abort_reason, paused,
                       ending, restored, drained, service_gone, healthy_before, lowest_healthy, ended_at))

} // namespace recycle
} // namespace ecsr
