#include "tell/plan_report.hpp"

#include "base/json_mapper.hpp"
#include "base/text.hpp"
#include "tell/text_table.hpp"

#include <fmt/format.h>

namespace ecsr::tell {

struct PlanTask {
    std::string task_arn = {};
    int batch = 0;
    Instant created_at{};
    std::string availability_zone = {};
    std::string reason = {};
};
BOOST_DESCRIBE_STRUCT(PlanTask, (), (task_arn, batch, created_at, availability_zone, reason))

struct PlanSkipped {
    std::string task_arn = {};
    std::string reason = {};
};
BOOST_DESCRIBE_STRUCT(PlanSkipped, (), (task_arn, reason))

struct PlanRefusal {
    std::string code = {};
    std::string message = {};
    std::string instead = {};
};
BOOST_DESCRIBE_STRUCT(PlanRefusal, (), (code, message, instead))

struct PlanPrediction {
    double seconds = 0;
    double seconds_low = 0;
    double seconds_high = 0;
    int lowest_healthy = 0;
    int extra_tasks = 0;
    std::int64_t api_calls = 0;
    int simulated_runs = 0;
};
BOOST_DESCRIBE_STRUCT(PlanPrediction, (),
                      (seconds, seconds_low, seconds_high, lowest_healthy, extra_tasks, api_calls, simulated_runs))

struct PlanDocument {
    std::string cluster = {};
    std::string service = {};
    std::string strategy = {};
    std::string drain = {};
    int desired_count = 0;
    int batch = 0;
    int surge = 0;
    std::optional<PlanPrediction> predicted = {};
    std::optional<std::string> not_predicted = {};
    std::vector<PlanTask> tasks = {};
    std::vector<PlanSkipped> skipped = {};
    std::vector<std::string> changes = {};
    std::vector<std::string> permissions = {};
    std::vector<std::string> risks = {};
    std::vector<PlanRefusal> refusals = {};
};
BOOST_DESCRIBE_STRUCT(PlanDocument, (),
                      (cluster, service, strategy, drain, desired_count, batch, surge, predicted, not_predicted, tasks,
                       skipped, changes, permissions, risks, refusals))

namespace {

std::string bullets(std::string_view title, const std::vector<std::string>& lines) {
    if (lines.empty()) { return ""; }
    return fmt::format("\n{}:\n  - {}\n", title, join(lines, "\n  - "));
}

std::string planned_tasks(const recycle::Plan& plan, Instant now) {
    if (plan.tasks.empty()) { return "\nNo task is to be replaced.\n"; }
    std::vector<std::vector<std::string>> rows{{"BATCH", "TASK", "ZONE", "AGE", "WHY"}};
    for (const auto& task : plan.tasks) {
        rows.push_back({std::to_string(task.batch), std::string(short_id(task.task_arn)),
                        or_dash(task.availability_zone), age(task.created_at, now), task.reason});
    }
    return "\n" + text_table(rows);
}

double seconds(Millis span) {
    return static_cast<double>(span.count()) / 1000;
}

std::vector<std::string> all_risks(const recycle::Plan& plan, const Forecast& forecast) {
    std::vector<std::string> risks = plan.risks;
    risks.insert(risks.end(), forecast.risks.begin(), forecast.risks.end());
    return risks;
}

std::string forecast_text(const recycle::Plan& plan, const Forecast& forecast) {
    if (!forecast.predicted) {
        return forecast.not_predicted.empty() ? "" : fmt::format("\nNot predicted: {}\n", forecast.not_predicted);
    }
    const Prediction& p = *forecast.predicted;
    return fmt::format("\nPredicted, from {} simulated run{}:\n"
                       "  duration        {}, from {} to {}\n"
                       "  lowest healthy  {} of {}\n"
                       "  extra tasks     {} at most\n"
                       "  API calls       {}\n",
                       p.simulated_runs, p.simulated_runs == 1 ? "" : "s", format_age(p.duration),
                       format_age(p.shortest), format_age(p.longest), p.lowest_healthy, plan.desired_count,
                       p.extra_tasks, p.api_calls);
}

} // namespace

std::string plan_text(const RunSpec& spec, const recycle::Plan& plan, const Forecast& forecast, Instant now) {
    std::string text =
        fmt::format("Plan for {}/{}: {} of {} tasks, {} at a time, surge {}, strategy {}, drain {}\n",
                    short_id(spec.cluster), short_id(spec.service), plan.tasks.size(), plan.desired_count, plan.batch,
                    plan.surge, to_string(spec.strategy), to_string(plan.drain));
    text += planned_tasks(plan, now) + forecast_text(plan, forecast);
    std::vector<std::string> skipped;
    skipped.reserve(plan.skipped.size());
    for (const auto& task : plan.skipped) {
        skipped.push_back(fmt::format("{}: {}", short_id(task.task_arn), task.reason));
    }
    std::vector<std::string> refusals;
    refusals.reserve(plan.refusals.size());
    for (const auto& refusal : plan.refusals) {
        refusals.push_back(fmt::format("{}; {}", refusal.message, refusal.instead));
    }
    text += bullets("Skipped", skipped) + bullets("Changed and put back", plan.changes) +
            bullets("Permissions needed", plan.permissions) + bullets("Risks", all_risks(plan, forecast)) +
            bullets("It would refuse", refusals);
    return text + "\nNothing was changed.\n";
}

std::string plan_json(const RunSpec& spec, const recycle::Plan& plan, const Forecast& forecast) {
    PlanDocument document{.cluster = std::string(short_id(spec.cluster)),
                          .service = std::string(short_id(spec.service)),
                          .strategy = to_string(spec.strategy),
                          .drain = to_string(plan.drain),
                          .desired_count = plan.desired_count,
                          .batch = plan.batch,
                          .surge = plan.surge,
                          .changes = plan.changes,
                          .permissions = plan.permissions,
                          .risks = all_risks(plan, forecast)};
    if (const auto& p = forecast.predicted) {
        document.predicted = {seconds(p->duration), seconds(p->shortest), seconds(p->longest), p->lowest_healthy,
                              p->extra_tasks,       p->api_calls,         p->simulated_runs};
    }
    if (!forecast.not_predicted.empty()) { document.not_predicted = forecast.not_predicted; }
    for (const auto& task : plan.tasks) {
        document.tasks.push_back({task.task_arn, task.batch, task.created_at, task.availability_zone, task.reason});
    }
    for (const auto& task : plan.skipped) { document.skipped.push_back({task.task_arn, task.reason}); }
    for (const auto& refusal : plan.refusals) {
        document.refusals.push_back({refusal.code, refusal.message, refusal.instead});
    }
    return json::to_json<json::SnakeCase>(document, 2);
}

} // namespace ecsr::tell
