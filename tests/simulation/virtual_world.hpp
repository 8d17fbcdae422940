// The local ECS on virtual time as a simulation uses it: time may end, and setting the stage must succeed.
#pragma once

#include "local/virtual/virtual_ecs.hpp"

#include <string>

namespace ecsr::simulation {

// Virtual time is over and the run is not.
struct OutOfTime {};
// The recycler's process dies here.
struct Crash {};

class VirtualWorld : public local::VirtualEcs {
public:
    explicit VirtualWorld(const local::VirtualEcsOptions& options);

    // From then on every move of time throws OutOfTime.
    void end_of_time(Instant end) { end_ = end; }

    // As those of VirtualEcs; throw runtime_error when they fail.
    std::string ecs(const std::string& operation, const std::string& body);
    std::string scaling(const std::string& operation, const std::string& body);
    std::string elb(const std::string& form);
    // The alarm "errors"; `members` of JSON.
    void alarm(const std::string& operation, const std::string& members);
    // The service that is recycled; null once it is deleted for good.
    const local::Service* service() const;

private:
    Instant end_ = Instant::max();
};

} // namespace ecsr::simulation
