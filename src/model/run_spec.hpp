// What the user asks of one recycle.
#pragma once

#include "base/time.hpp"

#include <optional>
#include <string>
#include <vector>

namespace ecsr {

enum class Strategy { Rolling, ForceDeployment };
enum class Drain { Auto, ScaleIn, StopTask };
enum class Order { Oldest, Newest, Az, Random };
enum class OnError { Restore, Pause };

// "3" or "25%". Percent of the desired count, rounded up, at least 1 unless the value is 0.
struct Amount {
    int value = 0;
    bool percent = false;
    int of(int desired_count) const;
    bool operator==(const Amount&) const = default;
};

struct RunSpec {
    std::string cluster = "default"; // as the user wrote it: name or ARN
    std::string service;
    Strategy strategy = Strategy::Rolling;
    Drain drain = Drain::Auto;
    Amount batch{1, false};
    std::optional<Amount> surge; // default: the batch
    Amount max_unavailable{0, false};
    Millis wait{0}; // after each batch
    Order order = Order::Oldest;
    std::optional<Millis> older_than;
    std::vector<std::string> tasks;    // ids or ARNs; empty: all
    std::optional<Millis> healthy_for; // default: 0 where something vouches for a task, else 10 s
    std::vector<std::string> alarms;
    Millis timeout{4 * 3'600'000};
    OnError on_error = OnError::Restore;
    bool ask = false;
    bool wait_for_protection = false;
    std::string started_by; // what began it: "schedule", "age"; empty: a person
    std::string reason;     // told to ECS with StopTask, and kept in the journal
    std::uint64_t seed = 0; // for Order::Random
};

const char* to_string(Strategy strategy); // "rolling", "force-deployment"
const char* to_string(Drain drain);       // "auto", "scale-in", "stop-task"
const char* to_string(Order order);
const char* to_string(OnError on_error);
std::string to_string(const Amount& amount);

// Each error names what is allowed. Kind: Usage.
Result<Strategy> parse_strategy(std::string_view text);
Result<Drain> parse_drain(std::string_view text);
Result<Order> parse_order(std::string_view text);
Result<OnError> parse_on_error(std::string_view text);
Result<Amount> parse_amount(std::string_view text);

} // namespace ecsr
