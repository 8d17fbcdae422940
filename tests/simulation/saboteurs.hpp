// Those who change the service while it is recycled: people, autoscalers, deployments, alarms, other recyclers.
#pragma once

#include "base/random.hpp"
#include "tests/simulation/options.hpp"
#include "tests/simulation/others.hpp"
#include "tests/simulation/virtual_world.hpp"
#include "tests/simulation/wire.hpp"

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace ecsr::simulation {

class Saboteurs {
public:
    // What is done to the recycler and its machine. Those that return bool may do nothing and then return false.
    struct Means {
        std::function<bool()> abort;       // asks the run to end
        std::function<bool()> interrupt;   // Ctrl-C
        std::function<bool()> recycle_too; // a second recycler; true: it was refused
        std::function<void(Millis by)> jump_clock;
        std::function<void(bool full)> fill_disk;
        std::function<void(const std::string& text)> tell;
    };

    Saboteurs(VirtualWorld& world, const Options& options, Random& random, Others& others, Marks& marks, Means means);

    // After every move of the world: does what is due.
    void act(Instant now);
    void calm();

private:
    void plan(int times, void (Saboteurs::*deed)());
    void later(int low_seconds, int high_seconds, std::function<void()> deed);

    void scale();
    void autoscale();
    void set_desired(int to);
    bool is_confusing(int to) const;
    Millis long_ago() const;
    void change_limits();
    void protect();
    void unprotect();
    void deploy();
    void deploy_revision();
    void delete_service();
    void fire_alarm();
    void take_memory();
    void free_memory();
    void abort();
    void interrupt();
    void recycle_too();
    void jump_clock();
    void fill_disk();

    VirtualWorld& world_;
    const Options& options_;
    Random& random_;
    Others& others_;
    Marks& marks_;
    Means means_;
    std::multimap<Instant, std::function<void()>> plan_;
    bool busy_ = false;
    std::vector<std::string> neighbours_; // tasks that hold memory
};

} // namespace ecsr::simulation
