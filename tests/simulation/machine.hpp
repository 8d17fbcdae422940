// The machine on which the recyclers run: its clock, which may be wrong, its disk, and the journal on it.
#pragma once

#include "act/journal.hpp"
#include "base/clock.hpp"
#include "tests/simulation/virtual_world.hpp"
#include "tests/support/virtual_disk.hpp"

#include <memory>
#include <stop_token>

namespace ecsr::simulation {

class Machine : public Clock {
public:
    Machine(VirtualWorld& world, Millis clock_offset);

    // Clock: as the real one, it sleeps for a span, and is woken early when the clock jumps beyond its end.
    Instant now() override { return world_.now() + offset_; }
    Millis steady() override { return world_.steady(); }
    bool sleep_until(Instant until, std::stop_token stop) override;
    void jump(Millis by);

    act::Journal& journal() { return *journal_; }
    testing::VirtualDisk& disk() { return disk_; }
    // The process that worked on it is gone: all of it dies where it stands, and the journal is opened anew.
    void restart(testing::Kept kept);

private:
    void open();

    VirtualWorld& world_;
    Millis offset_;
    std::stop_source* sleep_ = nullptr; // the present one
    testing::VirtualDisk disk_;
    std::unique_ptr<act::Journal> journal_;
};

} // namespace ecsr::simulation
