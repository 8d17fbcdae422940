// ECS API shapes -> facts of the model.
#pragma once

#include "aws/ecs/types.hpp"
#include "model/scaling.hpp"
#include "model/service.hpp"
#include "model/task.hpp"

namespace ecsr::aws::ecs {

// Defaults are those of ECS where the answer leaves a value out: REPLICA, controller ECS, 100/200 percent (ECS
// behaviour B1).
ecsr::Service to_model(const Service& service);

// A task that ECS tells no creation time for keeps created_at at zero: the caller must know better (observe/ takes the
// time at which the task was first seen), because such a task is new, not old.
ecsr::Task to_model(const Task& task);

ecsr::TaskDefinition to_model(const TaskDefinition& definition);
ecsr::TaskProtection to_model(const ProtectedTask& task);

} // namespace ecsr::aws::ecs
