#include "tests/predict/known_service.hpp"

#include "observe/observe.hpp"
#include "predict/predict.hpp"
#include "run/runner.hpp"
#include "tests/support/manual_clock.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace ecsr::testing {

namespace {

constexpr local::AnswerTime answer_time{Millis(5), Millis(15)};

std::string must(Result<std::string> answer) {
    EXPECT_TRUE(answer.has_value()) << (answer ? "" : answer.error().message);
    return answer.value_or("");
}

std::string text_of(const std::string& xml, const std::string& element) {
    const auto from = xml.find("<" + element + ">") + element.size() + 2;
    return xml.substr(from, xml.find("</" + element + ">") - from);
}

auto seconds(Millis span) {
    return std::chrono::round<Seconds>(span).count();
}

std::string task_definition(const KnownBehaviour& b) {
    const char* check = R"("healthCheck":{"command":["CMD-SHELL","exit 0"],"interval":)";
    return fmt::format(
        R"({{"family":"app","networkMode":"{}","containerDefinitions":[{{"name":"app","image":"app:1","memory":64,)"
        R"("stopTimeout":{},"portMappings":[{{"containerPort":8080}}],{}"dockerLabels":{{"local.ecs/startup":"{}",)"
        R"("local.ecs/image-pull":"{}","local.ecs/ignore-sigterm":"{}"}}}}]}})",
        b.vouching == Vouching::TargetGroup ? "awsvpc" : "bridge", std::max<std::int64_t>(2, seconds(b.stop)),
        b.vouching == Vouching::HealthCheck
            ? fmt::format("{}{},\"retries\":10,\"startPeriod\":120}},", check, seconds(b.check_interval))
            : "",
        format_duration(b.listens_after), format_duration(b.image_pull), b.stop > Millis(0));
}

std::unique_ptr<aws::Session> make_session(Transport& transport, Clock& clock, std::uint64_t seed) {
    aws::SessionOptions options;
    options.region = "us-east-1";
    options.endpoint_url = "http://local.test";
    options.access_key_id = "AKIDEXAMPLE";
    options.secret_access_key = "secret";
    auto made = aws::Session::create(transport, clock, Random(seed), aws::empty_environment(), options);
    EXPECT_TRUE(made.has_value());
    return std::move(*made);
}

} // namespace

KnownService::KnownService(const KnownBehaviour& b)
    : ecs_({.seed = b.seed, .start = fixed_epoch, .scheduler = {.pace = b.pace}}),
      transport_(ecs_, answer_time, Random(b.seed + 100)), session_(make_session(transport_, ecs_, b.seed + 200)) {
    create(b);
    ecs_.go_on(std::chrono::hours(1));
}

std::string KnownService::make_target_group(const KnownBehaviour& b) {
    const std::string group = text_of(
        must(ecs_.elb(fmt::format("Action=CreateTargetGroup&Name=g&Protocol=HTTP&Port=80&TargetType=ip&VpcId=vpc-1"
                                  "&HealthCheckIntervalSeconds={}&HealthCheckTimeoutSeconds=2"
                                  "&HealthyThresholdCount=2&UnhealthyThresholdCount=10",
                                  seconds(b.check_interval)))),
        "TargetGroupArn");
    const std::string balancer =
        text_of(must(ecs_.elb("Action=CreateLoadBalancer&Name=b&Subnets.member.1=s-a&Subnets.member.2=s-b")),
                "LoadBalancerArn");
    must(ecs_.elb("Action=CreateListener&Protocol=HTTP&Port=80&LoadBalancerArn=" + balancer +
                  "&DefaultActions.member.1.Type=forward&DefaultActions.member.1.TargetGroupArn=" + group));
    must(ecs_.elb(fmt::format("Action=ModifyTargetGroupAttributes&TargetGroupArn={}&Attributes.member.1.Key="
                              "deregistration_delay.timeout_seconds&Attributes.member.1.Value={}",
                              group, seconds(b.drain))));
    return group;
}

void KnownService::create(const KnownBehaviour& b) {
    must(ecs_.ecs("CreateCluster", R"({"clusterName":"c"})"));
    must(ecs_.ecs("RegisterTaskDefinition", task_definition(b)));
    std::string balancing;
    if (b.vouching == Vouching::TargetGroup) {
        balancing =
            fmt::format(R"(,"loadBalancers":[{{"targetGroupArn":"{}","containerName":"app","containerPort":8080}}],)"
                        R"("networkConfiguration":{{"awsvpcConfiguration":{{"subnets":["s-a"]}}}},)"
                        R"("healthCheckGracePeriodSeconds":120)",
                        make_target_group(b));
    }
    must(ecs_.ecs("CreateService",
                  fmt::format(R"({{"cluster":"c","serviceName":"s","taskDefinition":"app","desiredCount":{}{}}})",
                              b.tasks, balancing)));
}

RunSpec KnownService::spec() {
    RunSpec spec;
    spec.cluster = "c";
    spec.service = "s";
    spec.timeout = std::chrono::hours(48);
    return spec;
}

Snapshot KnownService::observe(const RunSpec& spec) {
    Snapshot snapshot;
    Observer observer(*session_, "c", "s");
    for (const Look& look : {recycle::first_look(spec), predict::learning_look(spec)}) {
        const auto looked = observer.look(look, snapshot, ecs_.now(), {});
        EXPECT_TRUE(looked.has_value()) << (looked ? "" : looked.error().message);
    }
    return snapshot;
}

Millis KnownService::recycle(const RunSpec& spec) {
    const auto journal = act::open_journal(":memory:");
    EXPECT_TRUE(journal.has_value());
    run::Listener nobody;
    run::Runner runner({.caller = *session_,
                        .clock = ecs_,
                        .journal = **journal,
                        .listener = nobody,
                        .random = Random(7),
                        .who = "test",
                        .interrupts = {},
                        .ask = {},
                        .ask_unfinished = {}});
    const auto record = runner.start(spec, false);
    EXPECT_TRUE(record.has_value()) << (record ? "" : record.error().message);
    if (!record || !record->run.ended_at) { return Millis(0); }
    EXPECT_EQ(record->run.ending->outcome, recycle::Outcome::Done) << record->run.ending->reason;
    return *record->run.ended_at - record->run.started_at;
}

std::string describe(const KnownBehaviour& b, const RunSpec& spec) {
    return fmt::format("seed={} tasks={} vouching={} pull={} listens={} check={} drain={} stop={} decides={}..{} "
                       "strategy={} method={} batch={} wait={}",
                       b.seed, b.tasks, static_cast<int>(b.vouching), format_duration(b.image_pull),
                       format_duration(b.listens_after), format_duration(b.check_interval), format_duration(b.drain),
                       format_duration(b.stop), format_duration(b.pace.decide_low), format_duration(b.pace.decide_high),
                       to_string(spec.strategy), to_string(spec.drain), spec.batch.value, format_duration(spec.wait));
}

} // namespace ecsr::testing
