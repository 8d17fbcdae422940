#include "local/runtime/helper_thread.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <future>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>

namespace ecsr::local {

Result<std::unique_ptr<HelperThread>> HelperThread::create(Millis tick, std::function<bool()> on_tick) {
    FileDescriptor epoll(::epoll_create1(EPOLL_CLOEXEC));
    FileDescriptor wakeup(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = wakeup.get();
    if (!epoll || !wakeup || ::epoll_ctl(epoll.get(), EPOLL_CTL_ADD, wakeup.get(), &event) != 0) {
        return fail(ErrorKind::Io, std::string("cannot watch processes: ") + std::strerror(errno));
    }
    return std::unique_ptr<HelperThread>(
        new HelperThread(std::move(epoll), std::move(wakeup), tick, std::move(on_tick)));
}

HelperThread::HelperThread(FileDescriptor epoll, FileDescriptor wakeup, Millis tick, std::function<bool()> on_tick)
    : epoll_(std::move(epoll)), wakeup_(std::move(wakeup)), tick_(tick), on_tick_(std::move(on_tick)),
      thread_([this] { loop(); }) {}

HelperThread::~HelperThread() {
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
    }
    wake();
    thread_.join();
}

void HelperThread::run(const std::function<void()>& job) {
    std::promise<void> done;
    {
        const std::lock_guard lock(mutex_);
        jobs_.emplace_back([&] {
            job();
            done.set_value();
        });
    }
    wake();
    done.get_future().wait();
}

Status HelperThread::watch(std::shared_ptr<const FileDescriptor> descriptor, std::function<bool()> ready) {
    const int number = descriptor->get();
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = number;
    const std::lock_guard lock(mutex_);
    if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, number, &event) != 0) {
        return fail(ErrorKind::Io, std::string("cannot watch a process: ") + std::strerror(errno));
    }
    watched_[number] = std::make_shared<const Watched>(Watched{std::move(descriptor), std::move(ready)});
    return {};
}

void HelperThread::wake_ticks() {
    {
        const std::lock_guard lock(mutex_);
        if (ticking_) { return; }
        ticking_ = true;
    }
    wake();
}

void HelperThread::wake() {
    const std::uint64_t one = 1;
    // The only failure is a counter that is full, and then the thread wakes anyway.
    [[maybe_unused]] const auto written = ::write(wakeup_.get(), &one, sizeof one);
}

void HelperThread::run_jobs() {
    std::vector<std::function<void()>> jobs;
    {
        const std::lock_guard lock(mutex_);
        jobs.swap(jobs_);
    }
    for (const auto& job : jobs) { job(); }
}

void HelperThread::serve(int descriptor) {
    std::shared_ptr<const Watched> watched;
    {
        const std::lock_guard lock(mutex_);
        const auto found = watched_.find(descriptor);
        if (found == watched_.end()) { return; }
        watched = found->second;
    }
    if (watched->ready()) { return; }
    const std::lock_guard lock(mutex_);
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, descriptor, nullptr);
    watched_.erase(descriptor);
}

void HelperThread::loop() {
    ::prctl(PR_SET_NAME, "ecsr-runtime");
    std::array<epoll_event, 64> events{};
    while (true) {
        bool ticking = false;
        {
            const std::lock_guard lock(mutex_);
            if (ending_ && jobs_.empty()) { return; }
            ticking = ticking_;
        }
        const int timeout = ticking ? static_cast<int>(tick_.count()) : -1;
        const int count = ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), timeout);
        for (int i = 0; i < count; ++i) {
            const int descriptor = events.at(static_cast<std::size_t>(i)).data.fd;
            if (descriptor != wakeup_.get()) {
                serve(descriptor);
                continue;
            }
            std::uint64_t wakeups = 0;
            [[maybe_unused]] const auto got = ::read(wakeup_.get(), &wakeups, sizeof wakeups);
        }
        run_jobs();
        if (ticking && on_tick_ && !on_tick_()) {
            const std::lock_guard lock(mutex_);
            ticking_ = false;
        }
    }
}

} // namespace ecsr::local
