// Those who change the service while it is recycled: people, autoscalers, deployments, other recyclers.
#pragma once

#include "base/random.hpp"
#include "tests/simulation/checkers.hpp"
#include "tests/simulation/options.hpp"
#include "tests/simulation/virtual_world.hpp"

#include <functional>
#include <map>
#include <string>

namespace ecsr::simulation {

class Saboteurs {
public:
    // `abort`: asks the run to end; `recycle_too`: starts a second recycler. Both may do nothing and then return false.
    struct Means {
        std::function<bool()> abort;
        std::function<bool()> recycle_too;
        std::function<void(const std::string& text)> tell;
    };

    Saboteurs(VirtualWorld& world, const Options& options, Random& random, Others& others, Marks& marks, Means means);

    // After every move of the world: does what is due.
    void act(Instant now);
    void calm() { plan_.clear(); }

private:
    void scale();
    void protect();
    void deploy();

    VirtualWorld& world_;
    const Options& options_;
    Random& random_;
    Others& others_;
    Marks& marks_;
    Means means_;
    std::multimap<Instant, std::function<void()>> plan_;
    bool busy_ = false;
};

} // namespace ecsr::simulation
