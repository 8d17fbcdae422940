// The network between one recycler and the local ECS: in memory, with the faults that were drawn.
#pragma once

#include "base/random.hpp"
#include "base/transport.hpp"
#include "tests/simulation/options.hpp"
#include "tests/simulation/virtual_world.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <utility>

namespace ecsr::simulation {

using Marks = std::map<std::string, std::int64_t>;

// What a recycler asked for and what became of it.
struct Exchange {
    std::string operation; // "UpdateService"
    std::string body;
    bool executed = false; // it reached the local ECS
    bool fresh = false;    // and the recycler got an answer that holds what is
};

class Wire : public Transport {
public:
    // `is_dead`: the machine at its end has no power any more. `asked` is called just before the local ECS answers: by
    // the end of a request others may have acted; `told` after each exchange. All must outlive the wire.
    Wire(VirtualWorld& world, const Options& options, Random& random, Marks& marks, std::function<bool()> is_dead,
         std::function<void()> asked, std::function<void(const Exchange&)> told)
        : world_(world), options_(options), random_(random), marks_(marks), is_dead_(std::move(is_dead)),
          asked_(std::move(asked)), told_(std::move(told)) {}

    Result<HttpResponse> send(const HttpRequest& request, const TransportOptions& options,
                              std::stop_token stop) override;

    void calm() { calm_ = true; }
    // Throws Crash where it dies. The process dies at the n-th exchange from now on, before or after it is carried out.
    // 0: never.
    void crash_at(std::int64_t exchanges, bool before);
    std::int64_t exchanges() const { return count_; }

private:
    enum class Fault { None, Throttled, Failing, Lost };

    Fault draw_fault();
    bool is_crash(bool before) const;
    Result<HttpResponse> carry_out(const HttpRequest& request, Exchange& exchange, Fault fault);
    bool is_out_of_time(const HttpRequest& request) const;
    HttpResponse answer(const HttpRequest& request, Exchange& exchange);

    VirtualWorld& world_;
    const Options& options_;
    Random& random_;
    Marks& marks_;
    std::function<bool()> is_dead_;
    std::function<void()> asked_;
    std::function<void(const Exchange&)> told_;
    bool calm_ = false;
    std::int64_t count_ = 0;
    std::int64_t crash_at_ = 0;
    bool crash_before_ = false;
    // Earlier answers to the same question, for reads that lag.
    std::map<std::string, std::deque<std::pair<Instant, HttpResponse>>> earlier_;
};

} // namespace ecsr::simulation
