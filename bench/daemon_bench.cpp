// What the daemon costs while it watches 10,000 services: processor and memory, against the goals of 0.2 cores and
// 150 MB.
//
//     daemon_bench [SECONDS]      default 60
//
// Everything is the real one but the other end of the wire: a transport answers as ECS would, ten services with 100
// events each a call. The rate limit of DescribeServices (20 a second, ECS behaviour G1) makes one look at all services
// take 45 s, so that with a poll of a minute the daemon asks nearly as fast as it may; by default it polls every 5
// minutes. /metrics is read every 15 s, as Prometheus does.
#include "act/journal.hpp"
#include "act/watch_memory.hpp"
#include "aws/session.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "config/load.hpp"
#include "net/system_clock.hpp"
#include "serve/daemon.hpp"

#include <boost/json.hpp>
#include <cstdio>
#include <fmt/format.h>
#include <sys/resource.h>
#include <thread>

namespace {

using namespace ecsr;

constexpr int services = 10'000;
constexpr int page = 100;
constexpr double cores_goal = 0.2;
constexpr double megabytes_goal = 150;

const char* const config_text = R"(
poll: {services: 1m}
services:
  - cluster: shop
    schedule: cron(0 3 ? * SUN *)
    max_age: 90d
)";

std::string service_json(std::string_view name, Instant now) {
    const double created = to_epoch_seconds(now) - 3600;
    std::string events;
    for (int i = 0; i < 100; ++i) {
        events += fmt::format(R"({}{{"id":"0a1b2c3d-0000-4000-8000-{:012}","createdAt":{},"message":"(service {}) has )"
                              R"(reached a steady state."}})",
                              i == 0 ? "" : ",", i, created, name);
    }
    return fmt::format(
        R"({{"serviceArn":"arn:aws:ecs:eu-west-1:111122223333:service/shop/{0}","serviceName":"{0}","clusterArn":)"
        R"("arn:aws:ecs:eu-west-1:111122223333:cluster/shop","status":"ACTIVE","desiredCount":2,"runningCount":2,)"
        R"("pendingCount":0,"launchType":"FARGATE","taskDefinition":"arn:aws:ecs:eu-west-1:111122223333:)"
        R"(task-definition/{0}:7","deployments":[{{"id":"ecs-svc/1","status":"PRIMARY","desiredCount":2,)"
        R"("runningCount":2,"createdAt":{1},"updatedAt":{1},"rolloutState":"COMPLETED"}}],"events":[{2}],)"
        R"("createdAt":{1},"schedulingStrategy":"REPLICA","tags":[{{"key":"team","value":"shop"}}]}})",
        name, created, events);
}

class Ecs : public Transport {
public:
    explicit Ecs(Clock& clock) : clock_(clock) {}

    Result<HttpResponse> send(const HttpRequest& request, const TransportOptions&, std::stop_token) override {
        const std::string target(find_header(request.headers, "X-Amz-Target"));
        const auto body = boost::json::parse(request.body).as_object();
        const std::string operation = target.substr(target.rfind('.') + 1);
        if (operation == "ListServices") { return answer(list(body)); }
        if (operation == "DescribeServices") { return answer(describe(body)); }
        return fail(ErrorKind::Remote, "unexpected " + operation);
    }

private:
    static HttpResponse answer(std::string body) {
        return {200, {{"Content-Type", "application/x-amz-json-1.1"}}, std::move(body)};
    }

    static std::string list(const boost::json::object& body) {
        const auto* token = body.if_contains("nextToken");
        const int from = token != nullptr ? std::stoi(std::string(token->as_string())) : 0;
        std::string arns;
        for (int i = from; i < from + page; ++i) {
            arns += fmt::format(R"({}"arn:aws:ecs:eu-west-1:111122223333:service/shop/service-{:05}")",
                                i == from ? "" : ",", i);
        }
        const std::string next = from + page < services ? fmt::format(R"(,"nextToken":"{}")", from + page) : "";
        return fmt::format(R"({{"serviceArns":[{}]{}}})", arns, next);
    }

    std::string describe(const boost::json::object& body) {
        std::string found;
        for (const auto& name : body.at("services").as_array()) {
            if (!found.empty()) { found += ','; }
            found += service_json(std::string(name.as_string()), clock_.now());
        }
        return fmt::format(R"({{"services":[{}],"failures":[]}})", found);
    }

    Clock& clock_;
};

double processor_seconds(const rusage& usage) {
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

rusage usage_now() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return usage;
}

} // namespace

int main(int argc, char** argv) {
    const auto seconds = argc > 1 ? parse_integer(argv[1]) : Result<std::int64_t>(60);
    if (!seconds || *seconds < 1) {
        fmt::print(stderr, "usage: daemon_bench [SECONDS]\n");
        return 2;
    }
    configure_log(LogLevel::Warning, LogFormat::Text);
    SystemClock clock;
    Ecs ecs(clock);
    const auto journal = act::open_journal(":memory:").value();
    const auto memory = act::open_watch_memory(":memory:").value();
    auto loaded = config::load(config_text, {[](const std::string&) { return std::nullopt; }});
    const auto settings = std::make_shared<const config::Settings>(std::move(loaded.settings).value());
    const auto make_caller = [&](const config::Account&, const std::string&) -> Result<std::shared_ptr<aws::Caller>> {
        aws::SessionOptions options;
        options.region = "eu-west-1";
        options.access_key_id = "AKIDEXAMPLE";
        options.secret_access_key = "not-checked";
        auto session = aws::Session::create(ecs, clock, Random(1), aws::empty_environment(), options);
        if (!session) { return std::unexpected(session.error()); }
        return std::shared_ptr<aws::Caller>(std::move(*session));
    };
    std::stop_source end;
    serve::Daemon daemon({.clock = clock,
                          .journal = *journal,
                          .memory = *memory,
                          .make_caller = make_caller,
                          .reload = {},
                          .random = Random(2),
                          .who = "bench",
                          .process = {},
                          .version = "bench",
                          .interrupts = {end.get_token(), {}},
                          .make_notifier = {},
                          .read_only = true});
    std::jthread driver([&] { (void)daemon.run(settings); });
    const double before = processor_seconds(usage_now());
    const Instant begun = clock.now();
    std::size_t scraped = 0;
    while (clock.now() < begun + Seconds(*seconds)) {
        clock.sleep_until(std::min(clock.now() + Seconds(15), begun + Seconds(*seconds)), {});
        scraped = daemon.answer({"GET", "/metrics", {}, {}}).body.size();
    }
    const rusage after = usage_now();
    const double wall = static_cast<double>((clock.now() - begun).count()) / 1000.0;
    end.request_stop();
    driver.join();

    const double cores = (processor_seconds(after) - before) / wall;
    const double megabytes = static_cast<double>(after.ru_maxrss) * 1024 / 1e6;
    fmt::print("10,000 services watched for {:.0f} s, polled every minute, the answers of ECS made in this process\n",
               wall);
    fmt::print("  processor  {:.3f} cores (goal: under {})\n", cores, cores_goal);
    fmt::print("  memory     {:.0f} MB (goal: under {:.0f})\n", megabytes, megabytes_goal);
    fmt::print("  /metrics   {:.1f} MB\n", static_cast<double>(scraped) / 1e6);
    return cores < cores_goal && megabytes < megabytes_goal ? 0 : 1;
}
