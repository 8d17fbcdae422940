#include "signals.hpp"

#include "base/error.hpp"

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <sys/eventfd.h>
#include <unistd.h>

namespace ecsr::apps {

namespace {

constexpr int handled[] = {SIGINT, SIGTERM, SIGHUP};

std::atomic<int> signal_descriptor{-1};

void wake(int descriptor) {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = write(descriptor, &one, sizeof one); // full means already awake
}

void on_signal(int) {
    const int saved = errno;
    wake(signal_descriptor.load(std::memory_order_relaxed));
    errno = saved;
}

void set_disposition(void (*handler)(int)) {
    struct sigaction action{};
    action.sa_handler = handler;
    action.sa_flags = SA_RESTART;
    sigemptyset(&action.sa_mask);
    for (const int number : handled) { sigaction(number, &action, nullptr); }
}

} // namespace

Signals::Signals() : descriptor_(eventfd(0, EFD_CLOEXEC)) {
    ECSR_ASSERT(descriptor_ >= 0);
    signal_descriptor.store(descriptor_, std::memory_order_relaxed);
    watcher_ = std::jthread([this](const std::stop_token& stop) { watch(stop); });
    set_disposition(on_signal);
}

Signals::~Signals() {
    set_disposition(SIG_DFL);
    watcher_.request_stop();
    wake(descriptor_);
    watcher_.join();
    close(descriptor_);
}

void Signals::watch(const std::stop_token& stop) {
    std::uint64_t seen = 0;
    while (true) {
        std::uint64_t count = 0;
        if (read(descriptor_, &count, sizeof count) != sizeof count) { continue; }
        if (stop.stop_requested()) { return; }
        seen += count;
        end_in_order_.request_stop();
        if (seen >= 2) { leave_now_.request_stop(); }
        if (seen >= 3) { std::_Exit(130); }
    }
}

} // namespace ecsr::apps
