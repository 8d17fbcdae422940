#include "tests/simulation/machine.hpp"

#include <stdexcept>
#include <utility>

namespace ecsr::simulation {

Machine::Machine(VirtualWorld& world, Millis clock_offset) : world_(world), offset_(clock_offset) {
    open();
}

bool Machine::sleep_until(Instant until, std::stop_token stop) {
    const Instant steady_end = world_.now() + std::max(until - now(), Millis(0));
    while (!stop.stop_requested() && world_.now() < steady_end && now() < until) {
        std::stop_source wake;
        const std::stop_callback stopped(stop, [&] { wake.request_stop(); });
        std::stop_source* const outer = std::exchange(sleep_, &wake);
        try {
            world_.sleep_until(steady_end, wake.get_token());
        } catch (...) {
            sleep_ = outer;
            throw;
        }
        sleep_ = outer;
    }
    return !stop.stop_requested() || now() >= until;
}

void Machine::jump(Millis by) {
    offset_ += by;
    if (sleep_ != nullptr) { sleep_->request_stop(); }
}

void Machine::restart(testing::Kept kept) {
    if (!disk_.is_down()) { disk_.cut_power_after(0); }
    journal_.reset();
    disk_.power_on(kept);
    open();
}

void Machine::open() {
    auto journal = act::open_journal(disk_.path("journal.db"));
    if (!journal) { throw std::runtime_error("the journal does not open: " + journal.error().message); }
    journal_ = std::move(*journal);
}

} // namespace ecsr::simulation
