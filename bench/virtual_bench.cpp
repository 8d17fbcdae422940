// How dear virtual time is: a rolling recycle by the real runner and the real AWS client against the local ECS in
// memory, and a million tasks.
//
// usage: virtual_bench recycle [TASKS [BATCH]] | tasks [COUNT]
//
// Prints what was measured, the goal and their ratio (above 1: missed). Exit code 1 when a goal was missed.
#include "act/journal.hpp"
#include "aws/session.hpp"
#include "base/text.hpp"
#include "local/virtual/virtual_ecs.hpp"
#include "local/virtual/virtual_transport.hpp"
#include "run/runner.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <span>
#include <string>
#include <sys/resource.h>
#include <vector>

namespace {

using namespace ecsr;

constexpr Millis cpu_goal{250};
constexpr std::uint64_t memory_goal = 4ULL << 30U;
constexpr Millis recycle_takes{6 * 3'600'000};
constexpr int rounds = 5;
constexpr int tasks_of_a_service = 5'000;
constexpr Instant start{std::chrono::sys_days(std::chrono::year(2026) / 1 / 2)};

double cpu_milliseconds() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto of = [](const timeval& at) {
        return static_cast<double>(at.tv_sec) * 1'000 + static_cast<double>(at.tv_usec) / 1'000;
    };
    return of(usage.ru_utime) + of(usage.ru_stime);
}

std::uint64_t peak_memory() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return static_cast<std::uint64_t>(usage.ru_maxrss) << 10U;
}

std::string must(const Result<std::string>& answer) {
    if (!answer) { fmt::print(stderr, "virtual_bench: {}\n", answer.error().message); }
    ECSR_ASSERT(answer.has_value());
    return *answer;
}

std::string member(const std::string& xml, const std::string& name) {
    const auto from = xml.find("<" + name + ">") + name.size() + 2;
    return xml.substr(from, xml.find("</" + name + ">") - from);
}

std::string make_target_group(local::VirtualEcs& ecs) {
    const auto group = member(must(ecs.elb("Action=CreateTargetGroup&Name=g&Protocol=HTTP&Port=80&TargetType=ip"
                                           "&VpcId=vpc-1&HealthCheckIntervalSeconds=30&HealthyThresholdCount=2")),
                              "TargetGroupArn");
    const auto balancer =
        member(must(ecs.elb("Action=CreateLoadBalancer&Name=b&Subnets.member.1=subnet-a&Subnets.member.2=subnet-b")),
               "LoadBalancerArn");
    must(ecs.elb("Action=CreateListener&Protocol=HTTP&Port=8080&LoadBalancerArn=" + balancer +
                 "&DefaultActions.member.1.Type=forward&DefaultActions.member.1.TargetGroupArn=" + group));
    must(ecs.elb("Action=ModifyTargetGroupAttributes&TargetGroupArn=" + group +
                 "&Attributes.member.1.Key=deregistration_delay.timeout_seconds&Attributes.member.1.Value=60"));
    return group;
}

void make_service(local::VirtualEcs& ecs, int tasks) {
    must(ecs.ecs("CreateCluster", R"({"clusterName":"c"})"));
    must(ecs.ecs(
        "RegisterTaskDefinition",
        R"({"family":"app","networkMode":"awsvpc","containerDefinitions":[{"name":"app","image":"app:1",)"
        R"("memory":64,"portMappings":[{"containerPort":8080}],"dockerLabels":{"local.ecs/startup":"20s"}}]})"));
    must(
        ecs.ecs("CreateService",
                fmt::format(R"({{"cluster":"c","serviceName":"s","taskDefinition":"app","desiredCount":{},)"
                            R"("loadBalancers":[{{"targetGroupArn":"{}","containerName":"app","containerPort":8080}}],)"
                            R"("networkConfiguration":{{"awsvpcConfiguration":{{"subnets":["subnet-a"]}}}},)"
                            R"("healthCheckGracePeriodSeconds":120}})",
                            tasks, make_target_group(ecs))));
    ecs.go_on(std::chrono::minutes(10));
}

struct Measured {
    double cpu_ms = 0;
    Millis virtual_time{0};
    int recycled = 0;
    std::int64_t calls = 0;
};

Measured recycle_once(int tasks, int batch) {
    local::VirtualEcs ecs({.seed = 1, .start = start, .scheduler = {}});
    make_service(ecs, tasks);
    local::VirtualTransport transport(ecs, {Millis(20), Millis(80)}, Random(2));
    aws::SessionOptions options;
    options.region = "us-east-1";
    options.endpoint_url = "http://local.test";
    options.access_key_id = "AKIDEXAMPLE";
    options.secret_access_key = "secret";
    const auto session = aws::Session::create(transport, ecs, Random(3), aws::empty_environment(), options);
    const auto journal = act::open_journal(":memory:");
    ECSR_ASSERT(session.has_value() && journal.has_value());
    run::Listener deaf;
    run::Runner runner({.caller = **session,
                        .clock = ecs,
                        .journal = **journal,
                        .listener = deaf,
                        .random = Random(4),
                        .who = "bench",
                        .interrupts = {},
                        .ask = {},
                        .ask_unfinished = {}});
    const int batches = (tasks + batch - 1) / batch;
    RunSpec spec;
    spec.cluster = "c";
    spec.service = "s";
    spec.batch = Amount{batch, false};
    // What a batch itself takes is subtracted, so that the whole run takes about six hours whatever the batch.
    spec.wait = std::max(Millis{0}, recycle_takes / batches - std::chrono::minutes(2));
    spec.timeout = std::chrono::hours(48);

    const double before = cpu_milliseconds();
    const Instant began = ecs.now();
    const auto record = runner.start(spec, false);
    if (!record) { fmt::print(stderr, "virtual_bench: {}\n", record.error().message); }
    ECSR_ASSERT(record.has_value());
    const double cpu = cpu_milliseconds() - before;
    return {cpu, ecs.now() - began, static_cast<int>(record->run.replaced.size()), (*session)->counts().total};
}

int bench_recycle(int tasks, int batch) {
    std::vector<Measured> measured;
    for (int i = 0; i < rounds; ++i) { measured.push_back(recycle_once(tasks, batch)); }
    std::ranges::sort(measured, {}, &Measured::cpu_ms);
    const Measured& median = measured[rounds / 2];
    const double ratio = median.cpu_ms / static_cast<double>(cpu_goal.count());
    fmt::print("recycle of {} tasks in batches of {}: {} recycled in {} of virtual time, {} API calls\n", tasks, batch,
               median.recycled, format_age(median.virtual_time), median.calls);
    fmt::print("  CPU {:.0f} ms (median of {}, {:.0f} to {:.0f}); goal {} ms; ratio {:.2f}\n", median.cpu_ms, rounds,
               measured.front().cpu_ms, measured.back().cpu_ms, cpu_goal.count(), ratio);
    return ratio <= 1 ? 0 : 1;
}

int bench_tasks(int count) {
    local::VirtualEcs ecs({.seed = 1, .start = start, .scheduler = {}});
    must(ecs.ecs("CreateCluster", R"({"clusterName":"c"})"));
    must(ecs.ecs("RegisterTaskDefinition",
                 R"({"family":"app","networkMode":"awsvpc","containerDefinitions":[{"name":"app","image":"app:1",)"
                 R"("memory":64,"portMappings":[{"containerPort":8080}]}]})"));
    for (int made = 0; made < count; made += tasks_of_a_service) {
        must(ecs.ecs("CreateService",
                     fmt::format(R"({{"cluster":"c","serviceName":"s{}","taskDefinition":"app","desiredCount":{},)"
                                 R"("networkConfiguration":{{"awsvpcConfiguration":{{"subnets":["subnet-a"]}}}}}})",
                                 made / tasks_of_a_service, std::min(tasks_of_a_service, count - made))));
    }
    ecs.go_on(std::chrono::minutes(2));
    const auto running = std::ranges::count_if(
        ecs.state().tasks, [](const auto& task) { return task.second.last_status == local::TaskStatus::Running; });
    const std::uint64_t peak = peak_memory();
    const double ratio = static_cast<double>(peak) / static_cast<double>(memory_goal);
    fmt::print("{} tasks in services of {}: {} run\n", count, tasks_of_a_service, running);
    fmt::print("  memory {} at most, {} a task; goal {}; ratio {:.2f}; CPU {:.1f} s\n", format_bytes(peak),
               format_bytes(peak / static_cast<std::uint64_t>(count)), format_bytes(memory_goal), ratio,
               cpu_milliseconds() / 1'000);
    return ratio <= 1 && running == count ? 0 : 1;
}

int usage() {
    fmt::print(stderr, "usage: virtual_bench recycle [TASKS [BATCH]] | tasks [COUNT]\n");
    return 2;
}

} // namespace

int main(int argc, char** argv) {
    const std::vector<std::string> words(argv + 1, argv + argc);
    const auto number = [&](std::size_t place, int fallback) {
        const auto given = place < words.size() ? parse_integer(words[place]) : Result<std::int64_t>(fallback);
        return given && *given >= 1 && *given <= 10'000'000 ? static_cast<int>(*given) : -1;
    };
    if (words.empty() || number(1, 1) < 0 || number(2, 1) < 0) { return usage(); }
    if (words[0] == "recycle") { return bench_recycle(number(1, 500), number(2, 50)); }
    if (words[0] == "tasks") { return bench_tasks(number(1, 1'000'000)); }
    return usage();
}
