// Containment without cgroups: resident memory is sampled, and descendants are found by a mark in their environment.
#include "local/runtime/cgroup_files.hpp"
#include "local/runtime/containment.hpp"
#include "local/runtime/process_tree.hpp"

#include <csignal>
#include <fmt/format.h>
#include <fstream>
#include <mutex>
#include <numeric>

namespace ecsr::local {

namespace {

namespace fs = std::filesystem;

// Sampling that finds a container over its limit comes up to 20 ms late. RLIMIT_DATA stops what grows faster than that,
// and leaves room for runtimes that reserve much more than they use.
constexpr std::uint64_t data_limit_factor = 4;
constexpr std::uint64_t data_limit_extra = 256U << 20U;

// Walking the threads of a process for its children costs more than reading its size.
constexpr int samples_between_walks = 5;

struct WatchedContainer {
    CellRequest request;
    pid_t main = 0;
    std::uint64_t memory_kills = 0;
    std::vector<pid_t> tree{};
    int samples_until_walk = 0;
};

// The containers that are sampled; used by the helper thread and by the runtime's caller.
class Watchlist {
public:
    void add(std::shared_ptr<WatchedContainer> container) {
        const std::lock_guard lock(mutex_);
        containers_.push_back(std::move(container));
    }
    void remove(const std::shared_ptr<WatchedContainer>& container) {
        const std::lock_guard lock(mutex_);
        std::erase(containers_, container);
    }
    std::uint64_t memory_kills(const WatchedContainer& container) const {
        const std::lock_guard lock(mutex_);
        return container.memory_kills;
    }
    // Kills in what is over its limit; false when there is nothing to watch.
    bool sample();

private:
    mutable std::mutex mutex_;
    std::vector<std::shared_ptr<WatchedContainer>> containers_;
};

using Measure = std::uint64_t (*)(pid_t);
using Containers = std::vector<WatchedContainer*>;

std::uint64_t sum(const Containers& containers, Measure measure) {
    std::uint64_t bytes = 0;
    for (const auto* container : containers) {
        for (const pid_t pid : container->tree) { bytes += measure(pid); }
    }
    return bytes;
}

bool exceeds(const Containers& containers, std::uint64_t limit) {
    return sum(containers, resident_bytes) > limit && sum(containers, charged_bytes) > limit; // the cheap bound first
}

// As the kernel would have it.
void kill_largest(const Containers& containers) {
    pid_t largest = 0;
    std::uint64_t most = 0;
    WatchedContainer* victim = nullptr;
    for (auto* container : containers) {
        for (const pid_t pid : container->tree) {
            const std::uint64_t bytes = charged_bytes(pid);
            if (bytes <= most) { continue; }
            most = bytes;
            largest = pid;
            victim = container;
        }
    }
    if (victim == nullptr) { return; }
    ++victim->memory_kills;
    ::kill(largest, SIGKILL);
}

void refresh_tree(WatchedContainer& container) {
    if (container.samples_until_walk-- > 0) { return; }
    container.samples_until_walk = samples_between_walks - 1;
    container.tree = process_tree(container.main);
}

bool Watchlist::sample() {
    const std::lock_guard lock(mutex_);
    std::map<std::string, Containers> tasks;
    for (const auto& container : containers_) {
        refresh_tree(*container);
        const auto& request = container->request;
        if (request.memory_limit && exceeds({container.get()}, *request.memory_limit)) {
            kill_largest({container.get()});
        } else if (request.task_memory_limit) {
            tasks[request.task_id].push_back(container.get());
        }
    }
    for (const auto& [id, containers] : tasks) {
        if (exceeds(containers, *containers.front()->request.task_memory_limit)) { kill_largest(containers); }
    }
    return !containers_.empty();
}

class WatchedCell final : public Cell {
public:
    WatchedCell(CellRequest request, Watchlist& watchlist, HelperThread& sampler, fs::path folder)
        : container_(std::make_shared<WatchedContainer>(WatchedContainer{std::move(request)})), watchlist_(watchlist),
          sampler_(sampler), folder_(std::move(folder)) {}
    ~WatchedCell() override { watchlist_.remove(container_); }

    std::vector<int> entrances() const override { return {}; }

    std::optional<std::uint64_t> data_limit() const override {
        const auto& request = container_->request;
        const auto limit = request.memory_limit ? request.memory_limit : request.task_memory_limit;
        if (!limit) { return std::nullopt; }
        return *limit * data_limit_factor + data_limit_extra;
    }

    void entered(pid_t main) override {
        container_->main = main;
        std::ofstream{note()} << main << '\n'; // tells the guardian what to kill
        watchlist_.add(container_);
        sampler_.wake_ticks();
    }

    bool kill_all() override {
        const auto inside = processes_marked_with(container_->request.mark);
        for (const pid_t pid : inside) { ::kill(pid, SIGKILL); }
        return inside.empty();
    }

    std::uint64_t memory_kills() const override { return watchlist_.memory_kills(*container_); }

    std::uint64_t memory_usage() const override {
        const auto tree = process_tree(container_->main);
        return std::accumulate(tree.begin(), tree.end(), std::uint64_t{0},
                               [](std::uint64_t bytes, pid_t pid) { return bytes + charged_bytes(pid); });
    }

    Micros cpu_time() const override { return cpu_time_of_tree(container_->main); }

    bool remove() override {
        watchlist_.remove(container_);
        std::error_code gone;
        fs::remove(note(), gone);
        return processes_marked_with(container_->request.mark).empty();
    }

private:
    fs::path note() const { return folder_ / std::to_string(container_->main); }

    const std::shared_ptr<WatchedContainer> container_;
    Watchlist& watchlist_;
    HelperThread& sampler_;
    const fs::path folder_;
};

class WatchdogContainment final : public Containment {
public:
    explicit WatchdogContainment(fs::path folder) : folder_(std::move(folder)) {}

    Status start() {
        auto sampler = HelperThread::create(Millis(20), [this] { return watchlist_.sample(); });
        if (!sampler) { return std::unexpected(std::move(sampler).error()); }
        sampler_ = std::move(sampler).value();
        return {};
    }
    MemoryGuard guard() const override { return MemoryGuard::Watchdog; }
    Result<std::unique_ptr<Cell>> make_cell(const CellRequest& request) override {
        return std::make_unique<WatchedCell>(request, watchlist_, *sampler_, folder_);
    }
    bool end_task(const std::string&) override { return true; }
    std::vector<std::string> folders() const override { return {}; }

private:
    const fs::path folder_;
    Watchlist watchlist_;
    std::unique_ptr<HelperThread> sampler_; // last: it uses the watchlist
};

} // namespace

Result<std::unique_ptr<Containment>> make_watchdog_containment(const fs::path& folder) {
    std::error_code error;
    fs::create_directories(folder, error);
    if (error) { return fail(ErrorKind::Io, fmt::format("cannot make {}: {}", folder.string(), error.message())); }
    auto containment = std::make_unique<WatchdogContainment>(folder);
    if (auto started = containment->start(); !started) { return std::unexpected(std::move(started).error()); }
    return containment;
}

} // namespace ecsr::local
