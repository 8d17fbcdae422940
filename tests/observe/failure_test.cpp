// What the observer says when something is not there, not permitted, or fails half-way.
#include "observe/observe.hpp"
#include "tests/observe/world.hpp"

#include <gmock/gmock.h>

namespace ecsr {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const Instant start = fixed_epoch;
const Instant later = fixed_epoch + Seconds(10);
const std::string missing_service = R"({"services":[],"failures":[{"arn":"arn","reason":"MISSING"}]})";
const Error no_cluster = aws_error(ErrorKind::NotFound, "ClusterNotFoundException");
const Error no_service = aws_error(ErrorKind::NotFound, "ServiceNotFoundException");
const Error denied = aws_error(ErrorKind::Credentials, "AccessDeniedException");

Status look_with(std::vector<ScriptedCall> script, const Look& look, Snapshot& snapshot, Instant now = start) {
    ScriptedCaller caller(std::move(script));
    Status status = Observer(caller, "prod", "web").look(look, snapshot, now, {});
    EXPECT_EQ(caller.unused(), 0U);
    return status;
}

std::string error_with(std::vector<ScriptedCall> script, const Look& look, ErrorKind kind) {
    Snapshot snapshot;
    const Status status = look_with(std::move(script), look, snapshot);
    if (status) { return "no error"; }
    EXPECT_EQ(status.error().kind, kind);
    return status.error().message;
}

Look service_only() {
    return {.service = true, .tasks = {}, .alarms = {}};
}

ScriptedCall list_services(Result<std::string> answer) {
    return {"ListServices", R"({"cluster":"prod","maxResults":100})", std::move(answer)};
}

ScriptedCall list_clusters(Result<std::string> answer) {
    return {"ListClusters", R"({"maxResults":100})", std::move(answer)};
}

std::string services(const std::string& names) {
    std::string list;
    for (const char name : names) {
        list += (list.empty() ? "" : ",") + fmt::format("\"{}service/prod/{}\"", arns, name);
    }
    return R"({"serviceArns":[)" + list + "]}";
}

TEST(ObserverNotFound, AnUnknownServiceNamesTheNearestOne) {
    EXPECT_EQ(error_with({describe_service(missing_service),
                          list_services(R"({"serviceArns":[")" + arns + R"(service/prod/api",")" + arns +
                                        R"(service/prod/wep"]})")},
                         service_only(), ErrorKind::NotFound),
              R"(service "web" does not exist in cluster "prod" in eu-west-1; did you mean "wep"?)");
}

TEST(ObserverNotFound, AnUnknownServiceTellsTheFewThereAre) {
    EXPECT_THAT(error_with({describe_service(missing_service), list_services(services("xyz"))}, service_only(),
                           ErrorKind::NotFound),
                HasSubstr("; there are: x, y, z"));
    EXPECT_THAT(error_with({describe_service(missing_service), list_services(services(""))}, service_only(),
                           ErrorKind::NotFound),
                HasSubstr("; there are none"));
    EXPECT_EQ(error_with({describe_service(missing_service), list_services(services("tuvxyz"))}, service_only(),
                         ErrorKind::NotFound),
              R"(service "web" does not exist in cluster "prod" in eu-west-1)");
}

TEST(ObserverNotFound, WithoutPermissionToListThereIsNoSuggestion) {
    EXPECT_EQ(error_with({describe_service(missing_service), list_services(std::unexpected(denied))}, service_only(),
                         ErrorKind::NotFound),
              R"(service "web" does not exist in cluster "prod" in eu-west-1)");
}

TEST(ObserverNotFound, AnUnknownClusterNamesTheNearestOne) {
    EXPECT_EQ(error_with({describe_service(std::unexpected(no_cluster)),
                          list_clusters(R"({"clusterArns":[")" + arns + R"(cluster/prd"]})")},
                         service_only(), ErrorKind::NotFound),
              R"(cluster "prod" does not exist in eu-west-1; did you mean "prd"?)");
}

TEST(ObserverNotFound, AnUnknownServiceIsNoticedByListingToo) {
    EXPECT_THAT(error_with({list_tasks(std::unexpected(no_service)), list_services(services("xyz"))},
                           {.list_tasks = true, .tasks = {}, .alarms = {}}, ErrorKind::NotFound),
                HasSubstr(R"(service "web" does not exist)"));
}

TEST(ObserverNotFound, TheEndOfAKnownServiceIsAFact) {
    const std::vector<std::pair<std::vector<ScriptedCall>, Look>> ways{
        {{describe_service(missing_service)}, {.service = true, .list_tasks = true, .tasks = {}, .alarms = {}}},
        {{describe_service(std::unexpected(no_cluster))}, service_only()},
        {{list_tasks(std::unexpected(no_service))}, {.list_tasks = true, .tasks = {}, .alarms = {}}},
        {{describe_tasks("a", std::unexpected(no_cluster))}, {.tasks = {task_arn('a')}, .targets = true, .alarms = {}}},
    };
    for (const auto& [script, look] : ways) {
        Snapshot snapshot;
        ASSERT_TRUE(look_with({describe_service(service_json())}, service_only(), snapshot));
        ASSERT_TRUE(look_with(script, look, snapshot, later));
        EXPECT_TRUE(snapshot.service_missing);
        EXPECT_EQ(snapshot.service_at, later);
        EXPECT_EQ(snapshot.service.name, "web");
        ASSERT_TRUE(look_with({describe_service(service_json())}, service_only(), snapshot, later));
        EXPECT_FALSE(snapshot.service_missing);
    }
}

TEST(ObserverPermission, AMissingPermissionIsNamed) {
    const Look scaling{.tasks = {}, .scaling = true, .alarms = {}};
    EXPECT_THAT(error_with({describe_service(service_json()), describe_scaling(std::unexpected(denied))}, scaling,
                           ErrorKind::Credentials),
                HasSubstr("missing permission application-autoscaling:DescribeScalableTargets: "));
    EXPECT_THAT(error_with({describe_alarms("\"x\"", std::unexpected(denied))}, {.tasks = {}, .alarms = {"x"}},
                           ErrorKind::Credentials),
                HasSubstr("missing permission cloudwatch:DescribeAlarms: "));
    EXPECT_THAT(error_with({describe_service(std::unexpected(denied))}, service_only(), ErrorKind::Credentials),
                HasSubstr("missing permission ecs:DescribeServices: "));
}

TEST(ObserverPermission, ExpiredCredentialsAreNoMissingPermission) {
    const Error expired = aws_error(ErrorKind::Credentials, "ExpiredTokenException");
    EXPECT_EQ(error_with({describe_service(std::unexpected(expired))}, service_only(), ErrorKind::Credentials),
              expired.message);
}

TEST(ObserverAlarms, AlarmsThatDoNotExistAreNamed) {
    const std::string one = R"({"MetricAlarms":[{"AlarmName":"errors","StateValue":"OK"}],"CompositeAlarms":[]})";
    EXPECT_EQ(error_with({describe_alarms(R"("errors","latency")", one)},
                         {.tasks = {}, .alarms = {"errors", "latency"}}, ErrorKind::Usage),
              R"(alarm does not exist in CloudWatch: "latency")");
    EXPECT_EQ(
        error_with({describe_alarms(R"("a","b")", R"({})")}, {.tasks = {}, .alarms = {"b", "a"}}, ErrorKind::Usage),
        R"(alarms do not exist in CloudWatch: "a", "b")");
}

// ---- every call of a whole look fails once ----

const Look whole{.service = true,
                 .list_tasks = true,
                 .tasks = {},
                 .task_definitions = true,
                 .target_groups = true,
                 .targets = true,
                 .scaling = true,
                 .protection = true,
                 .alarms = {"errors", "all"}};

std::vector<ScriptedCall> whole_script() {
    return {describe_service(service_json()),
            list_tasks_giving("a"),
            describe_tasks("a", tasks_json(task_json('a'))),
            describe_definition(),
            describe_groups(),
            describe_group_attributes(),
            describe_health(target_xml("10.0.0.97", 8080, "healthy")),
            describe_scaling(scaling_json),
            get_protection("a", protection_json('a')),
            describe_alarms(R"("all","errors")", alarms_json)};
}

// The parts that have a time, in the order in which they are read; the calls after which they count as read.
std::vector<std::pair<std::size_t, bool>> parts_read(const Snapshot& s) {
    return {{1, s.service_at.has_value()}, {2, s.listed_at.has_value()},  {3, !s.task_at.empty()},
            {7, s.targets_at.has_value()}, {8, s.scaling_at.has_value()}, {9, s.protection_at.has_value()},
            {10, s.alarms_at.has_value()}};
}

TEST(ObserverFailure, AnErrorAtAnyCallEndsTheLookAndKeepsWhatWasRead) {
    const Error broken{.kind = ErrorKind::Unreachable, .message = "connection reset", .code = {}};
    for (std::size_t failing = 0; failing < whole_script().size(); ++failing) {
        SCOPED_TRACE(whole_script()[failing].operation);
        auto script = whole_script();
        script[failing].answer = std::unexpected(broken);
        script.resize(failing + 1);
        Snapshot snapshot;
        const Status status = look_with(script, whole, snapshot);
        ASSERT_FALSE(status);
        EXPECT_EQ(status.error().message, "connection reset");
        for (const auto& [after_calls, is_read] : parts_read(snapshot)) {
            EXPECT_EQ(is_read, failing >= after_calls) << after_calls;
        }
    }
}

TEST(ObserverFailure, AnUnreadableAnswerAtAnyCallIsAnErrorThatNamesTheOperation) {
    for (std::size_t failing = 0; failing < whole_script().size(); ++failing) {
        SCOPED_TRACE(whole_script()[failing].operation);
        auto script = whole_script();
        script[failing].answer = "oops";
        script.resize(failing + 1);
        Snapshot snapshot;
        const Status status = look_with(script, whole, snapshot);
        ASSERT_FALSE(status);
        EXPECT_EQ(status.error().kind, ErrorKind::Remote);
        EXPECT_THAT(status.error().message, HasSubstr(script[failing].operation));
    }
}

TEST(ObserverFailure, AfterAnInterruptNothingIsAsked) {
    std::stop_source stop;
    stop.request_stop();
    ScriptedCaller caller(whole_script());
    Snapshot snapshot;
    const Status status = Observer(caller, "prod", "web").look(whole, snapshot, start, stop.get_token());
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().kind, ErrorKind::Interrupted);
    EXPECT_THAT(caller.calls(), IsEmpty());
}

// ---- images ----

Snapshot running(const std::string& task) {
    Snapshot snapshot;
    EXPECT_TRUE(look_with({describe_tasks("a", tasks_json(task))}, {.tasks = {task_arn('a')}, .alarms = {}}, snapshot));
    return snapshot;
}

std::vector<std::string> image_warnings(const std::string& task, std::vector<ScriptedCall> script) {
    Snapshot snapshot = running(task);
    snapshot.image_warnings = {"from an earlier look"};
    EXPECT_TRUE(look_with(std::move(script), {.tasks = {}, .alarms = {}, .images = true}, snapshot));
    return snapshot.image_warnings;
}

std::string with_image(const std::string& other) {
    std::string task = task_json('a');
    return task.replace(task.find(image), image.size(), other);
}

std::string resolved(const std::string& digest, const std::string& manifest = "{}") {
    return fmt::format(
        R"({{"images":[{{"imageId":{{"imageDigest":"{}","imageTag":"1.4"}},"imageManifest":{}}}],"failures":[]}})",
        digest, manifest);
}

TEST(ObserverImages, ATagThatHasNotMovedIsNoWarning) {
    EXPECT_THAT(image_warnings(task_json('a'), {get_image(resolved("sha256:old", "\"{}\""))}), IsEmpty());
}

TEST(ObserverImages, ATagThatHasMovedIsAWarningWithBothDigests) {
    const auto warnings = image_warnings(task_json('a'), {get_image(resolved("sha256:new", "\"{}\""))});
    EXPECT_THAT(warnings, ElementsAre("image " + image +
                                      ": its tag has moved to sha256:new, tasks run sha256:old: a new deployment would "
                                      "start the new one"));
}

TEST(ObserverImages, AMultiPlatformTagMayRunAsOneOfItsPlatforms) {
    const std::string index = R"("{\"manifests\":[{\"digest\":\"sha256:arm\"},{\"digest\":\"sha256:old\"}]}")";
    EXPECT_THAT(image_warnings(task_json('a'), {get_image(resolved("sha256:index", index))}), IsEmpty());
}

TEST(ObserverImages, ATagThatIsGoneIsAWarning) {
    const std::string gone =
        R"({"images":[],"failures":[{"imageId":{"imageTag":"1.4"},"failureCode":"ImageNotFound"}]})";
    EXPECT_THAT(image_warnings(task_json('a'), {get_image(gone)}),
                ElementsAre(HasSubstr("(ImageNotFound): new tasks would fail to start")));
}

TEST(ObserverImages, WhatCannotBeCheckedIsSaid) {
    EXPECT_THAT(image_warnings(with_image("nginx:1.25"), {}),
                ElementsAre("image nginx:1.25: could not check whether its tag has moved (it is not in Amazon ECR)"));
    EXPECT_THAT(image_warnings(with_image("123456789012.dkr.ecr.us-east-1.amazonaws.com/web:1"), {}),
                ElementsAre(HasSubstr("(it is in region us-east-1)")));
    EXPECT_THAT(image_warnings(task_json('a'), {get_image(std::unexpected(denied))}),
                ElementsAre(HasSubstr("(missing permission ecr:BatchGetImage: ")));
    std::string no_digest = task_json('a');
    no_digest.replace(no_digest.find("sha256:old"), 10, "");
    EXPECT_THAT(image_warnings(no_digest, {}), ElementsAre(HasSubstr("ECS tells no digest")));
}

TEST(ObserverImages, AnImageNamedByDigestCannotMove) {
    EXPECT_THAT(image_warnings(with_image("nginx@sha256:1234"), {}), IsEmpty());
}

TEST(ObserverImages, AnInterruptIsNoWarning) {
    Snapshot snapshot = running(task_json('a'));
    const Error interrupted{.kind = ErrorKind::Interrupted, .message = "interrupted", .code = {}};
    const Status status =
        look_with({get_image(std::unexpected(interrupted))}, {.tasks = {}, .alarms = {}, .images = true}, snapshot);
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().kind, ErrorKind::Interrupted);
}

} // namespace
} // namespace ecsr
