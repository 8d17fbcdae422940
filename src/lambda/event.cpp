#include "lambda/event.hpp"

#include "base/json_mapper.hpp"
#include "base/text.hpp"
#include "model/run_timeout.hpp"

#include <boost/describe.hpp>
#include <fmt/format.h>
#include <set>

namespace ecsr::lambda {

namespace {

// Every member that an event may have.
struct EventDocument {
    std::optional<std::string> cluster_name;
    std::optional<std::string> service_name;
    std::optional<bool> maintain_service_state;
    std::optional<double> wait_time; // seconds
    std::optional<std::string> run_id;
    std::optional<bool> step;
    std::optional<int> hop;
    std::optional<Instant> created_before; // only tasks that are older
    std::optional<Instant> deadline;       // instead of `timeout`
    // As the flags of `ecs-recycler recycle`.
    std::optional<std::string> strategy;
    std::optional<std::string> drain;
    std::optional<std::string> batch;
    std::optional<std::string> surge;
    std::optional<std::string> max_unavailable;
    std::optional<std::string> wait;
    std::optional<std::string> order;
    std::optional<std::string> older_than;
    std::optional<std::string> healthy_for;
    std::optional<std::vector<std::string>> alarms;
    std::optional<std::vector<std::string>> tasks;
    std::optional<std::string> timeout;
    std::optional<std::string> reason;
    std::optional<bool> wait_for_protection;
    // As in recycler.yaml.
    std::optional<std::vector<std::string>> windows;
    std::optional<std::vector<std::string>> blackouts;
    std::optional<std::string> timezone;
};
BOOST_DESCRIBE_STRUCT(EventDocument, (),
                      (cluster_name, service_name, maintain_service_state, wait_time, run_id, step, hop, created_before,
                       deadline, strategy, drain, batch, surge, max_unavailable, wait, order, older_than, healthy_for,
                       alarms, tasks, timeout, reason, wait_for_protection, windows, blackouts, timezone))

// Of an EventBridge event, of the console's sample, and of the answer to a step, which is the event of the next one.
const std::set<std::string_view> envelope{
    "version",      "id",       "detail-type",    "source",     "account",
    "time",         "region",   "resources",      "detail",     "key1",
    "key2",         "key3",     "done",           "outcome",    "next_opening",
    "wait_seconds", "restored", "tasks_recycled", "tasks_left", "duration_seconds"};

const std::set<std::string>& known_members() {
    static const std::set<std::string> names = [] {
        std::set<std::string> all;
        boost::mp11::mp_for_each<described::Members<EventDocument>>(
            [&](auto descriptor) { all.insert(json::SnakeCase::member(descriptor.name)); });
        return all;
    }();
    return names;
}

// The older recycler read `int(event['wait_time'])` and took any value for a condition: text was allowed.
void accept_older_texts(boost::json::object& object) {
    if (auto* wait = object.if_contains("wait_time"); wait != nullptr && wait->is_string()) {
        const boost::json::string& text = wait->get_string();
        if (const auto seconds = parse_integer({text.data(), text.size()})) { *wait = *seconds; }
    }
    for (const char* amount : {"batch", "surge", "max_unavailable"}) {
        auto* value = object.if_contains(amount);
        if (value != nullptr && value->is_int64()) { *value = std::to_string(value->get_int64()); }
    }
    for (const char* list : {"windows", "blackouts"}) { // one may stand without its list, as in recycler.yaml
        auto* value = object.if_contains(list);
        if (value != nullptr && value->is_string()) { *value = boost::json::array{*value}; }
    }
    if (auto* maintain = object.if_contains("maintain_service_state"); maintain != nullptr && maintain->is_string()) {
        const boost::json::string& text = maintain->get_string();
        *maintain = !equals_ignoring_case({text.data(), text.size()}, "false");
    }
}

Result<boost::json::object> parse_object(std::string_view text) {
    boost::system::error_code problem;
    auto document = boost::json::parse({text.data(), text.size()}, problem);
    if (problem) { return fail(ErrorKind::Usage, "event: not JSON: " + problem.message()); }
    if (document.is_null()) { return boost::json::object(); }
    if (!document.is_object()) {
        return fail(ErrorKind::Usage, fmt::format("event: expected object, got {}", json::kind_name(document)));
    }
    return std::move(document.get_object());
}

template <class T, class Parse>
Status set(T& out, const std::optional<std::string>& text, const char* member, Parse parse) {
    if (!text) { return {}; }
    auto value = parse(*text);
    if (!value) { return std::unexpected(std::move(value.error()).with_context(fmt::format("event: {}", member))); }
    out = *value;
    return {};
}

// Each problem is told by the first member that has one.
Status fill_choices(RunSpec& spec, const EventDocument& document) {
    for (const auto& done :
         {set(spec.strategy, document.strategy, "strategy", parse_strategy),
          set(spec.drain, document.drain, "drain", parse_drain), set(spec.order, document.order, "order", parse_order),
          set(spec.batch, document.batch, "batch", parse_amount),
          set(spec.surge, document.surge, "surge", parse_amount),
          set(spec.max_unavailable, document.max_unavailable, "max_unavailable", parse_amount),
          set(spec.wait, document.wait, "wait", parse_duration),
          set(spec.older_than, document.older_than, "older_than", parse_duration),
          set(spec.healthy_for, document.healthy_for, "healthy_for", parse_duration),
          set(spec.timeout, document.timeout, "timeout", parse_run_timeout)}) {
        if (!done) { return done; }
    }
    return {};
}

Status fill_spec(RunSpec& spec, const EventDocument& document, Instant now) {
    if (auto done = fill_choices(spec, document); !done) { return done; }
    if (document.wait_time) {
        if (*document.wait_time < 0 || *document.wait_time > 86'400) {
            return fail(ErrorKind::Usage, fmt::format("event: wait_time: {} is not allowed; seconds from 0 to 86400",
                                                      *document.wait_time));
        }
        spec.wait = Millis(static_cast<std::int64_t>(*document.wait_time * 1000));
    }
    if (document.maintain_service_state == false) {
        // Nothing is added first: each task may be missing while its successor starts.
        spec.surge = Amount{0, false};
        if (spec.max_unavailable.value == 0) { spec.max_unavailable = spec.batch; }
    }
    if (document.created_before) { spec.older_than = std::max(Millis(0), now - *document.created_before); }
    if (document.deadline) { spec.timeout = std::max(Millis(1'000), *document.deadline - now); }
    if (document.alarms) { spec.alarms = *document.alarms; }
    if (document.tasks) { spec.tasks = *document.tasks; }
    if (document.reason) { spec.reason = *document.reason; }
    spec.wait_for_protection = document.wait_for_protection.value_or(spec.wait_for_protection);
    return {};
}

Status missing_names(const Settings& settings) {
    std::vector<std::string> missing;
    if (settings.cluster.empty()) { missing.emplace_back("ECS_CLUSTER_NAME"); }
    if (settings.service.empty()) { missing.emplace_back("ECS_SERVICE_NAME"); }
    if (missing.empty()) { return {}; }
    return fail(ErrorKind::Usage, "missing required environment variables: " + join(missing, ", "));
}

// Which service; a member of the event wins over the environment.
Status name_service(Event& event, const EventDocument& document, const Settings& settings) {
    if (event.kind == EventKind::Scheduled) {
        event.spec.cluster = settings.cluster;
        event.spec.service = settings.service;
        return missing_names(settings);
    }
    event.spec.cluster = document.cluster_name.value_or(settings.cluster);
    event.spec.service = document.service_name.value_or(settings.service);
    if (!event.run_id.empty()) { return {}; }
    if (event.spec.cluster.empty()) { return fail(ErrorKind::Usage, "event: cluster_name is missing"); }
    if (event.spec.service.empty()) { return fail(ErrorKind::Usage, "event: service_name is missing"); }
    return {};
}

// What the event says wins over the environment.
Status fill_windows(Event& event, const EventDocument& document, const Settings& settings) {
    schedule::WindowTexts texts = settings.windows;
    if (document.windows) { texts.windows = *document.windows; }
    if (document.blackouts) { texts.blackouts = *document.blackouts; }
    texts.timezone = document.timezone.value_or(texts.timezone);
    auto windows = schedule::parse_windows(texts);
    if (!windows) { return std::unexpected(std::move(windows.error()).with_context("event")); }
    event.windows = *std::move(windows);
    event.zone = schedule::TimeZone::find(texts.timezone).value();
    return {};
}

std::string with_what_was_meant(const std::string& name) {
    const std::vector<std::string> names(known_members().begin(), known_members().end());
    const auto meant = nearest(name, names);
    return meant.empty() ? name : fmt::format("{} (did you mean {}?)", name, meant);
}

// The members by which an event asks for something of its own.
bool asks_by_itself(const boost::json::object& object) {
    return object.contains("cluster_name") || object.contains("service_name") || object.contains("run_id") ||
           object.contains("step");
}

struct ContinueRun {
    std::string run_id;
    int hop = 0;
};
BOOST_DESCRIBE_STRUCT(ContinueRun, (), (run_id, hop))

struct ContinueCutoff {
    std::string cluster_name;
    std::string service_name;
    std::string strategy;
    std::string drain;
    std::string batch;
    std::optional<std::string> surge;
    std::string max_unavailable;
    std::string wait;
    std::string order;
    std::optional<std::string> healthy_for;
    std::vector<std::string> alarms;
    std::vector<std::string> tasks;
    std::string reason;
    bool wait_for_protection = false;
    Instant created_before{};
    Instant deadline{};
    int hop = 0;
};
BOOST_DESCRIBE_STRUCT(ContinueCutoff, (),
                      (cluster_name, service_name, strategy, drain, batch, surge, max_unavailable, wait, order,
                       healthy_for, alarms, tasks, reason, wait_for_protection, created_before, deadline, hop))

} // namespace

bool is_scheduled(std::string_view text) {
    const auto object = parse_object(text);
    return object && !asks_by_itself(*object);
}

Result<Event> parse_event(std::string_view text, const Settings& settings, Instant now) {
    auto object = parse_object(text);
    if (!object) { return std::unexpected(object.error()); }
    Event event;
    event.kind = asks_by_itself(*object) ? EventKind::Recycle : EventKind::Scheduled;
    accept_older_texts(*object);
    EventDocument document;
    if (auto wrong = json::Reader<json::SnakeCase>::read(*object, document)) {
        return fail(ErrorKind::Usage, fmt::format("event: {}: {}", wrong->path.substr(1), wrong->text));
    }
    for (const auto& member : *object) {
        const std::string name(member.key().data(), member.key().size());
        if (!known_members().contains(name) && !envelope.contains(name)) {
            event.unknown.push_back(with_what_was_meant(name));
        }
    }
    event.run_id = document.run_id.value_or("");
    event.step = document.step.value_or(false);
    event.hop = document.hop.value_or(0);
    if (event.hop < 0 || event.hop > most_hops) {
        return fail(ErrorKind::Usage, fmt::format("event: hop: {} invocations of one run are too many; at most {}",
                                                  event.hop, most_hops));
    }
    if (event.kind == EventKind::Recycle) { event.spec.wait = Seconds(30); } // as the older recycler
    event.spec.strategy =
        event.kind == EventKind::Scheduled ? settings.strategy.value_or(Strategy::ForceDeployment) : Strategy::Rolling;
    if (auto done = apply_settings(event.spec, settings); !done) { return std::unexpected(done.error()); }
    if (auto done = fill_spec(event.spec, document, now); !done) { return std::unexpected(done.error()); }
    if (auto done = name_service(event, document, settings); !done) { return std::unexpected(done.error()); }
    if (auto done = fill_windows(event, document, settings); !done) { return std::unexpected(done.error()); }
    return event;
}

std::string continue_run_event(const std::string& run_id, int hop) {
    return json::to_json<json::SnakeCase>(ContinueRun{run_id, hop});
}

std::string continue_cutoff_event(const Event& event, Instant cutoff, Instant deadline, int hop) {
    const RunSpec& spec = event.spec;
    ContinueCutoff next;
    next.cluster_name = spec.cluster;
    next.service_name = spec.service;
    next.strategy = to_string(spec.strategy);
    next.drain = to_string(spec.drain);
    next.batch = to_string(spec.batch);
    if (spec.surge) { next.surge = to_string(*spec.surge); }
    next.max_unavailable = to_string(spec.max_unavailable);
    next.wait = format_duration(spec.wait);
    next.order = to_string(spec.order);
    if (spec.healthy_for) { next.healthy_for = format_duration(*spec.healthy_for); }
    next.alarms = spec.alarms;
    next.tasks = spec.tasks;
    next.reason = spec.reason;
    next.wait_for_protection = spec.wait_for_protection;
    next.created_before = cutoff;
    next.deadline = deadline;
    next.hop = hop;
    return json::to_json<json::SnakeCase>(next);
}

} // namespace ecsr::lambda
