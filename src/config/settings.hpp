// What recycler.yaml says, as values. Made by load() alone, so that every value is one that was checked.
#pragma once

#include "base/time.hpp"
#include "judge/schedule/windows.hpp"
#include "model/notification_settings.hpp"
#include "model/run_spec.hpp"
#include "schedule/schedule.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace ecsr::config {

// Credentials and regions under one name. What is empty comes from the command line, the environment and the profile,
// as in the AWS CLI.
struct Account {
    std::string name = "default";
    std::optional<std::string> profile;
    std::optional<std::string> role_arn;
    std::optional<std::string> external_id;
    std::optional<std::string> endpoint_url;
    std::vector<std::string> regions; // empty: the one of the environment or the profile
};

// Which services one entry of `services` means. Patterns: "*" is any text, "?" any character.
struct Selection {
    std::vector<std::string> accounts;       // names; empty: every account
    std::vector<std::string> regions;        // empty: those of the account
    std::vector<std::string> clusters;       // names, ARNs or patterns
    std::vector<std::string> services;       // names, ARNs or patterns; empty: every service of the clusters
    std::map<std::string, std::string> tags; // key -> pattern of the value; a service must have all of them
};

enum class MissedFires {
    Skip,    // a scheduled time that could not be kept is let pass, and told
    CatchUp, // it is made good as soon as it may be, once however many were missed
};
const char* to_string(MissedFires missed_fires); // "skip", "catch_up"

// A schedule as it is written.
struct ScheduleTexts {
    int line = 0;
    std::string name;       // of an entry of `schedules`; then the rest is empty
    std::string expression; // rate(...), cron(...), at(...)
    std::string timezone;   // empty: the policy's
    std::optional<Instant> start;
    std::optional<Instant> end;
    Millis flexible_window{0};
    Millis jitter{0};
};

struct ScheduleSettings {
    std::string text; // expression, zone and bounds: what makes it another schedule when it changes
    schedule::Schedule schedule;
    Millis flexible_window{0}; // a fire is put somewhere in it, drawn from the service and the fire
    Millis jitter{0};          // a fixed delay of the service, below this
};

// What is done with a service, and when.
struct Policy {
    bool enabled = true;
    std::optional<ScheduleSettings> schedule;
    schedule::Windows windows;     // when a run may begin
    std::optional<Millis> max_age; // a task that is older is replaced
    MissedFires missed_fires = MissedFires::Skip;
    RunSpec run; // cluster and service are left empty

    // What schedule and windows were made from.
    std::string timezone = "UTC";
    std::optional<ScheduleTexts> schedule_texts;
    std::vector<std::string> window_texts;
    std::vector<std::string> blackout_texts;
    std::vector<std::string> holiday_files;                            // paths, as written
    std::vector<std::shared_ptr<const std::string>> holiday_calendars; // what they hold
};

// One entry of `services`. A service belongs to the first rule that picks it.
struct Rule {
    int line = 0;
    Selection selection;
    Policy policy; // defaults and what the entry overrides
};

struct Poll {
    Millis services{5 * 60'000}; // how often services are listed and described
};

struct Settings {
    std::vector<Account> accounts;                  // at least one
    std::map<std::string, ScheduleTexts> schedules; // by name; what an entry or a tag may refer to
    std::vector<Rule> rules;
    int max_parallel = 1;              // runs at a time
    Millis stagger{0};                 // at least this long between the beginnings of two runs
    Millis drain_timeout{10 * 60'000}; // on SIGTERM: for running runs to end in order; then they are left, resumable
    bool read_only = false;
    std::optional<std::string> journal;     // as --journal takes it
    std::optional<std::uint16_t> http_port; // 0: the kernel picks one; empty: the default
    Poll poll;
    NotificationSettings notifications; // holds secrets
};

// The policy of a service with these tags: `ecs-recycler:enabled` (true, false), `ecs-recycler:schedule` (a name of
// `schedules`, or none; an expression has characters that tags may not have), `ecs-recycler:max-age` (a duration, or
// none) and `ecs-recycler:batch` win over the rule. Error: Usage, names the tag and what is allowed.
Result<Policy> with_tags(const Policy& policy, const Settings& settings,
                         const std::map<std::string, std::string>& tags);

inline constexpr const char* tag_prefix = "ecs-recycler:";

} // namespace ecsr::config
