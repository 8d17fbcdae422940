// Whether a task finds a place (ECS behaviour A4, B3, C1). What a task takes is free again as soon as it is told to
// stop (B1).
#pragma once

#include "local/state/state.hpp"

#include <string>
#include <vector>

namespace ecsr::local {

enum class Shortage { None, Cpu, Memory, Tasks, Ports, Instances };

// What a task asks for: as the task says, else the sum of its containers, their reservations where they have one.
Capacity demand_of(const TaskDefinition& definition, const TaskOverrides& overrides = {});

// The same of one container; it takes no task.
Capacity demand_of(const ContainerDefinition& container, const TaskOverrides& overrides);

// What is left for tasks of one kind, counted down as they find a place. Looks at every task once when it is made, and
// at none when nothing limits them.
class Room {
public:
    Room(const State& state, const TaskDefinition& definition, const std::string& cluster,
         const std::string& launch_type, const Capacity& demand);

    // Takes the place of one more task; what is missing when there is none.
    Shortage take();

private:
    void count(const Task& task, const TaskDefinition& definition);

    Capacity demand_;
    Capacity left_;
    std::string cluster_;
    std::vector<int> host_ports_; // which one task alone can have
    bool ports_taken_ = false;
    bool no_instance_ = false;
};

// The container instance takes no tasks of this launch type: it is DRAINING, and Fargate does not run on it.
bool instance_drains(const State& state, const std::string& cluster, const std::string& launch_type);
bool instance_drains(const State& state, const Service& service);

// What the live tasks leave of State::capacity; unset where nothing limits them.
Capacity remaining_capacity(const State& state);

// What the service tells, without its name (ECS behaviour C1).
std::string shortage_event(const State& state, const std::string& cluster, const std::string& launch_type,
                           Shortage shortage);
// failures[].reason of RunTask (ECS behaviour A4).
std::string shortage_reason(const std::string& launch_type, Shortage shortage);

} // namespace ecsr::local
