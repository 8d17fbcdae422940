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

// The descriptor adds up: interrupts are counted in its low half, hang-ups in its high half.
constexpr std::uint64_t one_interrupt = 1;
constexpr std::uint64_t one_hangup = std::uint64_t{1} << 32;

void wake(int descriptor, std::uint64_t what) {
    [[maybe_unused]] const auto written = write(descriptor, &what, sizeof what); // full means already awake
}

void on_signal(int number) {
    const int saved = errno;
    wake(signal_descriptor.load(std::memory_order_relaxed), number == SIGHUP ? one_hangup : one_interrupt);
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
    std::signal(SIGPIPE, SIG_IGN); // a reader that goes away must not end a run half-way
    watcher_ = std::jthread([this](const std::stop_token& stop) { watch(stop); });
    set_disposition(on_signal);
}

Signals::~Signals() {
    set_disposition(SIG_DFL);
    std::signal(SIGPIPE, SIG_DFL);
    watcher_.request_stop();
    wake(descriptor_, one_interrupt);
    watcher_.join();
    close(descriptor_);
}

void Signals::on_hangup(std::function<void()> handler) {
    const std::lock_guard lock(mutex_);
    hangup_handler_ = std::move(handler);
}

// Whether somebody took them.
bool Signals::take_hangups() {
    const std::lock_guard lock(mutex_);
    if (!hangup_handler_) { return false; }
    hangup_handler_();
    return true;
}

void Signals::watch(const std::stop_token& stop) {
    std::uint64_t seen = 0;
    while (true) {
        std::uint64_t count = 0;
        if (read(descriptor_, &count, sizeof count) != sizeof count) { continue; }
        if (stop.stop_requested()) { return; }
        const std::uint64_t hangups = count / one_hangup;
        seen += count % one_hangup;
        if (hangups > 0 && !take_hangups()) { seen += hangups; }
        if (seen == 0) { continue; }
        end_in_order_.request_stop();
        if (seen >= 2) { leave_now_.request_stop(); }
        if (seen >= 3) { std::_Exit(130); }
    }
}

} // namespace ecsr::apps
